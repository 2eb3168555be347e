"""How sure a score is: 90 % intervals with the behaviour as the unit.

Pairs of behaviours are not independent: all pairs of one behaviour share its events, its habits and its hidden causes.
So whole behaviours are left out, one at a time, and the rest is scored again. From the N replicates follows the
variance of a score of dyads (Snijders and Borgatti 1999),

    V = (N - 2) / (2 N) * sum of (replicate - mean of replicates)^2,

and with it the number of independent pairs that would be as sure, n = s (1 - s) / V for a score s in [0, 1] (Korn and
Graubard 1998), at most the number of pairs on which the score rests. The interval is Wilson's for s in n, with the
quantile of Student's t for N - 1 degrees of freedom. It stays within [0, 1], and a full score on few edges does not
pass for certain.

It answers: how might this score come out for other behaviours of the same kind? It does not answer how it would come
out for other users: that is ``stability``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from causalviz.evaluate.metrics import Scores
from causalviz.evaluate.stability import COVERAGE

MOST_LEFT_OUT = 40  # behaviours that are left out in turn; of more, this many by chance
LEAST_BEHAVIOURS = 4  # fewer say nothing of how they differ
COUNTED = ("shd", "sid")  # counts of pairs; the others are shares

Scorer = Callable[[NDArray[np.intp]], Scores]


class Interval(NamedTuple):
    """Where a score lies with 90 % confidence; NaN where that cannot be said."""

    low: float
    high: float


NOWHERE = Interval(math.nan, math.nan)


def score_intervals(scores_among: Scorer, behaviours: int, coverage: float = COVERAGE) -> dict[str, Interval]:
    """Intervals of all scores.

    Args:
        scores_among: The scores among some behaviours only, by their codes.
        behaviours: K.
        coverage: Chance that an interval should hold the score of all such behaviours, below 1.

    Returns:
        Field of ``Scores`` -> interval, for every field that is a share or a count of pairs.
    """
    everyone = np.arange(behaviours)
    whole = scores_among(everyone)
    left_out = everyone
    if behaviours > MOST_LEFT_OUT:
        left_out = np.sort(np.random.default_rng(0).choice(behaviours, MOST_LEFT_OUT, replace=False))
    parts = [scores_among(np.delete(everyone, k)) for k in left_out] if behaviours >= LEAST_BEHAVIOURS else []
    return {name: _interval(name, whole, parts, behaviours, coverage) for name in _supports(whole)}


def wilson(share: float, trials: float, quantile: float) -> Interval:
    """Wilson's interval of a share of ``trials``, which need not be whole.

    Args:
        share: In [0, 1].
        trials: Above 0.
        quantile: Half-width in standard deviations.
    """
    spread = quantile**2 / trials
    centre = (share + spread / 2) / (1 + spread)
    half = math.sqrt(spread * share * (1 - share) + spread**2 / 4) / (1 + spread)
    return Interval(max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half)))


def _interval(name: str, whole: Scores, parts: list[Scores], behaviours: int, coverage: float) -> Interval:
    value, trials = _share(name, whole), float(_supports(whole)[name])
    replicates = np.array([_share(name, part) for part in parts])
    replicates = replicates[np.isfinite(replicates)]
    if not math.isfinite(value) or not trials or len(replicates) < LEAST_BEHAVIOURS - 1:
        return NOWHERE
    variance = (behaviours - 2) / 2 * float(np.mean((replicates - replicates.mean()) ** 2))
    if variance > 0:
        trials = min(trials, max(value * (1 - value), 1e-12) / variance)
    low, high = wilson(value, trials, float(student.ppf(0.5 + coverage / 2, len(replicates) - 1)))
    scale = whole.pairs if name in COUNTED else 1
    return Interval(low * scale, high * scale)


def _share(name: str, scores: Scores) -> float:
    value = float(getattr(scores, name))
    return value / (scores.pairs or math.nan) if name in COUNTED else value


def _supports(scores: Scores) -> dict[str, float]:
    """On how many pairs each score rests."""
    ranked = min(scores.true_edges, scores.pairs - scores.true_edges)
    return {
        "auroc": ranked,
        "auprc": scores.true_edges,
        "accuracy": scores.pairs,
        "precision": scores.drawn,
        "recall": scores.true_edges,
        "f1": (scores.true_edges + scores.drawn) / 2,
        "shd": scores.pairs,
        "sid": scores.pairs,
        "orientation": scores.true_edges,
        "brier": scores.pairs,
        "ece": scores.pairs,
    }

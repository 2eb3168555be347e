"""Scores of a causal graph against the true one, over all ordered pairs of distinct behaviours.

The diagonal, a behaviour's influence on itself, is never scored. With TP, FP, FN, TN the pairs drawn at a threshold
that was fixed before looking:

    precision = TP / (TP + FP),  recall = TP / (TP + FN),  F1 = 2 TP / (2 TP + FP + FN),
    g-score = max(0, TP - FP) / (TP + FN),
    SHD = edges to add, delete or turn around until the drawn graph is the true one (a turn counts once),
    SID = effects of interventions that the drawn graph gets wrong (``interventions``); needs graphs without cycles,
    orientation = share of the one-way true edges to which the right direction gave the larger probability.

Where the truth speaks of some pairs only, as an expert's verdicts do, the others are left out of every score.

The *free lines* are scores that cost nothing: what an answer has to beat before it means anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from causalviz.evaluate.curves import area_under_roc, average_precision, steps_of
from causalviz.evaluate.interventions import intervention_distance
from causalviz.lags.counts import EXPECTED_SCALE
from causalviz.model.calibration import calibration_error

if TYPE_CHECKING:
    from causalviz.events.log import EventLog
    from causalviz.lags import LagCounts

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

THRESHOLD = 0.5  # at or above it an edge is drawn


class Scores(NamedTuple):
    """How well probabilities meet a true graph; NaN where a score is not defined.

    Attributes:
        pairs: Ordered pairs that were scored.
        true_edges: How many of them are edges.
        drawn: How many were drawn.
        auroc: Chance that a true edge is ranked above another pair; 0.5 is guessing.
        auprc: Average precision over all thresholds; guessing gives the share of edges.
        accuracy: Share of the pairs that were drawn rightly or rightly not drawn; drawing nothing scores high.
        precision: Of the drawn edges.
        recall: Of the true edges.
        f1: Harmonic mean of both.
        g_score: max(0, TP - FP) over the true edges.
        shd: Structural Hamming distance, edges.
        sid: Structural intervention distance, ordered pairs; of all K (K - 1), and only if the truth speaks of all.
        orientation: Of the one-way true edges.
        brier: Mean squared distance of probability and truth.
        ece: Expected calibration error.
    """

    pairs: int
    true_edges: int
    drawn: int
    auroc: float
    auprc: float
    accuracy: float
    precision: float
    recall: float
    f1: float
    g_score: float
    shd: int
    sid: float
    orientation: float
    brier: float
    ece: float


def evaluate(probability: Floats, truth: Bools, threshold: float = THRESHOLD, known: Bools | None = None) -> Scores:
    """Scores probabilities against a true graph.

    Args:
        probability: (K, K) in [0, 1], [cause, effect]; the diagonal is ignored.
        truth: (K, K) True where the cause acts on the effect; the diagonal is ignored.
        threshold: Fixed before looking.
        known: (K, K) True for the pairs of which the truth speaks; None for all.

    Raises:
        ValueError: If the shapes differ, or a probability off the diagonal lies outside [0, 1].
    """
    _check_shapes(probability, truth)
    scored = scored_pairs(truth, known)
    p, label = probability[scored], np.asarray(truth, dtype=bool)[scored]  # (n,)
    if not np.all((p >= 0) & (p <= 1)):
        raise ValueError("probabilities off the diagonal must lie in [0, 1]")
    return evaluate_scores(probability, np.nan_to_num(probability) >= threshold, truth, known)._replace(
        brier=float(np.mean((p - label) ** 2)) if len(p) else float("nan"),
        ece=calibration_error(p, label),
    )


def evaluate_scores(score: Floats, drawn: Bools, truth: Bools, known: Bools | None = None) -> Scores:
    """Scores an answer that ranks pairs and draws some of them, but claims no probabilities.

    Args:
        score: (K, K) any finite numbers, larger is surer, [cause, effect]; the diagonal is ignored.
        drawn: (K, K) True where an edge is drawn; the diagonal is ignored.
        truth: (K, K) True where the cause acts on the effect; the diagonal is ignored.
        known: (K, K) True for the pairs of which the truth speaks; None for all.

    Returns:
        The scores, Brier and ECE undefined.

    Raises:
        ValueError: If the shapes differ, or a score off the diagonal is no finite number.
    """
    _check_shapes(score, truth)
    _check_shapes(score, drawn)
    truth, scored = np.asarray(truth, dtype=bool), scored_pairs(truth, known)
    value, label = score[scored], truth[scored]  # (n,)
    if not np.all(np.isfinite(value)):
        raise ValueError("scores off the diagonal must be finite numbers")
    precision, recall, f1, g = _at_threshold(drawn[scored], label)
    steps = steps_of(value, label)
    return Scores(
        pairs=len(value),
        true_edges=steps.edges,
        drawn=int(drawn[scored].sum()),
        auroc=area_under_roc(steps),
        auprc=average_precision(steps),
        accuracy=float(np.mean(drawn[scored] == label)) if len(value) else float("nan"),
        precision=precision,
        recall=recall,
        f1=f1,
        g_score=g,
        shd=shd(drawn & scored, truth & scored),
        sid=intervention_distance(drawn & scored, truth & scored) if known is None else float("nan"),
        orientation=orientation(score, truth, known),
        brier=float("nan"),
        ece=float("nan"),
    )


def scored_pairs(truth: Bools, known: Bools | None = None) -> Bools:
    """(K, K) the pairs that count: of distinct behaviours, and of which the truth speaks.

    Raises:
        ValueError: If the shapes differ.
    """
    off = ~np.eye(len(truth), dtype=bool)
    if known is None:
        return off
    _check_shapes(known, truth)
    return off & known


def _check_shapes(answer: Floats | Bools, truth: Bools) -> None:
    if answer.ndim != 2 or answer.shape[0] != answer.shape[1] or np.shape(truth) != answer.shape:
        raise ValueError(f"both must be (K, K) (got {answer.shape} and {np.shape(truth)})")


def shd(drawn: Bools, truth: Bools) -> int:
    """Structural Hamming distance of two (K, K) graphs without self-influences."""
    wrong = drawn != truth
    turned = wrong & wrong.T & (truth == drawn.T) & (drawn != drawn.T)  # (i, j) was drawn as (j, i)
    return int(wrong.sum() - turned.sum() // 2)


def orientation(probability: Floats, truth: Bools, known: Bools | None = None) -> float:
    """Share of the one-way true edges whose direction got the larger probability; a tie is half."""
    one_way = one_way_edges(truth, known)
    there, back = probability[one_way], probability.T[one_way]
    if not len(there):
        return float("nan")
    return float(np.mean((there > back) + 0.5 * (there == back)))


def one_way_edges(truth: Bools, known: Bools | None = None) -> Bools:
    """(K, K) the true edges of which it is known that their reverse is none."""
    scored = scored_pairs(truth, known)
    return truth & scored & ~truth.T & scored.T


def free_lines(counts: LagCounts) -> dict[str, Floats]:
    """Answers that need no inference, each (K, K) in [0, 1] so that one threshold serves them all.

    Args:
        counts: Lag counts of the log.

    Returns:
        "all edges": 1 everywhere; "count sort": the rarer behaviour causes the more frequent one; "lift": x / (1 + x)
        of pairs over pairs by chance; "directly follows": share of what directly follows the cause.
    """
    total = counts.total()
    events = total.events[0].astype(np.float64)
    K = len(events)
    pairs = total.pairs[0].sum(-1).astype(np.float64)  # (K, K)
    chance = total.expected[0].sum(-1) / EXPECTED_SCALE
    follows = total.follows[0].astype(np.float64)
    return {
        "all edges": np.ones((K, K)),
        "count sort": (events[None, :] + 0.5) / (events[:, None] + events[None, :] + 1.0),
        "lift": (pairs + 1.0) / (pairs + chance + 2.0),
        "directly follows": follows / np.maximum(follows.sum(axis=1, keepdims=True), 1.0),
    }


def first_occurrence(log: EventLog) -> Floats:
    """A free line that needs the log itself: share of users in whose histories the cause comes up before the effect.

    Returns:
        (K, K) in [0, 1], [cause, effect], among users who did both at different first moments; 0.5 without any.
    """
    U, K = log.n_users, log.n_behaviours
    first = np.full((U, K), np.inf)
    np.minimum.at(first, (log.user, log.behaviour), log.time.astype(np.float64))
    earlier = np.zeros((K, K))
    for cause in range(K):
        both = np.isfinite(first[:, [cause]]) & np.isfinite(first)  # (U, K)
        earlier[cause] = (both & (first[:, [cause]] < first)).sum(axis=0)
    apart = earlier + earlier.T
    return np.where(apart > 0, earlier / np.maximum(apart, 1.0), 0.5)


def compare(probability: Floats, truth: Bools, counts: LagCounts, threshold: float = THRESHOLD) -> dict[str, Scores]:
    """Scores of an answer, under "answer", and of the free lines, under their names.

    Args:
        probability: (K, K) of the answer.
        truth: (K, K).
        counts: Lag counts of the same log.
        threshold: Fixed before looking.
    """
    answers = {"answer": probability, **free_lines(counts)}
    return {name: evaluate(matrix, truth, threshold) for name, matrix in answers.items()}


def _at_threshold(drawn: Bools, label: Bools) -> tuple[float, float, float, float]:
    """Precision, recall, F1 and g-score of (n,) drawn pairs; NaN where nothing was drawn, or nothing is true."""
    hits, extra, missed = int((drawn & label).sum()), int((drawn & ~label).sum()), int((label & ~drawn).sum())

    def share(part: float, whole: float) -> float:
        return part / whole if whole else float("nan")

    return (
        share(hits, hits + extra),
        share(hits, hits + missed),
        share(2 * hits, 2 * hits + extra + missed),
        share(max(0, hits - extra), hits + missed),
    )

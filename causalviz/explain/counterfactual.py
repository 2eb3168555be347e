"""Which evidence would flip an edge: the smallest change of one or two arguments that crosses one half.

With the graph around the pair held still, some of its arguments move from what they are, x, towards what is usual on
the other side, u: the median over the log's pairs that are judged to be no edge, or to be one. A change of the groups
S by the share t is x_S + t (u_S - x_S), and the smallest t at which the probability crosses is what is told. Where the
log cannot fully decide, the probability is drawn to the base rate, so that it crosses one half where the network's
own log-odds are at

    f* = -w / (1 - w) logit(base rate),

w being the weight of the doubt.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from causalviz.explain.sentences import chance
from causalviz.model.occlusion import usual_pair
from causalviz.model.threads import one_core

if TYPE_CHECKING:
    from causalviz.model.edge_model import EdgeModel
    from causalviz.model.features import PairFeatures

Floats = NDArray[np.float64]

STEPS = 20  # of the way, on which the crossing is looked for
HALVINGS = 7  # of a step, that sharpen it
LEAST_PAIRS = 3  # on the other side, for a median
EXTREME = 0.1  # share of the pairs that stand for the other side where it has too few


class Change(NamedTuple):
    """A change of one or two arguments.

    Attributes:
        labels: Of the arguments, in an analyst's words.
        share: How far they move towards what is usual on the other side, 0..1; 1 where it does not flip either.
        logit: Log-odds of the pair then.
    """

    labels: tuple[str, ...]
    share: float
    logit: float


class Counterfactual(NamedTuple):
    """What would flip one pair.

    Attributes:
        is_edge: Whether it is more likely than not now.
        one: The smallest change of one argument that flips it, or None.
        two: The smallest change of two that flips it, if smaller or the only one, or None.
        nearest: What comes nearest where neither flips it, or None.
    """

    is_edge: bool
    one: Change | None
    two: Change | None
    nearest: Change | None


def counterfactual(
    features: PairFeatures,
    model: EdgeModel,
    row: int,
    known: NDArray[np.int8] | None = None,
    flips_at: float = 0.0,
) -> Counterfactual:
    """Looks for the smallest changes that flip one pair.

    Args:
        features: Of all candidate pairs of the log.
        model: The network that judged.
        row: Of the pair.
        known: (E,) what the network was told of the candidates; None for nothing.
        flips_at: Log-odds at which its probability is one half, see the module.

    Returns:
        The smallest change of one argument and, if it is smaller, of two.
    """
    with one_core():
        logits = model.logits(features, known)
        is_edge = bool(logits[row] >= flips_at)
        here, there = (
            features.edge[row].astype(np.float64),
            usual_pair(features, _other_side(logits, flips_at, is_edge)),
        )
        f = model.edge_function(features, row, known)
        one, near_one = _smallest(f, here, there, _masks(features, 1), is_edge, flips_at)
        two, near_two = _smallest(f, here, there, _masks(features, 2), is_edge, flips_at)
    if one is not None and two is not None and two.share >= one.share:
        two = None
    sign = 1.0 if is_edge else -1.0
    nearest = min(near_one, near_two, key=lambda change: sign * change.logit)
    return Counterfactual(is_edge, one, two, nearest if one is None and two is None else None)


def flips_at(weight: float, base_rate: float) -> float | None:
    """f* of the module; None where the log decides nothing, so that no evidence could flip it.

    Args:
        weight: Of the doubt, in [0, 1].
        base_rate: In (0, 1).
    """
    if weight >= 1.0:
        return None
    return float(-weight / (1.0 - weight) * np.log(base_rate / (1.0 - base_rate)))


def counterfactual_sentence(found: Counterfactual | None) -> str:
    """What would flip it, in words."""
    if found is None:
        return "No evidence of this kind could flip it: the log cannot decide this pair at all."
    side = "a usual pair that is no edge" if found.is_edge else "a usual edge"
    falls = "fall below 50 %" if found.is_edge else "rise above 50 %"
    if found.nearest is not None:
        return (
            f"No one or two arguments flip it: even if {_both(found.nearest.labels)} were those of {side}, its "
            f"probability would be {chance(found.nearest.logit)}."
        )
    told = []
    for change in (found.one, found.two):
        if change is not None:
            told.append(
                f"Its probability would {falls} if {_both(change.labels)} went {100 * change.share:.0f} % of the way "
                f"to {side}"
            )
    return "; or ".join([told[0], *(text.replace("Its probability would", "it would") for text in told[1:])]) + "."


def _both(labels: tuple[str, ...]) -> str:
    return " and ".join(f"“{label}”" for label in labels)


def _other_side(logits: Floats, flips: float, is_edge: bool) -> NDArray[np.bool_]:
    """(E,) the pairs on the other side, or the tenth that lies nearest to it where there are too few."""
    other = logits < flips if is_edge else logits >= flips
    if other.sum() >= LEAST_PAIRS:
        return np.asarray(other)
    most = max(1, round(EXTREME * len(logits)))
    order = np.argsort(logits if is_edge else -logits, kind="stable")
    nearest = np.zeros(len(logits), dtype=bool)
    nearest[order[:most]] = True
    return nearest


def _masks(features: PairFeatures, size: int) -> list[tuple[tuple[str, ...], NDArray[np.bool_]]]:
    """Labels and (D,) columns of every choice of ``size`` arguments."""
    choices = []
    for groups in combinations(features.groups, size):
        mask = np.zeros(features.edge.shape[1], dtype=bool)
        mask[[column for group in groups for column in group.columns]] = True
        choices.append((tuple(group.label for group in groups), mask))
    return choices


def _smallest(
    f: Callable[[Floats], Floats],
    here: Floats,
    there: Floats,
    choices: list[tuple[tuple[str, ...], NDArray[np.bool_]]],
    is_edge: bool,
    flips: float,
) -> tuple[Change | None, Change]:
    """The choice that crosses first, or None; and the one that comes nearest at the end of the way."""
    masks = np.stack([mask for _, mask in choices])  # (n, D)
    shares = np.arange(1, STEPS + 1) / STEPS  # (T,)
    mixed = here + shares[None, :, None] * masks[:, None, :] * (there - here)  # (n, T, D)
    logits = f(mixed.reshape(-1, len(here))).reshape(len(choices), STEPS)  # (n, T)
    crossed = logits < flips if is_edge else logits >= flips
    last = int(np.argmin(logits[:, -1] if is_edge else -logits[:, -1]))
    nearest = Change(choices[last][0], 1.0, float(logits[last, -1]))
    if not crossed.any():
        return None, nearest
    first = np.where(crossed.any(axis=1), crossed.argmax(axis=1), STEPS)  # (n,)
    found = [
        _sharpened(f, here, masks[n] * (there - here), shares[first[n]], is_edge, flips, choices[n][0])
        for n in np.flatnonzero(first == first.min()).tolist()
    ]
    return min(found, key=lambda change: change.share), nearest


def _sharpened(
    f: Callable[[Floats], Floats],
    here: Floats,
    change: Floats,
    high: float,
    is_edge: bool,
    flips: float,
    labels: tuple[str, ...],
) -> Change:
    """Halves the step in which it crosses."""
    low = high - 1 / STEPS
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        logit = float(f((here + middle * change)[None])[0])
        if (logit < flips) == is_edge:
            high = middle
        else:
            low = middle
    return Change(labels, float(high), float(f((here + high * change)[None])[0]))

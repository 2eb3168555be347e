"""Two causal graphs side by side: which edges came, which went, which changed.

A *side* is a graph as it is shown, and what the model answered for all pairs, so that an edge that is shown on one side
only still has its probability on the other. A pair *is an edge* of a side if it is shown there and no expert denied it.

    added      an edge after, none before
    removed    an edge before, none after
    changed    as much an edge as before, but the ruling differs, or the probability moved by more than ``LEAST_CHANGE``
    same       an edge on both sides, and neither of these

The sides may be two versions of one project: then every difference is one, because the log is the same. Or they are two
groups of users: then a difference may be chance, and ``with_noise`` says of each which it is. Its rule compares the
effects, whose intervals come from the spread between groups of users. With r the larger and q the smaller of the two
rate ratios, and the ends of their 90 % intervals that face each other,

    z = (ln r - ln q) / sqrt(s_r^2 + s_q^2),    s_r = (ln r - ln low_r) / 1.645,    s_q = (ln high_q - ln q) / 1.645

and the difference is *clear* if z passes the quantile that chance passes for any of the compared pairs in
1 - ``CONFIDENCE`` of all comparisons (Bonferroni's). Where one side knows no effect, it counts as none, exactly 1. All
else is *within the noise*, whatever the probabilities say: a probability near the threshold tips over by chance alone.
On random halves of the demo logs' users, where no difference is real, the rule called none of 89 listed ones clear.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from statistics import NormalDist
from typing import NamedTuple

from causalviz.graph.causal_graph import CausalGraph, Edge, Estimate
from causalviz.graph.verdicts import Pair, Ruling

LEAST_CHANGE = 0.05  # of a probability; less is no change that anybody would act on
CONFIDENCE = 0.9  # that no difference at all is called clear where there is none
INTERVAL_Z = NormalDist().inv_cdf(0.95)  # the effects' intervals hold 90 %


class Status(StrEnum):
    """What became of an edge."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    SAME = "same"


class Side(NamedTuple):
    """A graph as it is shown, and the model's answers for all pairs."""

    graph: CausalGraph
    estimates: tuple[Estimate, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """One pair on both sides.

    Attributes:
        cause: Name of the first behaviour.
        effect: Name of the second.
        status: What became of it.
        before: Its estimate and ruling on the first side, shown or not; None where nothing is known of it there.
        after: The same on the second side.
        within_noise: Whether chance alone would do this; always False for versions of one log.
    """

    cause: str
    effect: str
    status: Status
    before: Edge | None
    after: Edge | None
    within_noise: bool = False

    @property
    def pair(self) -> Pair:
        """(cause, effect)."""
        return self.cause, self.effect

    @property
    def moved(self) -> float:
        """Probability after minus probability before; NaN where one of them is unknown."""
        if self.before is None or self.after is None:
            return math.nan
        return self.after.probability - self.before.probability


@dataclass(frozen=True)
class Comparison:
    """What two graphs have in common, and what not.

    Attributes:
        behaviours: The union: the second side's in their order, then those that only the first side has.
        only_before: Behaviours that the second side does not have.
        only_after: Behaviours that the first side does not have.
        differences: Every pair that is an edge on a side or on which the rulings differ; the added first, then the
            removed, the changed and the same ones, each from the largest move of probability on.
        judged: Whether noise was looked for.
    """

    behaviours: tuple[str, ...]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    differences: tuple[Difference, ...]
    judged: bool = False

    @cached_property
    def counts(self) -> Mapping[Status, int]:
        """How many pairs there are of each status."""
        return {status: len(self.of(status)) for status in Status}

    @cached_property
    def tones(self) -> Mapping[Pair, str]:
        """What became of each pair that is not the same, as the drawing calls it."""
        return {found.pair: found.status.value for found in self.differences if found.status is not Status.SAME}

    def of(self, *statuses: Status) -> tuple[Difference, ...]:
        """The pairs of these statuses."""
        return tuple(difference for difference in self.differences if difference.status in statuses)

    def union(self) -> CausalGraph:
        """One graph to draw: every pair as it is after, or as it was before if it is gone."""
        edges = (_drawn(difference) for difference in self.differences)
        return CausalGraph(self.behaviours, tuple(edge for edge in edges if edge is not None), len(self.differences))


def compare(before: Side, after: Side) -> Comparison:
    """Compares two graphs by the names of their behaviours.

    Args:
        before: The first side.
        after: The second side.

    Returns:
        What came, went, changed and stayed.
    """
    edges = [{edge.pair for edge in side.graph.edges if not edge.denied} for side in (before, after)]
    pairs = dict.fromkeys([*(edge.pair for edge in after.graph.edges), *(edge.pair for edge in before.graph.edges)])
    known = [_known(side, pairs) for side in (before, after)]
    found: list[Difference] = []
    for pair in pairs:
        one, other = known[0].get(pair), known[1].get(pair)
        status = _status((pair in edges[0], pair in edges[1]), one, other)
        if status is not None:
            found.append(Difference(*pair, status, one, other))
    names = [side.graph.behaviours for side in (before, after)]
    return Comparison(
        tuple(dict.fromkeys((*names[1], *names[0]))),
        tuple(name for name in names[0] if name not in set(names[1])),
        tuple(name for name in names[1] if name not in set(names[0])),
        tuple(sorted(found, key=_rank)),
    )


def with_noise(comparison: Comparison) -> Comparison:
    """Says of each difference whether chance alone would do it; for sides that are two groups of users.

    Args:
        comparison: Of two groups.

    Returns:
        The same, judged; an expert's other ruling is never noise, and what is the same stays so.
    """
    limit = _limit(len(comparison.differences))
    judged = (
        replace(found, within_noise=_rulings_agree(found) and not _clear(found, limit))
        if found.status is not Status.SAME
        else found
        for found in comparison.differences
    )
    return replace(comparison, differences=tuple(judged), judged=True)


def _limit(compared: int) -> float:
    """The z that chance passes for any of so many pairs in 1 - CONFIDENCE of all comparisons."""
    return NormalDist().inv_cdf(1 - (1 - CONFIDENCE) / (2 * max(1, compared)))


def _known(side: Side, pairs: Collection[Pair]) -> Mapping[Pair, Edge]:
    """All that is known of these pairs: what is shown, and of the others the estimate."""
    names = frozenset(side.graph.behaviours)
    answers: dict[Pair, Edge] = {
        (a.cause, a.effect): Edge(*a)
        for a in side.estimates
        if (a.cause, a.effect) in pairs and a.cause in names and a.effect in names
    }
    return answers | {edge.pair: edge for edge in side.graph.edges}


def _status(is_edge: tuple[bool, bool], before: Edge | None, after: Edge | None) -> Status | None:
    """What became of a pair; None for one that is no edge on either side and ruled on alike."""
    if is_edge[0] != is_edge[1]:
        return Status.ADDED if is_edge[1] else Status.REMOVED
    ruled_anew = before is not None and after is not None and _said(before) != _said(after)
    if not is_edge[0]:
        return Status.CHANGED if ruled_anew else None
    moved = before is not None and after is not None and abs(after.probability - before.probability) > LEAST_CHANGE
    return Status.CHANGED if ruled_anew or moved else Status.SAME


def _rank(found: Difference) -> tuple[int, float]:
    moved = found.moved
    return list(Status).index(found.status), 0.0 if math.isnan(moved) else -abs(moved)


def _drawn(found: Difference) -> Edge | None:
    return found.before if found.status is Status.REMOVED or found.after is None else found.after


def _rulings_agree(found: Difference) -> bool:
    return found.before is None or found.after is None or _said(found.before) == _said(found.after)


def _said(edge: Edge) -> tuple[Ruling, bool]:
    """What experts say of an edge: their verdict, and whether a rule of theirs requires it."""
    return edge.ruling, edge.required


def _clear(found: Difference, limit: float) -> bool:
    """Whether the effects lie further apart than chance puts them."""
    before, after = _effect(found.before), _effect(found.after)
    if before is None and after is None:
        return False
    lower, upper = sorted((before or NO_EFFECT, after or NO_EFFECT))
    return upper.log_ratio - lower.log_ratio > limit * math.hypot(upper.below, lower.above)


class _Effect(NamedTuple):
    """A rate ratio's logarithm and its standard errors towards smaller and larger ones."""

    log_ratio: float
    below: float
    above: float


NO_EFFECT = _Effect(0.0, 0.0, 0.0)


def _effect(edge: Edge | None) -> _Effect | None:
    """What is known of an edge's effect; None where its interval is open or does not hold it."""
    if edge is None or not all(math.isfinite(end) and end > 0 for end in (edge.low, edge.effect_size, edge.high)):
        return None
    low, ratio, high = (math.log(end) for end in (edge.low, edge.effect_size, edge.high))
    if not low <= ratio <= high or low == high:
        return None
    return _Effect(ratio, (ratio - low) / INTERVAL_Z, (high - ratio) / INTERVAL_Z)

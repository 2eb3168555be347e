"""Structural intervention distance: how many effects of an intervention a drawn graph would get wrong.

Peters and Bühlmann (2015): for an ordered pair (i, j), somebody who believes the drawn graph H asks what happens to j
when i is forced, and adjusts for the parents of i in H. That is wrong under the true graph G if

    j is a parent of i in H, and yet i acts on j in G, directly or along a path, or
    j is no parent, and the parents Z are no valid adjustment set in G: one of them lies on, or comes after, a causal
    path from i to j, or a walk from i to j that is not all arrows forward stays open given Z.

The distance counts such pairs, out of K (K - 1). It asks for two graphs without cycles.

A walk is open given Z if it turns at members of Z where two arrows meet, and passes through no member of Z elsewhere.
All walks from all i are followed at once, as (K, K) matrices, one row per start, in three states: arrived with all
arrows forward; arrived along an arrow after some other turn; arrived against an arrow.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float32]


def intervention_distance(drawn: Bools, truth: Bools) -> float:
    """SID from the drawn graph to the true one.

    Args:
        drawn: (K, K) the graph H, [cause, effect].
        truth: (K, K) the graph G, [cause, effect].

    Returns:
        How many of the K (K - 1) ordered pairs would be wrong; NaN if a graph has a cycle.

    Raises:
        ValueError: If the shapes differ.
    """
    if drawn.ndim != 2 or drawn.shape[0] != drawn.shape[1] or drawn.shape != truth.shape:
        raise ValueError(f"both must be (K, K) (got {drawn.shape} and {truth.shape})")
    if has_cycle(drawn) or has_cycle(truth):
        return float("nan")
    parents = drawn.T  # (K, K) [i, z]: z is a parent of i in H
    below = descendants(truth)  # [i, j]: i acts on j, along whatever path
    wrong = np.where(parents, below, _forbidden(parents, below) | _open_detours(parents, truth))
    return float((wrong & ~np.eye(len(truth), dtype=bool)).sum())


def has_cycle(graph: Bools) -> bool:
    """Whether a (K, K) graph has a directed cycle; behaviours without causes are taken away until none is left."""
    left = np.ones(len(graph), dtype=bool)
    causes = graph.sum(axis=0).astype(np.int64)
    while True:
        free = left & (causes == 0)
        if not free.any():
            return bool(left.any())
        left &= ~free
        causes -= graph[free].sum(axis=0)


def descendants(graph: Bools) -> Bools:
    """(K, K) True where a path leads from the first behaviour to the second, itself left out unless on a cycle."""
    reach = graph.copy()
    while True:
        longer = reach | _times(reach, reach)
        if np.array_equal(longer, reach):
            return reach
        reach = longer


def _forbidden(parents: Bools, below: Bools) -> Bools:
    """(K, K) [i, j]: a parent of i in H lies on or after a causal path from i to j."""
    itself = np.eye(len(below), dtype=bool)
    spoiled = below & _times(parents, (below | itself).T)  # [i, c]: i acts on c, and c is or acts on a parent
    return _times(spoiled, below | itself)


def _open_detours(parents: Bools, truth: Bools) -> Bools:
    """(K, K) [i, j]: given the parents of i in H, an open walk leads from i to j that is not all arrows forward."""
    elsewhere, back = ~np.eye(len(truth), dtype=bool), np.ascontiguousarray(truth.T)
    forward, along, against = truth & elsewhere, np.zeros_like(truth), back & elsewhere
    while True:
        turning = (forward | along) & parents
        passing = against & ~parents
        new_forward = forward | (_times(forward & ~parents, truth) & elsewhere)
        new_along = along | (_times((along & ~parents) | passing, truth) & elsewhere)
        new_against = against | (_times(turning | passing, back) & elsewhere)
        before = forward.sum() + along.sum() + against.sum()
        forward, along, against = new_forward, new_along, new_against
        if forward.sum() + along.sum() + against.sum() == before:
            return along | against


def _times(first: Bools, second: Bools) -> Bools:
    """Boolean matrix product."""
    return (first.astype(np.float32) @ second.astype(np.float32)) > 0

"""Decidability: for which pairs a log cannot tell whether one behaviour causes the other, and why.

A *doubt* is the reason, and its *weight* in [0, 1] says how little the log tells. Where the weight is u, the
probability of a pair is drawn towards the base rate in log-odds,

    logit p' = (1 - u) logit p + u logit (base rate),

so that at u = 1 it says what was known before looking, the same in both directions. The doubts are

    too few events    the rarer of the two happened fewer than ``ENOUGH_EVENTS`` times;
    always together   neither happens without the other in the same moment or right beside it, and nothing tells
                      which comes first. A third behaviour can then not be told apart by them either: of two such
                      twins at most one need be its cause, or its effect;
    ties              most of the rarer one's events share a moment with the other, and the events that do not,
                      tell no order.

An order is told by z = (n_ij - n_ji) / sd over the pairs at short and middle lags, with the sd of counts or the one
measured between groups of users, whichever is larger.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from causalviz.lags.counts import LagCounts

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

ENOUGH_EVENTS = 5  # fewer events of a behaviour cannot carry a claim
FEW_WEIGHT = (1.1, 0.1)  # u = 1.1 - 0.1 n with n events, at most 1
HIDING_TIES = (0.6, 0.9)  # share of the rarer one's events that are tied: from here ties count, from here fully
CLEAR_ORDER = (3.0, 6.0)  # z of the order: from here it helps against ties, from here it settles them
TOGETHER = 0.95  # share of either behaviour's events that come with the other
COMPANIONS = 1.5  # neighbours per event, at most, of behaviours that come in couples and are not merely busy
TWIN_WEIGHT = 0.5  # of a pair with a third behaviour: 0.98 becomes about two thirds
USUAL_BASE_RATE = 0.1  # where the model's card does not say it
BASE_RATE = "base rate"  # key of the card: share of edges among the pairs of its worlds


class Doubt(IntEnum):
    """Why a log cannot decide a pair; the weightier is said where there are several."""

    NONE = 0
    UNSCORED = 1
    TWIN = 2
    TIES = 3
    TOGETHER = 4
    TOO_FEW = 5


class Doubts(NamedTuple):
    """Of all ordered pairs of K behaviours; the diagonal has none.

    Attributes:
        doubt: (K, K) ``Doubt`` codes.
        weight: (K, K) u of the module, 0 where the log decides.
        twin: (K,) the behaviour that always comes together with this one, or -1.
    """

    doubt: NDArray[np.int8]
    weight: Floats
    twin: NDArray[np.int64]


def find_doubts(counts: LagCounts) -> Doubts:
    """Finds the pairs that a log cannot decide.

    Args:
        counts: Of K behaviours.
    """
    events = counts.events.sum(0).astype(np.float64)  # (K,)
    rarer = np.minimum.outer(events, events)  # (K, K)
    few = np.where(rarer < ENOUGH_EVENTS, np.minimum(FEW_WEIGHT[0] - FEW_WEIGHT[1] * rarer, 1.0), 0.0)
    tied = _tied(counts) / np.maximum(rarer, 1.0)
    beside = _beside(counts)
    both_ways = np.minimum(beside, beside.T)
    suspect = (tied >= HIDING_TIES[0]) | (both_ways >= TOGETHER)
    untold = _untold(counts, suspect)
    ties = np.where(suspect, _ramp(tied, *HIDING_TIES) * untold, 0.0)
    together = np.where(both_ways >= TOGETHER, untold, 0.0)
    twin = _twins(both_ways, together)
    has = twin >= 0
    third = np.where((has[:, None] | has[None, :]) & (both_ways < TOGETHER), TWIN_WEIGHT, 0.0)
    doubt, weight = np.zeros(rarer.shape, dtype=np.int8), np.zeros(rarer.shape)
    for kind, u in ((Doubt.TWIN, third), (Doubt.TIES, ties), (Doubt.TOGETHER, together), (Doubt.TOO_FEW, few)):
        at_least = (u > 0) & (u >= weight)
        doubt[at_least], weight[at_least] = kind, u[at_least]
    np.fill_diagonal(doubt, Doubt.NONE)
    np.fill_diagonal(weight, 0.0)
    return Doubts(doubt, weight, twin)


def draw_to_base_rate(logit: Floats, weight: Floats, base_rate: float) -> Floats:
    """Log-odds after doubt: (1 - weight) logit + weight logit(base rate); any shape.

    Args:
        logit: Of the pairs.
        weight: In [0, 1], of the same shape.
        base_rate: In (0, 1).
    """
    return np.asarray((1.0 - weight) * logit + weight * math.log(base_rate / (1.0 - base_rate)))


def base_rate_of(card: Mapping[str, object]) -> float:
    """The share of edges among all pairs, as a model's card has it; ``USUAL_BASE_RATE`` where it has none."""
    told = card.get(BASE_RATE)
    return told if isinstance(told, float) and 0.0 < told < 1.0 else USUAL_BASE_RATE


def reasons(doubts: Doubts, scored: Bools, names: Sequence[str], events: NDArray[np.int64]) -> NDArray[np.object_]:
    """(K, K) one clause for each pair that the log cannot decide, or that was not scored; "" for the others.

    Args:
        doubts: Of the pairs.
        scored: (K, K) True where the network judged.
        names: K behaviours; in the clauses as they are.
        events: (K,) how often each happened.
    """
    doubt = np.where((doubts.doubt == Doubt.NONE) & ~scored, Doubt.UNSCORED, doubts.doubt)
    np.fill_diagonal(doubt, Doubt.NONE)
    said = np.full(doubt.shape, "", dtype=object)
    said[doubt == Doubt.UNSCORED] = "not scored: other behaviours are far stronger candidates for both"
    said[doubt == Doubt.TIES] = "ties hide the order: most of the rarer one's events share a moment with the other"
    said[doubt == Doubt.TOGETHER] = (
        "always together: neither happens without the other, and nothing tells which is first"
    )
    for i, j in zip(*np.nonzero(doubt == Doubt.TWIN), strict=True):
        one = i if doubts.twin[i] >= 0 else j
        said[i, j] = (
            f"always together: {names[one]} never happens without {names[doubts.twin[one]]}, so the log cannot tell "
            "which of the two it is"
        )
    for i, j in zip(*np.nonzero(doubt == Doubt.TOO_FEW), strict=True):
        one = i if events[i] <= events[j] else j
        said[i, j] = f"too few events: {names[one]} happened {_often(int(events[one]))}"
    return said


def _tied(counts: LagCounts) -> Floats:
    """(K, K) events of the rarer one that share a moment with the other, at most; no group counts more than it has."""
    rarer = np.minimum(counts.events[:, :, None], counts.events[:, None, :])  # (G, K, K)
    tied = np.minimum(counts.ties, rarer).sum(0).astype(np.float64)
    np.fill_diagonal(tied, 0.0)
    return tied


def _beside(counts: LagCounts) -> Floats:
    """(K, K) share of the events of the first that have the second in their moment, or up to one lag bin away.

    0 where events have many such neighbours: among very busy behaviours everything lies beside everything.
    """
    events = counts.events.sum(0).astype(np.float64)[:, None]  # (K, 1)
    ties = counts.ties.sum(0)
    near, pairs = (array[..., 0].sum(0) for array in (counts.nearest, counts.pairs))  # (K, K)
    share = np.maximum(_share(ties, ties, events), _share(ties + near + near.T, ties + pairs + pairs.T, events))
    np.fill_diagonal(share, 0.0)
    return share


def _share(met: NDArray[np.int64], neighbours: NDArray[np.int64], events: Floats) -> Floats:
    """(K, K) of (K, 1) events that met one of the second, unless they have too many neighbours."""
    share = np.minimum(met, events) / np.maximum(events, 1.0)
    return np.where(neighbours <= COMPANIONS * events, share, 0.0)


def _untold(counts: LagCounts, where: Bools) -> Floats:
    """(K, K) 1 where nothing tells the order, 0 where it is clear; 0 outside ``where``."""
    i, j = np.nonzero(where | where.T)
    untold = np.zeros(where.shape)
    cut = max(1, round(2 * counts.grid.n_bins / 3))
    there = counts.pairs[:, i, j, :cut].sum(-1).astype(np.float64)  # (G, n)
    back = counts.pairs[:, j, i, :cut].sum(-1).astype(np.float64)
    difference, G = there - back, len(counts.users)
    between = G * difference.var(0, ddof=1) if G > 1 else 0.0
    z = np.abs(difference.sum(0)) / np.sqrt(np.maximum((there + back).sum(0) + 1.0, between))
    untold[i, j] = 1.0 - _ramp(z, *CLEAR_ORDER)
    return untold


def _twins(both_ways: Floats, together: Floats) -> NDArray[np.int64]:
    """(K,) the behaviour that each one comes together with, or -1."""
    partner = np.argmax(both_ways, axis=1)
    rows = np.arange(len(partner))
    return np.where(together[rows, partner] > 0, partner, -1)


def _ramp(x: Floats, low: float, high: float) -> Floats:
    """0 up to ``low``, 1 from ``high`` on, straight in between."""
    return np.asarray(np.clip((x - low) / (high - low), 0.0, 1.0))


def _often(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times" if count else "never"

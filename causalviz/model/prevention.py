"""Preventions: for how long a cause keeps its effect away, and what share of it comes all the same.

A prevention is a step: within a window W after the latest cause the effect's rate is multiplied by what is *kept*,
beyond it nothing is changed. Rates differ between users and between visits, so other events of the same user are the
clock: those of *strangers*, which the cause does not lead to along the drawn graph. Where in a user's history an event
happens, is it the effect, or a stranger, and is it within W after the cause? Over all users these fourfold tables give
one odds ratio (Mantel & Haenszel 1959),

    kept = R / S,   R = sum over users of in_j out_s / n,   S = sum over users of out_j in_s / n,

in_j and out_j counting a user's effects within and beyond the window, in_s and out_s the strangers, n all four. Users
without the cause say nothing. As W grows from short lags to a whole history, and to for good, the window is the one by
which the likelihood gains most, R log(R / S) - (R - S), taking R for a Poisson count of mean S kept.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from causalviz.events.log import TICKS_PER_S, EventLog
from causalviz.lags import LagGrid
from causalviz.model.effects import LEAST_CHANGE, Effects
from causalviz.model.evidence import sample_histories

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

WINDOWS = 32  # that are tried, evenly spaced on the logarithm, and for good
FOR_GOOD = 2.0  # of the log's time
SAMPLE_EVENTS = 200_000  # in whole histories


class Preventions(NamedTuple):
    """(K, K) each, [cause, effect].

    Attributes:
        kept: Rate of the effect within the window over its rate otherwise; 1 where the cause does not prevent.
        window: Ticks; 0 where it does not prevent.
    """

    kept: Floats
    window: Floats


def fit_preventions(log: EventLog, grid: LagGrid, drawn: Mask, effects: Effects) -> Preventions:
    """Fits the step of every drawn edge that prevents; where nothing is lacking, it is that of the effects.

    Args:
        log: M events.
        grid: Its first edge is the shortest window.
        drawn: (K, K) the graph's edges.
        effects: Of every pair: which ones prevent.
    """
    kept, window = told_preventions(drawn, effects)
    cause, effect = (place.astype(np.int64) for place in np.nonzero(window))
    if not len(cause):
        return Preventions(kept, window)
    whole = max(float(log.time.max() - log.time.min()), 2.0)
    tried = np.append(np.geomspace(min(max(grid.edges[1], 1), whole / 2), whole, WINDOWS), FOR_GOOD * whole)
    events = np.bincount(log.behaviour, minlength=len(drawn))
    clock = np.stack(
        [_strangers(drawn, events, i, j) for i, j in zip(cause.tolist(), effect.tolist(), strict=True)]
    )  # (P, K)
    read = sample_histories(log, SAMPLE_EVENTS, seed=0)
    seen, usual = _tables(
        read.user, read.time, read.behaviour.astype(np.int64), cause, effect, clock, tried
    )  # (P, WINDOWS + 1) each
    gain = np.where(seen < usual, seen * np.log((seen + 0.5) / (usual + 0.5)) - (seen - usual), 0.0)
    best = gain.argmax(axis=1)
    pair = np.arange(len(cause))
    found = gain[pair, best] > 0
    share = np.minimum((seen[pair, best] + 0.5) / (usual[pair, best] + 0.5), 1 - LEAST_CHANGE)
    kept[cause[found], effect[found]] = share[found]
    window[cause[found], effect[found]] = tried[best[found]]
    return Preventions(kept, window)


def told_preventions(drawn: Mask, effects: Effects) -> Preventions:
    """The step that the effects tell of every drawn edge that prevents: a window among the lags, against chance.

    Args:
        drawn: (K, K) the graph's edges.
        effects: Of every pair.
    """
    prevents = drawn & (np.nan_to_num(effects.offspring) < 0)
    return Preventions(
        np.where(prevents, effects.rate_ratio, 1.0), np.where(prevents, effects.window_s * TICKS_PER_S, 0.0)
    )


def _strangers(drawn: Mask, events: NDArray[np.int64], cause: int, effect: int) -> Mask:
    """(K,) whose events are the clock: as little led to by the cause as leaves as many of them as of the effect."""
    others = np.ones(len(drawn), dtype=bool)
    others[[cause, effect]] = False
    for led_to in (_descendants(drawn, cause), drawn[cause]):
        if events[others & ~led_to].sum() >= events[effect]:
            return np.asarray(others & ~led_to)
    return others


def _descendants(drawn: Mask, cause: int) -> Mask:
    """(K,) True for what can be reached along the edges."""
    reached = drawn[cause].copy()
    while True:
        further = reached | drawn[reached].any(axis=0)
        if (further == reached).all():
            return reached
        reached = further


@njit(cache=True, nogil=True)
def _tables(user, time, marks, cause, effect, clock, tried):  # type: ignore[no-untyped-def]
    """(P, W) R and S of each pair and window."""
    P, W, M = len(cause), len(tried), len(user)
    seen, usual = np.zeros((P, W)), np.zeros((P, W))
    ours, others = np.zeros((P, W + 1)), np.zeros((P, W + 1))  # by the first window that holds them; the last: none
    last = np.empty(clock.shape[1])
    n = 0
    while n < M:
        u = user[n]
        last[:] = -np.inf
        ours[:] = 0.0
        others[:] = 0.0
        while n < M and user[n] == u:
            end = n
            while end < M and user[end] == u and time[end] == time[n]:
                end += 1
            for m in range(n, end):
                for p in range(P):
                    is_effect = marks[m] == effect[p]
                    if is_effect or clock[p, marks[m]]:
                        place = np.searchsorted(tried, time[m] - last[cause[p]])
                        if is_effect:
                            ours[p, place] += 1.0
                        else:
                            others[p, place] += 1.0
            for m in range(n, end):
                last[marks[m]] = time[m]
            n = end
        for p in range(P):
            a, b = ours[p].sum(), others[p].sum()
            if a == 0.0 or b == 0.0:
                continue
            a_in, b_in = 0.0, 0.0
            for place in range(W):
                a_in += ours[p, place]
                b_in += others[p, place]
                seen[p, place] += a_in * (b - b_in) / (a + b)
                usual[p, place] += (a - a_in) * b_in / (a + b)
    return seen, usual

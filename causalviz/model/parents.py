"""Possible parents: the earlier events that may have set an event off, listed once for all steps of a fit.

What a fit by expectation-maximisation shares out in every step lies in the same places of its kernel each time. So the
places are looked up once, and a step only adds up heights of the kernel.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from causalviz.events.log import EventLog

MOST = 48  # of an event; a denser window keeps its latest
MOST_LOOKED_AT = 400  # earlier events, where not all of them may be parents


class Parents(NamedTuple):
    """The possible parents of M events, event after event, the nearest first.

    Attributes:
        place: Of each: its behaviour's code times the number of lags, plus its lag.
        until: (M + 1,) where those of each event begin and end.
    """

    place: NDArray[np.uint32]
    until: NDArray[np.int64]


def possible_parents(
    log: EventLog,
    marks: NDArray[np.int64],
    edges: NDArray[np.int64],
    allowed: NDArray[np.bool_] | None = None,
) -> Parents:
    """Lists them.

    Args:
        log: M events of K behaviours.
        marks: (M,) behaviours that stand in place of the log's own.
        edges: L + 1 of the lag bins.
        allowed: (K, K) which behaviour may set off which, [cause, effect]. With it, lags are 0 for the same moment and
            1 to L, and of two that may set off each other at one moment the first does; without it all behaviours may,
            lags are 0 to L - 1, and events of one moment are no parents of each other.
    """
    K = log.n_behaviours
    every = allowed is None
    rule = np.ones((K, K), dtype=bool) if allowed is None else allowed
    return Parents(*_listed(log.user, log.time, marks, edges, rule, every))


@njit(cache=True, nogil=True)
def _listed(user, time, marks, edges, allowed, every):  # type: ignore[no-untyped-def]
    L = len(edges) - 1
    first_lag = 0 if every else 1
    lags = L + first_lag
    M = len(user)
    place = np.empty(max(M, 1) * 8, np.uint32)
    until = np.zeros(M + 1, np.int64)
    size = 0
    first = 0  # of the events at the same moment
    for n in range(M):
        if user[n] != user[first] or time[n] != time[first]:
            first = n
        if size + MOST > len(place):
            larger = np.empty(2 * len(place) + MOST, np.uint32)
            larger[:size] = place[:size]
            place = larger
        j, most = marks[n], until[n] + MOST
        m = first
        while not every and m < M and user[m] == user[n] and time[m] == time[n] and size < most:
            i = marks[m]
            if m != n and allowed[i, j] and (m < n or not allowed[j, i]):
                place[size] = i * lags
                size += 1
            m += 1
        bin_ = 0
        m = first - 1
        while m >= 0 and user[m] == user[n] and size < most and (every or first - m <= MOST_LOOKED_AT):
            lag = time[n] - time[m]
            if lag > edges[L]:
                break
            while lag > edges[bin_ + 1]:
                bin_ += 1
            if every or allowed[marks[m], j]:
                place[size] = marks[m] * lags + bin_ + first_lag
                size += 1
            m -= 1
        until[n + 1] = size
    return place[:size], until

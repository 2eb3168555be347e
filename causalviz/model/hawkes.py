"""Histogram-kernel Hawkes process fitted by EM: every event shares its blame among what came before it.

The rate of behaviour j for a user at time t is the background b_j c(t) plus, for every earlier event of
behaviour i at lag x in bin l, the kernel g_ijl. In the E step each event n of j is attributed to the background
with probability b_j c_n / lambda_n and to an earlier event m with g_{i j l} / lambda_n; in the M step

    R_ijl  = sum over events n of j of the blame put on i at lag bin l,
    g_ijl  = R_ijl / exposure_il,        b_j = sum of background blame / sum of c.

Source: Marsan & Lengline, Science 2008 ("model independent stochastic declustering"). Two choices of the background c
are fitted: each user's mean rate (``steady``), and the user's event rate around the moment (``local``), under
which what merely shares a session needs no causes. A third fit runs on a log whose behaviours were shuffled
among near moments of the same user (``shuffled``): what it still finds is what chance finds.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from causalviz.events.log import EventLog
from causalviz.lags import LagGrid

Floats = NDArray[np.float64]

ITERATIONS = 15
MAX_PARENTS = 48  # earlier events considered per event; a denser window keeps its latest


class HawkesFit(NamedTuple):
    """What one fit found; first axis cause, second effect.

    Attributes:
        blame: (K, K, L) expected events of the effect set off by the cause at each lag bin (R_ijl).
        background: (K,) expected background events.
        gain: (K, K) log-likelihood lost if the cause's kernel were removed, nats, at least 0.
    """

    blame: Floats
    background: Floats
    gain: Floats


class HawkesEvidence(NamedTuple):
    """The three fits, and the number of events that they read."""

    steady: HawkesFit
    local: HawkesFit
    shuffled: HawkesFit
    n_events: int


def fit_hawkes(log: EventLog, grid: LagGrid, *, iterations: int = ITERATIONS, seed: int = 0) -> HawkesEvidence:
    """Fits the three processes.

    Args:
        log: The (sample of the) log; M events.
        grid: L lag bins; the last edge is the longest delay considered.
        iterations: EM steps; the blame settles within 15 to 30.
        seed: Of the shuffle.

    Returns:
        The evidence; cost grows with M times the events within the longest lag, at most ``MAX_PARENTS``.
    """
    edges = np.asarray(grid.edges, dtype=np.int64)
    K = log.n_behaviours
    steady = _steady_background(log)
    local = _local_background(log.user, log.time, edges[-1]) * 0.9 + 0.1 * steady
    marks = log.behaviour.astype(np.int64)
    shuffled = _shuffled(log.user, log.time, marks, edges[-1], np.random.default_rng(seed))

    def fit(whose: tuple[NDArray[np.int64], Floats]) -> HawkesFit:
        return HawkesFit(*_em(log.user, log.time, *whose, edges, K, iterations))

    with ThreadPoolExecutor(2) as pool:  # the loops hold no lock
        found = list(pool.map(fit, ((marks, steady), (marks, local), (shuffled, local))))
    return HawkesEvidence(steady=found[0], local=found[1], shuffled=found[2], n_events=log.n_events)


def _steady_background(log: EventLog) -> Floats:
    """(M,) events per tick of each event's user over that user's own span."""
    counts = np.diff(log.offsets)
    last = np.maximum(log.offsets[1:] - 1, 0)
    first = np.minimum(log.offsets[:-1], log.n_events - 1)
    span = np.maximum(log.time[last] - log.time[first], 1)
    return np.asarray((counts / span)[log.user], dtype=np.float64)


@njit(cache=True, nogil=True)
def _local_background(user, time, width):  # type: ignore[no-untyped-def]
    """(M,) events per tick of the same user within ``width`` ticks before and after, the event itself left out."""
    M = len(user)
    rate = np.empty(M, np.float64)
    low = 0
    high = 0
    for n in range(M):
        while user[low] != user[n] or time[low] < time[n] - width:
            low += 1
        high = max(high, n)
        while high + 1 < M and user[high + 1] == user[n] and time[high + 1] <= time[n] + width:
            high += 1
        rate[n] = (high - low + 0.5) / (2.0 * width)
    return rate


@njit(cache=True, nogil=True)
def _shuffled(user, time, marks, width, rng):  # type: ignore[no-untyped-def]
    """(M,) the marks, permuted among each user's events of the same stretch of ``2 * width`` ticks."""
    mixed = marks.copy()
    start = 0
    M = len(user)
    for n in range(1, M + 1):
        if n == M or user[n] != user[start] or time[n] > time[start] + 2 * width:
            for last in range(n - 1, start, -1):
                other = start + int(rng.random() * (last - start + 1))
                mixed[last], mixed[other] = mixed[other], mixed[last]
            start = n
    return mixed


@njit(cache=True, nogil=True)
def _exposure(user, time, marks, edges, K):  # type: ignore[no-untyped-def]
    """(K, L) ticks during which an event of each behaviour lies in each lag bin back, until its user's end."""
    L = len(edges) - 1
    exposure = np.zeros((K, L), np.float64)
    M = len(user)
    end = 0
    for n in range(M):
        if n == 0 or user[n] != user[n - 1]:
            end = n
            while end + 1 < M and user[end + 1] == user[n]:
                end += 1
        left = time[end] - time[n]
        for bin_ in range(L):
            if left <= edges[bin_]:
                break
            exposure[marks[n], bin_] += min(left, edges[bin_ + 1]) - edges[bin_]
    return exposure


@njit(cache=True, nogil=True)
def _em(user, time, marks, background_rate, edges, K, iterations):  # type: ignore[no-untyped-def]
    """EM from a flat start; returns the last blame (K, K, L), background (K,) and gain (K, K)."""
    L = len(edges) - 1
    M = len(user)
    exposure = _exposure(user, time, marks, edges, K) + 1.0
    counts = np.zeros(K, np.float64)
    for n in range(M):
        counts[marks[n]] += 1.0
    total_rate = float(M)  # the integral of c over all users is about the number of events
    base = 0.5 * counts / total_rate
    kernel = np.empty((K, K, L), np.float64)
    for bin_ in range(L):
        exposed = exposure[:, bin_].sum()
        for i in range(K):
            for j in range(K):
                kernel[i, j, bin_] = 0.5 * counts[j] / (exposed * L)
    blame = np.zeros((K, K, L), np.float64)
    background = np.zeros(K, np.float64)
    gain = np.zeros((K, K), np.float64)
    shares = np.zeros(K, np.float64)
    seen = np.empty(MAX_PARENTS, np.int64)
    bins = np.empty(MAX_PARENTS, np.int64)
    for step in range(iterations + 1):
        final = step == iterations
        blame[:] = 0.0
        background[:] = 0.0
        first = 0  # of the events at the same moment: they are no causes of each other
        for n in range(M):
            if user[n] != user[first] or time[n] != time[first]:
                first = n
            j = marks[n]
            own = base[j] * background_rate[n]
            rate = own
            found = 0
            bin_ = 0
            m = first - 1
            while m >= 0 and found < MAX_PARENTS and user[m] == user[n]:
                lag = time[n] - time[m]
                if lag > edges[L]:
                    break
                while lag > edges[bin_ + 1]:
                    bin_ += 1
                seen[found] = marks[m]
                bins[found] = bin_
                rate += kernel[marks[m], j, bin_]
                found += 1
                m -= 1
            if rate <= 0.0:
                continue
            background[j] += own / rate
            for p in range(found):
                share = kernel[seen[p], j, bins[p]] / rate
                blame[seen[p], j, bins[p]] += share
                if final:
                    shares[seen[p]] += share
            if final:
                for p in range(found):
                    i = seen[p]
                    if shares[i] > 0.0:
                        gain[i, j] += max(0.0, -np.log1p(-min(shares[i], 0.999999)) - shares[i])
                        shares[i] = 0.0
        if not final:
            for i in range(K):
                for j in range(K):
                    for bin_ in range(L):
                        kernel[i, j, bin_] = blame[i, j, bin_] / exposure[i, bin_]
            for j in range(K):
                base[j] = background[j] / total_rate
    return blame, background, gain

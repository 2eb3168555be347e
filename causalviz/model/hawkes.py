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

The lag bins are wide, because the network compares them one by one; when half of the effects have come is read from
finer ones. A few more steps of the steady fit, from where it ended, tell which part of a bin the blame falls into.
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
FINER = 3  # parts of a lag bin
FINER_ITERATIONS = 5  # from the kernel found; the blame within a bin settles faster than the blame of a cause


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


class Delays(NamedTuple):
    """Blame by delay, in finer bins.

    Attributes:
        grid: F bins; every edge of the log's grid is one of theirs.
        blame: (K, K, F) expected events of the effect set off by the cause at each lag.
    """

    grid: LagGrid
    blame: Floats


class HawkesEvidence(NamedTuple):
    """The three fits, the delays of the steady one, and the number of events that were read."""

    steady: HawkesFit
    local: HawkesFit
    shuffled: HawkesFit
    delays: Delays
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

    def fit(whose: tuple[NDArray[np.int64], Floats]) -> tuple[HawkesFit, Floats]:
        exposure = lag_exposure(log.user, log.time, whose[0], edges, K)
        start = _flat_start(whose[0], exposure)
        blame, background, gain, kernel = _em(log.user, log.time, *whose, edges, exposure, *start, iterations)
        return HawkesFit(blame, background, gain), kernel

    def delays(found: tuple[HawkesFit, Floats]) -> Delays:
        finer = grid.finer(FINER)
        cuts = np.asarray(finer.edges, dtype=np.int64)
        exposure = lag_exposure(log.user, log.time, marks, cuts, K)
        kernel = np.take(found[1], np.searchsorted(edges, cuts[1:]) - 1, axis=-1)  # C order, or the EM compiles twice
        base = found[0].background / max(log.n_events, 1)
        return Delays(finer, _em(log.user, log.time, marks, steady, cuts, exposure, kernel, base, FINER_ITERATIONS)[0])

    with ThreadPoolExecutor(2) as pool:  # the loops hold no lock
        first, *others = (pool.submit(fit, whose) for whose in ((marks, steady), (marks, local), (shuffled, local)))
        fine = pool.submit(delays, first.result())
        two, three = (other.result()[0] for other in others)
        return HawkesEvidence(first.result()[0], two, three, fine.result(), log.n_events)


def _flat_start(marks: NDArray[np.int64], exposure: Floats) -> tuple[Floats, Floats]:
    """(K, K, L) kernel and (K,) background with half of the events blamed on each, whatever the cause and the lag."""
    K, L = exposure.shape
    half = 0.5 * np.bincount(marks, minlength=K)
    kernel = np.broadcast_to(half[None, :, None] / (exposure.sum(0) * L), (K, K, L))
    return np.ascontiguousarray(kernel), half / max(len(marks), 1)


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
def lag_exposure(user, time, marks, edges, K):  # type: ignore[no-untyped-def]
    """(K, L) ticks, and one, in which an event of each behaviour lies in each lag bin back, until its user's end."""
    L = len(edges) - 1
    exposure = np.ones((K, L), np.float64)
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
def _em(user, time, marks, background_rate, edges, exposure, kernel, base, iterations):  # type: ignore[no-untyped-def]
    """EM from a start; returns the last blame (K, K, L), background (K,), gain (K, K) and the kernel it rests on.

    What concerns one effect lies together in memory: by effect, then by cause and lag in one.
    """
    K, L = exposure.shape
    M = len(user)
    kernel = np.ascontiguousarray(kernel.transpose(1, 0, 2)).reshape(K, K * L)
    base = base.copy()
    total_rate = float(M)  # the integral of c over all users is about the number of events
    blame = np.zeros((K, K * L), np.float64)
    background = np.zeros(K, np.float64)
    gain = np.zeros((K, K), np.float64)
    shares = np.zeros(K, np.float64)
    seen = np.empty(MAX_PARENTS, np.int64)  # cause and lag of each possible parent
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
                place = marks[m] * L + bin_
                seen[found] = place
                rate += kernel[j, place]
                found += 1
                m -= 1
            if rate <= 0.0:
                continue
            background[j] += own / rate
            for p in range(found):
                share = kernel[j, seen[p]] / rate
                blame[j, seen[p]] += share
                if final:
                    shares[seen[p] // L] += share
            if final:
                for p in range(found):
                    i = seen[p] // L
                    if shares[i] > 0.0:
                        gain[i, j] += max(0.0, -np.log1p(-min(shares[i], 0.999999)) - shares[i])
                        shares[i] = 0.0
        if not final:
            for j in range(K):
                for i in range(K):
                    for bin_ in range(L):
                        kernel[j, i * L + bin_] = blame[j, i * L + bin_] / exposure[i, bin_]
                base[j] = background[j] / total_rate
    by_cause = np.ascontiguousarray(blame.reshape(K, K, L).transpose(1, 0, 2))
    return by_cause, background, gain, np.ascontiguousarray(kernel.reshape(K, K, L).transpose(1, 0, 2))

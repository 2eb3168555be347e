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

These three stop early, while much of the blame still lies on what merely comes along. A fourth (``far``, steady too)
looks further back, for what works slowly, and goes on until it settles: every third step is a leap along the square
roots of the blame (SQUAREM, Varadhan & Roland, Scandinavian Journal of Statistics 2008), each effect's by itself, since
what is blamed for one effect has no bearing on another. Twenty-one steps so do what sixty did.

The lag bins are wide, because the network compares them one by one; when half of the effects have come is read from
finer ones. A few more steps of the steady fit, from where it ended, tell which part of a bin the blame falls into.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, Protocol

import numpy as np
from numba import njit
from numpy.typing import NDArray

from causalviz.events.log import EventLog
from causalviz.lags import LagGrid
from causalviz.model.parents import Parents, possible_parents
from causalviz.model.surprise import Surprise, surprise

Floats = NDArray[np.float64]

ITERATIONS = 15
FURTHER = 3  # bins of the far fit beyond the grid, each as long as all before it
LEAPS = 7
LONGEST_LEAP = 64.0
TINY = 1e-12  # where two steps agree, the leap is the longest
LEAST_LEFT = 0.05  # of a square root: a leap takes away no more
FINER = 3  # parts of a lag bin
FINER_ITERATIONS = 6  # from the kernel found; the blame within a bin settles faster than the blame of a cause


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
    """The four fits, the delays of the steady one, what surprises the far one, and the events that were read.

    ``far`` has ``FURTHER`` bins more than the others.
    """

    steady: HawkesFit
    local: HawkesFit
    shuffled: HawkesFit
    far: HawkesFit
    delays: Delays
    surprise: Surprise
    n_events: int


def fit_hawkes(log: EventLog, grid: LagGrid, *, iterations: int = ITERATIONS, seed: int = 0) -> HawkesEvidence:
    """Fits the four processes.

    Args:
        log: The (sample of the) log; M events.
        grid: L lag bins; the last edge is the longest delay that all but one consider.
        iterations: EM steps of the fits that stop early.
        seed: Of the shuffle.

    Returns:
        The evidence; cost grows with M times the events within the longest lag, at most ``parents.MOST``.
    """
    edges = np.asarray(grid.edges, dtype=np.int64)
    K = log.n_behaviours
    steady = _steady_background(log)
    local = _local_background(log.user, log.time, edges[-1]) * 0.9 + 0.1 * steady
    marks = log.behaviour.astype(np.int64)
    shuffled = _shuffled(log.user, log.time, marks, edges[-1], np.random.default_rng(seed))

    def fit(process: _Process) -> tuple[HawkesFit, Floats]:
        blame = process.start()
        for _ in range(iterations):
            blame = process.step(blame)
        return process.found(blame), process.kernel(blame)

    def fit_shuffled() -> HawkesFit:
        return fit(_Process.of(log, shuffled, local, edges))[0]

    def fit_far() -> tuple[HawkesFit, Surprise]:
        further = np.concatenate([edges, edges[-1] * 2 ** np.arange(1, FURTHER + 1)])
        process = _Process.of(log, marks, steady, further)
        blame = settled(process, process.start(), LEAPS)
        return process.found(blame), surprise(log, further, process.kernel(blame))

    def delays(kernel: Floats) -> Delays:
        finer = grid.finer(FINER)
        cuts = np.asarray(finer.edges, dtype=np.int64)
        process = _Process.of(log, marks, steady, cuts)
        parts = kernel[:, :-1].reshape(K, K, -1)[..., np.searchsorted(edges, cuts[1:]) - 1]
        blame = np.column_stack([parts.reshape(K, -1), kernel[:, -1]]) * process.exposure
        for _ in range(FINER_ITERATIONS):
            blame = process.step(blame)
        return Delays(finer, by_cause(blame))

    near = _Process.of(log, marks, steady, edges)
    with ThreadPoolExecutor(2) as pool:  # the loops hold no lock
        far = pool.submit(fit_far)
        first, second = (pool.submit(fit, process) for process in (near, near._replace(background=local)))
        third = pool.submit(fit_shuffled)
        fine = pool.submit(delays, first.result()[1])
        far_fit, surprised = far.result()
        near_fits = first.result()[0], second.result()[0], third.result()
        return HawkesEvidence(*near_fits, far_fit, fine.result(), surprised, log.n_events)


class _Process(NamedTuple):
    """What is fitted to M events; blame and kernel are (K, K L + 1), one row of an effect, its last column background.

    Attributes:
        marks: (M,) of the events.
        background: (M,) rate at the events.
        parents: Of the events.
        exposure: (K L + 1,) by cause and lag, and of the background: what turns blame into a kernel.
        bins: L.
    """

    marks: NDArray[np.int64]
    background: Floats
    parents: Parents
    exposure: Floats
    bins: int

    @classmethod
    def of(cls, log: EventLog, marks: NDArray[np.int64], background: Floats, edges: NDArray[np.int64]) -> _Process:
        exposure = lag_exposure(log.user, log.time, marks, edges, log.n_behaviours)
        every = max(len(marks), 1)  # the integral of the background over all users is about the number of events
        parents = possible_parents(log, marks, edges)
        return cls(marks, background, parents, np.append(exposure, every), len(edges) - 1)

    def start(self) -> Floats:
        """Half of the events blamed on the background, half on what came before, whatever the cause and the lag."""
        exposure = self.exposure[:-1].reshape(-1, self.bins)
        half = 0.5 * np.bincount(self.marks, minlength=len(exposure))  # (K,)
        return np.outer(half, np.append(exposure / (exposure.sum(0) * self.bins), 1.0))

    def kernel(self, blame: Floats) -> Floats:
        """The M step."""
        return np.asarray(blame / self.exposure)

    def step(self, blame: Floats) -> Floats:
        """The M step and the E step after it."""
        kernel = self.kernel(blame)
        weight, _ = _share(self.marks, self.background, *self.parents, kernel)
        return np.asarray(weight * kernel)

    def found(self, blame: Floats) -> HawkesFit:
        """What comes of one more step."""
        kernel = self.kernel(blame)
        weight, rate = _share(self.marks, self.background, *self.parents, kernel)
        gain = _gain(self.marks, rate, *self.parents, kernel, self.bins)
        blame = weight * kernel
        return HawkesFit(by_cause(blame), blame[:, -1].copy(), gain)


def by_cause(blame: Floats) -> Floats:
    """(K, K, L) blame (K, K L + 1), a row of each effect with its background last, as cause, effect and lag."""
    K = len(blame)
    return np.ascontiguousarray(blame[:, :-1].reshape(K, K, -1).transpose(1, 0, 2))


class Stepping(Protocol):
    """A process whose blame is found step by step, (K, any) with a row of each effect."""

    def step(self, blame: Floats) -> Floats:
        """The next blame."""
        ...


def settled(process: Stepping, blame: Floats, leaps: int) -> Floats:
    """Where three steps a leap lead to from some blame."""
    for _ in range(leaps):
        first = process.step(blame)
        second = process.step(first)
        blame = process.step(_leap(blame, first, second))
    return blame


def _leap(before: Floats, first: Floats, second: Floats) -> Floats:
    """Where two steps lead to if they go on as they went, each row by itself."""
    root = np.sqrt(before)
    way = np.sqrt(first) - root
    bend = np.sqrt(second) - root - 2 * way
    gone, bent = (np.linalg.norm(move, axis=1, keepdims=True) for move in (way, bend))
    length = np.clip(gone / np.maximum(bent, TINY), 1.0, LONGEST_LEAP)
    return np.asarray(np.maximum(root + 2 * length * way + length**2 * bend, LEAST_LEFT * np.sqrt(second)) ** 2)


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
def _share(marks, background, place, until, kernel):  # type: ignore[no-untyped-def]
    """The E step: (K, K L + 1) blame per unit of the kernel, and (M,) rate at the events, 0 where nothing leads.

    What is blamed on one place of an effect's kernel is that place's height times a sum over the effect's events, of
    1 over their rates: so the height need not be read with every event.
    """
    weight = np.zeros(kernel.shape, np.float64)
    rates = np.zeros(len(marks), np.float64)
    last = kernel.shape[1] - 1
    for n in range(len(marks)):
        heights, weights = kernel[marks[n]], weight[marks[n]]
        rate = heights[last] * background[n]
        for p in range(until[n], until[n + 1]):
            rate += heights[place[p]]
        if rate <= 0.0:
            continue
        rates[n] = rate
        part = 1.0 / rate
        weights[last] += background[n] * part
        for p in range(until[n], until[n + 1]):
            weights[place[p]] += part
    return weight, rates


@njit(cache=True, nogil=True)
def _gain(marks, rates, place, until, kernel, L):  # type: ignore[no-untyped-def]
    """(K, K) log-likelihood lost if a cause's kernel were removed, from (M,) rates at the events."""
    K = len(kernel)
    gain = np.zeros((K, K), np.float64)
    shares = np.zeros(K, np.float64)
    cause = np.arange(K * L) // L  # of each place
    for n in range(len(marks)):
        if rates[n] <= 0.0:
            continue
        j, part = marks[n], 1.0 / rates[n]
        for p in range(until[n], until[n + 1]):
            shares[cause[place[p]]] += kernel[j, place[p]] * part
        for p in range(until[n], until[n + 1]):
            i = cause[place[p]]
            if shares[i] > 0.0:
                gain[i, j] += max(0.0, -np.log1p(-min(shares[i], 0.999999)) - shares[i])
                shares[i] = 0.0
    return gain

"""Hawkes processes whose kernels are sums of exponentials: few numbers a pair, a memory without an end.

The rate of behaviour j for user u at time t is

    lambda_j(t) = b_j z_uj c_u + sum over earlier events (s, i) of u of  sum_d a_ijd r_d exp(-r_d (t - s)),

c_u the user's events per tick, r_d the ``RATES`` given rates of fading and a_ijd the effects that one cause sets off
at each, found by EM like those of the histogram kernels (``causalviz.model.hawkes``). A kernel that can only fall has
less room for chance than one of free bins, and what it found is surer where effects do fade; it looks back to the
user's first event, at a cost that grows with the behaviours of the user and not with the events in a window.

Two backgrounds are fitted. In the ``steady`` one z is 1. In the ``own`` one each user likes each behaviour more or less
than others do, and that for a quarter of the time from first event to last: z_uj is the mean of a gamma law, 1 before
anything is known, given the background events of that quarter. What a liking explains needs no cause.

Sources: Ozaki, Annals of the Institute of Statistical Mathematics 1979 (the recursion); Zhou, Zha & Song, AISTATS 2013
(EM for exponential kernels); Lemonnier & Vayatis, ECML 2014 (sums of them).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from causalviz.events.log import EventLog
from causalviz.lags import LagGrid
from causalviz.model.hawkes import HawkesFit, by_cause, settled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

RATES = 6
FURTHEST = 32.0  # longest time constant, over the last edge of the lag grid
QUARTERS = 4
LEAPS = 5
FURTHER_LEAPS = 2  # under own backgrounds, from where the steady fit ended
HELD = 1.0  # events that speak for the liking of all users
LEAST_EXPOSURE = 1e-6  # of a cause that nothing follows
MOST_PAIRS = 2_500_000  # of behaviours of one user, over all users that are read


class ExponentialEvidence(NamedTuple):
    """The fits under the two backgrounds; their lag axis is that of the RATES, the fastest first."""

    steady: HawkesFit
    own: HawkesFit


def fit_exponentials(log: EventLog, grid: LagGrid) -> ExponentialEvidence:
    """Fits both processes.

    Args:
        log: The (sample of the) log; M events.
        grid: Its second edge is the shortest time constant, its last one a ``FURTHEST`` of the longest.

    Returns:
        The fits; cost grows with M times the behaviours of a user. Of a log of more than ``MOST_PAIRS`` every second,
        third, ... user is read.
    """
    log = _affordable(log)
    rates = 1.0 / np.geomspace(grid.edges[1], FURTHEST * grid.edges[-1], RATES)  # per tick
    exposure = _exposure(log.offsets, log.time, log.behaviour, rates, log.n_behaviours)
    steady, own = (_Process(log, rates, exposure, likings) for likings in _backgrounds(log))
    blame = settled(steady, steady.start(), LEAPS)
    return ExponentialEvidence(steady.found(blame), own.found(settled(own, blame, FURTHER_LEAPS)))


def _affordable(log: EventLog) -> EventLog:
    """The log, or evenly chosen users of it."""
    K = log.n_behaviours
    user = np.unique(log.user.astype(np.int64) * K + log.behaviour) // K  # once for each behaviour of theirs
    pairs = int((np.bincount(user) ** 2).sum())
    return log if pairs <= MOST_PAIRS else log.take_users(np.arange(0, log.n_users, -(-pairs // MOST_PAIRS)))


class _Likings(NamedTuple):
    """Kinds of background events.

    Attributes:
        of: (M,) the kind that each event would be, S kinds.
        mark: (S,) their behaviours.
        chances: (S,) events of users and quarters in which it might have happened.
        free: Whether kinds of one behaviour differ.
    """

    of: Ints
    mark: Ints
    chances: Floats
    free: bool


def _backgrounds(log: EventLog) -> tuple[_Likings, _Likings]:
    """The steady one and the own one."""
    K, marks, sizes = log.n_behaviours, log.behaviour.astype(np.int64), np.diff(log.offsets)
    steady = _Likings(marks, np.arange(K), np.full(K, float(max(log.n_events, 1))), free=False)
    if not log.n_events:
        return steady, steady
    first, last = log.time[np.minimum(log.offsets[:-1], log.n_events - 1)], log.time[np.maximum(log.offsets[1:] - 1, 0)]
    user = log.user.astype(np.int64)
    gone = (log.time - first[user]) / np.maximum(last - first, 1)[user]  # of the user's time
    quarter = np.minimum((QUARTERS * gone).astype(np.int64), QUARTERS - 1)
    kinds, of = np.unique((user * QUARTERS + quarter) * K + marks, return_inverse=True)
    return steady, _Likings(of, kinds % K, sizes[kinds // (QUARTERS * K)] / QUARTERS, free=True)


class _Process:
    """What is fitted; blame is (K, K RATES + 1), one row of an effect, its last column background."""

    def __init__(self, log: EventLog, rates: Floats, exposure: Floats, likings: _Likings) -> None:
        self.log, self.rates, self.likings = log, rates, likings
        gap = np.maximum(np.diff(log.time, prepend=0), 0)  # (M,) since the event before; of a user's first never read
        self.fades = np.exp(-np.outer(gap, rates))  # (M, RATES)
        self.exposure = np.append(exposure.ravel(), max(log.n_events, 1))  # what turns blame into a kernel
        self.liking = np.ones(len(likings.mark))  # (S,) z

    def start(self) -> Floats:
        """Half of the events blamed on the background, half on what came before, whatever the cause and the rate."""
        half = 0.5 * np.bincount(self.log.behaviour, minlength=self.log.n_behaviours)  # (K,)
        return np.outer(half, np.append(self.exposure[:-1] / self.exposure[:-1].sum(), 1.0))

    def step(self, blame: Floats) -> Floats:
        """The M step and the E step after it, which also says how far the users' likings differ."""
        return self._shared(blame, gains=False)[0]

    def found(self, blame: Floats) -> HawkesFit:
        """What comes of one more step."""
        blame, gain = self._shared(blame, gains=True)
        return HawkesFit(by_cause(blame), blame[:, -1].copy(), gain)

    def _shared(self, blame: Floats, *, gains: bool) -> tuple[Floats, Floats]:
        kernel, log = blame / self.exposure, self.log
        background = kernel[self.likings.mark, -1] * self.liking  # (S,)
        weight, chance, gain = _share(
            log.offsets, log.time, log.behaviour, self.likings.of, background, self.fades, self.rates, kernel, gains
        )
        if self.likings.free:
            usual = kernel[self.likings.mark, -1] * self.likings.chances
            self.liking = (HELD + chance) / (HELD + usual)
        blame = weight * kernel
        blame[:, -1] = np.bincount(self.likings.mark, chance, len(blame))
        return blame, gain


@njit(cache=True, nogil=True)
def _exposure(offsets, time, marks, rates, K):  # type: ignore[no-untyped-def]
    """(K, RATES) events of each cause, each counted as far as its effects could come before its user's end."""
    exposure = np.full((K, len(rates)), LEAST_EXPOSURE)
    for u in range(len(offsets) - 1):
        for n in range(offsets[u], offsets[u + 1]):
            left = time[offsets[u + 1] - 1] - time[n]
            for d in range(len(rates)):
                exposure[marks[n], d] += 1.0 - np.exp(-rates[d] * left)
    return exposure


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def _share(offsets, time, marks, kind, background, fades, rates, kernel, gains):  # type: ignore[no-untyped-def]
    """The E step: (K, K D + 1) blame per unit of the kernel, (S,) background events, and (K, K) gains if wanted.

    A user is read with a kernel of those behaviours alone that the user has, in the order of the rates. Events of one
    moment are no causes of each other: they wait until the clock moves.
    """
    K, D = len(kernel), len(rates)
    weight, chance = np.zeros_like(kernel), np.zeros(len(background), np.float64)
    gain = np.zeros((K, K), np.float64)
    place, here = np.full(K, -1), np.empty(K, np.int64)
    for u in range(len(offsets) - 1):
        first, end = offsets[u], offsets[u + 1]
        if first == end:
            continue
        own = 0
        for n in range(first, end):
            if place[marks[n]] < 0:
                place[marks[n]], here[own] = own, marks[n]
                own += 1
        heights, weights = np.empty((own, own * D), np.float64), np.zeros((own, own * D), np.float64)
        for x in range(own):
            for d in range(D):
                for y in range(own):
                    heights[x, d * own + y] = kernel[here[x], here[y] * D + d]
        level, new = np.zeros(own * D, np.float64), np.zeros(own, np.float64)
        usual = (end - first) / max(time[end - 1] - time[first], 1)
        waiting = first
        for n in range(first, end):
            if time[n] > time[waiting]:
                for m in range(waiting, n):
                    new[place[marks[m]]] += 1.0
                for d in range(D):
                    fade = fades[n, d]
                    added = rates[d] * fade
                    for y in range(own):
                        level[d * own + y] = level[d * own + y] * fade + new[y] * added
                new[:] = 0.0
                waiting = n
            x = place[marks[n]]
            by_chance = background[kind[n]] * usual
            rate = by_chance
            for p in range(own * D):
                rate += heights[x, p] * level[p]
            if rate <= 0.0:
                continue
            part = 1.0 / rate
            chance[kind[n]] += by_chance * part
            for p in range(own * D):
                weights[x, p] += level[p] * part
            if gains:
                for y in range(own):
                    share = 0.0
                    for p in range(y, own * D, own):
                        share += heights[x, p] * level[p]
                    share = min(share * part, 0.999999)
                    gain[here[y], marks[n]] += max(0.0, -np.log1p(-share) - share)
        for x in range(own):
            place[here[x]] = -1
            for d in range(D):
                for y in range(own):
                    weight[here[x], here[y] * D + d] += weights[x, d * own + y]
    return weight, chance, gain

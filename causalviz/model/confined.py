"""A Hawkes process confined to a graph: what a behaviour sets off of itself, beside its drawn causes.

The rate of behaviour j for user u at time t is

    taste_uj (sum over h of b_hj c_h(u, t))  +  sum over earlier events of i = j, or of a drawn cause i, of g_ij(lag),

fitted by expectation-maximisation like the free process (``causalviz.model.hawkes``), from which it differs in four
ways. Only drawn pairs are candidates, so blame is not lost to behaviours that are no causes. A behaviour may set off
itself. Likings differ between users: taste_uj is a gamma variable of mean 1, whose mean is taken anew in each step from
what user u did of j for no reason. And events at one moment of a coarse clock may have set each other off.

What must not pass for repeats is that people come in visits. So the background has a steady part, the user's events
per time, and parts that follow what else the user did around the moment, within each lag of the grid: the events of
*others*, neither j nor its neighbours in the graph, which visits bring as well and j does not; or of *all*, j among
them, with which a repeat must come soon and in order to be one. Only what an event is thought to owe to the background
counts there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from causalviz.events.log import EventLog
from causalviz.lags import LagGrid
from causalviz.model.hawkes import lag_exposure
from causalviz.model.parents import possible_parents

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]
Around = Literal["others", "all"]
Progress = Callable[[int, int], None]

ITERATIONS = 20
SHAPE = 1.0  # of the gamma law of tastes: a user's own habits count as soon as an event or two speak of them


class Confined(NamedTuple):
    """What the fit found.

    Attributes:
        blame: (K, K) events of the effect that each drawn cause set off, [cause, effect]; repeats on the diagonal.
        repeats: (K, L + 1) events that a behaviour set off itself, at the same moment and by lag bin.
        around: (K,) events put down to what else happened around them.
        gain: (K,) log-likelihood lost if the behaviour did not repeat itself, nats, at least 0.
        events: (K,) that were read.
    """

    blame: Floats
    repeats: Floats
    around: Floats
    gain: Floats
    events: Floats

    @property
    def own(self) -> Floats:
        """(K,) further events of a behaviour that one of its events sets off directly."""
        return np.asarray(self.repeats.sum(axis=1) / np.maximum(self.events, 1.0))


def fit_confined(
    log: EventLog, grid: LagGrid, drawn: Mask, around: Around, *, on_progress: Progress | None = None
) -> Confined:
    """Fits the process.

    Args:
        log: M events of K behaviours; its cost grows with M times the events within the longest lag.
        grid: L lag bins.
        drawn: (K, K) True where the graph has an edge, [cause, effect].
        around: Whose events around a moment make the background.
        on_progress: Told (iterations done, in all).

    Raises:
        ValueError: If drawn is not (K, K).
    """
    K = log.n_behaviours
    if drawn.shape != (K, K):
        raise ValueError(f"drawn must be ({K}, {K}) (got {drawn.shape})")
    marks, edges = log.behaviour.astype(np.int64), np.asarray(grid.edges, dtype=np.int64)
    allowed = drawn | np.eye(K, dtype=bool)
    background = _Background.of(log, edges, drawn, around)
    n = np.bincount(marks, minlength=K).astype(np.float64)
    at_once = 1.0 + n * _coarseness(log)
    exposure = np.column_stack([at_once, lag_exposure(log.user, log.time, marks, edges, K)])  # (K, L + 1)
    place, until = possible_parents(log, marks, edges, allowed)
    causes = allowed.sum(axis=0)
    share = allowed.T[..., None] * (0.5 * n / causes / len(edges))[:, None, None]
    kernel = share / exposure  # (K, K, L + 1) [effect, cause, lag]
    base = 0.5 * n / len(background.rate) / np.maximum(background.reach.sum(axis=1), 1e-9)  # (H, K)
    taste = np.ones((log.n_users, K))
    for step in range(ITERATIONS + 1):
        weight, owed, mine, rate, by_chance = _share(
            log.user, marks, place, until, kernel.reshape(K, -1), background.rate, base, taste
        )
        blame = weight.reshape(kernel.shape) * kernel
        if step == ITERATIONS:
            break
        kernel = blame / exposure
        background = background.anew(by_chance)
        base = owed / np.maximum((background.reach * taste).sum(axis=1), 1e-9)
        taste = (SHAPE + mine) / (SHAPE + (base[:, None, :] * background.reach).sum(axis=0))
        if on_progress is not None:
            on_progress(step + 1, ITERATIONS)
    own = np.arange(K)
    gain = _gain(marks, place, until, kernel.reshape(K, -1), rate)
    return Confined(blame.sum(axis=2).T, blame[own, own], owed[1:].sum(axis=0), gain, n)


@dataclass(frozen=True, eq=False)
class _Background:
    """H parts of the background: the steady one, and one for each width around a moment.

    Attributes:
        log: M events, U users.
        widths: (H - 1,) ticks before and after.
        silent: (K, D) behaviours that tell nothing of each behaviour's moments, -1 for none.
        tells: (K, K) the same as a matrix: [who tells, of whom].
        rate: (H, M) events per tick at each event, of its own behaviour's background.
        reach: (H, U, K) the integral over each user's time.
    """

    log: EventLog
    widths: Rows
    silent: Rows
    tells: Mask
    rate: Floats
    reach: Floats

    @classmethod
    def of(cls, log: EventLog, edges: Rows, drawn: Mask, around: Around) -> _Background:
        K = log.n_behaviours
        near = np.eye(K, dtype=bool) | drawn | drawn.T if around == "others" else np.zeros((K, K), dtype=bool)
        silent = np.full((K, max(1, int(near.sum(axis=0).max()))), -1)
        for j in range(K):
            those = np.flatnonzero(near[:, j])
            silent[j, : len(those)] = those
        widths = edges[1:]
        H = 1 + len(widths)
        counts = np.diff(log.offsets)
        first, last = np.minimum(log.offsets[:-1], log.n_events - 1), np.maximum(log.offsets[1:] - 1, 0)
        span = np.maximum(log.time[last] - log.time[first], 1)
        rate, reach = np.empty((H, log.n_events)), np.empty((H, log.n_users, K))
        rate[0], reach[0] = (counts / span)[log.user], counts[:, None]
        return cls(log, widths, silent, ~near, rate, reach).anew(np.full(log.n_events, 0.5))

    def anew(self, by_chance: Floats) -> _Background:
        """The same with (M,) how much each event owes to the background."""
        rate, reach = self.rate.copy(), self.reach.copy()
        marks = self.log.behaviour.astype(np.int64)
        for h, width in enumerate(self.widths, start=1):
            rate[h] = _around(self.log.user, self.log.time, marks, by_chance, width, self.silent)
        U, K = self.log.n_users, self.log.n_behaviours
        owed = np.bincount(self.log.user * np.int64(K) + marks, by_chance, minlength=U * K).reshape(U, K)
        reach[1:] = owed @ self.tells
        return _Background(self.log, self.widths, self.silent, self.tells, rate, reach)


def _coarseness(log: EventLog) -> float:
    """Ticks within which two events fall into one moment: half of the shortest gap, at least 1."""
    gaps = np.diff(log.time)[np.diff(log.user) == 0]
    gaps = gaps[gaps > 0]
    return max(1.0, float(gaps.min()) / 2) if len(gaps) else 1.0


@njit(cache=True, nogil=True)
def _around(user, time, marks, by_chance, width, silent):  # type: ignore[no-untyped-def]
    """(M,) events per tick within ``width`` of each event, those by chance; without itself and its silent ones."""
    M = len(user)
    rate = np.empty(M, np.float64)
    held = np.zeros(len(silent), np.float64)
    total = 0.0
    low, high = 0, -1
    for n in range(M):
        if n == 0 or user[n] != user[n - 1]:
            held[:] = 0.0
            total = 0.0
            low, high = n, n - 1
        while high + 1 < M and user[high + 1] == user[n] and time[high + 1] <= time[n] + width:
            high += 1
            held[marks[high]] += by_chance[high]
            total += by_chance[high]
        while time[low] < time[n] - width:
            held[marks[low]] -= by_chance[low]
            total -= by_chance[low]
            low += 1
        level = total
        if silent[marks[n], 0] < 0:
            level -= by_chance[n]
        for place in range(silent.shape[1]):
            if silent[marks[n], place] < 0:
                break
            level -= held[silent[marks[n], place]]
        rate[n] = max(level, 0.0) / (2.0 * width)
    return rate


@njit(cache=True, nogil=True)
def _share(user, marks, place, until, kernel, rates, base, taste):  # type: ignore[no-untyped-def]
    """The E step: blame per unit of the kernel (K, K (L + 1)), owed (H, K), of each user (U, K), the rate at the
    events (M,), how much they come by chance (M,); what concerns one effect lies together in memory.
    """
    H, M = rates.shape
    weight = np.zeros(kernel.shape, np.float64)
    owed = np.zeros(base.shape, np.float64)
    mine = np.zeros(taste.shape, np.float64)
    rate_at = np.zeros(M, np.float64)
    by_chance = np.zeros(M, np.float64)
    for n in range(M):
        j, u = marks[n], user[n]
        heights, weights = kernel[j], weight[j]
        own = 0.0
        for h in range(H):
            own += base[h, j] * rates[h, n]
        own *= taste[u, j]
        rate = own
        for p in range(until[n], until[n + 1]):
            rate += heights[place[p]]
        if rate <= 0.0:
            continue
        rate_at[n] = rate
        part = 1.0 / rate
        by_chance[n] = own * part
        mine[u, j] += own * part
        for h in range(H):
            owed[h, j] += base[h, j] * rates[h, n] * taste[u, j] * part
        for p in range(until[n], until[n + 1]):
            weights[place[p]] += part
    return weight, owed, mine, rate_at, by_chance


@njit(cache=True, nogil=True)
def _gain(marks, place, until, kernel, rates):  # type: ignore[no-untyped-def]
    """(K,) log-likelihood lost if a behaviour did not repeat itself, from (M,) rates at the events."""
    K = len(kernel)
    bins = kernel.shape[1] // K
    gain = np.zeros(K, np.float64)
    for n in range(len(marks)):
        if rates[n] <= 0.0:
            continue
        j = marks[n]
        repeated = 0.0
        for p in range(until[n], until[n + 1]):
            if j * bins <= place[p] < (j + 1) * bins:
                repeated += kernel[j, place[p]]
        repeated /= rates[n]
        gain[j] += max(0.0, -np.log1p(-min(repeated, 0.999999)) - repeated)
    return gain

"""Worlds after the published settings of Zhang et al., CAUSE (ICML 2020), section 5, simulated anew.

All three have 10 types and 1000 histories, time in seconds; each seed draws everything afresh and permutes the types.

**Hawkes** (excitation): lambda_j(t) = mu_j + sum over past events (s, i) of a_ij d_ij exp(-d_ij (t - s)), with
mu_j ~ 0.01 U(0, 1), every type exciting itself and 16 random other pairs with a_ij ~ U(0, 1), all scaled to spectral
radius 0.8, and decays d_ij ~ Exp(mean 0.05); Poisson(250) events per history.

**Self-correcting** (inhibition): lambda_j(t) = exp(alpha_j t + sum_i w_ij N_i(t)), with alpha_j ~ 0.05 U(0, 1), every
type correcting itself and 16 random other pairs with w_ij ~ -0.5 U(0, 1); Poisson(250) events per history.

**Two causes** (synergy): a proximal graphical event model (Bhattacharjya et al., NeurIPS 2018), two copies of five
types. The effect's rate is 0.01, and 0.1 more while both of a first pair of causes happened in the last 100 s, and 0.03
more while a third did in the last 10 s. The causes' rates are 0.01, that of a bystander 0.1; 500 s per history.

Excited types are frequent types: in the published form of the first and third family causes tend to be rarer than their
effects, so that sorting by count already orients edges. ``balanced`` keeps a family's settings and redraws its worlds
until counts orient between 40 and 60 % of the edges; the third family's rates are fixed and leave no room for that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from benchmarks.known import Known, known_of, rarer_causes

Floats = NDArray[np.float64]
Events = tuple[NDArray[np.int64], Floats, NDArray[np.int64]]
World = Callable[[int], Known]

TYPES, EDGES = 10, 16
BALANCED = (0.4, 0.6)
MAX_DRAWS = 500
DIED_OUT_S = 1e9  # a self-correcting history without a further event for so long has ended


@dataclass(frozen=True, kw_only=True)
class HawkesSettings:
    """Of the excitation worlds; see the module's text."""

    histories: int = 1000
    events: int = 250
    background: float = 0.01
    decay: float = 0.05
    radius: float = 0.8


@dataclass(frozen=True, kw_only=True)
class CorrectingSettings:
    """Of the inhibition worlds; see the module's text."""

    histories: int = 1000
    events: int = 250
    drift: float = 0.05
    weight: float = 0.5


@dataclass(frozen=True, kw_only=True)
class TwoCausesSettings:
    """Of the synergy worlds: rates per second, windows in seconds; see the module's text."""

    histories: int = 1000
    copies: int = 2
    length_s: float = 500.0
    cause: float = 0.01
    bystander: float = 0.1
    base: float = 0.01
    together: float = 0.1
    alone: float = 0.03
    pair_window_s: float = 100.0
    single_window_s: float = 10.0


def hawkes(seed: int, settings: HawkesSettings | None = None) -> Known:
    """One excitation world."""
    settings = settings or HawkesSettings()
    rng = np.random.default_rng([seed, 1])
    background = settings.background * rng.random(TYPES)
    influence = _sparse(rng)
    influence *= settings.radius / np.max(np.abs(np.linalg.eigvals(influence)))
    decay = rng.exponential(settings.decay, (TYPES, TYPES))
    lengths = rng.poisson(settings.events, settings.histories)
    return known_of(*simulate_hawkes(rng, background, influence, decay, lengths), influence > 0, rng)


def self_correcting(seed: int, settings: CorrectingSettings | None = None) -> Known:
    """One inhibition world."""
    settings = settings or CorrectingSettings()
    rng = np.random.default_rng([seed, 2])
    drift = settings.drift * rng.random(TYPES)
    weight = -settings.weight * _sparse(rng)
    lengths = rng.poisson(settings.events, settings.histories)
    return known_of(*simulate_correcting(rng, drift, weight, lengths), weight < 0, rng)


def two_causes(seed: int, settings: TwoCausesSettings | None = None) -> Known:
    """One synergy world: in each copy, types 0 and 1 act together on type 4, type 2 alone, type 3 does nothing."""
    settings = settings or TwoCausesSettings()
    rng = np.random.default_rng([seed, 3])
    K = 5 * settings.copies
    truth = np.zeros((K, K), dtype=bool)
    for first in range(0, K, 5):
        truth[first : first + 3, first + 4] = True
    return known_of(*simulate_two_causes(rng, settings), truth, rng)


def balanced(world: World) -> World:
    """The same family, each world redrawn until its counts say as good as nothing about the direction of edges."""

    def draw(seed: int) -> Known:
        for attempt in range(MAX_DRAWS):
            known = world(MAX_DRAWS * (seed + 1) + attempt)
            if BALANCED[0] <= rarer_causes(known) <= BALANCED[1]:
                return known
        raise ValueError(f"no world of {MAX_DRAWS} has counts that leave the direction open (seed {seed})")

    return draw


def simulate_hawkes(
    rng: np.random.Generator, background: Floats, influence: Floats, decay: Floats, lengths: NDArray[np.int64]
) -> Events:
    """Histories of a Hawkes process with exponential kernels.

    Args:
        rng: Source of all randomness.
        background: (K,) events per second.
        influence: (K, K) expected direct offspring of one cause, [cause, effect].
        decay: (K, K) per second.
        lengths: (U,) events of each history.

    Returns:
        (M,) user, (M,) seconds, (M,) type.
    """
    return _flat(lengths, *_hawkes(rng, background, influence, decay, lengths))


def simulate_correcting(rng: np.random.Generator, drift: Floats, weight: Floats, lengths: NDArray[np.int64]) -> Events:
    """Histories of a mutually self-correcting process; (K,) drift per second, (K, K) weight <= 0, [cause, effect]."""
    time_s, mark, reached = _correcting(rng, drift, weight, lengths)
    user, time_s, mark = _flat(lengths, time_s, mark)
    kept = np.concatenate([np.arange(length) for length in lengths]) < np.repeat(reached, lengths)
    return user[kept], time_s[kept], mark[kept]


def simulate_two_causes(rng: np.random.Generator, settings: TwoCausesSettings) -> Events:
    """Histories of the proximal graphical event model."""
    own = np.array([settings.cause, settings.cause, settings.cause, settings.bystander, 0.0])
    rate = settings.base, settings.together, settings.alone
    windows = settings.pair_window_s, settings.single_window_s
    capacity = 1 + int(settings.copies * (own.sum() + sum(rate)) * settings.length_s * 3 + 100)
    return _two_causes(rng, settings.histories, settings.copies, settings.length_s, own, rate, windows, capacity)


def _sparse(rng: np.random.Generator) -> Floats:
    """(K, K) weights in (0, 1) on the diagonal and on random pairs, 0 elsewhere."""
    matrix = np.diag(rng.random(TYPES))
    cause, effect = np.nonzero(~np.eye(TYPES, dtype=bool))
    chosen = rng.choice(len(cause), EDGES, replace=False)
    matrix[cause[chosen], effect[chosen]] = rng.random(EDGES)
    return matrix


def _flat(lengths: NDArray[np.int64], time_s: Floats, mark: NDArray[np.int64]) -> Events:
    return np.repeat(np.arange(len(lengths)), lengths), time_s, mark


@njit(cache=True)
def _hawkes(rng, background, influence, decay, lengths):  # type: ignore[no-untyped-def]
    """Ogata's thinning: between events every intensity only falls, so that the present total bounds what comes."""
    K = len(background)
    times, marks = np.empty(lengths.sum(), np.float64), np.empty(lengths.sum(), np.int64)
    level, rate = np.empty((K, K), np.float64), np.empty(K, np.float64)  # level[i, j]: what i adds to j's intensity now
    n = 0
    for length in lengths:
        level[:] = 0.0
        now = 0.0
        for _ in range(length):
            bound = background.sum() + level.sum()
            while True:
                gap = rng.exponential(1.0 / bound)
                now += gap
                total = 0.0
                for j in range(K):
                    rate[j] = background[j]
                    for i in range(K):
                        if level[i, j] > 0.0:
                            level[i, j] *= np.exp(-decay[i, j] * gap)
                            rate[j] += level[i, j]
                    total += rate[j]
                draw = rng.random() * bound
                if draw < total:
                    break
                bound = total
            mark = 0
            while mark < K - 1 and draw >= rate[mark]:
                draw -= rate[mark]
                mark += 1
            times[n], marks[n] = now, mark
            n += 1
            for j in range(K):
                level[mark, j] += influence[mark, j] * decay[mark, j]
    return times, marks


@njit(cache=True)
def _correcting(rng, drift, weight, lengths):  # type: ignore[no-untyped-def]
    """Next event of each type by inverting its integrated intensity; the earliest happens."""
    K = len(drift)
    times, marks = np.zeros(lengths.sum(), np.float64), np.zeros(lengths.sum(), np.int64)
    reached = np.zeros(len(lengths), np.int64)
    offset = np.empty(K, np.float64)
    first = 0
    for u in range(len(lengths)):
        offset[:] = 0.0
        now = 0.0
        for step in range(lengths[u]):
            soonest, mark = DIED_OUT_S, -1
            for j in range(K):
                level = np.exp(drift[j] * now + offset[j])
                if level > 0.0:
                    gap = np.log1p(drift[j] * rng.standard_exponential() / level) / drift[j]
                    if gap < soonest:
                        soonest, mark = gap, j
            if mark < 0:
                break
            now += soonest
            times[first + step], marks[first + step] = now, mark
            reached[u] = step + 1
            for j in range(K):
                offset[j] += weight[mark, j]
        first += lengths[u]
    return times, marks, reached


@njit(cache=True)
def _two_causes(rng, histories, copies, length_s, own, rate, windows, capacity):  # type: ignore[no-untyped-def]
    """Thinning under the highest rates there can be."""
    base, together, alone = rate
    K = 5 * copies
    highest = np.empty(K, np.float64)
    for k in range(K):
        highest[k] = own[k % 5] if k % 5 < 4 else base + together + alone
    total = highest.sum()
    users = np.empty(capacity * histories, np.int64)
    times, marks = np.empty(capacity * histories, np.float64), np.empty(capacity * histories, np.int64)
    last = np.empty(K, np.float64)
    n = 0
    for u in range(histories):
        last[:] = -np.inf
        now = rng.exponential(1.0 / total)
        while now < length_s and n < len(users):
            draw = rng.random() * total
            k = 0
            while k < K - 1 and draw >= highest[k]:
                draw -= highest[k]
                k += 1
            level = highest[k]
            if k % 5 == 4:
                level = base
                if now - last[k - 4] <= windows[0] and now - last[k - 3] <= windows[0]:
                    level += together
                if now - last[k - 2] <= windows[1]:
                    level += alone
            if draw < level:
                users[n], times[n], marks[n] = u, now, k
                n += 1
                last[k] = now
            now += rng.exponential(1.0 / total)
    return users[:n], times[:n], marks[:n]

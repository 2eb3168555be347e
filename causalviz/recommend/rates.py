"""The rate of every behaviour from its causes: what comes next, or within a horizon.

Each behaviour j has a relative rate that its causes in the graph multiply, each by a factor that depends on how long
ago the cause last happened, and so does j itself (people repeat themselves, or have had enough):

    log rate_j = base_j + habit . log share_j + activity . log tempo + sum over causes i of j, and j itself, w_ij,age(i)

share_j is the share of j in what this user did so far, drawn to everybody's share; tempo is how much this user does per
time beside everybody. Behaviours that are no causes of j do not enter: the curated graph is the mask of the weights,
and an edge taken out of it is gone from the answer. w is 0 for a cause that happened beyond the longest lag or never,
so exp(w) reads "times what it would be without", below 1 where the cause prevents.

Two readings share this form, each a convex fit:

    next           which behaviour comes next, whenever that is: a choice with odds rate_j (McFadden 1974; given that
                   something happens, this is Cox' partial likelihood for proportional rates),
    within H       whether j happens within the horizon H: probability 1 - exp(-rate_j), rate_j in events per H (the
                   complementary log-log regression of grouped proportional hazards, Prentice & Gloeckler 1978).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.optimize import minimize

from causalviz.errors import SettingsError, UnusableLog
from causalviz.events.log import TICKS_PER_S, EventLog
from causalviz.lags.grid import LagGrid
from causalviz.recommend.states import States, as_of, ask, comes_within, has_earlier, moments

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Progress = Callable[[int, int], None]

LARGEST = 30.0  # of a log rate: beyond it an exponential is of no use
LEAST_TEMPO = 1.0  # events, as many as a newcomer is taken to have done at everybody's tempo
BLOCK = 20_000  # states scored at a time


@dataclass(frozen=True, kw_only=True)
class RateConfig:
    """How rates are fitted.

    Attributes:
        sample: Questions that the fit reads, drawn at random; more sharpen little.
        ridge: Weight of the penalty on squared w, as if so many events had contradicted each weight.
        habit_events: Everybody's shares count for as many events of the user's own.
        iterations: Of the optimiser, at most.
        seed: Of the sample.

    Raises:
        SettingsError: If a number is not above its least.
    """

    sample: int = 60_000
    ridge: float = 1.0
    habit_events: float = 10.0
    iterations: int = 80
    seed: int = 0

    def __post_init__(self) -> None:
        for name, least in (("sample", 1), ("ridge", 1e-6), ("habit_events", 1e-6), ("iterations", 1)):
            if getattr(self, name) < least:
                raise SettingsError(f"The {name} of rates is at least {least:g} (got {getattr(self, name)}).")


@dataclass(frozen=True, eq=False)
class Rates:
    """Fitted rates of K behaviours over E edges, the E - K real ones and one of each behaviour to itself.

    Attributes:
        names: The K behaviours.
        grid: The L lag bins in which ages are told apart.
        horizon_s: H, seconds; None asks for the next behaviour, whenever it comes.
        cause: (E,) codes.
        effect: (E,) codes.
        weight: (E, L + 2) w by age; the last one is 0.
        base: (K,) constants.
        habit: Weight of the user's own shares.
        activity: Weight of the user's own tempo; 0 for the next behaviour, which it cannot change.
        share: (K,) everybody's shares.
        tempo: Everybody's events per tick.
        habit_events: See ``RateConfig``.
    """

    names: tuple[str, ...]
    grid: LagGrid
    horizon_s: float | None
    cause: NDArray[np.int64]
    effect: NDArray[np.int64]
    weight: Floats
    base: Floats
    habit: float
    activity: float
    share: Floats
    tempo: float
    habit_events: float

    @property
    def n_behaviours(self) -> int:
        """K."""
        return len(self.names)

    def log_rates(self, states: States) -> Floats:
        """(S, K) log rates: per horizon, or, for the next behaviour, up to a constant of each state."""
        found = np.empty((len(states), self.n_behaviours))
        for start in range(0, len(states), BLOCK):
            part = states.take(slice(start, start + BLOCK))
            habit, tempo = habits_of(part, self.share, self.habit_events), tempos_of(part, self.tempo)
            _score(
                self.weight, self.base, self.habit, self.activity, self.cause, self.effect, part.age, habit, tempo,
                found[start : start + BLOCK],
            )  # fmt: skip
        return found

    def chances(self, states: States) -> Floats:
        """(S, K) the chance of each behaviour to be the next, or to happen within the horizon."""
        rates = self.log_rates(states)
        if self.horizon_s is None:
            rates -= rates.max(axis=1, keepdims=True)
            odds = np.exp(rates)
            return np.asarray(odds / odds.sum(axis=1, keepdims=True))
        return np.asarray(-np.expm1(-np.exp(np.minimum(rates, LARGEST))))

    def scores(self, states: States) -> Floats:
        """(S, K) the larger, the more to be expected: log rates, which rank as chances do."""
        return self.log_rates(states)


def fit_rates(
    log: EventLog,
    grid: LagGrid,
    drawn: Mask,
    *,
    horizon_s: float | None = None,
    config: RateConfig | None = None,
    on_progress: Progress | None = None,
) -> Rates:
    """Fits the weights of the drawn edges.

    Args:
        log: M events of K behaviours.
        grid: L lag bins.
        drawn: (K, K) True where the graph has an edge, [cause, effect]; the diagonal is taken as drawn.
        horizon_s: H, seconds; None for the next behaviour.
        config: Settings; None for the defaults.
        on_progress: Told (iterations done, at most).

    Returns:
        The rates.

    Raises:
        SettingsError: If the horizon is not above 0.
        UnusableLog: If no user has two moments, or the log is shorter than the horizon.
    """
    config = config or RateConfig()
    if drawn.shape != (log.n_behaviours, log.n_behaviours):
        raise ValueError(f"drawn must be ({log.n_behaviours}, {log.n_behaviours}) (got {drawn.shape})")
    if horizon_s is not None and not horizon_s > 0:
        raise SettingsError(f"A horizon is a time above 0 s (got {horizon_s}); choose another.")
    cause, effect = (place.astype(np.int64) for place in np.nonzero(drawn | np.eye(len(drawn), dtype=bool)))
    counts = np.bincount(log.behaviour, minlength=log.n_behaviours) + 1.0
    share = counts / counts.sum()
    begins, ends = log.offsets[:-1], log.offsets[1:]
    begins, ends = begins[ends > begins], ends[ends > begins]
    span = float((log.time[ends - 1] - log.time[begins]).sum())
    tempo = log.n_events / max(span, 1.0)
    states, came = _next(log, grid, config) if horizon_s is None else _within(log, grid, horizon_s, config)
    habit, tempos = habits_of(states, share, config.habit_events), tempos_of(states, tempo)
    problem = _Problem(cause, effect, states.age, habit, tempos, came, grid.n_bins + 2, horizon_s is None, config.ridge)
    weight, base, of_habit, of_activity = problem.solve(config.iterations, on_progress)
    return Rates(
        log.names, grid, horizon_s, cause, effect, weight, base, of_habit, of_activity, share, tempo,
        config.habit_events,
    )  # fmt: skip


def _next(log: EventLog, grid: LagGrid, config: RateConfig) -> tuple[States, NDArray[np.int8]]:
    """States before asked events, and (Q, K) 1 for the one that came."""
    can = np.flatnonzero(has_earlier(log))
    if not len(can):
        raise UnusableLog("No user of the log has events at two different times; nothing can be foretold from it.")
    asked = _sample(can, config)
    which = np.zeros(log.n_events, dtype=bool)
    which[asked] = True
    questions = ask(log, grid, which)
    came = np.zeros((len(questions), log.n_behaviours), np.int8)
    came[np.arange(len(questions)), questions.target] = 1
    return questions.states, came


def _within(log: EventLog, grid: LagGrid, horizon_s: float, config: RateConfig) -> tuple[States, NDArray[np.int8]]:
    """States as of moments, and (S, K) 1 where the behaviour came within the horizon."""
    ticks = round(horizon_s * TICKS_PER_S)
    rows = moments(log)
    rows = rows[log.time[rows] + ticks <= log.time.max()]
    if not len(rows):
        raise UnusableLog(f"The log is shorter than the horizon of {horizon_s:g} s; choose a shorter one.")
    rows = _sample(rows, config)
    return as_of(log, grid, rows), comes_within(log, rows, ticks)


def _sample(rows: NDArray[np.intp], config: RateConfig) -> NDArray[np.intp]:
    if len(rows) <= config.sample:
        return rows
    return np.sort(np.random.default_rng(config.seed).choice(rows, config.sample, replace=False))


def habits_of(states: States, share: Floats, events: float) -> Floats:
    """(S, K) log of the user's own shares, drawn to everybody's."""
    total = states.count.sum(axis=1, keepdims=True)
    return np.asarray(np.log((states.count + events * share) / (total + events)))


def tempos_of(states: States, tempo: float) -> Floats:
    """(S,) log of the user's events per time over everybody's."""
    lasted = (states.time - states.begun).astype(np.float64)
    return np.asarray(np.log((states.count.sum(axis=1) + LEAST_TEMPO) / (lasted * tempo + LEAST_TEMPO)))


@dataclass(frozen=True, eq=False)
class _Problem:
    """A convex fit: the parameters are the weights (E, A - 1), the K constants, habit and activity.

    Attributes:
        cause: (E,) codes.
        effect: (E,) codes.
        age: (S, K) of the causes.
        habit: (S, K) log shares of the user.
        tempo: (S,) log tempo of the user.
        came: (S, K) 1 for what came.
        ages: A, L + 2.
        is_next: Whether one of the K is chosen, or each comes or not by itself.
        ridge: Weight of the penalty.
    """

    cause: NDArray[np.int64]
    effect: NDArray[np.int64]
    age: NDArray[np.int16]
    habit: Floats
    tempo: Floats
    came: NDArray[np.int8]
    ages: int
    is_next: bool
    ridge: float

    def solve(self, iterations: int, on_progress: Progress | None) -> tuple[Floats, Floats, float, float]:
        """Weights (E, A), constants (K,), habit and activity."""
        K, done = self.habit.shape[1], 0

        def tell(_: Floats) -> None:
            nonlocal done
            done += 1
            if on_progress is not None:
                on_progress(min(done, iterations), iterations)

        start = np.zeros(len(self.cause) * (self.ages - 1) + K + 2)
        start[-2] = 0.5
        if not self.is_next:
            often = (self.came.sum(axis=0) + 0.5) / (len(self.came) + 1.0)
            start[-2 - K : -2] = np.log(-np.log1p(-often)) - 0.5 * self.habit.mean(axis=0)
        found = minimize(
            self._loss, start, jac=True, method="L-BFGS-B", callback=tell, options={"maxiter": iterations}
        ).x  # fmt: skip
        weight, base, habit, activity = self._parts(found)
        return weight, base, habit, activity

    def _parts(self, x: Floats) -> tuple[Floats, Floats, float, float]:
        E, A, K = len(self.cause), self.ages, self.habit.shape[1]
        weight = np.zeros((E, A))
        weight[:, :-1] = x[: E * (A - 1)].reshape(E, A - 1)
        return weight, np.ascontiguousarray(x[-2 - K : -2]), float(x[-2]), float(x[-1])

    def _loss(self, x: Floats) -> tuple[float, Floats]:
        """Negative log-likelihood with its penalty, and the gradient."""
        weight, base, habit, activity = self._parts(x)
        of_weight, of_base, of_rest = np.zeros_like(weight), np.zeros_like(base), np.zeros(2)
        loss = _descend(
            weight, base, habit, activity, self.cause, self.effect, self.age, self.habit, self.tempo, self.came,
            self.is_next, of_weight, of_base, of_rest,
        )  # fmt: skip
        if self.is_next:
            of_rest[1] = activity  # it cannot matter, so it stays at 0
        penalty = 0.5 * self.ridge * float((weight**2).sum())
        gradient = np.concatenate([(of_weight + self.ridge * weight)[:, :-1].ravel(), of_base, of_rest])
        return loss + penalty, gradient


@njit(cache=True, nogil=True)
def _descend(  # type: ignore[no-untyped-def]
    weight, base, habit, activity, cause, effect, age, habits, tempo, came, is_next, of_weight, of_base, of_rest
):
    """Negative log-likelihood over all states; adds its gradient to the last three arguments."""
    S, K = habits.shape
    E = len(cause)
    rate = np.empty(K)
    loss = 0.0
    for s in range(S):
        for j in range(K):
            rate[j] = base[j] + habit * habits[s, j] + activity * tempo[s]
        for e in range(E):
            rate[effect[e]] += weight[e, age[s, cause[e]]]
        if is_next:
            most = rate.max()
            total = 0.0
            for j in range(K):
                if came[s, j] > 0:
                    loss -= rate[j] - most
                rate[j] = np.exp(rate[j] - most)
                total += rate[j]
            loss += np.log(total)
            for j in range(K):
                rate[j] = rate[j] / total - came[s, j]
        else:
            for j in range(K):
                amount = np.exp(min(rate[j], LARGEST))
                if came[s, j] > 0:
                    chance = max(-np.expm1(-amount), 1e-300)
                    loss -= np.log(chance)
                    rate[j] = -amount * np.exp(-amount) / chance
                else:
                    loss += amount
                    rate[j] = amount
        for j in range(K):
            of_base[j] += rate[j]
            of_rest[0] += rate[j] * habits[s, j]
            of_rest[1] += rate[j] * tempo[s]
        for e in range(E):
            of_weight[e, age[s, cause[e]]] += rate[effect[e]]
    return loss


@njit(cache=True, nogil=True)
def _score(weight, base, habit, activity, cause, effect, age, habits, tempo, found):  # type: ignore[no-untyped-def]
    """Writes the log rates of all states."""
    S, K = habits.shape
    for s in range(S):
        for j in range(K):
            found[s, j] = base[j] + habit * habits[s, j] + activity * tempo[s]
        for e in range(len(cause)):
            found[s, effect[e]] += weight[e, age[s, cause[e]]]

"""The rate of every behaviour from its causes: what comes next, or within a horizon.

Each behaviour j has a relative rate that its causes in the graph multiply, each by a factor that depends on how long
ago the cause last happened, and so does j itself (people repeat themselves, or have had enough):

    log rate_j = base_j + habit . log share_j + activity . log tempo + again_recency(j)
                 + sum over causes i of j, and j itself, w_ij,age(i)

share_j is the share of j in what this user did so far, drawn to everybody's share; tempo is how much this user does per
time beside everybody; recency(j) is how many events of their own lie after the latest j (``causalviz.model.ages``),
with the same weights for all behaviours, where the log shows that it matters (``causalviz.recommend.rate_fit``).
Behaviours that are no causes of j do not enter: the curated graph is the mask of the weights, and an edge taken out of
it is gone from the answer. A pair that is too unsure to be drawn, and that nobody ruled on, enters with its chance, if
that is 0.02 or more: the smaller it is, the more events must speak for a weight of it. w is 0 for a cause that happened
beyond the longest lag or never, so exp(w) reads "times what it would be without", below 1 where the cause prevents.

Two readings share this form, each a convex fit:

    next           which behaviour comes next, whenever that is: a choice with odds rate_j (McFadden 1974; given that
                   something happens, this is Cox' partial likelihood for proportional rates),
    within H       whether j happens within the horizon H: probability 1 - exp(-rate_j), rate_j in events per H (the
                   complementary log-log regression of grouped proportional hazards, Prentice & Gloeckler 1978).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from causalviz.errors import SettingsError, UnusableLog
from causalviz.events.log import TICKS_PER_S, EventLog
from causalviz.lags.grid import LagGrid
from causalviz.model.ages import AGES, ages_of
from causalviz.recommend.rate_fit import LARGEST, Problem, fit_chosen, score
from causalviz.recommend.states import States, as_of, ask, comes_within, has_earlier, moments

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Progress = Callable[[int, int], None]

FARTHEST_S = 1e10  # of a horizon: some three hundred years
LEAST_TEMPO = 1.0  # events, as many as a newcomer is taken to have done at everybody's tempo
BLOCK = 20_000  # states scored at a time


@dataclass(frozen=True, kw_only=True)
class RateConfig:
    """How rates are fitted.

    Attributes:
        sample: Questions that the fit reads, drawn at random; more sharpen little.
        ridge: Weight of the penalty on squared w, as if so many events had contradicted each weight; of a pair that is
            too unsure to be drawn it is divided by its chance.
        habit_events: Everybody's shares count for as many events of the user's own.
        iterations: Of each of the fit's four runs, at most.
        seed: Of the sample.

    Raises:
        SettingsError: If a number is not above its least.
    """

    sample: int = 100_000
    ridge: float = 1.0
    habit_events: float = 10.0
    iterations: int = 40
    seed: int = 0

    def __post_init__(self) -> None:
        for name, least in (("sample", 1), ("ridge", 1e-6), ("habit_events", 1e-6), ("iterations", 1)):
            if getattr(self, name) < least:
                raise SettingsError(f"The {name} of rates is at least {least:g} (got {getattr(self, name)}).")


@dataclass(frozen=True, eq=False)
class Rates:
    """Fitted rates of K behaviours over E edges: drawn ones, doubtful ones, and one of each behaviour to itself.

    Attributes:
        names: The K behaviours.
        grid: The L lag bins in which ages are told apart.
        horizon_s: H, seconds; None asks for the next behaviour, whenever it comes.
        cause: (E,) codes.
        effect: (E,) codes.
        chance: (E,) 1 where the edge is drawn, less where it is doubtful.
        weight: (E, L + 2) w by age; the last one is 0.
        base: (K,) constants.
        again: (AGES + 1,) weight by recency, for all behaviours; the last one, never, is 0.
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
    chance: Floats
    weight: Floats
    base: Floats
    again: Floats
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
            score(
                self.weight, self.base, self.again, self.habit, self.activity, self.cause, self.effect, part.age,
                recencies_of(part), habit, tempo, found[start : start + BLOCK],
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
    edges: Floats | Mask,
    *,
    horizon_s: float | None = None,
    config: RateConfig | None = None,
    on_progress: Progress | None = None,
) -> Rates:
    """Fits the weights of the edges.

    Args:
        log: M events of K behaviours.
        grid: L lag bins.
        edges: (K, K) 1 or True where the graph has an edge, its chance where a pair is too unsure to be drawn, 0
            elsewhere, [cause, effect]; the diagonal is taken as drawn.
        horizon_s: H, seconds; None for the next behaviour.
        config: Settings; None for the defaults.
        on_progress: Told (iterations done, at most).

    Returns:
        The rates.

    Raises:
        SettingsError: If the horizon is not above 0, or above ``FARTHEST_S``.
        UnusableLog: If no user has two moments, or the log is shorter than the horizon.
    """
    config = config or RateConfig()
    if edges.shape != (log.n_behaviours, log.n_behaviours):
        raise ValueError(f"edges must be ({log.n_behaviours}, {log.n_behaviours}) (got {edges.shape})")
    if horizon_s is not None and not 0 < horizon_s <= FARTHEST_S:
        raise SettingsError(
            f"A horizon is a time above 0 s, at most {FARTHEST_S:,.0f} s (got {horizon_s:g}); choose another."
        )
    chances = np.maximum(np.asarray(edges, dtype=np.float64), np.eye(len(edges)))
    cause, effect = (place.astype(np.int64) for place in np.nonzero(chances))
    chance = chances[cause, effect]
    counts = np.bincount(log.behaviour, minlength=log.n_behaviours) + 1.0
    share = counts / counts.sum()
    begins, ends = log.offsets[:-1], log.offsets[1:]
    begins, ends = begins[ends > begins], ends[ends > begins]
    span = float((log.time[ends - 1] - log.time[begins]).sum())
    tempo = log.n_events / max(span, 1.0)
    learned = _next(log, grid, config) if horizon_s is None else _within(log, grid, horizon_s, config)
    states = learned.states
    problem = Problem(
        cause, effect, chance, states.age, recencies_of(states), habits_of(states, share, config.habit_events),
        tempos_of(states, tempo), learned.came, grid.n_bins + 2, horizon_s is None, config.ridge,
    )  # fmt: skip
    found = fit_chosen(problem, states.user, states.time, learned.known, config.iterations, on_progress)
    return Rates(log.names, grid, horizon_s, cause, effect, chance, *found, share, tempo, config.habit_events)


class _Learned(NamedTuple):
    """States to learn from.

    Attributes:
        states: S states.
        came: (S, K) 1 for what came.
        known: (S,) ticks at which that is known.
    """

    states: States
    came: NDArray[np.int8]
    known: NDArray[np.int64]


def _next(log: EventLog, grid: LagGrid, config: RateConfig) -> _Learned:
    """States before asked events."""
    can = np.flatnonzero(has_earlier(log))
    if not len(can):
        raise UnusableLog("No user of the log has events at two different times; nothing can be foretold from it.")
    asked = _sample(can, config)
    which = np.zeros(log.n_events, dtype=bool)
    which[asked] = True
    questions = ask(log, grid, which)
    came = np.zeros((len(questions), log.n_behaviours), np.int8)
    came[np.arange(len(questions)), questions.target] = 1
    return _Learned(questions.states, came, log.time[questions.event])


def _within(log: EventLog, grid: LagGrid, horizon_s: float, config: RateConfig) -> _Learned:
    """States as of moments."""
    ticks = round(horizon_s * TICKS_PER_S)
    rows = moments(log)
    rows = rows[log.time[rows] + ticks <= log.time.max()]
    if not len(rows):
        raise UnusableLog(f"The log is shorter than the horizon of {horizon_s:g} s; choose a shorter one.")
    rows = _sample(rows, config)
    return _Learned(as_of(log, grid, rows), comes_within(log, rows, ticks), log.time[rows] + ticks)


def _sample(rows: NDArray[np.intp], config: RateConfig) -> NDArray[np.intp]:
    if len(rows) <= config.sample:
        return rows
    return np.sort(np.random.default_rng(config.seed).choice(rows, config.sample, replace=False))


def habits_of(states: States, share: Floats, events: float) -> Floats:
    """(S, K) log of the user's own shares, drawn to everybody's."""
    total = states.count.sum(axis=1, keepdims=True)
    return np.asarray(np.log((states.count + events * share) / (total + events)))


def recencies_of(states: States) -> NDArray[np.int8]:
    """(S, K) ages in events, ``AGES`` where a behaviour never happened."""
    return np.where(states.since < 0, np.int8(AGES), ages_of(states.since))


def tempos_of(states: States, tempo: float) -> Floats:
    """(S,) log of the user's events per time over everybody's."""
    lasted = (states.time - states.begun).astype(np.float64)
    return np.asarray(np.log((states.count.sum(axis=1) + LEAST_TEMPO) / (lasted * tempo + LEAST_TEMPO)))

"""Which item next: events of every type, how long ago each happened to which item, and what that leads to.

The next item of a user is either one of their own, gone on with along the edges of the graph
(``causalviz.recommend.continuation``), or another one (``causalviz.recommend.attention``):

    P(y) = P_own(y)                                                 if y is one of the user's own items,
           P_other . attention(y) / its sum over the items that are not       otherwise.

All chances of a state add up to 1: given that the user comes to an item, or does to one what is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from causalviz.errors import SettingsError, UnusableLog
from causalviz.lags.grid import LagGrid
from causalviz.recommend.attention import Attention, Leads, entry_weights, fit_attention, popularity
from causalviz.recommend.companions import USUAL, CompanionConfig, count_companions
from causalviz.recommend.continuation import Continuation, fit_continuation
from causalviz.recommend.item_scoring import score_all, score_top
from causalviz.recommend.item_states import ItemEvents, ItemQuestions, ItemStates, Shelf, ask_items, items_before

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
Progress = Callable[[str, int, int], None]

EARLIER = 0.8  # of the asked events: companions are counted on them while the attention is fitted on the rest
STAGES = 3
OWN, COMPANION, CATEGORY, EVERYBODY = range(4)  # where a recommendation comes from


@dataclass(frozen=True, kw_only=True)
class ItemConfig:
    """How item rates are fitted.

    Attributes:
        sample: Questions that each fit reads, drawn at random.
        ridge: Weight of the penalty on squared weights of continuation.
        iterations: Of its optimiser, at most.
        unseen: Events that every item is taken to have had, and the weight of an event that is not asked for beside
            one that is, in popularity.
        companions: See ``CompanionConfig``.
        seed: Of the sample.

    Raises:
        SettingsError: If a number is not above its least.
    """

    sample: int = 30_000
    ridge: float = 1.0
    iterations: int = 80
    unseen: float = 0.1
    companions: CompanionConfig = USUAL
    seed: int = 0

    def __post_init__(self) -> None:
        for name, least in (("sample", 1), ("ridge", 1e-6), ("iterations", 1), ("unseen", 1e-9)):
            if getattr(self, name) < least:
                raise SettingsError(f"The {name} of item rates is at least {least:g} (got {getattr(self, name)}).")


class TopItems(NamedTuple):
    """The k best items of S states, the best first.

    Attributes:
        item: (S, k) codes.
        chance: (S, k) of being the next one.
        source: (S, k) OWN, COMPANION, CATEGORY or EVERYBODY: what speaks most for it.
        entry: (S, k) the own item that does, -1 where the source is EVERYBODY.
        share: (S, k) of the chance that this source and own item give.
    """

    item: Ints
    chance: Floats
    source: NDArray[np.int8]
    entry: Ints
    share: Floats


@dataclass(frozen=True, eq=False)
class ItemRates:
    """Fitted item rates over I items.

    Attributes:
        shelf: The items.
        grid: L lag bins.
        own: Continuation with own items.
        attention: Weights of what leads to other ones.
        leads: Companions and popularity.
    """

    shelf: Shelf
    grid: LagGrid
    own: Continuation
    attention: Attention
    leads: Leads

    def scores(self, states: ItemStates) -> Floats:
        """(S, I) the chance of every item to be the next; rows add up to 1. Takes 8 bytes for each: ask in parts."""
        found = np.zeros((len(states), self.shelf.n_items))
        own, other = self._own_or_other(states)
        score_all(
            entry_weights(self.attention, states), self.attention.category, self.attention.everybody, states.start,
            states.item, own, other, *self.leads.arrays, found,
        )  # fmt: skip
        return found

    def top(self, states: ItemStates, k: int = 5) -> TopItems:
        """The k items of the largest chance of each state, and why: what ``scores`` would rank first.

        Raises:
            SettingsError: If k is below 1.
        """
        if k < 1:
            raise SettingsError(f"At least one item can be recommended (got {k}).")
        S, k = len(states), min(k, self.shelf.n_items)
        item, chance = np.full((S, k), -1, np.int64), np.zeros((S, k))
        source, entry, share = np.zeros((S, k), np.int8), np.full((S, k), -1, np.int64), np.zeros((S, k))
        own, other = self._own_or_other(states)
        score_top(
            entry_weights(self.attention, states), self.attention.category, self.attention.everybody, states.start,
            states.item, own, other, *self.leads.arrays, *self.leads.orders, item, chance, source, entry, share,
        )  # fmt: skip
        return TopItems(item, chance, source, entry, share)

    def _own_or_other(self, states: ItemStates) -> tuple[Floats, Floats]:
        """(N,) chances of the own items and (S,) of all others together, which is 0 where there are no others."""
        own, other = self.own.chances(states)
        number = np.diff(states.start)
        has_all = number == self.shelf.n_items
        own /= np.repeat(np.where(has_all, 1.0 - other, 1.0), number)
        return own, np.where(has_all, 0.0, other)


def fit_items(
    events: ItemEvents,
    grid: LagGrid,
    drawn: Mask,
    *,
    goal: str | None = None,
    config: ItemConfig | None = None,
    on_progress: Progress | None = None,
) -> ItemRates:
    """Fits the rates of items.

    Args:
        events: M events.
        grid: L lag bins.
        drawn: (T, T) True where the graph has an edge between two of the shelf's event types, [cause, effect].
        goal: The event type that is asked for, as in "which item is bought next"; None for any.
        config: Settings; None for the defaults.
        on_progress: Told (stage, stages done, stages in all).

    Returns:
        The rates.

    Raises:
        SettingsError: If no event type has the goal's name.
        UnusableLog: If no user has an asked event behind an earlier moment.
    """
    config = config or ItemConfig()
    T = len(events.shelf.kinds)
    if drawn.shape != (T, T):
        raise ValueError(f"drawn must be ({T}, {T}) (got {drawn.shape})")

    def tell(stage: str, done: int) -> None:
        if on_progress is not None:
            on_progress(stage, done, STAGES)

    goals = goals_of(events, goal)
    questions = ask_items(events, goals)
    if not len(questions):
        raise UnusableLog("No user of the log has events to items at two different times; nothing follows from them.")
    tell("going on with own items", 0)
    rng = np.random.default_rng(config.seed)
    asked = _sample(np.arange(len(questions)), config.sample, rng)
    states, came = items_before(events, grid, questions.stop[asked]), questions.event[asked]
    own = fit_continuation(
        states, events.item[came].astype(np.int64), events.kind[came].astype(np.int64), drawn, goals,
        ages=grid.n_bins + 2, ridge=config.ridge, iterations=config.iterations,
    )  # fmt: skip
    tell("what leads to other items", 1)
    times = events.time[questions.event]
    cut = int(np.quantile(times, EARLIER))
    later = _sample(np.flatnonzero(times > cut), config.sample, rng)
    causes = np.flatnonzero(drawn[:, goals].any(axis=1) | np.isin(np.arange(T), goals))
    held = ItemQuestions(questions.event[later], questions.stop[later])
    attention, worth = fit_attention(events, grid, causes, goals, held, cut, config.unseen, config.companions)
    tell("companions of all items", 2)
    companions = count_companions(events, np.asarray(grid.edges, np.int64), worth, config.companions)
    tell("done", STAGES)
    leads = Leads(events.shelf, companions, popularity(events, goals, config.unseen))
    return ItemRates(events.shelf, grid, own, attention, leads)


def goals_of(events: ItemEvents, goal: str | None) -> Ints:
    """Codes of the event types that are asked for: the goal, or all that happen to items.

    Raises:
        SettingsError: If no event type that happens to items has this name.
    """
    names = events.kinds_with_items
    if goal is not None and goal not in names:
        raise SettingsError(f"No event {goal!r} happens to an item; choose one of {', '.join(names[:8])}.")
    wished = names if goal is None else (goal,)
    return np.array([events.shelf.kinds.index(name) for name in wished], np.int64)


def _sample(rows: Ints, most: int, rng: np.random.Generator) -> Ints:
    return rows if len(rows) <= most else np.sort(rng.choice(rows, most, replace=False))

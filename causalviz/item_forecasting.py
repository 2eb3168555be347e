"""Item recommenders put to the test, as in ``causalviz.forecasting``: split, learn, ask, compare user by user.

All items of the log are ranked, those that nobody touched in the learned part included: which items there are, and in
which category, is taken as known to the shop beforehand. The graph over event types is discovered anew in the learned
part, an expert's verdicts are laid over it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from causalviz.errors import UnusableLog
from causalviz.evaluate.ranking import Ranked, answer_in_parts, rank_measures
from causalviz.events.raw import RawEvents
from causalviz.events.rules import Rules, apply_rules
from causalviz.forecasting import (
    CAUSAL,
    LEARNED,
    Cancelled,
    Progress,
    Split,
    check_contest,
    comparison_table,
    told_stages,
)
from causalviz.graph.verdicts import History
from causalviz.lags.grid import LagGrid
from causalviz.pipeline import discover
from causalviz.recommend.drawn import kind_mask
from causalviz.recommend.item_baselines import ITEM_BASELINES, ItemRecommender
from causalviz.recommend.item_states import ItemEvents, ItemQuestions, ask_items, items_before
from causalviz.recommend.items import ItemConfig, fit_items, goals_of

if TYPE_CHECKING:
    from causalviz.model.edge_model import EdgeModel

Mask = NDArray[np.bool_]
ItemMethod = Callable[[ItemEvents, LagGrid, Mask, str | None], ItemRecommender]

ITEMS_TOP = 10
CELLS = 4_000_000  # scores in memory at a time


@dataclass(frozen=True, eq=False)
class ItemComparison:
    """What a test found.

    Attributes:
        split: Which.
        goal: The event type that was asked for, None for any.
        questions: How many were asked.
        users: Of how many users.
        items: How many items were ranked.
        edges: How many edges the graph of the learned part has.
        ranked: By method, in the order in which they were asked.
        top: k, the length of the lists.
    """

    split: Split
    goal: str | None
    questions: int
    users: int
    items: int
    edges: int
    ranked: dict[str, Ranked]
    top: int

    def table(self) -> pd.DataFrame:
        """One row for each method, columns as in ``causalviz.forecasting.Comparison.table``."""
        return self._table.copy()

    @cached_property
    def _table(self) -> pd.DataFrame:
        return comparison_table(self.ranked)


def compare_items(
    raw: RawEvents,
    *,
    goal: str | None = None,
    split: Split = "time",
    history: History | None = None,
    model: EdgeModel | None = None,
    others: Sequence[tuple[str, ItemMethod]] = (),
    top: int = ITEMS_TOP,
    config: ItemConfig | None = None,
    cold: bool = False,
    on_progress: Progress | None = None,
    cancelled: Cancelled = lambda: False,
) -> ItemComparison | None:
    """Puts item rates, the baselines and any further methods to the test.

    Args:
        raw: The events, with items.
        goal: The event type that is asked for; None for any.
        split: How the log is parted.
        history: Verdicts on edges between event types, laid over the graph of the learned part.
        model: Which network judges; None for the shipped one.
        others: Further methods.
        top: k, the length of the lists, below the number of items.
        config: Of the item rates.
        cold: Whether only items are asked for that nobody had touched in the learned part.
        on_progress: Told (stage, stages done, stages in all).
        cancelled: Asked between stages.

    Returns:
        The comparison, or None if it was cancelled.

    Raises:
        SettingsError: If there is no such split or goal, or k is below 1.
        UnusableLog: If the log has no items, or nothing is left to learn from or to ask for.
    """
    check_contest(split, top, "item")
    events = ItemEvents.of_raw(raw)
    goals = goals_of(events, goal)
    questions, kept = _part(events, goals, split)
    if cold:
        questions = _cold(events, questions, kept)
    learned, top = events.take(kept), min(top, max(1, events.shelf.n_items - 1))  # all items are no choice
    methods: list[tuple[str, ItemMethod]] = [
        (CAUSAL, lambda events, grid, drawn, goal: fit_items(events, grid, drawn, goal=goal, config=config)),
        *((name, _from_counts(fit)) for name, fit in ITEM_BASELINES),
        *others,
    ]
    stages = len(methods) + 1
    tell = told_stages(stages, on_progress, cancelled)
    if tell("reading causes in the first part", 0):
        return None
    log = apply_rules(_kept(raw, kept), Rules())
    found = discover(log, model=model)
    graph = found.graph(history)
    grid, drawn = found.counts.grid, kind_mask(graph, log.behaviours, raw.event_names)
    target, user = events.item[questions.event].astype(np.int64), events.user[questions.event].astype(np.int64)
    often = np.bincount(learned.item[learned.item >= 0], minlength=events.shelf.n_items) + 1.0
    share = np.asarray(often / often.sum(), dtype=np.float64)
    part = max(1, CELLS // events.shelf.n_items)
    ranked: dict[str, Ranked] = {}
    for place, (name, method) in enumerate(methods):
        if tell(name, 1 + place):
            return None
        fitted = method(learned, grid, drawn, goal)
        places = answer_in_parts(
            lambda rows, f=fitted: f.scores(items_before(events, grid, questions.stop[rows])),  # type: ignore[misc]
            target, top, part=part,
        )  # fmt: skip
        ranked[name] = rank_measures(places, user, share, top)
    tell("done", stages)
    users = len(ranked[CAUSAL].users)
    return ItemComparison(
        split, goal, len(questions), users, events.shelf.n_items, int(drawn.sum()), ranked, top
    )  # fmt: skip


def _from_counts(fit: Callable[[ItemEvents, NDArray[np.int64]], ItemRecommender]) -> ItemMethod:
    def learn(events: ItemEvents, grid: LagGrid, drawn: Mask, goal: str | None) -> ItemRecommender:
        del grid, drawn  # not for those who know no causes
        return fit(events, goals_of(events, goal))

    return learn


def _part(events: ItemEvents, goals: NDArray[np.int64], split: Split) -> tuple[ItemQuestions, Mask]:
    """What is asked for, and (M,) which events are learned from."""
    if split == "time":
        asked = events.time > np.quantile(events.time, LEARNED)
        questions = ask_items(events, goals, asked)
    else:
        every = ask_items(events, goals)
        last = np.full(events.n_users, len(events.user))
        last[events.user[every.event]] = every.stop  # the one written last is the latest
        is_last = every.stop == last[events.user[every.event]]
        questions = ItemQuestions(every.event[is_last], every.stop[is_last])
        asked = np.arange(len(events.user)) >= last[events.user]
    if not len(questions) or asked.all() or not (events.item[~asked] >= 0).any():
        raise UnusableLog("The log has too few moments to be parted into one to learn from and one to ask for.")
    return questions, ~asked


def _cold(events: ItemEvents, questions: ItemQuestions, kept: Mask) -> ItemQuestions:
    """The questions about items that no kept event has."""
    touched = np.unique(events.item[kept])
    is_cold = ~np.isin(events.item[questions.event], touched)
    if not is_cold.any():
        raise UnusableLog("Every item that is asked for was there in the learned part; ask for all items instead.")
    return ItemQuestions(questions.event[is_cold], questions.stop[is_cold])


def _kept(raw: RawEvents, kept: Mask) -> RawEvents:
    """Some of the events, with all names."""
    return RawEvents(
        raw.user[kept], raw.time[kept], raw.event[kept], raw.user_names, raw.event_names,
        None if raw.item is None else raw.item[kept], raw.item_names,
        None if raw.category is None else raw.category[kept], raw.category_names,
    )  # fmt: skip

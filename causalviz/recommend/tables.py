"""Recommendations as tables, one column for each thing said: what the page shows and the command line writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from causalviz.recommend.influence import Influence
from causalviz.recommend.item_states import ItemEvents, items_now
from causalviz.recommend.items import ItemRates
from causalviz.recommend.promotion import Change, NextAction, Promotion, what_if
from causalviz.recommend.rates import Rates
from causalviz.recommend.reasons import DRIVEN, UNCAUSED, Prediction, best, strongest_causes
from causalviz.recommend.states import States

Floats = NDArray[np.float64]

BLOCK = 50_000  # users whose items are ranked at a time
SOURCES = ("own", "companion", "category", "popular")  # by the codes of ``TopItems.source``


def predictions_table(rates: Rates, states: States, users: Sequence[str], top: int) -> pd.DataFrame:
    """The most likely behaviours of many users: columns user, rank, behaviour, chance.

    Args:
        rates: Fitted.
        states: (S,) one of each user.
        users: Names by user code.
        top: How many behaviours of each.
    """
    chances = rates.chances(states)
    return _ranked(rates.names, chances, best(chances, top), states, users)


def mixed_table(rates: Rates, expected: Floats, states: States, users: Sequence[str], top: int) -> pd.DataFrame:
    """The same by the chances of a sequence model, each with the strongest cause.

    Columns: user, rank, behaviour, chance; chance_by_causes, what the causal rates alone say; because, the past
    behaviour that raises it most, ``UNCAUSED`` where the sequence model alone expects it, or empty where the user's own
    habits and repeats are the reason; ago_s and factor of that cause.

    Args:
        rates: Fitted.
        expected: (S, K) chances.
        states: (S,) one of each user.
        users: Names by user code.
        top: How many behaviours of each.
    """
    causal, picks = rates.chances(states), best(expected, top)  # (S, top)
    cause, factor = strongest_causes(rates, states, picks)
    table = _ranked(rates.names, expected, picks, states, users)
    by_causes = np.take_along_axis(causal, picks, axis=1).ravel()
    has, cause = cause.ravel() >= 0, cause.ravel()
    because = np.where(table["chance"] >= DRIVEN * by_causes, UNCAUSED, "").astype(object)
    because[has] = np.array(rates.names, dtype=object)[cause[has]]
    ago_s = states.seen_s[np.repeat(np.arange(len(states)), picks.shape[1]), np.maximum(cause, 0)]
    return table.assign(
        chance_by_causes=by_causes, because=because, ago_s=np.where(has, ago_s, np.nan), factor=factor.ravel()
    )


def _ranked(
    names: Sequence[str], chances: Floats, picks: NDArray[np.int64], states: States, users: Sequence[str]
) -> pd.DataFrame:
    """A row for each of the (S, top) picks."""
    S, top = picks.shape
    return pd.DataFrame(
        {
            "user": np.repeat(np.array(users, dtype=object)[states.user], top),
            "rank": np.tile(np.arange(1, top + 1), S),
            "behaviour": np.array(names, dtype=object)[picks.ravel()],
            "chance": np.take_along_axis(chances, picks, axis=1).ravel(),
        }
    )


def reasons_table(predictions: Iterable[Prediction]) -> pd.DataFrame:
    """One row for each reason: behaviour, chance, usual_chance, kind, because_of, ago_s, times, since, factor.

    Of kind "unsure" are pairs that are too unsure to be drawn. A behaviour that a sequence model alone expects has a
    row of kind "sequence", whose because_of says so.
    """
    rows: list[tuple[str, float, float, str, str, float, int, int, float]] = []
    for found in predictions:
        said = (found.behaviour, found.chance, found.usual)
        if found.is_uncaused:
            rows.append((*said, "sequence", UNCAUSED, np.nan, 0, -1, found.chance / max(found.by_causes, 1e-12)))
        rows += [(*said, why.kind, why.cause, why.ago_s, why.times, why.since, why.factor) for why in found.reasons]
    columns = ["behaviour", "chance", "usual_chance", "kind", "because_of", "ago_s", "times", "since", "factor"]
    return pd.DataFrame(rows, columns=columns)


def promotions_table(promotions: Iterable[Promotion], goal: str) -> pd.DataFrame:
    """One row for each lever, with its extra goals per 1000 users, reach, and the way that carries most.

    ``path_is_drawn`` is false where that way has an edge that is too unsure to be drawn.
    """
    rows = [
        (
            one.behaviour,
            goal,
            *one.extra,
            one.direct,
            one.repeats,
            one.reach,
            one.events,
            one.goal_share,
            " > ".join(one.path),
            not one.doubtful,
        )
        for one in promotions
    ]
    columns = [
        "behaviour", "goal", "extra_per_1000", "extra_low", "extra_high", "direct_per_event", "repeats_per_event",
        "reach", "events", "goal_share", "path", "path_is_drawn",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def changes_table(changed: str, factor: float, changes: Iterable[Change]) -> pd.DataFrame:
    """One row for each behaviour downstream: changed, factor, behaviour, events, change with its interval, share."""
    rows = [(changed, factor, one.behaviour, one.events, one.change, one.low, one.high, one.share) for one in changes]
    columns = ["changed", "factor", "behaviour", "events", "change", "change_low", "change_high", "change_share"]
    return pd.DataFrame(rows, columns=columns)


def actions_table(
    actions: Sequence[Sequence[NextAction]], states: States, users: Sequence[str], goal: str
) -> pd.DataFrame:
    """One row for each user and next action: user, goal, rank, behaviour, chance, goals_if_done, gain."""
    rows = [
        (users[user], goal, place, one.behaviour, one.chance, one.total, one.gain)
        for user, found in zip(states.user.tolist(), actions, strict=True)
        for place, one in enumerate(found, start=1)
    ]
    return pd.DataFrame(rows, columns=["user", "goal", "rank", "behaviour", "chance", "goals_if_done", "gain"])


def all_changes(influence: Influence, factors: Sequence[float] = (0.0, 2.0)) -> pd.DataFrame:
    """Every behaviour changed by every factor; see ``changes_table``."""
    tables = [
        changes_table(name, factor, what_if(influence, name, factor)) for name in influence.names for factor in factors
    ]
    return pd.concat(tables, ignore_index=True)


def items_table(rates: ItemRates, events: ItemEvents, top: int) -> pd.DataFrame:
    """The next items of all users of some events: user, rank, item, chance, because, and the item it is because of.

    Columns: because is "own", "companion", "category" or "popular"; of_item, of_event and ago_s tell which own item
    speaks for it, by which event type and how long ago that happened, empty for "popular"; share is how much of the
    chance this reason gives.

    Args:
        rates: Fitted.
        events: Histories to the shelf of the rates.
        top: How many items for each user.
    """
    parts = []
    for start in range(0, events.n_users, BLOCK):
        users = np.arange(start, min(start + BLOCK, events.n_users))
        states = items_now(events, rates.grid, users)
        found = rates.top(states, top)
        entry = found.entry.ravel()
        has = entry >= 0
        kind, _ = rates.own.strongest(states, entry[has])
        of_item, of_event = np.full(len(entry), "", dtype=object), np.full(len(entry), "", dtype=object)
        of_item[has] = np.array(rates.shelf.items, dtype=object)[states.item[entry[has]]]
        of_event[has] = np.array(rates.shelf.kinds, dtype=object)[kind]
        ago_s = np.full(len(entry), np.nan)
        ago_s[has] = states.ago_s(entry[has], kind)
        S, k = found.item.shape
        parts.append(
            pd.DataFrame(
                {
                    "user": np.repeat(np.array(events.user_names, dtype=object)[states.user], k),
                    "rank": np.tile(np.arange(1, k + 1), S),
                    "item": np.array(rates.shelf.items, dtype=object)[found.item.ravel()],
                    "chance": found.chance.ravel(),
                    "because": np.array(SOURCES, dtype=object)[found.source.ravel()],
                    "of_item": of_item,
                    "of_event": of_event,
                    "ago_s": ago_s,
                    "share": found.share.ravel(),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)

"""Item states by hand and against a slow twin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from strategies import item_logs

from causalviz.errors import UnusableLog
from causalviz.events.log import Behaviour, EventLog
from causalviz.events.raw import RawEvents
from causalviz.lags.grid import LagGrid
from causalviz.recommend.item_states import ItemEvents, ask_items, items_before, items_now
from causalviz.recommend.states import NEVER

GRID = LagGrid((0, 10_000, 100_000))
# one user: views A and B, carts A, searches; kinds sort as cart, search, view
RAW = RawEvents.from_names(
    ["u"] * 4,
    np.array([0, 5, 20, 25]) * 1000,
    ["view", "view", "cart", "search"],
    ["A", "B", "A", None],
    ["left", None, "left", None],
)
EVENTS = ItemEvents.of_raw(RAW)


def test_the_state_after_all_events() -> None:
    states = items_now(EVENTS, GRID)
    assert states.item.tolist() == [0, 1]  # A was touched later
    assert states.later.tolist() == [0, 1]
    assert states.count.tolist() == [2, 1]
    # by cart, search, view, counted from the search: A cart 5 s, view 25 s ago; B view 20 s ago
    assert states.age.tolist() == [[1, 3, 2], [3, 3, 2]]
    assert states.ago_s(np.array([0, 1]), np.array([0, 0])).tolist() == [5.0, np.inf]
    assert EVENTS.shelf.group.tolist() == [0, 1]  # B has no category


def test_questions_know_the_earlier_moments_only() -> None:
    asked = ask_items(EVENTS, np.array([0, 2]))
    assert asked.event.tolist() == [1, 2]
    assert asked.stop.tolist() == [1, 2]
    states = items_before(EVENTS, GRID, asked.stop)
    assert states.start.tolist() == [0, 1, 3]
    assert states.item.tolist() == [0, 1, 0]
    assert ask_items(EVENTS, np.array([0])).event.tolist() == [2]


@given(item_logs())
def test_states_equal_their_slow_twin(raw: RawEvents) -> None:
    events = ItemEvents.of_raw(raw)
    questions = ask_items(events, np.arange(len(raw.event_names)))
    states = items_before(events, GRID, questions.stop)
    for s, (row, stop) in enumerate(zip(questions.event, questions.stop, strict=True)):
        known = (events.user == events.user[row]) & (events.time < events.time[row])
        assert stop == np.flatnonzero(known)[-1] + 1
        now = events.time[known].max()
        own = {}
        for n in range(states.start[s], states.start[s + 1]):
            own[int(states.item[n])] = n
        assert set(own) == set(events.item[known][events.item[known] >= 0].tolist())
        touched = {x: events.time[known & (events.item == x)].max() for x in own}
        for x, n in own.items():
            assert states.count[n] == (known & (events.item == x)).sum()
            assert states.later[n] == sum(moment > touched[x] for moment in touched.values())
            for t in range(len(raw.event_names)):
                times = events.time[known & (events.item == x) & (events.kind == t)]
                assert states.latest[n, t] == (times.max() if len(times) else NEVER)
                ago = now - times.max() if len(times) else np.inf
                assert states.age[n, t] == np.searchsorted(GRID.edges, ago)


def test_a_typed_history_is_read_as_events_to_items() -> None:
    behaviours = [Behaviour("view B", "view", "B"), Behaviour("walk", "walk"), Behaviour("view Z", "view", "Z")]
    history = EventLog.from_columns(
        np.zeros(3, np.int32), np.arange(3) * 1000, np.arange(3, dtype=np.int32), behaviours, ["typed"]
    )
    states = items_now(EVENTS.of_history(history), GRID)
    assert states.item.tolist() == [1]
    assert states.ago_s(np.array([0]), np.array([2])).tolist() == [2.0]


def test_what_is_not_there_is_said() -> None:
    with pytest.raises(UnusableLog, match="no column of items"):
        ItemEvents.of_raw(RawEvents.from_names(["u"], np.zeros(1, np.int64), ["view"]))
    with pytest.raises(UnusableLog, match="no user 'w'"):
        EVENTS.of_user("w")
    assert EVENTS.of_user("u").user_names == ("u",)

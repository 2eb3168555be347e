"""The test of item recommenders: splits without a look ahead, and the bar on a demo log."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from causalviz.errors import SettingsError, UnusableLog
from causalviz.events.raw import RawEvents
from causalviz.forecasting import CAUSAL
from causalviz.item_forecasting import _part, compare_items
from causalviz.recommend.item_states import ItemEvents
from causalviz.worlds.demos import demo_log


@pytest.fixture(scope="module")
def raw() -> RawEvents:
    return RawEvents.from_log(demo_log("shop", users=700).log)


def test_the_learned_part_holds_nothing_that_is_asked_for(raw: RawEvents) -> None:
    events = ItemEvents.of_raw(raw)
    goals = np.array([raw.event_names.index("buy")])
    questions, kept = _part(events, goals, "time")
    assert events.time[kept].max() < events.time[questions.event].min()
    questions, kept = _part(events, goals, "last")
    for user in range(0, events.n_users, 97):
        asked = questions.event[events.user[questions.event] == user]
        own = np.flatnonzero((events.user == user) & (events.kind == goals[0]))
        if len(asked):
            assert set(asked) == {row for row in own if events.time[row] == events.time[own[-1]]}
            assert not kept[asked[0] :][events.user[asked[0] :] == user].any()


def test_causal_rates_beat_all_baselines_for_the_next_purchase(raw: RawEvents) -> None:
    told = []

    class Oracle:
        def scores(self, states):  # type: ignore[no-untyped-def]
            return np.zeros((len(states), len(raw.item_names)))

    found = compare_items(
        raw, goal="buy", top=2, others=[("blind", lambda *_: Oracle())], on_progress=lambda *step: told.append(step)
    )
    assert found is not None
    table = found.table().set_index("method")
    assert list(table.index) == [CAUSAL, "popularity", "recency", "Markov", "item-kNN", "blind"]
    assert (table["ndcg_gain_low"].drop(CAUSAL) > 0).all()
    assert table.loc["blind", "hit_rate"] == pytest.approx(2 / 3)
    assert (found.goal, found.items, found.top) == ("buy", 3, 2)
    assert told[0][1] == 0
    assert told[-1][1] == told[-1][2] == len(table) + 1


def test_cold_items_are_those_that_the_learned_part_lacks(raw: RawEvents) -> None:
    assert raw.item is not None
    is_last = raw.item == len(raw.item_names) - 1
    early = is_last & (raw.time <= np.quantile(raw.time, 0.85))  # item C comes late
    kept = np.flatnonzero(~early)
    renewed = replace(raw, **{name: getattr(raw, name)[kept] for name in ("user", "time", "event", "item")})
    found = compare_items(renewed, top=2, cold=True)
    assert found is not None
    assert 0 < found.questions <= (is_last & ~early).sum()  # some are the first events of their users
    with pytest.raises(UnusableLog, match="ask for all items"):
        compare_items(raw, cold=True)


def test_a_test_may_be_cancelled(raw: RawEvents) -> None:
    assert compare_items(raw, cancelled=lambda: True) is None


def test_what_cannot_be_tested_is_refused(raw: RawEvents) -> None:
    with pytest.raises(SettingsError, match="split"):
        compare_items(raw, split="odd")  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="at least one"):
        compare_items(raw, top=0)
    with pytest.raises(SettingsError, match="No event 'walk'"):
        compare_items(raw, goal="walk")
    short = RawEvents.from_names(["u", "u"], np.zeros(2, np.int64), ["a", "b"], ["A", "A"])
    with pytest.raises(UnusableLog, match="too few moments"):
        compare_items(short)

"""Rules over behaviours, on logs that can be counted by hand."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import raw_events

from causalviz.errors import SettingsError, UnusableLog
from causalviz.events.log import Behaviour, EventLog
from causalviz.events.rules import MAX_BEHAVIOURS, RawEvents, Rules, apply_rules

ROWS = [  # user, time, event, item, category
    ("u", 1, "view", "A", "shoes"),
    ("u", 2, "view", "B", "shoes"),
    ("u", 3, "buy", "A", "shoes"),
    ("u", 3, "buy", "A", "shoes"),
    ("v", 1, "search", None, None),
    ("v", 2, "view", "A", "shoes"),
    ("v", 3, "view", "C", "hats"),
    ("v", 4, "view", None, None),
    ("w", 9, "search", None, None),
]


def raw() -> RawEvents:
    user, time, event, item, category = zip(*ROWS, strict=True)
    return RawEvents.from_names(user, np.array(time), event, item, category)


def counts(log: EventLog) -> dict[str, int]:
    return {name: int(n) for name, n in zip(log.names, np.bincount(log.behaviour), strict=True)}


def test_event_types_stand_by_their_number_of_events_and_then_by_name() -> None:
    log = apply_rules(raw(), Rules())
    assert counts(log) == {"view": 5, "buy": 2, "search": 2}
    assert list(counts(log)) == ["view", "buy", "search"]
    assert log.user_names == ("u", "v", "w")
    assert log.behaviours[0] == Behaviour("view", "view")


def test_top_items_are_told_apart_and_the_others_stay_together() -> None:
    log = apply_rules(raw(), Rules(level="item", top_items=1))
    assert counts(log) == {"buy A": 2, "search": 2, "view (other)": 2, "view A": 2, "view": 1}
    assert set(log.behaviours) == {
        Behaviour("buy A", "buy", "A"),
        Behaviour("search", "search"),
        Behaviour("view (other)", "view"),
        Behaviour("view A", "view", "A"),
        Behaviour("view", "view"),
    }


def test_categories_work_as_items_do() -> None:
    log = apply_rules(raw(), Rules(level="category", top_items=1))
    assert counts(log) == {"view shoes": 3, "buy shoes": 2, "search": 2, "view": 1, "view (other)": 1}


def test_a_level_without_its_column_is_refused() -> None:
    plain = RawEvents.from_names(["u", "u"], np.array([1, 2]), ["a", "b"])
    with pytest.raises(SettingsError, match="no column for the item"):
        apply_rules(plain, Rules(level="item"))


def test_duplicates_are_dropped_on_demand() -> None:
    assert counts(apply_rules(raw(), Rules(drop_duplicates=True)))["buy"] == 1


def test_merge_then_rename_then_hide() -> None:
    rules = Rules(
        merged=(("act", ("view", "buy")),),
        renamed=(("act", "浏览或购买"), ("nobody", "nothing"), ("search", "find")),
        hidden=("nobody",),
    )
    log = apply_rules(raw(), rules)
    assert counts(log) == {"浏览或购买": 7, "find": 2}
    assert log.behaviours == (Behaviour("浏览或购买", "act"), Behaviour("find", "search"))


def test_a_merge_keeps_the_type_and_item_that_all_share() -> None:
    rules = Rules(level="item", top_items=3, merged=(("view any", ("view A", "view B")), ("A", ("buy A", "view any"))))
    log = apply_rules(raw(), rules)
    assert Behaviour("A", "A") in log.behaviours
    once = apply_rules(raw(), Rules(level="item", top_items=3, merged=(("view any", ("view A", "view B")),)))
    assert Behaviour("view any", "view") in once.behaviours


def test_a_rename_onto_an_existing_name_joins_the_two() -> None:
    assert counts(apply_rules(raw(), Rules(renamed=(("buy", "view"),)))) == {"view": 7, "search": 2}


def test_users_whose_events_are_hidden_are_left_out() -> None:
    log = apply_rules(raw(), Rules(hidden=("search",)))
    assert log.user_names == ("u", "v")
    assert log.n_events == 7


@pytest.mark.parametrize(
    ("rules", "left"),
    [
        (Rules(hidden=("view", "buy", "search")), "no behaviour"),
        (Rules(hidden=("view", "buy")), "only 'search'"),
        (Rules(merged=(("all", ("view", "buy", "search")),)), "only 'all'"),
    ],
)
def test_rules_must_leave_two_behaviours(rules: Rules, left: str) -> None:
    with pytest.raises(UnusableLog, match=f"The rules leave {left}"):
        apply_rules(raw(), rules)


def test_too_many_types_are_grouped_visibly() -> None:
    names = [f"e{k:03d}" for k in range(MAX_BEHAVIOURS + 50)]
    often = names[:10] * 2 + names
    log = apply_rules(RawEvents.from_names(["u"] * len(often), np.arange(len(often)), often), Rules())
    assert log.n_behaviours == MAX_BEHAVIOURS
    assert counts(log)["(rare)"] == 51
    assert counts(log)["e009"] == 3
    assert log.n_events == len(often)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Rules(top_items=0),
        lambda: Rules(level="user"),  # type: ignore[arg-type]
        lambda: Rules(merged=((" ", ("a", "b")),)),
        lambda: Rules(renamed=(("a", ""),)),
        lambda: Rules(most_per_user=0),
        lambda: Rules(period=(2, 1)),
    ],
)
def test_impossible_rules_cannot_be_built(make: object) -> None:
    with pytest.raises(SettingsError):
        make()  # type: ignore[operator]


def test_users_times_and_long_histories_are_left_out() -> None:
    assert counts(apply_rules(raw(), Rules(without_users=("u", "nobody")))) == {"view": 3, "search": 2}
    assert counts(apply_rules(raw(), Rules(period=(2, 3)))) == {"view": 3, "buy": 2}
    capped = apply_rules(raw(), Rules(most_per_user=2))
    assert np.diff(capped.offsets).tolist() == [2, 2, 1]
    assert capped.time.tolist() == [1, 2, 1, 2, 9]  # the first ones
    both = apply_rules(raw(), Rules(most_per_user=3, drop_duplicates=True, period=(2, 9)))
    assert np.diff(both.offsets).tolist() == [2, 3, 1]
    with pytest.raises(UnusableLog, match="The rules leave no behaviour"):
        apply_rules(raw(), Rules(without_users=("u", "v", "w")))


@given(raw_events(), st.integers(1, 3))
def test_items_part_events_without_losing_or_moving_any(events: RawEvents, top: int) -> None:
    if len(events.event_names) < 2 or events.item is None:
        return
    whole = apply_rules(events, Rules())
    parted = apply_rules(events, Rules(level="item", top_items=top))
    assert Counter(_kinds(parted)) == Counter(_kinds(whole))


def _kinds(log: EventLog) -> list[tuple[str, int, str]]:
    return [
        (log.user_names[u], t, log.behaviours[b].kind)
        for u, t, b in zip(log.user.tolist(), log.time.tolist(), log.behaviour.tolist(), strict=True)
    ]

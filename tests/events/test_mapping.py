"""Roles from names, types and numbers of values."""

from __future__ import annotations

import json
from dataclasses import asdict

import pandas as pd
import pytest

from causalviz.errors import RoleError
from causalviz.events.mapping import Column, Kind, Roles, Source, detect_roles


def source(*columns: tuple[str, Kind, int], rows: int = 1000) -> Source:
    return Source("log.csv", "CSV", rows, tuple(Column(*column) for column in columns), pd.DataFrame())


@pytest.mark.parametrize(
    ("user", "event", "time", "item"),
    [
        ("user_id", "event", "timestamp", "item_id"),
        ("visitorid", "event", "timestamp", "itemid"),
        ("CustomerID", "EventType", "createdAt", "productId"),
        ("uid", "action", "ts", "sku"),
        ("case:concept:name", "concept:name", "time:timestamp", "item"),
        ("session.user_id", "events.type", "events.ts", "events.aid"),
        ("用户ID", "行为类型", "时间戳", "商品ID"),
        ("会员", "动作", "日期", "物品"),
        ("用户编号", "用户行为", "行为发生时间", "商品名称"),
    ],
)
def test_names_in_english_and_chinese(user: str, event: str, time: str, item: str) -> None:
    told: list[tuple[str, Kind, int]] = [
        (user, "text", 100),
        (event, "text", 5),
        (time, "time", 900),
        (item, "number", 300),
    ]
    assert detect_roles(source(*told)) == Roles(user, event, time, item)
    assert detect_roles(source(*reversed(told))) == Roles(user, event, time, item)


def test_optional_roles_and_the_rest() -> None:
    found = detect_roles(
        source(
            ("用户", "text", 90), ("会话ID", "text", 300), ("行为", "text", 4), ("时间", "time", 900),
            ("商品", "text", 50), ("类目", "text", 9), ("平台", "text", 2),
        )
    )  # fmt: skip
    assert found == Roles("用户", "行为", "时间", "商品", "类目", "会话ID", ("平台",))


def test_a_session_stands_for_the_user_where_nobody_is_named() -> None:
    found = detect_roles(source(("session", "number", 20), ("type", "text", 3), ("ts", "time", 990)))
    assert (found.user, found.session) == ("session", None)


def test_start_is_preferred_to_end_and_an_alarm_id_is_a_behaviour() -> None:
    found = detect_roles(
        source(("alarm_id", "number", 18), ("device_id", "number", 55), ("end_timestamp", "number", 900),
               ("start_timestamp", "number", 900))
    )  # fmt: skip
    assert (found.user, found.event, found.time) == ("device_id", "alarm_id", "start_timestamp")


def test_an_id_that_is_new_in_every_row_is_no_behaviour() -> None:
    found = detect_roles(
        source(("event_id", "number", 1000), ("kind", "text", 6), ("user", "text", 50), ("t", "time", 900))
    )
    assert found.event == "kind"


def test_columns_without_names_are_told_by_their_values() -> None:
    found = detect_roles(source(("column 1", "number", 80), ("column 2", "text", 4), ("column 3", "time", 990)))
    assert (found.user, found.event, found.time) == ("column 1", "column 2", "column 3")


def test_it_asks_rather_than_guesses() -> None:
    with pytest.raises(RoleError, match=r"log.csv .* event \(what was done\); choose among user, a, b, time"):
        detect_roles(source(("user", "text", 50), ("a", "text", 4), ("b", "text", 7), ("time", "time", 900)))


def test_chosen_roles_are_kept() -> None:
    told = source(("user", "text", 50), ("a", "text", 4), ("b", "text", 7), ("time", "time", 900))
    assert detect_roles(told, Roles(event="b")) == Roles("user", "b", "time", attributes=("a",))
    with pytest.raises(RoleError, match=r"log.csv has no column 'c' for the event; its columns are user, a, b, time"):
        detect_roles(told, Roles(event="c"))


def test_one_column_has_one_role() -> None:
    with pytest.raises(RoleError, match="'a' was chosen for both user and event"):
        Roles("a", "a", "t")
    assert Roles("s", "e", "t", session="s").session == "s"


def test_roles_survive_json() -> None:
    roles = Roles("u", "e", "t", None, "c", None, ("x", "y"))
    assert Roles(**json.loads(json.dumps(asdict(roles)))) == roles

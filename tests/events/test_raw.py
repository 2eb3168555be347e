"""Raw events: one canonical form, and a file that any tool can read."""

from __future__ import annotations

import pickle
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import event_logs, raw_events

from causalviz.errors import UnreadableLog, UnusableLog
from causalviz.events.log import Behaviour, EventLog
from causalviz.events.raw import RawEvents
from causalviz.events.rules import Rules, apply_rules


def small() -> RawEvents:
    return RawEvents.from_names(
        ["v", "u", "u", "u"], np.array([5, 7, 3, 7]), ["b", "a", "b", "a"], [None, "X", None, "X"], ["k", "k", "m", "k"]
    )


def test_rows_are_sorted_and_names_coded() -> None:
    raw = small()
    assert raw.user.tolist() == [0, 0, 0, 1]
    assert raw.time.tolist() == [3, 7, 7, 5]
    assert raw.event.tolist() == [1, 0, 0, 1]
    assert raw.item is not None
    assert raw.item.tolist() == [-1, 0, 0, -1]
    assert (raw.user_names, raw.event_names, raw.item_names, raw.category_names) == (
        ("u", "v"), ("a", "b"), ("X",), ("k", "m"),
    )  # fmt: skip
    assert raw.repeats.tolist() == [False, False, True, False]


def test_the_file_is_plain_parquet(tmp_path: Path) -> None:
    small().save(tmp_path / "events.parquet")
    told = pd.read_parquet(tmp_path / "events.parquet").astype(object)
    assert told[["user", "time", "event"]].to_numpy().tolist() == [
        ["u", 3, "b"], ["u", 7, "a"], ["u", 7, "a"], ["v", 5, "b"],
    ]  # fmt: skip


@given(raw_events())
def test_saving_and_loading_is_identity(raw: RawEvents) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "events.parquet"
        raw.save(path)
        again = RawEvents.load(path)
    assert again.fingerprint == raw.fingerprint
    assert again.item_names == raw.item_names
    assert again.repeats.tolist() == raw.repeats.tolist()


@given(raw_events(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(raw: RawEvents, random: object) -> None:
    order = list(range(raw.n_events))
    random.shuffle(order)  # type: ignore[attr-defined]
    again = RawEvents.from_names(
        [raw.user_names[raw.user[k]] for k in order],
        raw.time[order],
        [raw.event_names[raw.event[k]] for k in order],
        None if raw.item is None else [raw.item_names[raw.item[k]] if raw.item[k] >= 0 else None for k in order],
    )
    assert again.fingerprint == raw.fingerprint


@given(event_logs(max_behaviours=4))
def test_a_log_comes_back_from_its_raw_events(log: EventLog) -> None:
    if len(np.unique(log.behaviour)) < 2:
        return
    again = apply_rules(RawEvents.from_log(log), Rules())
    assert sorted(_told(again)) == sorted(_told(log))


def _told(log: EventLog) -> list[tuple[str, int, str]]:
    return [
        (log.user_names[u], t, log.names[b])
        for u, t, b in zip(log.user.tolist(), log.time.tolist(), log.behaviour.tolist(), strict=True)
    ]


def test_a_log_with_items_keeps_types_and_items_apart() -> None:
    behaviours = [Behaviour("view A", "view", "A"), Behaviour("view B", "view", "B"), Behaviour("search", "search")]
    log = EventLog.from_columns(
        np.zeros(3, np.int32), np.arange(3, dtype=np.int64), np.arange(3, dtype=np.int32), behaviours
    )
    raw = RawEvents.from_log(log)
    assert (raw.event_names, raw.item_names) == (("search", "view"), ("A", "B"))
    assert set(apply_rules(raw, Rules(level="item")).behaviours) == set(behaviours)


def test_damaged_and_foreign_files_are_refused(tmp_path: Path) -> None:
    for k, content in enumerate((b"", b"PAR1", pickle.dumps({"user": [1]}))):
        path = tmp_path / f"{k}.parquet"
        path.write_bytes(content)
        with pytest.raises(UnreadableLog, match=f"The stored events {k}.parquet cannot be read"):
            RawEvents.load(path)
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "other.parquet")
    with pytest.raises(UnreadableLog):
        RawEvents.load(tmp_path / "other.parquet")


def test_impossible_columns_are_refused() -> None:
    one = np.zeros(1, np.int32)
    with pytest.raises(UnusableLog):
        RawEvents(one[:0], np.zeros(0, np.int64), one[:0], (), ())
    with pytest.raises(ValueError, match="differ in length"):
        RawEvents(one, np.zeros(2, np.int64), one, ("u",), ("a",))
    with pytest.raises(ValueError, match="sorted by user"):
        RawEvents(np.array([1, 0], np.int32), np.zeros(2, np.int64), np.zeros(2, np.int32), ("u", "v"), ("a",))
    with pytest.raises(ValueError, match="names must be sorted"):
        RawEvents(one, np.zeros(1, np.int64), one, ("v", "u"), ("a",))

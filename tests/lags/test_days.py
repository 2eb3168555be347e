"""Saved days: what comes back is what counting all days at once gives, and what could differ unseen is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from causalviz.errors import CausalVizError, SettingsError, StoreError, UnreadableLog
from causalviz.events.log import Behaviour
from causalviz.events.mapping import Roles
from causalviz.events.readers import read_events
from causalviz.events.report import ReadReport
from causalviz.events.rules import RARE, Rules, apply_rules
from causalviz.lags import count_lags, days
from causalviz.lags.days import COUNTS, DAYS, open_days, save_day


def logs(folder: Path, rows: int = 300) -> tuple[Path, Path, Path]:
    """Two days of the same users, and both days as one file."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "user": rng.choice(["ann", "bob", "cy"], rows),
            "event": rng.choice(["view", "add", "buy"], rows, p=[0.7, 0.2, 0.1]),
            "time": pd.Timestamp("2024-03-01") + pd.to_timedelta(rng.integers(0, 172_000, rows), "s"),
        }
    )
    frame.loc[frame["time"] < "2024-03-02", "event"] = frame["event"].replace("buy", "view")  # new on the second day
    parts = frame[frame["time"] < "2024-03-02"], frame[frame["time"] >= "2024-03-02"], frame
    for name, part in zip(("one", "two", "both"), parts, strict=True):
        part.to_csv(folder / f"{name}.csv", index=False)
    return folder / "one.csv", folder / "two.csv", folder / "both.csv"


def add(folder: Path, file: Path, content: str = "", **changes: object) -> days.SavedDays:
    raw, report = read_events(file)
    log = apply_rules(raw, Rules())
    return save_day(folder, log, replace(report, **changes) if changes else report, content or file.name)


def test_two_days_equal_both_at_once(tmp_path: Path) -> None:
    one, two, both = logs(tmp_path)
    first = add(tmp_path / "days", one)
    saved = add(tmp_path / "days", two)
    log = apply_rules(read_events(both).raw, Rules())
    assert saved.log.fingerprint == log.fingerprint
    counts = count_lags(log, first.counts.grid)
    assert saved.counts.behaviours == counts.behaviours
    assert all(np.array_equal(array, saved.counts.arrays()[name]) for name, array in counts.arrays().items())
    assert (saved.log.report.events, saved.contents) == (300, ("one.csv", "two.csv"))
    assert [path.name for path in sorted((tmp_path / "days").glob("day-*"))] == ["day-000002"]


def test_a_day_is_not_added_twice(tmp_path: Path) -> None:
    one, two, _ = logs(tmp_path)
    add(tmp_path / "days", one)
    saved = add(tmp_path / "days", two)
    assert add(tmp_path / "days", one).log.n_events == saved.log.n_events == 300


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"roles": Roles(user="session", event="event", time="time")}, "with the column 'user' for the user"),
        ({"time_unit": "seconds since 1970"}, "were read as 'date and time"),
    ],
)
def test_days_that_were_read_otherwise_are_refused(changes: dict[str, object], said: str, tmp_path: Path) -> None:
    one, two, _ = logs(tmp_path)
    add(tmp_path / "days", one)
    with pytest.raises(SettingsError, match=said):
        add(tmp_path / "days", two, **changes)
    saved = open_days(tmp_path / "days")
    assert saved is not None
    assert saved.contents == ("one.csv",)


def test_items_and_rare_behaviours_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two, _ = logs(tmp_path)
    raw, report = read_events(one)
    log = apply_rules(raw, Rules())
    for behaviour, said in ((Behaviour("view A", "view", "A"), "--item"), (RARE, "grouped by their number")):
        grouped = replace(log, behaviours=(behaviour, *log.behaviours[1:]))
        with pytest.raises(SettingsError, match=said):
            save_day(tmp_path / "days", grouped, report, "one")
    add(tmp_path / "days", one)
    monkeypatch.setattr(days, "MAX_BEHAVIOURS", 2)
    with pytest.raises(SettingsError, match="3 behaviours together"):
        add(tmp_path / "days", two)


@pytest.mark.parametrize("damage", ["counts", "events", "format", "shape"])
def test_what_is_damaged_is_named(damage: str, tmp_path: Path) -> None:
    saved = add(tmp_path / "days", logs(tmp_path)[0])
    counts, card = saved.log.folder / COUNTS, saved.log.folder / DAYS
    if damage == "counts":
        counts.write_bytes(counts.read_bytes()[:500])
    elif damage == "format":
        card.write_text(json.dumps({**json.loads(card.read_text()), "format": 99}))
    else:
        arrays = {**saved.counts.arrays()}
        arrays["events"] = arrays["events"] + 1 if damage == "events" else arrays["events"][:3]
        np.savez(counts, allow_pickle=False, **arrays)
    with pytest.raises(UnreadableLog, match="damaged"):
        open_days(tmp_path / "days")


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    one, _, _ = logs(tmp_path)
    with pytest.raises(StoreError, match="something else"):
        add(tmp_path, one)


def test_a_day_that_fails_leaves_the_day_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    one, two, _ = logs(tmp_path)
    add(tmp_path / "days", one)
    monkeypatch.setattr(days, "write_card", full)
    with pytest.raises(CausalVizError, match="No space left"):
        add(tmp_path / "days", two)
    saved = open_days(tmp_path / "days")
    assert saved is not None
    assert saved.contents == ("one.csv",)


def test_another_process_that_added_a_day_meanwhile_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two, both = logs(tmp_path)
    add(tmp_path / "days", one)

    def meanwhile(before: ReadReport, today: ReadReport) -> None:
        monkeypatch.undo()
        add(tmp_path / "days", both)

    monkeypatch.setattr(days, "_refuse_other_reading", meanwhile)
    with pytest.raises(StoreError, match="meanwhile"):
        add(tmp_path / "days", two)

"""A date and a clock time in two columns are one moment; a third column of moments says more than both."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from causalviz.events.readers import inspect, read_events
from causalviz.events.times import moment_text

ROWS = [(f"u{k % 3}", "view" if k % 2 else "cart", 10 + k % 5, 8 + k % 3, k) for k in range(30)]
MOMENTS = sorted(f"2024-03-{day} {hour:02d}:{minute:02d}:00" for _, _, day, hour, minute in ROWS)
SPELLINGS = {  # names of both columns, and how their values are written
    "iso": ("date", "time", "2024-03-{day}", "{hour:02d}:{minute:02d}:00"),
    "midnight": ("event_date", "event_time", "2024-03-{day} 00:00:00", "{hour:02d}:{minute:02d}"),
    "slashes": ("date", "time", "{day}/03/2024", "{hour:02d}:{minute:02d} AM"),
    "digits": ("day", "time", "202403{day}", "{hour}:{minute:02d}:00"),
    "chinese": ("日期", "时间", "2024年3月{day}日", "上午{hour}时{minute:02d}分"),
}


def log(spelling: str) -> str:
    *names, day_form, clock_form = SPELLINGS[spelling]
    lines = [
        f"{user},{event},{day_form.format(day=day)},{clock_form.format(hour=hour, minute=minute)}"
        for user, event, day, hour, minute in ROWS
    ]
    return "\n".join([f"user,event,{','.join(names)}", *lines])


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_both_together_say_when(tmp_path: Path, spelling: str) -> None:
    path = tmp_path / "log.csv"
    path.write_text(log(spelling), encoding="utf-8")
    raw, report = read_events(path)
    day, clock = SPELLINGS[spelling][:2]
    assert report.roles.time == f"{day} + {clock}"
    assert not report.dropped
    assert sorted(moment_text(int(tick), dated=True) for tick in raw.time) == MOMENTS


@pytest.mark.parametrize("kind", ["xlsx", "parquet"])
def test_dates_and_clock_times_of_other_files(tmp_path: Path, kind: str) -> None:
    rows = [(user, event, date(2024, 3, day), time(hour, minute)) for user, event, day, hour, minute in ROWS]
    table, path = pd.DataFrame(rows, columns=["user", "event", "date", "time"]), tmp_path / f"log.{kind}"
    if kind == "xlsx":
        table.to_excel(path, index=False)
    else:
        table.to_parquet(path)
    raw, _ = read_events(path)
    assert sorted(moment_text(int(tick), dated=True) for tick in raw.time) == MOMENTS


def test_a_row_without_one_of_them_has_no_time(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(log("iso") + "\nu1,view,2024-03-11,\nu1,view,NULL,08:00:00", encoding="utf-8")
    assert read_events(path).report.dropped == {"no time": 2}


def test_a_third_column_without_times_is_no_hindrance(tmp_path: Path) -> None:
    first, *rest = log("iso").splitlines()
    path = tmp_path / "log.csv"
    path.write_text("\n".join([f"{first},create_time", *(f"{line},unknown" for line in rest)]), encoding="utf-8")
    raw, report = read_events(path)
    assert report.roles.time == "date + time"
    assert sorted(moment_text(int(tick), dated=True) for tick in raw.time) == MOMENTS


def test_whole_moments_say_more(tmp_path: Path) -> None:
    rows = [line.split(",") for line in log("iso").splitlines()]
    whole = ["timestamp", *(f"2024-05-{1 + k % 9}T10:00:{k:02d}" for k in range(len(ROWS)))]
    path = tmp_path / "log.csv"
    path.write_text("\n".join(",".join([*row, when]) for row, when in zip(rows, whole, strict=True)))
    assert read_events(path).report.roles.time == "timestamp"
    assert [column.name for column in inspect(path).columns] == ["user", "event", "date", "time", "timestamp"]


def test_days_alone_stay_days(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("\n".join(line.rpartition(",")[0] for line in log("iso").splitlines()))
    raw, report = read_events(path)
    assert report.roles.time == "date"
    assert np.all(raw.time % 86_400_000 == 0)

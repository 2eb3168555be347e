"""A log prepared on the disk is the log in memory, event for event, and so is the account of its reading."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from causalviz.errors import CausalVizError, UnreadableLog
from causalviz.events import parts, prepared, preparing
from causalviz.events.folders import STAGING
from causalviz.events.mapping import Roles
from causalviz.events.prepared import CARD, EVENTS, PreparedLog
from causalviz.events.preparing import prepare
from causalviz.events.readers import read_events
from causalviz.events.rules import Rules, apply_rules
from causalviz.lags import LagGrid, count_lags, counts
from causalviz.model.evidence import sample_histories

TIMES = ("2024-03-01 10:00:00", "2024-03-01 10:00:07.250", "2024-02-28T23:59:59Z", "", "yesterday")
SHARES = [0.3, 0.3, 0.3, 0.025, 0.025, 0.025, 0.025]
KILLED = """
import os, signal, sys
from pathlib import Path
from causalviz.events import preparing
from causalviz.events.mapping import Roles
from causalviz.events.rules import Rules

def die(what, done, total):
    if what == "events put in order":
        os.kill(os.getpid(), signal.SIGKILL)

preparing.prepare(Path(sys.argv[1]), Roles(), Rules(), Path(sys.argv[2]), on_rows=die)
"""


def messy(rows: int = 400, seed: int = 0) -> pd.DataFrame:
    """A log with everything that goes wrong: disorder, duplicates, ties, missing and unreadable values, blanks."""
    rng = np.random.default_rng(seed)
    second = rng.integers(0, 300, rows)
    frame = pd.DataFrame(
        {
            "user": rng.choice(
                ["ann", " bob ", "carl", "dora", "", "NULL", "é" * 2100], rows, p=[0.3] * 3 + [0.025] * 4
            ),
            "event": rng.choice(["view", "add", "buy", "like ", "None"], rows),
            "time": pd.to_datetime(1_700_000_000_000 + 250 * second, unit="ms").astype(str),
            "item": rng.choice(["A", "B", "C", "D", ""], rows),
        }
    )
    frame.loc[rng.random(rows) < 0.03, "time"] = "yesterday"
    frame.loc[rng.random(rows) < 0.03, "time"] = ""
    return pd.concat([frame, frame.sample(30, random_state=seed)], ignore_index=True)


def as_csv(frame: pd.DataFrame, folder: Path) -> Path:
    frame.to_csv(folder / "log.csv", index=False)
    return folder / "log.csv"


def as_parquet(frame: pd.DataFrame, folder: Path) -> Path:
    typed = frame.assign(time=pd.to_datetime(frame["time"], format="ISO8601", errors="coerce"))
    typed.to_parquet(folder / "log.parquet", row_group_size=50)
    return folder / "log.parquet"


def as_folder(frame: pd.DataFrame, folder: Path) -> Path:
    for k in range(3):
        frame[k::3].to_parquet(folder / f"part-{k}.parquet", row_group_size=40)
    return folder


def assert_equal(path: Path, roles: Roles, rules: Rules, home: Path) -> None:
    raw, report = read_events(path, roles)
    log, on_disk = apply_rules(raw, rules), prepare(path, roles, rules, home)
    assert on_disk.report == report
    assert on_disk.behaviours == log.behaviours
    assert on_disk.user_names == log.user_names
    assert np.array_equal(on_disk.sizes, log.sizes)
    assert on_disk.take_users(np.arange(log.n_users)).fingerprint == log.fingerprint == on_disk.fingerprint
    assert sample_histories(on_disk, 100, 3).fingerprint == sample_histories(log, 100, 3).fingerprint
    grid = LagGrid.from_log(log)
    assert LagGrid.from_log(on_disk) == grid
    found, same = count_lags(log, grid), count_lags(on_disk, grid)
    assert all(np.array_equal(array, same.arrays()[name]) for name, array in found.arrays().items())


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many chunks, parts and row groups in a small log, and many batches to count."""
    monkeypatch.setattr(parts, "PART_EVENTS", 60)
    monkeypatch.setattr(preparing, "BATCH_EVENTS", 25)
    monkeypatch.setattr(preparing, "CHUNK_ROWS", 70)
    monkeypatch.setattr(counts, "LEAST_SHARED", 0)  # two threads count


@pytest.mark.parametrize("write", [as_csv, as_parquet, as_folder])
@pytest.mark.parametrize("rules", [Rules(), Rules(level="item", top_items=2)])
@pytest.mark.usefixtures("small_pieces")
def test_a_messy_log_is_the_same_on_the_disk_as_in_memory(
    write: Callable[[pd.DataFrame, Path], Path], rules: Rules, tmp_path: Path
) -> None:
    (tmp_path / "log").mkdir()
    path = write(messy(), tmp_path / "log")
    roles = Roles(user="user", event="event", time="time", item="item")
    assert_equal(path, roles, rules, tmp_path / "home")


@given(rows=st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.sampled_from(TIMES)), min_size=2))
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_both_ways_give_the_same_log_or_the_same_refusal(rows: list[tuple[str, str, str]], tmp_path: Path) -> None:
    path = as_csv(pd.DataFrame(rows, columns=["user", "event", "time"]), tmp_path)
    roles = Roles(user="user", event="event", time="time")
    try:
        apply_rules(read_events(path, roles).raw, Rules())
        refusal = None
    except CausalVizError as error:
        refusal = error
    if refusal is None:
        assert_equal(path, roles, Rules(), tmp_path / "home")
    else:
        with pytest.raises(type(refusal), match=re.escape(str(refusal))):
            prepare(path, roles, Rules(), tmp_path / "home")


def test_the_second_run_finds_what_the_first_prepared_whatever_the_file_is_called(tmp_path: Path) -> None:
    path, home, seen = as_csv(messy(), tmp_path), tmp_path / "home", []
    first = prepare(path, Roles(), Rules(), home)
    again = prepare(path.rename(tmp_path / "copy.csv"), Roles(), Rules(), home, on_rows=lambda *told: seen.append(told))
    assert again.folder == first.folder
    assert again.report.file == "copy.csv"
    assert {what for what, _, _ in seen} == {"megabytes compared with earlier runs"}
    assert prepare(tmp_path / "copy.csv", Roles(item="item"), Rules(), home).folder != first.folder


def test_a_process_killed_while_it_prepares_leaves_nothing_that_counts(tmp_path: Path) -> None:
    path, home = as_csv(messy(), tmp_path), tmp_path / "home"
    subprocess.run([sys.executable, "-c", KILLED, str(path), str(home)], check=False)
    assert [folder.name for folder in home.iterdir()] == [STAGING]
    assert len(list((home / STAGING).iterdir())) == 1
    prepare(path, Roles(), Rules(), home)
    assert not list((home / STAGING).iterdir())


def test_two_that_prepare_the_same_file_at_once_both_end_well(tmp_path: Path) -> None:
    path, home, logs = as_csv(messy(), tmp_path), tmp_path / "home", list[PreparedLog]()

    def second(what: str, _done: int, _total: int) -> None:
        if what == "events put in order" and not logs:
            other = Thread(target=lambda: logs.append(prepare(path, Roles(), Rules(), home)))
            other.start()
            other.join()

    first = prepare(path, Roles(), Rules(), home, on_rows=second)
    assert logs[0].folder == first.folder
    assert sorted(file.name for file in first.folder.iterdir()) == [CARD, EVENTS, prepared.USERS]
    assert not list((home / STAGING).iterdir())


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), RuntimeError("Query interrupted")])  # as the engine says it
def test_what_was_interrupted_leaves_nothing(stop: BaseException, tmp_path: Path) -> None:
    def cancel(what: str, _done: int, _total: int) -> None:
        if what == "rows read":
            raise stop

    path, home = as_csv(messy(), tmp_path), tmp_path / "home"
    with pytest.raises(KeyboardInterrupt):
        prepare(path, Roles(), Rules(), home, on_rows=cancel)
    assert not list((home / STAGING).iterdir())


def test_a_prepared_log_that_somebody_damaged_is_prepared_again(tmp_path: Path) -> None:
    path, home = as_csv(messy(), tmp_path), tmp_path / "home"
    log = prepare(path, Roles(), Rules(), home)
    os.truncate(log.folder / EVENTS, 100)
    with pytest.raises(UnreadableLog, match="damaged"):
        PreparedLog.open(log.folder)
    assert prepare(path, Roles(), Rules(), home).n_events == log.n_events


def test_only_the_level_of_items_can_be_chosen(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="hidden"):
        prepare(tmp_path / "log.csv", Roles(), Rules(hidden=("view",)), tmp_path)

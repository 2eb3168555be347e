"""Saved days: the events and counts of all days so far, in a folder that grows a day at a time.

The folder holds one folder per state, ``day-000001`` and so on; the last one counts, and those before it are deleted.
A state appears whole or not at all, so that whatever is killed or runs out of disk leaves the day before. In it lie a
prepared log (``events.prepared``), ``counts.npz`` (plain arrays of whole numbers) and ``days.json``: the lag grid, the
columns, and each day's file by its content, so that no day is counted twice.

Days add up only if they were read alike. What could differ without anybody seeing it is refused: other columns,
another way of writing times, and items or rare behaviours, which are grouped by how frequent they were on that day.
"""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from causalviz.errors import SettingsError, StoreError, UnreadableLog
from causalviz.events.folders import sweep, write_folder
from causalviz.events.log import Batch, Histories
from causalviz.events.prepared import PreparedLog, write_card, write_prepared
from causalviz.events.report import ReadReport
from causalviz.events.rules import MAX_BEHAVIOURS, RARE
from causalviz.lags.counts import LagCounts, count_lags, no_counts
from causalviz.lags.grid import LagGrid
from causalviz.lags.increment import Joined, add_day, join_days

if TYPE_CHECKING:
    from causalviz.events.preparing import OnRows

FORMAT: Final = 1
COUNTS, DAYS = "counts.npz", "days.json"
_STATE: Final = re.compile(r"day-(\d{6})")


@dataclass(frozen=True, eq=False)
class SavedDays:
    """All days so far.

    Attributes:
        log: Their events.
        counts: Their lag counts.
        contents: Digest of each day's file.
        number: Of the state.
        grew: Whether ``save_day`` has added a day just now.
    """

    log: PreparedLog
    counts: LagCounts
    contents: tuple[str, ...]
    number: int
    grew: bool = False


def open_days(folder: Path) -> SavedDays | None:
    """Reads the last state of a folder; None if there is none yet.

    Raises:
        UnreadableLog: If it is damaged or of another format.
        StoreError: If the folder holds something else.
    """
    states = sorted(path for path in folder.glob("day-*") if _STATE.fullmatch(path.name))
    if not states:
        if folder.exists() and (not folder.is_dir() or any(not path.name.startswith(".") for path in folder.iterdir())):
            raise StoreError(f"{str(folder)!r} holds something else than days; name a new or empty folder.")
        return None
    state = states[-1]
    log = PreparedLog.open(state)
    try:
        told = json.loads((state / DAYS).read_text(encoding="utf-8"))
        if told["format"] != FORMAT:
            raise ValueError(f"format {told['format']}")
        grid = LagGrid(tuple(int(edge) for edge in told["grid"]))
        counts = no_counts(log.behaviours, grid, int(told["groups"]))
        with (state / COUNTS).open("rb") as file, np.load(file, allow_pickle=False) as saved:
            for name, array in counts.arrays().items():
                if saved[name].shape != array.shape or saved[name].dtype != array.dtype or saved[name].min() < 0:
                    raise ValueError(f"the array {name!r}")
                array[:] = saved[name]
        if int(counts.events.sum()) != log.n_events:
            raise ValueError("the number of events")
        contents = tuple(str(content) for content in told["days"])
    except (OSError, ValueError, KeyError, TypeError, SettingsError, zipfile.BadZipFile) as error:
        raise UnreadableLog(
            f"The saved days in {str(state)!r} are damaged ({error}); delete that folder and add the days again."
        ) from None
    return SavedDays(log, counts, contents, int(state.name[-6:]))


def save_day(
    folder: Path, log: Histories, report: ReadReport, content: str, *, on_rows: OnRows | None = None
) -> SavedDays:
    """Adds a day to the folder, or begins it; a day that is in it already is not added again.

    Args:
        folder: Of the days.
        log: Today's events.
        report: How they were read.
        content: Digest of today's file.
        on_rows: Told (what is done, events done, events in all).

    Returns:
        All days.

    Raises:
        SettingsError: If today was read otherwise than the days before.
        UnreadableLog: If what is saved is damaged.
        StoreError: If the disk refuses, or another process added a day meanwhile.
    """
    told = on_rows or (lambda _what, _done, _total: None)
    sweep(folder)
    before = open_days(folder)
    if before is not None and content in before.contents:
        return before
    _refuse_groups(log)
    if before is not None:
        _refuse_other_reading(before.log.report, report)
    try:
        return _grown(folder, before, log, report, content, told)
    except (OSError, StoreError):
        if before is not None and not before.log.folder.exists():
            raise StoreError(
                f"Another process added a day to {str(folder)!r} meanwhile; run the command again."
            ) from None
        raise


def _grown(
    folder: Path, before: SavedDays | None, log: Histories, report: ReadReport, content: str, told: OnRows
) -> SavedDays:
    """Writes the state with one more day and deletes the one before."""
    joined = _alone(log) if before is None else join_days(before.log, log)
    if len(joined.behaviours) > MAX_BEHAVIOURS:
        raise SettingsError(
            f"The days have {len(joined.behaviours)} behaviours together, and above {MAX_BEHAVIOURS} the rarest are "
            "grouped by their number of events, which changes from day to day; read all days as one log."
        )
    account = report if before is None else _both(before.log.report, report)
    contents = (content,) if before is None else (*before.contents, content)

    def write(passing: Path) -> None:
        fingerprint = write_prepared(
            passing, joined.behaviours, joined.user_names, joined.sizes, _telling(joined, told)
        )
        write_card(passing, joined.behaviours, account, fingerprint)
        both = PreparedLog.open(passing)
        if before is None:
            counts = count_lags(both, LagGrid.from_log(both))
        else:
            counts = add_day(before.counts, before.log, log, both)
        np.savez(passing / COUNTS, allow_pickle=False, **counts.arrays())
        card = {"format": FORMAT, "grid": counts.grid.edges, "groups": len(counts.users), "days": contents}
        (passing / DAYS).write_text(json.dumps(card), encoding="utf-8")

    write_folder(folder, f"day-{1 if before is None else before.number + 1:06d}", write)
    saved = open_days(folder)
    if saved is None or saved.contents != contents:
        raise StoreError(f"Another process added a day to {str(folder)!r} meanwhile; run the command again.")
    if before is not None:
        shutil.rmtree(before.log.folder, ignore_errors=True)
    return replace(saved, grew=True)


def _alone(log: Histories) -> Joined:
    return Joined(log.behaviours, log.user_names, log.sizes, log.batches())


def _telling(joined: Joined, told: OnRows) -> Iterator[Batch]:
    done = 0
    for batch in joined.batches:
        yield batch
        done += len(batch.user)
        told("events saved", done, int(joined.sizes.sum()))


def _refuse_groups(log: Histories) -> None:
    if any(behaviour.item is not None for behaviour in log.behaviours):
        raise SettingsError(
            "Days cannot be added where a behaviour is an event with an item, because the most frequent items differ "
            "from day to day; leave --item out, or read all days as one log."
        )
    if RARE in log.behaviours:
        raise SettingsError(
            f"The day has more than {MAX_BEHAVIOURS} behaviours, whose rarest were grouped by their number of events, "
            "which changes from day to day; read all days as one log."
        )


def _refuse_other_reading(before: ReadReport, today: ReadReport) -> None:
    for role, column in asdict(before.roles).items():
        other = getattr(today.roles, role)
        if role != "attributes" and other != column:
            raise SettingsError(
                f"The days before were read with the column {column!r} for the {role} and {today.file} with {other!r}; "
                f"name the same columns, as in --user, --event, --time."
            )
    if before.time_unit != today.time_unit:
        raise SettingsError(
            f"The times of the days before were read as {before.time_unit!r} and those of {today.file} as "
            f"{today.time_unit!r}; write them alike, or read all days as one log."
        )


def _both(before: ReadReport, today: ReadReport) -> ReadReport:
    """The account of both days: sums, and today's examples."""
    reasons = (*before.dropped, *today.dropped)
    return replace(
        today,
        rows=before.rows + today.rows,
        events=before.events + today.events,
        dropped={reason: before.dropped.get(reason, 0) + today.dropped.get(reason, 0) for reason in reasons},
        duplicates=before.duplicates + today.duplicates,
        out_of_order=before.out_of_order + today.out_of_order,
        furthest_back_s=max(before.furthest_back_s, today.furthest_back_s),
        time_doubts=tuple(dict.fromkeys((*before.time_doubts, *today.time_doubts))),
    )

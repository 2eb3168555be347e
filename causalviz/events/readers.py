"""Readers: from a file to raw events, and an account of what was read, dropped and why.

``inspect`` shows a file before its roles are chosen; ``read_events`` reads it. A row without a user, a behaviour or a
readable time is dropped and counted; the first such rows are kept, with the line on which an editor shows them.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Final, NamedTuple, get_args

import numpy as np

from causalviz.errors import RoleError, UnusableLog
from causalviz.events.faults import cut, dropped_by_reason, fault_counts, first_offending, pick, refuse_all_dropped
from causalviz.events.limits import MOST_ROWS, too_many
from causalviz.events.log import TICKS_PER_S
from causalviz.events.mapping import Column, Kind, Role, Roles, Source, check_columns, detect_roles, names_a_time
from causalviz.events.raw import NO_CODE, RawEvents
from causalviz.events.report import OffendingRow, ReadReport
from causalviz.events.tables import MISSING, Table, open_table
from causalviz.events.times import PLAUSIBLE_MS, Clock, moment_text

__all__ = ["Reading", "Source", "inspect", "read_events"]

PREVIEW_ROWS: Final = 20
EXACT_ROWS: Final = 1_000_000  # up to here different values are counted exactly
KNOWN_SHARE: Final = 0.8  # of a column's values must read as dates for it to count as one
COUNTED_AT_ONCE: Final = 8  # columns; the different values of all of them are in memory together
WIDE: Final = 60  # columns; of more than that, only those that may be times are tried as times
DAY_S: Final = 86_400

_NUMBER: Final = re.compile(r"[-+]?\d+(\.\d+)?")
_MAY_BE_TIME: Final = re.compile(r"\d{8,}(\.\d+)?|\d{4}\s*[-/.年].*|\w{1,9}[-/. ]\w{1,9},?[-/. ]\d{4}($|\W.*)")


class Reading(NamedTuple):
    """Events and the account of their reading."""

    raw: RawEvents
    report: ReadReport


def inspect(path: str | PathLike[str], *, title: str | None = None) -> Source:
    """Looks at a file: its format, columns and first rows.

    Args:
        path: CSV, TSV, Parquet, JSON, XES or Excel, packed or not, or a folder of Parquet files.
        title: What to call it in messages; by default its name.

    Raises:
        UnreadableLog: If it cannot be read.
        UnusableLog: If it has no rows, or more than memory holds.
    """
    file = Path(path)
    with open_table(file, title or file.name, most_rows=MOST_ROWS) as table:
        _refuse_empty(table)
        _refuse_too_many(table)
        return _describe(table)


def read_events(path: str | PathLike[str], roles: Roles | None = None, *, title: str | None = None) -> Reading:
    """Reads the events of a file.

    Args:
        path: CSV, TSV, Parquet, JSON, XES or Excel, packed or not, or a folder of Parquet files.
        roles: Which column is what. If who, what or when is missing, the missing roles are detected.
        title: What to call the file in messages; by default its name.

    Raises:
        UnreadableLog: If the file cannot be read.
        RoleError: If a column is missing or cannot be told.
        UnusableLog: If no events, or fewer than two behaviours, are left, or there are more than memory holds.
    """
    file = Path(path)
    with open_table(file, title or file.name, most_rows=MOST_ROWS) as table:
        _refuse_too_many(table)
        columns = choose_columns(table, roles)
        pick(table, table.source, *columns)
        dropped = dropped_by_reason(columns.roles, fault_counts(table), table.rejected)
        offending = first_offending(table, columns.roles)
        refuse_all_dropped(table, dropped, offending)
        raw, backwards = _encode(table)
    span = Span(int(raw.time.min()), int(raw.time.max()), int(np.count_nonzero(raw.time > future_ticks())))
    names = raw.event_names, raw.item_names, raw.category_names
    refuse_useless(table.title, columns, raw.n_events, span, names)
    return Reading(
        raw, report_of(table, columns, dropped, offending, raw.n_events, span, int(raw.repeats.sum()), backwards)
    )


class Columns(NamedTuple):
    """Which column is what, and how the times are read."""

    roles: Roles
    clock: Clock


class Span(NamedTuple):
    """First and last moment, ticks, and how many events lie in the future."""

    first: int
    last: int
    late: int


class Backwards(NamedTuple):
    """Events that stand after a later one of their user: how many, and how much later at most, ticks."""

    events: int
    furthest: int


def choose_columns(table: Table, roles: Roles | None) -> Columns:
    """Detects the roles that are missing, and how the times are read.

    Raises:
        RoleError: If a column is missing or cannot be told.
        UnusableLog: If there are no rows.
    """
    _refuse_empty(table)
    if roles is None or not roles.is_complete:
        roles = detect_roles(_describe(table), roles)
    check_columns(roles, table.names, table.title)
    _refuse_lists(table, roles)
    return Columns(roles, _clock(table, roles))


def _refuse_empty(table: Table) -> None:
    if table.rows == 0 and table.rejects:
        first = table.rejects[0]
        raise UnusableLog(
            f"No row of {table.title} is usable: the first, line {first.line}, has {first.reason} "
            f"({cut(first.text)!r}); write every row with the columns of the header."
        )
    if table.rows == 0:
        where = " below its header" if table.dialect else ""
        raise UnusableLog(f"{table.title} has no rows{where}; choose a log with one row per event.")


def _refuse_too_many(table: Table) -> None:
    if table.rows > MOST_ROWS:
        raise too_many(table.title, f"{table.rows:,}", MOST_ROWS)


def refuse_useless(
    title: str, columns: Columns, events: int, span: Span, names: tuple[Sequence[str], Sequence[str], Sequence[str]]
) -> None:
    """Refuses a log without time, or with one behaviour; ``names`` are those of events, items and categories.

    Raises:
        UnusableLog: If it is one.
    """
    if events > 1 and span.first == span.last:
        moment = moment_text(span.first, columns.clock.dated)
        raise UnusableLog(
            f"All events of {title} have the same time in column {columns.roles.time!r} ({moment}), so none comes "
            "before another; choose the column that says when each happened."
        )
    if len(names[0]) < 2 and max(len(names[1]), len(names[2])) < 2:
        raise UnusableLog(
            f"{title} has one behaviour only, {names[0][0]!r} in column {columns.roles.event!r}; "
            "choose the column that tells behaviours apart."
        )


def report_of(
    table: Table,
    columns: Columns,
    dropped: dict[str, int],
    offending: tuple[OffendingRow, ...],
    events: int,
    span: Span,
    duplicates: int,
    backwards: Backwards,
) -> ReadReport:
    """The account of a reading."""
    roles, clock = columns
    return ReadReport(
        file=table.title,
        format=table.format,
        rows=table.rows + table.rejected,
        events=events,
        dropped=dropped,
        first_offending=offending,
        duplicates=duplicates,
        out_of_order=backwards.events,
        time_unit=clock.unit,
        roles=replace(roles, attributes=tuple(name for name in table.names if name not in _used(roles))),
        furthest_back_s=backwards.furthest / TICKS_PER_S,
        time_doubts=tuple(doubt for doubt in (clock.doubt, _future(clock, events, span)) if doubt),
    )


def future_ticks() -> float:
    """From when on an event lies in the future; a day's difference may be a zone."""
    return (time.time() + DAY_S) * TICKS_PER_S


def _describe(table: Table) -> Source:
    numbers: list[int] = []  # different values, values; of each column in turn
    for k in range(0, len(table.names), COUNTED_AT_ONCE):
        asked = [_numbers_of(table, name) for name in table.names[k : k + COUNTED_AT_ONCE]]
        numbers += table.source.aggregate(", ".join(asked)).fetchall()[0]
    preview = table.preview(PREVIEW_ROWS)
    samples = {name: [str(value) for value in preview[name].dropna().unique()] for name in table.names}
    columns = []
    for k, name in enumerate(table.names):
        kind, clock = _kind(table, name, samples[name])
        distinct, filled = numbers[2 * k : 2 * k + 2]
        unreadable = _unreadable(table, name) if kind == "text" and names_a_time(name) else ""
        share, first = filled / max(1, table.rows), tuple(samples[name][:3])
        seen = Column(name, kind, distinct, share, first, unreadable, is_joined=name == table.joined)
        if clock is not None:
            seen = replace(seen, unit=clock.unit, doubt=clock.doubt, may_be_swapped=bool(clock.rivals))
        columns.append(seen)
    return Source(table.title, table.format, table.rows, tuple(columns), preview)


def _numbers_of(table: Table, name: str) -> str:
    """SQL for how many different values a column has, and how many values; roughly for many rows."""
    if table.rows <= EXACT_ROWS:
        return f"count(distinct {table.value(name)}), count({table.value(name)})"
    column = f"c{table.names.index(name)}"
    return f"approx_count_distinct({column}), count(*) filter ({column} not in {MISSING})"


def _kind(table: Table, name: str, sample: Sequence[str]) -> tuple[Kind, Clock | None]:
    """How the values read, and the clock of those that may be times."""
    told = [value.strip() for value in sample if value.strip()]
    if len(table.names) > WIDE and not (names_a_time(name) or any(map(_MAY_BE_TIME.fullmatch, told))):
        return "number" if told and all(map(_NUMBER.fullmatch, told)) else "text", None
    clock = table.clock(name)
    if clock is None or clock.share < KNOWN_SHARE:
        return "text", None
    if not clock.numeric:
        return "time", clock
    middle = clock.read(table.source.project(f"{table.value(name)} as told").limit(1000)).aggregate("median(ms)")
    low, high = PLAUSIBLE_MS
    return "time" if clock.dated and low <= (middle.fetchall()[0][0] or 0) <= high else "number", clock


def _unreadable(table: Table, name: str) -> str:
    """The first value of a column that its best clock cannot read; empty if there is none."""
    clock = table.clock(name)
    told = table.source.project(f"row, {table.value(name)} as told").filter("told IS NOT NULL")
    wrong = told if clock is None else clock.read(told).filter("ms IS NULL")
    first = wrong.order("row").limit(1).project("told").fetchall()
    return cut(first[0][0]) if first else ""


def _used(roles: Roles) -> set[str | None]:
    return {roles.user, roles.event, roles.time, roles.item, roles.category, roles.session}


def _clock(table: Table, roles: Roles) -> Clock:
    name = roles.time or ""
    clock = table.clock(name, roles.dates)
    if clock is None:
        first = table.source.project(f"c{table.names.index(name)}").limit(1).fetchall()[0][0]
        raise RoleError(
            f"The column {name!r} of {table.title} holds no times (its first value is {cut(first or '')!r}); "
            "choose the column with dates or seconds."
        )
    return clock


def _refuse_lists(table: Table, roles: Roles) -> None:
    for role in get_args(Role):
        name = roles.column(role)
        if name in table.lists:
            first = table.source.project(f"c{table.names.index(name)}").limit(1).fetchall()
            raise RoleError(
                f"The column {name!r} of {table.title}, chosen for the {role}, holds many values in one row "
                f"({cut(first[0][0] or '')!r}); write one row per event, or choose another column."
            )


def _future(clock: Clock, events: int, span: Span) -> str:
    """A doubt about times that are still to come."""
    if not (clock.dated and span.late):
        return ""
    return (
        f"{span.late:,} of {events:,} events lie in the future, the last at {moment_text(span.last, clock.dated)}; "
        "their clock was wrong, or the times were misread."
    )


def _encode(table: Table) -> tuple[RawEvents, Backwards]:
    """Names to codes, rows sorted."""
    engine = table.engine
    engine.table("picked").filter("fault IS NULL").create_view("usable")
    names = {key: _names(table, key) for key in ("who", "what", "item", "category")}
    codes = [
        f"coalesce(enum_code({key}::{key}_names)::INTEGER, {NO_CODE}) as {key}" if names[key] else f"{NO_CODE} as {key}"
        for key in names
    ]
    engine.view("usable").project(", ".join(["row", "ms", *codes])).create("coded")
    coded = engine.table("coded")
    back = coded.project("lag(ms) over (partition by who order by row) - ms as back").filter("back > 0")
    events, furthest = back.aggregate("count(*), coalesce(max(back), 0)").fetchall()[0]
    columns = coded.project("who, ms, what, item, category").order("who, ms, what, item, category").fetchnumpy()
    return (
        RawEvents(
            user=columns["who"].astype(np.int32),
            time=columns["ms"].astype(np.int64),
            event=columns["what"].astype(np.int32),
            item=columns["item"].astype(np.int32) if names["item"] else None,
            category=columns["category"].astype(np.int32) if names["category"] else None,
            user_names=names["who"],
            event_names=names["what"],
            item_names=names["item"],
            category_names=names["category"],
        ),
        Backwards(int(events), int(furthest)),
    )


def _names(table: Table, key: str) -> tuple[str, ...]:
    """The sorted names in a column of ``usable``; makes them the type ``<key>_names``."""
    present = table.engine.view("usable").filter(f"{key} IS NOT NULL")
    found = tuple(str(name) for (name,) in present.project(key).distinct().order(key).fetchall())
    if found:
        present.project(key).distinct().create_view(f"{key}_present")
        table.engine.execute(f"create type {key}_names as enum (select {key} from {key}_present order by {key})")  # noqa: S608  # our own names
    return found

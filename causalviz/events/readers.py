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
from causalviz.events.log import TICKS_PER_S
from causalviz.events.mapping import Column, Kind, Role, Roles, Source, check_columns, detect_roles, names_a_time
from causalviz.events.raw import NO_CODE, RawEvents
from causalviz.events.report import BROKEN_ROW, OffendingRow, ReadReport
from causalviz.events.tables import Table, open_table
from causalviz.events.times import PLAUSIBLE_MS, Clock, moment_text

__all__ = ["Reading", "Source", "inspect", "read_events"]

PREVIEW_ROWS: Final = 20
FIRST: Final = 5  # offending rows that are kept
EXACT_ROWS: Final = 1_000_000  # up to here different values are counted exactly
KNOWN_SHARE: Final = 0.8  # of a column's values must read as dates for it to count as one
WHOLE_ROW: Final = "(whole row)"
COUNTED_AT_ONCE: Final = 8  # columns; the different values of all of them are in memory together
WIDE: Final = 60  # columns; of more than that, only those that may be times are tried as times
LONGEST_NAME: Final = 2_000  # characters of a user, behaviour, item or category
SHOWN: Final = 80  # characters of a value in a message
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
    """
    file = Path(path)
    with open_table(file, title or file.name) as table:
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
        UnusableLog: If no events, or fewer than two behaviours, are left.
    """
    file = Path(path)
    with open_table(file, title or file.name) as table:
        if table.rows == 0 and table.rejects:
            first = table.rejects[0]
            raise UnusableLog(
                f"No row of {table.title} is usable: the first, line {first.line}, has {first.reason} "
                f"({_cut(first.text)!r}); write every row with the columns of the header."
            )
        if table.rows == 0:
            raise UnusableLog(f"{table.title} has no rows below its header; choose a file with one row per event.")
        if roles is None or not roles.is_complete:
            roles = detect_roles(_describe(table), roles)
        check_columns(roles, table.names, table.title)
        _refuse_lists(table, roles)
        clock = _clock(table, roles.time or "")
        _pick(table, roles, clock)
        dropped, offending = _dropped(table, roles)
        if sum(dropped.values()) == table.rows + table.rejected:
            worst = offending[0]
            raise UnusableLog(
                f"No row of {table.title} is usable: the first, row {worst.row}, has {worst.reason} in column "
                f"{worst.column!r} ({_cut(worst.value)!r}); choose other columns for who, what and when."
            )
        raw, backwards = _encode(table)
    _refuse_one_moment(raw, clock, roles, table.title)
    if len(raw.event_names) < 2 and max(len(raw.item_names), len(raw.category_names)) < 2:
        raise UnusableLog(
            f"{table.title} has one behaviour only, {raw.event_names[0]!r} in column {roles.event!r}; "
            "choose the column that tells behaviours apart."
        )
    report = ReadReport(
        file=table.title,
        format=table.format,
        rows=table.rows + table.rejected,
        events=raw.n_events,
        dropped=dropped,
        first_offending=offending,
        duplicates=int(raw.repeats.sum()),
        out_of_order=backwards.events,
        time_unit=clock.unit,
        roles=replace(roles, attributes=tuple(name for name in table.names if name not in _used(roles))),
        furthest_back_s=backwards.furthest_s,
        time_doubts=tuple(doubt for doubt in (clock.doubt, _future(raw, clock)) if doubt),
    )
    return Reading(raw, report)


def _describe(table: Table) -> Source:
    count = "count(distinct {0})" if table.rows <= EXACT_ROWS else "approx_count_distinct({0})"
    numbers: list[int] = []  # different values, values; of each column in turn
    for k in range(0, len(table.names), COUNTED_AT_ONCE):
        values = [table.value(name) for name in table.names[k : k + COUNTED_AT_ONCE]]
        asked = [f"{count.format(value)}, count({value})" for value in values]
        numbers += table.source.aggregate(", ".join(asked)).fetchall()[0]
    preview = table.preview(PREVIEW_ROWS)
    samples = {name: [str(value) for value in preview[name].dropna().unique()] for name in table.names}
    kinds = {name: _kind(table, name, samples[name]) for name in table.names}
    columns = tuple(
        Column(
            name,
            kinds[name],
            numbers[2 * k],
            numbers[2 * k + 1] / max(1, table.rows),
            tuple(samples[name][:3]),
            _unreadable(table, name) if kinds[name] == "text" and names_a_time(name) else "",
        )
        for k, name in enumerate(table.names)
    )
    return Source(table.title, table.format, table.rows, columns, preview)


def _kind(table: Table, name: str, sample: Sequence[str]) -> Kind:
    told = [value.strip() for value in sample if value.strip()]
    if len(table.names) > WIDE and not (names_a_time(name) or any(map(_MAY_BE_TIME.fullmatch, told))):
        return "number" if told and all(map(_NUMBER.fullmatch, told)) else "text"
    clock = table.clock(name)
    if clock is None or clock.share < KNOWN_SHARE:
        return "text"
    if not clock.numeric:
        return "time"
    middle = clock.read(table.source.project(f"{table.value(name)} as told").limit(1000)).aggregate("median(ms)")
    low, high = PLAUSIBLE_MS
    return "time" if clock.dated and low <= (middle.fetchall()[0][0] or 0) <= high else "number"


def _unreadable(table: Table, name: str) -> str:
    """The first value of a column that its best clock cannot read; empty if there is none."""
    clock = table.clock(name)
    told = table.source.project(f"row, {table.value(name)} as told").filter("told IS NOT NULL")
    wrong = told if clock is None else clock.read(told).filter("ms IS NULL")
    first = wrong.order("row").limit(1).project("told").fetchall()
    return _cut(first[0][0]) if first else ""


def _cut(value: str) -> str:
    return value if len(value) <= SHOWN else value[:SHOWN] + "…"


def _used(roles: Roles) -> set[str | None]:
    return {roles.user, roles.event, roles.time, roles.item, roles.category, roles.session}


def _clock(table: Table, name: str) -> Clock:
    clock = table.clock(name)
    if clock is None:
        first = table.source.project(f"c{table.names.index(name)}").limit(1).fetchall()[0][0]
        raise RoleError(
            f"The column {name!r} of {table.title} holds no times (its first value is {_cut(first or '')!r}); "
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
                f"({_cut(first[0][0] or '')!r}); write one row per event, or choose another column."
            )


def _refuse_one_moment(raw: RawEvents, clock: Clock, roles: Roles, title: str) -> None:
    if raw.n_events > 1 and raw.time.min() == raw.time.max():
        moment = moment_text(int(raw.time[0]), clock.dated)
        raise UnusableLog(
            f"All events of {title} have the same time in column {roles.time!r} ({moment}), so none comes before "
            "another; choose the column that says when each happened."
        )


def _future(raw: RawEvents, clock: Clock) -> str:
    """A doubt about times that are still to come; a day's difference may be a zone."""
    late = int(np.count_nonzero(raw.time > (time.time() + DAY_S) * TICKS_PER_S)) if clock.dated else 0
    if not late:
        return ""
    return (
        f"{late:,} of {raw.n_events:,} events lie in the future, the last at "
        f"{moment_text(int(raw.time.max()), clock.dated)}; their clock was wrong, or the times were misread."
    )


def _pick(table: Table, roles: Roles, clock: Clock) -> None:
    """Creates the table ``picked``: row, who, what, item, category, ms; told, the text of an unreadable time; fault.

    A fault is the place of the first of ``_faults`` that a row has, or NULL.
    """
    columns = {
        "who": roles.user,
        "what": roles.event,
        "told": roles.time,
        "item": roles.item,
        "category": roles.category,
    }
    chosen = [f"{'NULL::VARCHAR' if name is None else table.value(name)} as {key}" for key, name in columns.items()]
    read = clock.read(table.source.project(", ".join(["row", *chosen])))
    when = " ".join(f"when {fault.test} then {k}" for k, fault in enumerate(_faults(roles)))
    fault = f"cast(case {when} end as TINYINT) as fault"
    read.project(f"* replace (case when ms is null then told end as told), {fault}").create("picked")


class _Fault(NamedTuple):
    """Why a row is dropped: the test and the text to show, both SQL; in words; in which column."""

    test: str
    shown: str
    reason: str
    column: str


def _faults(roles: Roles) -> tuple[_Fault, ...]:
    """In this order: a row counts under its first."""
    named = {"who": roles.user, "what": roles.event, "item": roles.item, "category": roles.category}
    reason = f"a name longer than {LONGEST_NAME} characters"
    return (
        _Fault("who IS NULL", "''", "no user", roles.user or ""),
        _Fault("what IS NULL", "''", "no behaviour", roles.event or ""),
        _Fault("ms IS NULL and told IS NULL", "''", "no time", roles.time or ""),
        _Fault("ms IS NULL", "told", "an unreadable time", roles.time or ""),
        *(
            _Fault(f"length({key}) > {LONGEST_NAME}", f"left({key}, {SHOWN}) || '…'", reason, column)
            for key, column in named.items()
            if column is not None
        ),
    )


def _dropped(table: Table, roles: Roles) -> tuple[dict[str, int], tuple[OffendingRow, ...]]:
    faults = _faults(roles)
    bad = table.engine.table("picked").filter("fault IS NOT NULL")
    counts = dict(bad.aggregate("fault, count(*)", "fault").fetchall())
    dropped: dict[str, int] = {}
    for k in sorted(counts):
        dropped[faults[k].reason] = dropped.get(faults[k].reason, 0) + counts[k]
    if table.rejected:
        dropped[BROKEN_ROW] = table.rejected
    shown = " ".join(f"when {k} then {fault.shown}" for k, fault in enumerate(faults))
    first = bad.order("row").limit(FIRST).project(f"row, case fault {shown} end, fault").fetchall()
    lines = table.lines([row for row, _, _ in first])
    rows = [OffendingRow(lines[row], faults[k].column, text or "", faults[k].reason) for row, text, k in first]
    rows += [OffendingRow(bad.line, WHOLE_ROW, bad.text, bad.reason) for bad in table.rejects]
    return dropped, tuple(sorted(rows, key=lambda offending: offending.row)[:FIRST])


class _Backwards(NamedTuple):
    """Events that stand after a later one of their user: how many, and how much later at most."""

    events: int
    furthest_s: float


def _encode(table: Table) -> tuple[RawEvents, _Backwards]:
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
        _Backwards(int(events), int(furthest) / TICKS_PER_S),
    )


def _names(table: Table, key: str) -> tuple[str, ...]:
    """The sorted names in a column of ``usable``; makes them the type ``<key>_names``."""
    present = table.engine.view("usable").filter(f"{key} IS NOT NULL")
    found = tuple(str(name) for (name,) in present.project(key).distinct().order(key).fetchall())
    if found:
        present.project(key).distinct().create_view(f"{key}_present")
        table.engine.execute(f"create type {key}_names as enum (select {key} from {key}_present order by {key})")  # noqa: S608  # our own names
    return found

"""Readers: from a file to raw events, and an account of what was read, dropped and why.

``inspect`` shows a file before its roles are chosen; ``read_events`` reads it. A row without a user, a behaviour or a
readable time is dropped and counted; the first such rows are kept, with the line on which an editor shows them.
"""

from __future__ import annotations

from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from causalviz.errors import RoleError, UnusableLog
from causalviz.events.mapping import Column, Kind, Roles, Source, check_columns, detect_roles
from causalviz.events.raw import NO_CODE, RawEvents
from causalviz.events.report import OffendingRow, ReadReport
from causalviz.events.tables import Table, open_table
from causalviz.events.times import Clock

__all__ = ["Reading", "Source", "inspect", "read_events"]

PREVIEW_ROWS: Final = 20
FIRST: Final = 5  # offending rows that are kept
EXACT_ROWS: Final = 1_000_000  # up to here different values are counted exactly
KNOWN_SHARE: Final = 0.8  # of a column's values must read as dates for it to count as one
PLAUSIBLE_MS: Final = (631_152_000_000, 4_102_444_800_000)  # 1990 to 2100: numbers there may be dates
WHOLE_ROW: Final = "(whole row)"


class Reading(NamedTuple):
    """Events and the account of their reading."""

    raw: RawEvents
    report: ReadReport


def inspect(path: str | PathLike[str], *, title: str | None = None) -> Source:
    """Looks at a file: its format, columns and first rows.

    Args:
        path: CSV, TSV, Parquet, JSON or XES, gzipped or not, or a folder of Parquet files.
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
        path: CSV, TSV, Parquet, JSON or XES, gzipped or not, or a folder of Parquet files.
        roles: Which column is what. If who, what or when is missing, the missing roles are detected.
        title: What to call the file in messages; by default its name.

    Raises:
        UnreadableLog: If the file cannot be read.
        RoleError: If a column is missing or cannot be told.
        UnusableLog: If no events, or fewer than two behaviours, are left.
    """
    file = Path(path)
    with open_table(file, title or file.name) as table:
        if table.rows == 0:
            raise UnusableLog(f"{table.title} has no rows below its header; choose a file with one row per event.")
        if roles is None or not roles.is_complete:
            roles = detect_roles(_describe(table), roles)
        check_columns(roles, table.names, table.title)
        clock = _clock(table, roles.time or "")
        _pick(table, roles, clock)
        dropped, offending = _dropped(table, roles)
        if sum(dropped.values()) == table.rows + table.rejected:
            first = offending[0]
            raise UnusableLog(
                f"No row of {table.title} is usable: the first, row {first.row}, has {first.reason} in column "
                f"{first.column!r} ({first.value!r}); choose other columns for who, what and when."
            )
        raw, out_of_order = _encode(table)
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
        out_of_order=out_of_order,
        time_unit=clock.unit,
        roles=replace(roles, attributes=tuple(name for name in table.names if name not in _used(roles))),
    )
    return Reading(raw, report)


def _describe(table: Table) -> Source:
    count = "count(distinct {0})" if table.rows <= EXACT_ROWS else "approx_count_distinct({0})"
    asked = [f"{count.format(table.value(n))}, count({table.value(n)})" for n in table.names]
    numbers = table.source.aggregate(", ".join(asked)).fetchall()[0]
    preview = table.preview(PREVIEW_ROWS)
    columns = tuple(
        Column(
            name,
            _kind(table, name),
            numbers[2 * k],
            numbers[2 * k + 1] / max(1, table.rows),
            tuple(str(value) for value in preview[name].dropna().unique()[:3]),
        )
        for k, name in enumerate(table.names)
    )
    return Source(table.title, table.format, table.rows, columns, preview)


def _kind(table: Table, name: str) -> Kind:
    clock = table.clock(name)
    if clock is None or clock.share < KNOWN_SHARE:
        return "text"
    if not clock.numeric:
        return "time"
    middle = clock.read(table.source.project(f"{table.value(name)} as told").limit(1000)).aggregate("median(ms)")
    low, high = PLAUSIBLE_MS
    return "time" if clock.dated and low <= (middle.fetchall()[0][0] or 0) <= high else "number"


def _used(roles: Roles) -> set[str | None]:
    return {roles.user, roles.event, roles.time, roles.item, roles.category, roles.session}


def _clock(table: Table, name: str) -> Clock:
    clock = table.clock(name)
    if clock is None:
        first = table.source.project(f"c{table.names.index(name)}").limit(1).fetchall()[0][0]
        raise RoleError(
            f"The column {name!r} of {table.title} holds no times (its first value is {first!r}); "
            "choose the column with dates or seconds."
        )
    return clock


def _pick(table: Table, roles: Roles, clock: Clock) -> None:
    """Creates the table ``picked``: row, who, what, item, category, ms; and told, the text of an unreadable time."""
    columns = {
        "who": roles.user,
        "what": roles.event,
        "told": roles.time,
        "item": roles.item,
        "category": roles.category,
    }
    chosen = [f"{'NULL::VARCHAR' if name is None else table.value(name)} as {key}" for key, name in columns.items()]
    read = clock.read(table.source.project(", ".join(["row", *chosen])))
    read.project("* replace (case when ms is null then told end as told)").create("picked")


def _dropped(table: Table, roles: Roles) -> tuple[dict[str, int], tuple[OffendingRow, ...]]:
    faults = (  # in this order: a row counts under its first
        ("who IS NULL", "no user", roles.user),
        ("what IS NULL", "no behaviour", roles.event),
        ("ms IS NULL and told IS NULL", "no time", roles.time),
        ("ms IS NULL", "an unreadable time", roles.time),
    )
    when = " ".join(f"when {test} then {k}" for k, (test, _, _) in enumerate(faults))
    bad = table.engine.table("picked").project(f"row, told, case {when} end as fault").filter("fault IS NOT NULL")
    counts = dict(bad.aggregate("fault, count(*)", "fault").fetchall())
    dropped = {faults[k][1]: counts[k] for k in sorted(counts)}
    if table.rejected:
        dropped["a broken row"] = table.rejected
    first = bad.order("row").limit(FIRST).fetchall()
    lines = table.lines([row for row, _, _ in first])
    rows = [
        OffendingRow(lines[row], faults[k][2] or "", (told or "") if k == 3 else "", faults[k][1])
        for row, told, k in first
    ]
    rows += [OffendingRow(bad.line, WHOLE_ROW, bad.text, bad.reason) for bad in table.rejects]
    return dropped, tuple(sorted(rows, key=lambda offending: offending.row)[:FIRST])


def _encode(table: Table) -> tuple[RawEvents, int]:
    """Names to codes, rows sorted; also how many events were out of order."""
    engine = table.engine
    engine.table("picked").filter("who IS NOT NULL and what IS NOT NULL and ms IS NOT NULL").create_view("usable")
    names = {key: _names(table, key) for key in ("who", "what", "item", "category")}
    codes = [
        f"coalesce(enum_code({key}::{key}_names)::INTEGER, {NO_CODE}) as {key}" if names[key] else f"{NO_CODE} as {key}"
        for key in names
    ]
    engine.view("usable").project(", ".join(["row", "ms", *codes])).create("coded")
    coded = engine.table("coded")
    back = coded.project("ms < lag(ms) over (partition by who order by row) as back").filter("back")
    out_of_order = int(back.aggregate("count(*)").fetchall()[0][0])
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
        out_of_order,
    )


def _names(table: Table, key: str) -> tuple[str, ...]:
    """The sorted names in a column of ``usable``; makes them the type ``<key>_names``."""
    present = table.engine.view("usable").filter(f"{key} IS NOT NULL")
    found = tuple(str(name) for (name,) in present.project(key).distinct().order(key).fetchall())
    if found:
        present.project(key).distinct().create_view(f"{key}_present")
        table.engine.execute(f"create type {key}_names as enum (select {key} from {key}_present order by {key})")  # noqa: S608  # our own names
    return found

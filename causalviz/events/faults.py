"""Faults: why a row is dropped, how many are, and which come first.

A row counts under the first fault that it has: no user, no behaviour, no time, an unreadable time, a name that is too
long. The rows are picked by the engine, with the columns that play a role.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from duckdb import DuckDBPyRelation

from causalviz.errors import UnusableLog
from causalviz.events.mapping import Roles
from causalviz.events.report import BROKEN_ROW, OffendingRow
from causalviz.events.tables import Table
from causalviz.events.times import Clock

FIRST: Final = 5  # offending rows that are kept
WHOLE_ROW: Final = "(whole row)"
LONGEST_NAME: Final = 2_000  # characters of a user, behaviour, item or category
SHOWN: Final = 80  # characters of a value in a message
REASONS: Final = (  # in words; a row counts under the first that it has
    "no user", "no behaviour", "no time", "an unreadable time", f"a name longer than {LONGEST_NAME} characters",
)  # fmt: skip


def cut(value: str) -> str:
    """A value as a message shows it."""
    return value if len(value) <= SHOWN else value[:SHOWN] + "…"


def pick(table: Table, rows: DuckDBPyRelation, roles: Roles, clock: Clock) -> None:
    """Creates the table ``picked``: row, who, what, item, category, ms; told, the text of an unreadable time; fault.

    A fault is the place of the first of ``_faults`` that a row has, or NULL.

    Args:
        table: The open file.
        rows: All rows of its source, or some.
        roles: Which column is what.
        clock: How the times are read.
    """
    columns = {"who": roles.user, "what": roles.event, "item": roles.item, "category": roles.category}
    chosen = [f"{'NULL::VARCHAR' if name is None else table.value(name)} as {key}" for key, name in columns.items()]
    read = read_times(table, rows, ["row", *chosen], roles.time or "", clock)
    when = " ".join(f"when {fault.test} then {k}" for k, fault in enumerate(_faults(roles)))
    fault = f"cast(case {when} end as TINYINT) as fault"
    read.project(f"* replace (case when ms is null then told end as told), {fault}").create("picked")


def read_times(
    table: Table, rows: DuckDBPyRelation, columns: Sequence[str], name: str, clock: Clock
) -> DuckDBPyRelation:
    """Some columns (SQL) of rows, and the times: ms, and told, its text unless the file itself has a moment there."""
    told, moment = table.value(name), table.moment(name) if clock.is_written else None
    if moment is None:
        return clock.read(rows.project(", ".join([*columns, f"{told} as told"])))
    told = f"case when {moment} is null then {told} end as told"
    read = clock.read(rows.project(", ".join([*columns, told, f"{moment} as moment"])))
    return read.project(f"* exclude (moment) replace (coalesce({clock.time_of('moment')}, ms) as ms)")


class _Fault(NamedTuple):
    """Why a row is dropped: the test and the text to show, both SQL; in words; in which column."""

    test: str
    shown: str
    reason: str
    column: str


def _faults(roles: Roles) -> tuple[_Fault, ...]:
    """In the order of ``REASONS``."""
    no_user, no_behaviour, no_time, unreadable, too_long = REASONS
    named = {"who": roles.user, "what": roles.event, "item": roles.item, "category": roles.category}
    return (
        _Fault("who IS NULL", "''", no_user, roles.user or ""),
        _Fault("what IS NULL", "''", no_behaviour, roles.event or ""),
        _Fault("ms IS NULL and told IS NULL", "''", no_time, roles.time or ""),
        _Fault("ms IS NULL", "told", unreadable, roles.time or ""),
        *(
            _Fault(f"length({key}) > {LONGEST_NAME}", f"left({key}, {SHOWN}) || '…'", too_long, column)
            for key, column in named.items()
            if column is not None
        ),
    )


def fault_counts(table: Table) -> dict[int, int]:
    """How many rows of ``picked`` have each fault."""
    bad = table.engine.table("picked").filter("fault IS NOT NULL")
    return dict(bad.aggregate("fault, count(*)", "fault").fetchall())


def dropped_by_reason(roles: Roles, counts: Mapping[int, int], rejected: int) -> dict[str, int]:
    """How many rows have which fault, in words; ``rejected`` are not well formed."""
    faults = _faults(roles)
    dropped: dict[str, int] = {}
    for k in sorted(counts):
        dropped[faults[k].reason] = dropped.get(faults[k].reason, 0) + counts[k]
    if rejected:
        dropped[BROKEN_ROW] = rejected
    return dropped


def first_offending(table: Table, roles: Roles) -> tuple[OffendingRow, ...]:
    """The first rows of ``picked`` that have a fault, and of those that are not well formed."""
    faults = _faults(roles)
    shown = " ".join(f"when {k} then {fault.shown}" for k, fault in enumerate(faults))
    bad = table.engine.table("picked").filter("fault IS NOT NULL")
    first = bad.order("row").limit(FIRST).project(f"row, case fault {shown} end, fault").fetchall()
    lines = table.lines([row for row, _, _ in first])
    rows = [OffendingRow(lines[row], faults[k].column, text or "", faults[k].reason) for row, text, k in first]
    rows += [OffendingRow(bad.line, WHOLE_ROW, bad.text, bad.reason) for bad in table.rejects]
    return tuple(sorted(rows, key=lambda offending: offending.row)[:FIRST])


def refuse_all_dropped(table: Table, dropped: Mapping[str, int], offending: Sequence[OffendingRow]) -> None:
    """Refuses a log of which no row is left.

    Raises:
        UnusableLog: If so.
    """
    if sum(dropped.values()) == table.rows + table.rejected:
        worst = offending[0]
        raise UnusableLog(
            f"No row of {table.title} is usable: the first, row {worst.row}, has {worst.reason} in column "
            f"{worst.column!r} ({cut(worst.value)!r}); choose other columns for who, what and when."
        )

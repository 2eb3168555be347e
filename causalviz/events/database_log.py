"""A log that stays in its database: rows cleaned and behaviours coded by expressions, and only sums asked for.

What the readers do with a file's rows is said here as Ibis expressions: a missing value is missing, blanks at the ends
go, a moment becomes whole milliseconds, rows without who, what or when are left out and counted by reason. What comes
back is the number of rows, of each reason, and of each behaviour. Times must be dates or numbers of the database's own
types: a text that spells a time has to be read row by row, which the local engine does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from causalviz.errors import RoleError, UnusableLog
from causalviz.events.faults import LONGEST_NAME, REASONS
from causalviz.events.log import TICKS_PER_S, Behaviour
from causalviz.events.mapping import Column, Kind, Roles, Source, check_columns, detect_roles
from causalviz.events.report import ReadReport
from causalviz.events.rules import Rules, behaviour_of, behaviours_of
from causalviz.events.tables import MISSING_WORDS
from causalviz.events.times import DATED_FROM, FARTHEST_MS, OWN_CLOCK, PLAUSIBLE_MS, UNITS, WRITTEN

if TYPE_CHECKING:
    import ibis.expr.types as ir


@dataclass(frozen=True, eq=False)
class DatabaseLog:
    """M events that stay where they are.

    Attributes:
        events: An expression: ``who`` (text), ``time`` (ticks) and ``mark`` (0..K-1), a row for each event.
        behaviours: The K behaviours in order of their number of events, equal ones by name.
        n_events: M.
        longest_name: Characters of the longest user's name.
        report: What was counted, left out and why.
    """

    events: ir.Table
    behaviours: tuple[Behaviour, ...]
    n_events: int
    longest_name: int
    report: ReadReport

    @property
    def names(self) -> tuple[str, ...]:
        """The K behaviour names, in code order."""
        return tuple(behaviour.name for behaviour in self.behaviours)


class _Clock(NamedTuple):
    """How the column is read: whole milliseconds, and the unit in words."""

    ms: ir.Value
    unit: str


def log_in_database(table: ir.Table, roles: Roles | None = None, *, title: str, top_items: int = 8) -> DatabaseLog:
    """Makes a log of a table without taking its rows out.

    Args:
        table: Of any database that Ibis knows, bound to its connection.
        roles: Which column is what; if who, what or when is missing, it is told by names, types and numbers of values.
        title: What to call the table in messages.
        top_items: How many of the most frequent items are told apart, where the roles name an item.

    Raises:
        RoleError: If a column is missing or cannot be told, or its times are text.
        UnusableLog: If no events, or fewer than two behaviours, are left.
    """
    import ibis

    if roles is None or not roles.is_complete:
        asked = None if roles is None else roles.item
        roles = replace(detect_roles(_described(table, title), roles), item=asked)  # items are told apart on demand
    check_columns(roles, table.columns, title)
    clock = _clock(table, roles.time or "", title)
    rows = _picked(table, roles, clock.ms)
    report = _report(table, rows, roles, clock, title)
    usable = rows.filter(rows.fault.isnull()).drop("fault")
    top = _top_items(usable, top_items) if roles.item else None
    labelled = _labelled(usable, top)
    kinds = labelled.group_by("what", "place").agg(n=labelled.count())
    kinds = kinds.mutate(code=ibis.row_number().over(order_by=[kinds.what, kinds.place]))
    behaviours, marks = _named(kinds, top, title)
    met = labelled.join(kinds.select("what", "place", "code"), ["what", "place"])
    events = met.select("who", "time", mark=ibis.literal(marks, "array<int64>")[met.code])
    longest = int(usable.who.length().max().to_pyarrow().as_py())
    return DatabaseLog(events, behaviours, report.events, longest, report)


def _described(table: ir.Table, title: str) -> Source:
    """What detection needs, from names, types and sums alone."""
    import pandas as pd

    plain = [name for name in table.columns if not (table[name].type().is_nested() or table[name].type().is_binary())]
    asked = {f"d{k}": table[name].nunique() for k, name in enumerate(plain)}
    asked |= {f"n{k}": table[name].count() for k, name in enumerate(plain)}
    told = table.agg(rows=table.count(), **asked).to_pyarrow().to_pylist()[0]
    columns = tuple(
        Column(name, _kind(table[name]), told[f"d{k}"], told[f"n{k}"] / max(1, told["rows"]))
        for k, name in enumerate(plain)
    )
    return Source(title, "a table of a database", told["rows"], columns, pd.DataFrame())


def _kind(column: ir.Column) -> Kind:
    kind = column.type()
    if kind.is_timestamp() or kind.is_date():
        return "time"
    return "number" if kind.is_numeric() else "text"


def _clock(table: ir.Table, name: str, title: str) -> _Clock:
    column = table[name]
    kind = column.type()
    if kind.is_timestamp() or kind.is_date():
        moment = column.cast("timestamp") if kind.is_date() else column
        whole = moment.truncate("s").epoch_seconds().cast("int64") * TICKS_PER_S
        return _Clock(whole + moment.millisecond().cast("int64"), WRITTEN)
    if not kind.is_numeric():
        raise RoleError(
            f"The column {name!r} of {title} is of type {kind}, which a database does not read as times; make it a "
            "timestamp there, or count with --engine local."
        )
    return _counting(column.cast("float64"), table, title)


def _counting(number: ir.Value, table: ir.Table, title: str) -> _Clock:
    """Numbers, whose size tells the unit."""
    low, high = PLAUSIBLE_MS
    asked = {
        f"in{k}": number.between(low / in_ms, high / in_ms).ifelse(1, 0).sum() for k, (_, _, in_ms) in enumerate(UNITS)
    }
    told = table.agg(median=number.abs().median(), **asked).to_pyarrow().to_pylist()[0]
    median = told["median"] or 0.0
    if median < DATED_FROM:
        return _Clock(_rounded(number * 1000.0), OWN_CLOCK)
    met = [unit.partition(" ")[0] for k, (_, unit, _) in enumerate(UNITS) if told[f"in{k}"]]
    if len(met) > 1:
        raise RoleError(f"The times of {title} mix {' and '.join(met)} since 1970; count with --engine local.")
    unit, in_ms = next((unit, in_ms) for up_to, unit, in_ms in UNITS if median < up_to)
    is_date = (number > 0) | (number <= -DATED_FROM * 1e3 / in_ms)
    return _Clock(is_date.ifelse(_rounded(number * in_ms), None), unit)


def _rounded(number: ir.Value) -> ir.Value:
    """To whole numbers, halves up; what is too far to be a time stays out of the way of an overflow."""
    return number.abs().between(0.0, float(FARTHEST_MS)).ifelse((number + 0.5).floor(), None).cast("int64")


def _picked(table: ir.Table, roles: Roles, ms: ir.Value) -> ir.Table:
    """Columns ``who``, ``what``, ``item``, ``time`` and ``fault``, the place of a row's first among ``REASONS``."""
    import ibis

    no_item = ibis.null("string")
    told = table.select(
        who=_value(table[roles.user or ""]),
        what=_value(table[roles.event or ""]),
        item=no_item if roles.item is None else _value(table[roles.item]),
        when=table[roles.time or ""].isnull(),
        time=ms,
    )
    too_long = ibis.or_(*(told[name].length() > LONGEST_NAME for name in ("who", "what", "item")))
    out_of_sight = told.time.isnull() | ~told.time.between(-FARTHEST_MS, FARTHEST_MS)
    tests = (told.who.isnull(), told.what.isnull(), told.when, out_of_sight, too_long)
    return told.mutate(fault=ibis.cases(*zip(tests, range(len(REASONS)), strict=True))).drop("when")


def _value(column: ir.Column) -> ir.Value:
    """Its text without blanks around it, NULL where it is missing."""
    text = column.cast("string")
    return text.isin(MISSING_WORDS).ifelse(None, text.strip().nullif(""))


def _report(table: ir.Table, rows: ir.Table, roles: Roles, clock: _Clock, title: str) -> ReadReport:
    usable = rows.filter(rows.fault.isnull())
    kept = usable.agg(events=usable.count(), first=usable.time.min(), last=usable.time.max())
    told = kept.to_pyarrow().to_pylist()[0]
    wrong = rows.filter(rows.fault.notnull())
    wrong = wrong.group_by("fault").agg(rows=wrong.count()).to_pyarrow().to_pylist()
    dropped = {REASONS[int(row["fault"])]: int(row["rows"]) for row in sorted(wrong, key=lambda row: row["fault"])}
    if not told["events"]:
        said = ", ".join(f"{count:,} with {reason}" for reason, count in dropped.items()) or "it is empty"
        raise UnusableLog(f"No row of {title} is usable ({said}); choose other columns for who, what and when.")
    if told["events"] > 1 and told["first"] == told["last"]:
        raise UnusableLog(
            f"All events of {title} have the same time in column {roles.time!r}, so none comes before another; "
            "choose the column that says when each happened."
        )
    used = {roles.user, roles.event, roles.time, roles.item}
    return ReadReport(
        file=title,
        format="a table, counted where it is",
        rows=told["events"] + sum(dropped.values()),
        events=told["events"],
        dropped=dropped,
        first_offending=(),
        duplicates=told["events"] - int(usable.distinct().count().to_pyarrow().as_py()),
        out_of_order=0,
        time_unit=clock.unit,
        roles=replace(roles, attributes=tuple(name for name in table.columns if name not in used)),
    )


def _top_items(usable: ir.Table, most: int) -> list[str]:
    named = usable.filter(usable.item.notnull())
    items = named.group_by("item").agg(n=named.count())
    return [row["item"] for row in items.order_by(items.n.desc(), items["item"]).limit(most).to_pyarrow().to_pylist()]


def _labelled(usable: ir.Table, top: Sequence[str] | None) -> ir.Table:
    """Adds ``place``: of the item among the top ones, one more for others, two more for none."""
    import ibis

    if top is None:
        return usable.mutate(place=ibis.literal(1, "int64"))
    places = [(usable["item"] == name, place) for place, name in enumerate(top)]
    place = ibis.cases((usable["item"].isnull(), len(top) + 1), *places, else_=len(top))
    return usable.mutate(place=place.cast("int64"))


def _named(kinds: ir.Table, top: Sequence[str] | None, title: str) -> tuple[tuple[Behaviour, ...], list[int]]:
    """The behaviours, and the mark of each code."""
    rows = kinds.order_by("code").to_pyarrow().to_pylist()
    if len(rows) < 2:
        raise UnusableLog(
            f"{title} has one behaviour only, {rows[0]['what']!r}; choose the column that tells behaviours apart."
        )
    cells = [
        Behaviour(row["what"], row["what"]) if top is None else behaviour_of(row["what"], top, row["place"])
        for row in rows
    ]
    code, behaviours = behaviours_of(cells, np.array([row["n"] for row in rows], dtype=np.int64), Rules())
    return behaviours, code.tolist()

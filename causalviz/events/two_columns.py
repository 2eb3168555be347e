"""Date and clock time in two columns: together they are a moment, and neither says when by itself.

A table that has a column of dates and one of clock times gets one column more, which joins them. Both must have the
name of a time, and no other such column may hold whole moments: then it says when, and the two say something else.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from causalviz.events.delimited import unique_names
from causalviz.events.mapping import names_a_time
from causalviz.events.times import ALL_BUT_FEW

if TYPE_CHECKING:
    from causalviz.events.tables import Table

MIDNIGHT: Final = r"[T ]00:00(:00(\.0+)?)?$"  # what a spreadsheet or a database adds to a date
_DATE: Final = (
    r"^(\d{8}|\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?|\w{1,9}[-/. ]\w{1,9},?[-/. ]\d{4})"
    r"([T ]00:00(:00(\.0+)?)?)?$"
)
_CLOCK: Final = (
    r"^(上午|下午)?\s*\d{1,2}\s*[:：时点]\s*\d{2}(\s*[:：分]\s*\d{2}([.,]\d+)?)?\s*[分秒]?\s*([AaPp][Mm])?"
    r"\s*(Z|UTC|GMT|[+-]\d{2}(:?\d{2})?)?$"
)
_DIGITS: Final = r"^(\d{4})(\d{2})(\d{2})$"
JOINT: Final = " + "


def with_moments(table: Table) -> Table:
    """The table, with a column "date + time" where two of its columns are that and no third one holds moments."""
    named = [name for name in table.names if names_a_time(name)]
    if len(named) < 2:
        return table
    dates, clocks = (_those(table, named, pattern) for pattern in (_DATE, _CLOCK))
    others = [name for name in named if name not in {*dates, *clocks} and table.clock(name) is not None]
    if len(dates) != 1 or len(clocks) != 1 or others:
        return table
    date, clock = (table.value(name) for name in (*dates, *clocks))
    day = f"regexp_replace(regexp_replace({date}, '{MIDNIGHT}', ''), '{_DIGITS}', '\\1-\\2-\\3')"
    kind = "table" if table.dialect else "view"
    table.engine.execute(f"alter {kind} source rename to apart; drop table sampled")  # it lacks the new column
    table.engine.table("apart").project(f"*, {day} || ' ' || {clock} as c{len(table.names)}").create_view("source")
    names = unique_names([*table.names, f"{dates[0]}{JOINT}{clocks[0]}"])
    return replace(table, names=names, joined=names[-1])


def _those(table: Table, names: list[str], pattern: str) -> list[str]:
    """The columns of which nearly all values look so, judged by values from all over the file."""
    asked = [
        f"coalesce(avg(regexp_matches({table.value(name)}, '{pattern}')::INT), 0) >= {ALL_BUT_FEW}" for name in names
    ]
    found = table.sample.aggregate(", ".join(asked)).fetchall()[0]
    return [name for name, is_one in zip(names, found, strict=True) if is_one]

"""Clocks: how a column's text is read as moments.

A clock is chosen once for a whole column, from a sample of it: written dates (ISO, slashes, dots, Chinese; with or
without zone), or numbers, whose size tells the unit (seconds, milliseconds, microseconds, nanoseconds since 1970).
Numbers too small to be a date since 1973 are seconds of a clock of the log's own. A time without a zone is UTC.
Where a column mixes units, each number is read by its own size. Zero and small negative numbers among dates are marks
for a missing time, and so are the first moments of programs' calendars (0001, 1900, 1970) where all other times lie
more than a year behind them; numbers as far below zero as 1966 are dates. Whether 03/04/2024 has the day or the month
first, days above 12 tell; without one, the order in which the log spans less time is taken, because a wrong one
scatters a week over the year. What had to be assumed is a *doubt*, in words.
The result is whole milliseconds (see ``causalviz.events.log``), computed by the engine from SQL expressions in which
no text of a file stands, only names of our own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Literal

from duckdb import DuckDBPyRelation

from causalviz.events.log import TICKS_PER_S

DateOrder = Literal["day-first", "month-first"]

SAMPLE: Final = 2_000  # values from all over a column decide
DATED_FROM: Final = 1e8  # smaller medians are no seconds since 1970: that would be before March 1973
UNITS: Final = (  # numbers up to: name, milliseconds in one
    (1e11, "seconds since 1970", 1e3),
    (1e14, "milliseconds since 1970", 1.0),
    (1e17, "microseconds since 1970", 1e-3),
    (float("inf"), "nanoseconds since 1970", 1e-6),
)
PLAUSIBLE_MS: Final = (631_152_000_000, 4_102_444_800_000)  # 1990 to 2100: numbers there may be dates
ALL_BUT_FEW: Final = 0.95  # of the numbers must spell dates to be read as such
FARTHEST_MS: Final = 10**15  # some 30 000 years; farther is no time, and differences of it may overflow
DAY_MS: Final = 86_400_000
STAND_INS: Final = (  # what programs write for a missing time: .NET, databases, Excel, Unix
    -62_135_596_800_000, -2_208_988_800_000, -2_209_161_600_000, -2_209_075_200_000, 0,
)  # fmt: skip
YEAR_MS: Final = 31_556_952_000
YEAR_S: Final = 31_556_952.0
OWN_CLOCK: Final = "seconds of the log's own clock"
WRITTEN: Final = "date and time, UTC where no zone is written"

_STAMP: Final = (
    r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
    r"(?:[T\s]*(上午|下午)?\s*(\d{1,2})\s*[:：时点]\s*(\d{1,2})(?:\s*[:：分]\s*(\d{1,2})(?:[.,](\d{1,9})\d*)?)?\s*[分秒]?"
    r"\s*(Z|z|UTC|GMT|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?)?)?$"
)
_ZONED: Final = r":\d{2}\S*\s*(Z|z|UTC|GMT|[+-]\d{2}(:?\d{2})?)$"
_PARTS: Final = "['y', 'm', 'd', 'half', 'h', 'min', 's', 'f', 'zone']"
_ORDERS: Final = {  # orders of day and month that are tried where the year does not stand first
    "month/day/year": ("%m/%d/%Y",),
    "day/month/year": ("%d/%m/%Y",),
    "day.month.year": ("%d.%m.%Y",),
    "month-day-year": ("%m-%d-%Y",),
    "day-month-year": ("%d-%m-%Y",),
    "day month-name year": ("%d-%b-%Y", "%d %b %Y", "%d/%b/%Y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y"),
}
_RIVALS: Final = {  # orders that read the same text as two different days
    "month/day/year": "day/month/year",
    "month-day-year": "day-month-year",
    "day/month/year": "month/day/year",
    "day-month-year": "month-day-year",
}
_OTHER: Final = r"^\w{1,9}[-/. ]\w{1,9},?[-/. ]\d{4}($|\W)"  # what such a date begins like
_HOURS: Final = ("", " %H:%M:%S", " %H:%M", " %I:%M:%S %p", " %I:%M %p", " %H:%M:%S.%f")
_COMPACT: Final = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}


@dataclass(frozen=True)
class Clock:
    """How one column is read.

    Attributes:
        unit: In words, as shown to the user.
        share: Of the sampled values, those that it can read, 0 to 1.
        dated: Whether the moments are dates, not seconds of the log's own clock.
        numeric: Whether the values are numbers.
        expression: SQL over the column ``told`` for whole milliseconds, NULL where unreadable.
        doubt: What had to be assumed, as a sentence; empty if nothing.
        rivals: The two orders of day and month between which the sample could not decide; empty if it could.
        marks: Milliseconds that stand for a missing time.
    """

    unit: str
    share: float
    dated: bool
    numeric: bool
    expression: str
    doubt: str = ""
    rivals: tuple[str, ...] = ()
    marks: tuple[int, ...] = ()

    @property
    def is_written(self) -> bool:
        """Whether the values are dates that begin with their year."""
        return self.expression == _WRITTEN

    def read(self, events: DuckDBPyRelation) -> DuckDBPyRelation:
        """Reads the text column ``told`` and adds the column ``ms``, NULL beyond ``FARTHEST_MS``."""
        if not self.is_written:
            read = events.project(f"*, {self.expression} as ms")
        else:
            read = events.project(f"*, {_PART} as part").project(f"* exclude (part), {_WRITTEN} as ms")
        return read.project(f"* replace ({self.time_of('ms')} as ms)")

    def time_of(self, ms: str) -> str:
        """SQL for milliseconds, NULL where they are too far or a mark."""
        marks = "".join(f" and {ms} <> {mark}" for mark in self.marks)
        return f"case when {ms} between -{FARTHEST_MS} and {FARTHEST_MS}{marks} then {ms} end"


def find_clock(sample: DuckDBPyRelation, order: DateOrder | None = None) -> Clock | None:
    """Chooses the clock of a column.

    Args:
        sample: One text column named ``told``; missing values are NULL.
        order: Whether day or month comes first where the year comes last; None for what the dates tell.

    Returns:
        The clock that reads most of the sample, or None if nothing in it can be read.
    """
    present, numeric, median, *plausible = _numbers(
        sample, ["count(told)", f"count({_NUMBER})", f"coalesce(median(nullif(abs({_NUMBER}), 0)), 0)", *_plausible()]
    )
    if not present:
        return None
    dates = Clock(WRITTEN, 0.0, True, False, _WRITTEN)
    if numeric < present:
        read, zoned = _numbers(dates.read(sample), ["count(ms)", f"count(*) filter (regexp_matches(told, '{_ZONED}'))"])
        doubt = "" if zoned in (0, read) else "Some times name their zone and some do not; the latter were read as UTC."
        dates = replace(dates, share=read / present, doubt=doubt, marks=_marks(dates.read(sample)))
    if numeric > 0 and numeric / present >= dates.share:
        return _compact(sample, present) or _counting(numeric / present, median, plausible)
    if dates.share >= 0.5:
        return dates
    other = _other_order(sample, order)
    return max((clock for clock in (dates, other) if clock and clock.share), key=_share, default=None)


def settled(clock: Clock, column: DuckDBPyRelation) -> Clock:
    """Lets all values of a column decide whether the day or the month comes first, where a sample could not.

    Args:
        clock: By the sample.
        column: As the sample, but with every value.
    """
    return (clock.rivals and _in_order(column, clock.rivals)) or clock


def moment_text(ticks: int, dated: bool) -> str:
    """A moment in words: a date (UTC; its year alone beyond Python's calendar), or seconds of the log's own clock."""
    if not dated:
        return f"{ticks / TICKS_PER_S:,.0f} s"
    try:
        return f"{datetime.fromtimestamp(ticks / TICKS_PER_S, UTC):%Y-%m-%d %H:%M:%S}"
    except (ValueError, OverflowError, OSError):
        return f"the year {1970 + ticks / TICKS_PER_S / YEAR_S:,.0f}"


def _plausible() -> list[str]:
    """SQL for how many numbers are dates from 1990 to 2100 in each unit."""
    low, high = PLAUSIBLE_MS
    return [f"count(*) filter ({_NUMBER} between {low / in_ms!r} and {high / in_ms!r})" for _, _, in_ms in UNITS]


def _counting(share: float, median: float, plausible: list[float]) -> Clock:
    if median < DATED_FROM:
        return Clock(OWN_CLOCK, share, False, True, f"try_cast(round({_NUMBER} * 1000) as BIGINT)")
    met = [unit.partition(" ")[0] for (_, unit, _), count in zip(UNITS, plausible, strict=True) if count]
    if len(met) > 1:
        mixed = " and ".join(met)
        sizes = " ".join(f"when abs({_NUMBER}) < {up_to!r} then {_in_ms(in_ms)}" for up_to, _, in_ms in UNITS[:-1])
        expression = f"case {sizes} else {_in_ms(UNITS[-1][2])} end"
        doubt = f"The times mix {mixed} since 1970; each number was read by its size."
        return Clock(f"{mixed} since 1970, told apart by their size", share, True, True, expression, doubt)
    unit, in_ms = next((unit, in_ms) for up_to, unit, in_ms in UNITS if median < up_to)
    return Clock(unit, share, True, True, _in_ms(in_ms))


def _in_ms(in_ms: float) -> str:
    """Numbers that are dates to milliseconds."""
    scaled = f"try_cast(round({_NUMBER} * {in_ms!r}) as BIGINT)"
    return f"case when {_NUMBER} > 0 or {_NUMBER} <= {-DATED_FROM * 1e3 / in_ms!r} then {scaled} end"


def _compact(sample: DuckDBPyRelation, present: float) -> Clock | None:
    """Digits only that spell a date, as in 20240313102114."""
    told = {
        length: f"case when length(told) = {length} then try_strptime(told, '{form}') end"
        for length, form in _COMPACT.items()
    }
    read = _numbers(sample, [f"count(*) filter (year({sql}) between 1970 and 2100)" for sql in told.values()])
    count, sql = max(zip(read, told.values(), strict=True))
    if count < ALL_BUT_FEW * present:
        return None
    return Clock("date and time as digits, UTC", count / present, True, False, f"epoch_ms({sql})")


def _other_order(sample: DuckDBPyRelation, order: DateOrder | None) -> Clock | None:
    if not _numbers(sample, [f"count(*) filter (regexp_matches(told, '{_OTHER}'))"])[0]:
        return None
    first = None if order is None else order.partition("-")[0]
    return _in_order(
        sample, [name for name in _ORDERS if first is None or name not in _RIVALS or name.startswith(first)]
    )


def _in_order(values: DuckDBPyRelation, orders: Sequence[str]) -> Clock | None:
    """The order that reads most values; of equals the one in which they span less time, then the first."""
    told = [f"try_strptime(told, {_forms(order)})" for order in orders]
    spans = [f"coalesce(max(epoch_ms({sql})) - min(epoch_ms({sql})), 0)" for sql in told]
    present, *numbers = _numbers(values, ["count(told)", *(f"count({sql})" for sql in told), *spans])
    read, span_ms = numbers[: len(orders)], numbers[len(orders) :]
    best = max(range(len(orders)), key=lambda k: (read[k], -span_ms[k]))
    if read[best] == 0:
        return None
    order, doubt = orders[best], ""
    rivals: tuple[str, ...] = ()
    other = orders.index(_RIVALS[order]) if _RIVALS.get(order) in orders else None
    if other is not None and read[other] == read[best]:
        rivals = (orders[min(best, other)], orders[max(best, other)])
        doubt = (
            f"Day and month may be swapped: the times were read as {order}{_because(span_ms[best], span_ms[other])}, "
            "and no day above 12 tells; say which comes first when you open the file (--dates on the command line), "
            "or write them as 2024-12-31."
        )
    elif other is not None and (lost := _numbers(values, [f"count({told[other]}) filter ({told[best]} is null)"])[0]):
        doubt = (
            f"Some dates have the day first and some the month: they were read as {order}, but {lost:,.0f} of the "
            f"{present:,.0f} looked at can only be {orders[other]}; write them all in one order."
        )
    expression = f"epoch_ms({told[best]})"
    return Clock(f"date and time as {order}, UTC", read[best] / present, True, False, expression, doubt, rivals)


def _forms(order: str) -> str:
    """SQL for the list of the forms that a date may have in this order."""
    return "[" + ", ".join(f"'{day}{hour}'" for day in _ORDERS[order] for hour in _HOURS) + "]"


def _because(span_ms: float, other_ms: float) -> str:
    if span_ms == other_ms:
        return ""
    days, other_days = (max(1, round(span / DAY_MS)) for span in (span_ms, other_ms))
    return f", so that they span {days:,} days and not {other_days:,}"


def _numbers(sample: DuckDBPyRelation, expressions: list[str]) -> list[float]:
    rows = sample.aggregate(", ".join(expressions)).fetchall()
    return [float(value) for value in rows[0]]


def _marks(read: DuckDBPyRelation) -> tuple[int, ...]:
    """The stand-ins among the milliseconds of a sample after which nothing else comes within a year."""
    listed = ", ".join(map(str, STAND_INS))
    met, first = read.aggregate(
        f"list(distinct ms) filter (ms in ({listed})), min(ms) filter (ms not in ({listed}))"
    ).fetchall()[0]
    return tuple(sorted(mark for mark in met or () if first is not None and first - mark > YEAR_MS))


def _share(clock: Clock) -> float:
    return clock.share


def _written() -> str:
    """Milliseconds of a date that begins with its year; the zone is taken off by hand, as a plain cast ignores it."""
    hour, minute, second, fraction = (f"coalesce(nullif(part.{name}, ''), '0')" for name in ("h", "min", "s", "f"))
    stamp = (
        f"part.y || '-' || part.m || '-' || part.d || ' ' || {hour} || ':' || {minute} || ':' || {second} "
        f"|| '.' || {fraction}"
    )
    half = (
        f"case when part.half = '下午' and {hour}::INT < 12 then 43200000 "
        f"when part.half = '上午' and {hour}::INT = 12 then -43200000 else 0 end"
    )
    minutes = (
        "(substr(part.zone, 2, 2)::INT * 60 + case when length(part.zone) > 3 then right(part.zone, 2)::INT else 0 end)"
    )
    ahead = f"case left(part.zone, 1) when '+' then {minutes} when '-' then -{minutes} else 0 end"
    slow = f"epoch_ms(try_cast({stamp} as TIMESTAMP)) + {half} - 60000 * {ahead}"
    return f"case when {_PLAIN} then epoch_ms(try_cast(told as TIMESTAMP)) else {slow} end"


# most logs have 19 plain characters, which need no pattern
_PLAIN: Final = "(told like '____-__-__ __:__:__' or told like '____-__-__T__:__:__')"
_PART: Final = f"case when not ({_PLAIN}) then regexp_extract(told, '{_STAMP}', {_PARTS}) end"
_NUMBER: Final = "case when isfinite(try_cast(told as DOUBLE)) then try_cast(told as DOUBLE) end"
_WRITTEN: Final = _written()

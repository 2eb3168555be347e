"""Clocks: every way of writing the same moment."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from causalviz.events.times import OWN_CLOCK, WRITTEN, Clock, DateOrder, find_clock

MARCH_13 = 1_710_325_274_000  # 2024-03-13 10:21:14 UTC, ms
DAY = 1_710_288_000_000


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def read(engine: duckdb.DuckDBPyConnection, told: list[str | None]) -> tuple[Clock | None, list[int | None]]:
    """The clock of a column and what it reads."""
    engine.execute("create or replace table column_of_text as select unnest(?::VARCHAR[]) as told", [told])
    clock = find_clock(engine.table("column_of_text"))
    if clock is None:
        return None, []
    return clock, [ms for (ms,) in clock.read(engine.table("column_of_text")).project("ms").fetchall()]


@pytest.mark.parametrize(
    "told",
    [
        "2024-03-13 10:21:14",
        "2024-3-13 10:21:14",
        "2024-03-13T10:21:14Z",
        "2024-03-13T18:21:14+08:00",
        "2024-03-13 18:21:14+0800",
        "2024-03-13T18:21:14 +08",
        "2024-03-13T04:51:14-05:30",
        "2024-03-13T10:21:14.0004Z",
        "2024-03-13 10:21:14 UTC",
        "2024/3/13 10:21:14",
        "2024.03.13 10:21:14",
        "2024年3月13日 10:21:14",
        "2024年03月13日10时21分14秒",
        "2024年3月13日 上午10:21:14",
        "2024/3/13 下午22:21:14",
        "03/13/2024 10:21:14 AM",
        "13/03/2024 10:21:14",
        "13.03.2024 10:21:14",
        "13 Mar 2024 10:21:14",
        "20240313102114",
        "1710325274",
        "1710325274.0",
        "1710325274000",
        "1710325274000000",
        "1710325274000000000",
    ],
)
def test_every_writing_of_one_moment_is_that_moment(engine: duckdb.DuckDBPyConnection, told: str) -> None:
    clock, ms = read(engine, [told])
    expected = MARCH_13 + (43_200_000 if "下午22" in told else 0)
    assert ms == [expected]
    assert clock is not None
    assert clock.dated


def test_seconds_may_be_missing_or_have_decimals(engine: duckdb.DuckDBPyConnection) -> None:
    _, ms = read(engine, ["2024-03-13 10:21", "2024-03-13", "2024-03-13 10:21:14,25", "2024-03-13T10:21:14.123456789Z"])
    assert ms == [MARCH_13 - 14_000, DAY, MARCH_13 + 250, MARCH_13 + 123]


@pytest.mark.parametrize(
    "told",
    [
        "2024-13-13 10:00:00",
        "2024-02-30",
        "2024-03-13T10:21:14 Asia/Shanghai",
        "later",
        "2024-03-13T10:21:14+99:99",
        "2024-03-13 10:21:14-0875",
    ],
)
def test_what_is_no_moment_is_not_guessed(engine: duckdb.DuckDBPyConnection, told: str) -> None:
    _, ms = read(engine, ["2024-03-13 10:21:14", told])
    assert ms == [MARCH_13, None]


def test_small_numbers_are_seconds_of_the_logs_own_clock(engine: duckdb.DuckDBPyConnection) -> None:
    clock, ms = read(engine, ["30685", "0", "40000.5"])
    assert ms == [30_685_000, 0, 40_000_500]
    assert clock is not None
    assert (clock.unit, clock.dated) == (OWN_CLOCK, False)


def test_zero_among_dates_is_a_missing_time(engine: duckdb.DuckDBPyConnection) -> None:
    _, ms = read(engine, ["1710325274000", "1710325275000", "0", "-1"])
    assert ms == [MARCH_13, MARCH_13 + 1000, None, None]


def test_a_column_is_read_by_one_order_of_day_and_month(engine: duckdb.DuckDBPyConnection) -> None:
    clock, ms = read(engine, ["04/03/2024", "13/03/2024"])  # the second cannot be a month
    assert ms == [DAY - 9 * 86_400_000, DAY]
    assert clock is not None
    assert "day/month/year" in clock.unit


@pytest.mark.parametrize("sign", "/-")
def test_without_a_day_above_12_the_shorter_span_decides_unless_the_order_is_told(
    engine: duckdb.DuckDBPyConnection, sign: str
) -> None:
    told = [f"0{day}{sign}03{sign}2024" for day in range(1, 10)]
    assert read(engine, told)[1] == [DAY + (day - 13) * 86_400_000 for day in range(1, 10)]
    clock = find_clock(engine.table("column_of_text"))
    assert clock is not None
    assert clock.rivals == (f"month{sign}day{sign}year", f"day{sign}month{sign}year")
    assert "so that they span 8 days and not 244" in clock.doubt
    orders: tuple[DateOrder, DateOrder] = ("day-first", "month-first")
    by_order = [find_clock(engine.table("column_of_text"), order) for order in orders]
    assert [(clock.unit.split()[4], clock.doubt) for clock in by_order if clock] == [
        (f"day{sign}month{sign}year,", ""),
        (f"month{sign}day{sign}year,", ""),
    ]


@pytest.mark.parametrize("told", [["view", "buy"], [None, None]])
def test_words_and_nothing_have_no_clock(engine: duckdb.DuckDBPyConnection, told: list[str | None]) -> None:
    assert read(engine, told) == (None, [])


def test_the_share_says_how_much_can_be_read(engine: duckdb.DuckDBPyConnection) -> None:
    clock, _ = read(engine, ["2024-03-13", "2024-03-14", "2024-03-15", "?"])
    assert clock is not None
    assert (clock.unit, clock.share) == (WRITTEN, 0.75)


@pytest.mark.parametrize("far", ["9223372036854775", "-9223372036854775", "1e300", "inf"])
def test_times_so_far_that_their_difference_overflows_are_no_times(engine: duckdb.DuckDBPyConnection, far: str) -> None:
    _, ms = read(engine, ["1", "2", "3", "999999999999", far])
    assert ms == [1_000, 2_000, 3_000, 999_999_999_999_000, None]

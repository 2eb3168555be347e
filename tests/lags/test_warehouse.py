"""A database counts bit for bit what the kernel counts, and only sums leave it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from postgres_cluster import HERE, OWNER, PASSWORD
from strategies import event_logs

from causalviz.events.log import EventLog
from causalviz.lags import LagCounts, LagGrid, count_lags
from causalviz.lags.counts import group_of
from causalviz.lags.warehouse import counts_from_rows, lag_count_rows

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend
    from ibis.backends.postgres import Backend as Postgres

ibis = pytest.importorskip("ibis", reason="the extra 'warehouse' is not installed: pip install -e '.[warehouse]'")

GRID = LagGrid((0, 2, 5, 17))
KINDS = {"user": "int64", "grp": "int64", "time": "int64", "mark": "int64"}
NUMBER = itertools.count()  # of tables; nothing is dropped before the cluster is
Counter = Callable[[EventLog, LagGrid, int], LagCounts]


@pytest.fixture(scope="module")
def duck() -> Iterator[Backend]:
    connection = ibis.duckdb.connect()
    yield connection
    connection.disconnect()


@pytest.fixture(scope="module")
def postgres(postgres_port: int) -> Iterator[Postgres]:
    connection = ibis.postgres.connect(
        host=HERE, port=postgres_port, user=OWNER, password=PASSWORD, database="postgres"
    )
    yield connection
    connection.disconnect()


def events_of(log: EventLog, groups: int) -> pa.Table:
    columns = (log.user, group_of(log.user_names, groups)[log.user], log.time, log.behaviour)
    return pa.table([pa.array(column, pa.int64()) for column in columns], names=list(KINDS))


def counted_on_duckdb(duck: Backend) -> Counter:
    def count(log: EventLog, grid: LagGrid, groups: int) -> LagCounts:
        duck.con.register("events", events_of(log, groups))
        rows = duck.to_pyarrow(lag_count_rows(duck.table("events"), grid))
        return counts_from_rows(rows, log.behaviours, grid, groups)

    return count


def counted_on_postgres(postgres: Postgres) -> Counter:
    def count(log: EventLog, grid: LagGrid, groups: int) -> LagCounts:
        events = postgres.create_table(f"events{next(NUMBER)}", events_of(log, groups))
        rows = postgres.to_pyarrow(lag_count_rows(events, grid))
        return counts_from_rows(rows, log.behaviours, grid, groups)

    return count


def check_equal(log: EventLog, grid: LagGrid, groups: int, count: Counter) -> None:
    here, there = count_lags(log, grid, groups), count(log, grid, groups)
    for name, array in here.arrays().items():
        assert there.arrays()[name].dtype == array.dtype, name
        assert np.array_equal(there.arrays()[name], array), name


def random_log(events: int = 3000) -> EventLog:
    """From one event a user to hundreds; before 1970 and after; ties, and events of one behaviour at one moment."""
    rng = np.random.default_rng(7)
    who = (60 * rng.random(events) ** 3).astype(np.int32)
    what = rng.integers(0, 6, events).astype(np.int32)
    return EventLog.from_columns(who, rng.integers(-150, 150, events), what, [f"b{k}" for k in range(6)])


def test_a_random_log_counts_the_same_on_duckdb(duck: Backend) -> None:
    check_equal(random_log(), LagGrid((0, 1, 2, 5, 17, 40)), 5, counted_on_duckdb(duck))


def test_a_random_log_counts_the_same_on_postgres(postgres: Postgres) -> None:
    check_equal(random_log(), LagGrid((0, 1, 2, 5, 17, 40)), 5, counted_on_postgres(postgres))


@given(event_logs(max_events=60), st.integers(1, 3))
@settings(max_examples=4, deadline=None)
def test_small_logs_count_the_same_on_postgres(postgres: Postgres, log: EventLog, groups: int) -> None:
    check_equal(log, GRID, groups, counted_on_postgres(postgres))


@given(event_logs(max_events=60), st.integers(1, 3))
@settings(max_examples=4, deadline=None)
def test_small_logs_count_the_same_on_duckdb(duck: Backend, log: EventLog, groups: int) -> None:
    check_equal(log, GRID, groups, counted_on_duckdb(duck))


@pytest.mark.parametrize("engine", ["duck", "postgres"])
def test_halves_are_rounded_to_even_as_the_kernel_does(engine: str, request: pytest.FixtureRequest) -> None:
    """8192 events, one of them an "a": a pair within reach is half of 1/4096 pair expected of each order."""
    time = np.arange(8192) * 100
    time[[1, 11, 21, 31]] = [1, 1010, 2010, 3010]  # one pair within 5 ticks, three within 20
    mark = np.ones(8192, np.int32)
    mark[4000] = 0
    log = EventLog.from_columns(np.zeros(8192, np.int32), time, mark, ["a", "b"])
    grid = LagGrid((0, 5, 20))
    assert count_lags(log, grid, 1).expected[0, 0, 1].tolist() == [0, 2]  # 0.5 and 1.5
    counter = {"duck": counted_on_duckdb, "postgres": counted_on_postgres}[engine]
    check_equal(log, grid, 1, counter(request.getfixturevalue(engine)))


def test_only_sums_leave() -> None:
    rows = lag_count_rows(ibis.table(KINDS, name="events"), GRID)
    assert rows.columns == ("statistic", "grp", "cause", "effect", "bin0", "bin1", "bin2")


@pytest.mark.parametrize("dialect", ["clickhouse", "bigquery", "snowflake", "trino"])
def test_it_compiles_for_other_warehouses_without_a_range_join(dialect: str) -> None:
    text = str(ibis.to_sql(lag_count_rows(ibis.table(KINDS, name="events"), GRID), dialect=dialect))
    assert text.count(" JOIN ") == text.count(" ON ") > 5
    joined = [clause.split("WHERE")[0].split("GROUP")[0] for clause in text.split(" ON ")[1:]]
    assert not any(sign in clause.split(")")[0] for clause in joined for sign in "<>")

"""A database counts bit for bit what the kernel counts, and only sums leave it."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from postgres_cluster import HERE, OWNER, PASSWORD
from strategies import event_logs

from causalviz.errors import UnusableLog
from causalviz.events.database_log import DatabaseLog, log_in_database
from causalviz.events.log import EventLog
from causalviz.events.mapping import Roles
from causalviz.lags import LagCounts, LagGrid, count_lags, warehouse
from causalviz.lags.counts import group_of
from causalviz.lags.name_groups import with_groups
from causalviz.lags.warehouse import (
    count_lags_in_database,
    counts_from_rows,
    grid_in_database,
    lag_count_rows,
    sample_in_database,
)

if TYPE_CHECKING:
    import ibis.expr.types as ir
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


def table_in(backend: Backend | Postgres, rows: pa.Table) -> ir.Table:
    """A new table."""
    name = f"rows{next(NUMBER)}"
    if backend.name == "postgres":
        return backend.create_table(name, rows)
    backend.con.register(name, rows)  # ibis 12 creates no tables in DuckDB 2
    return backend.table(name)


def counter(backend: Backend | Postgres) -> Counter:
    def count(log: EventLog, grid: LagGrid, groups: int) -> LagCounts:
        rows = lag_count_rows(table_in(backend, events_of(log, groups)), grid).to_pyarrow()
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
    check_equal(random_log(), LagGrid((0, 1, 2, 5, 17, 40)), 5, counter(duck))


def test_a_random_log_counts_the_same_on_postgres(postgres: Postgres) -> None:
    check_equal(random_log(), LagGrid((0, 1, 2, 5, 17, 40)), 5, counter(postgres))


@given(event_logs(max_events=60), st.integers(1, 3))
@settings(max_examples=4, deadline=None)
def test_small_logs_count_the_same_on_postgres(postgres: Postgres, log: EventLog, groups: int) -> None:
    check_equal(log, GRID, groups, counter(postgres))


@given(event_logs(max_events=60), st.integers(1, 3))
@settings(max_examples=4, deadline=None)
def test_small_logs_count_the_same_on_duckdb(duck: Backend, log: EventLog, groups: int) -> None:
    check_equal(log, GRID, groups, counter(duck))


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
    check_equal(log, grid, 1, counter(request.getfixturevalue(engine)))


def test_only_sums_leave() -> None:
    rows = lag_count_rows(ibis.table(KINDS, name="events"), GRID)
    assert rows.columns == ("statistic", "grp", "cause", "effect", "bin0", "bin1", "bin2")


NAMES = ("u1", "用户42", "é😀x", "u" * 40, "0", "zz top")


@pytest.mark.parametrize("engine", ["duck", "postgres"])
def test_a_name_has_the_same_group_everywhere(engine: str, request: pytest.FixtureRequest) -> None:
    backend = request.getfixturevalue(engine)
    told = with_groups(table_in(backend, pa.table({"who": NAMES})), 16, 40).to_pyarrow()
    assert dict(zip(told["who"].to_pylist(), told["crc"].to_pylist(), strict=True)) == {
        name: zlib.crc32(name.encode()) for name in NAMES
    }
    assert told["grp"].to_pylist() == group_of(told["who"].to_pylist(), 16).tolist()


def log_there(backend: Backend | Postgres, log: EventLog) -> DatabaseLog:
    columns = {
        "user": np.array(log.user_names)[log.user],
        "event": np.array(log.names)[log.behaviour],
        "time": log.time / 1000,  # seconds of a clock of its own
    }
    return log_in_database(table_in(backend, pa.table(columns)), Roles("user", "event", "time"), title="log")


@pytest.mark.parametrize("engine", ["duck", "postgres"])
def test_a_table_has_the_grid_the_counts_and_the_histories_of_its_log(
    engine: str, request: pytest.FixtureRequest
) -> None:
    log = random_log(1500)
    order = np.argsort(-np.bincount(log.behaviour), kind="stable")  # as rules order behaviours
    log = EventLog.from_columns(
        log.user, log.time, np.argsort(order).astype(np.int32)[log.behaviour], [log.names[k] for k in order],
        [f"u{k:02d}" for k in range(log.n_users)],
    )  # fmt: skip
    there = log_there(request.getfixturevalue(engine), log)
    assert there.behaviours == log.behaviours
    grid = grid_in_database(there)
    assert grid == LagGrid.from_log(log)
    check_equal(log, grid, 16, lambda _, grid, groups: count_lags_in_database(there, grid, groups))
    whole, part = sample_in_database(there, 5000), sample_in_database(there, 300)
    for name in ("user", "time", "behaviour"):
        assert np.array_equal(getattr(whole, name), getattr(log, name)), name
    assert not set(whole.user_names) & set(log.user_names)
    lives = {tuple(log.time[log.user == user]) for user in range(log.n_users)}
    assert part.n_events <= 300
    assert {tuple(part.time[part.user == user]) for user in range(part.n_users)} <= lives  # they are whole


def test_histories_too_dense_for_a_database_are_refused(duck: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    there = log_there(duck, random_log(400))
    monkeypatch.setattr(warehouse, "MOST_PAIRS", 1000)
    with pytest.raises(UnusableLog, match=r"^log has users .* visit about [\d,]+ pairs; .* --engine local"):
        count_lags_in_database(there, GRID)


def test_a_log_of_single_moments_has_the_grid_without_gaps(duck: Backend) -> None:
    log = EventLog.from_columns(
        np.arange(4, dtype=np.int32), np.arange(4), np.array([0, 1, 0, 1], np.int32), ["a", "b"]
    )
    there = log_there(duck, log)
    assert grid_in_database(there) == LagGrid.from_log(log)
    assert sample_in_database(there, 1).n_events == 1


@pytest.mark.parametrize("dialect", ["clickhouse", "bigquery", "snowflake", "trino"])
def test_it_compiles_for_other_warehouses_without_a_range_join(dialect: str) -> None:
    text = str(ibis.to_sql(lag_count_rows(ibis.table(KINDS, name="events"), GRID), dialect=dialect))
    assert text.count(" JOIN ") == text.count(" ON ") > 5
    joined = [clause.split("WHERE")[0].split("GROUP")[0] for clause in text.split(" ON ")[1:]]
    assert not any(sign in clause.split(")")[0] for clause in joined for sign in "<>")

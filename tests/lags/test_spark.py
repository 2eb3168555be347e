"""Spark counts bit for bit what the local engine counts, however it cuts the log."""

from __future__ import annotations

import os
import re
import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import event_logs

from causalviz.__main__ import main
from causalviz.errors import SettingsError
from causalviz.events.log import EventLog
from causalviz.lags import LagGrid, count_lags
from causalviz.lags import spark as spark_engine
from causalviz.lags.counts import group_of
from causalviz.lags.spark import COLUMNS, count_lags_spark, spark_session, whole_users
from causalviz.lags.warehouse import EVENT_COLUMNS, counts_from_rows, lag_count_rows
from causalviz.pipeline import DiscoverConfig

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

GRID = LagGrid((0, 2, 5, 17))
NO_PYSPARK = "the extra 'spark' is not installed: pip install -e '.[spark]'"


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    """One session for the module; the engine uses it because it is active."""
    pytest.importorskip("pyspark", reason=NO_PYSPARK)
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        pytest.skip("Spark needs Java 17, and there is none on this machine")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_SUBMIT_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")  # a short run
        with spark_session("local[2]") as session:
            session.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", 50)  # most users span several
            yield session
        assert type(session).getActiveSession() is None  # it was our own, so it was stopped


def random_log(users: int, events: int, behaviours: int = 6) -> EventLog:
    """Few moments, so that many events tie; activity from one event to hundreds."""
    rng = np.random.default_rng(5)
    who = (users * rng.random(events) ** 3).astype(np.int32)
    when, what = rng.integers(0, 300, events), rng.integers(0, behaviours, events).astype(np.int32)
    return EventLog.from_columns(who, when, what, [f"b{k}" for k in range(behaviours)])


def test_without_java_backend_a_way_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("pyspark", reason=NO_PYSPARK)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(SettingsError, match="needs Java 17"):
        count_lags_spark(random_log(users=2, events=9), GRID)


@pytest.mark.parametrize("master", ["nonsense", "local[x]", "", "http://host", "spark://host", "spark://h:1,h"])
def test_a_master_that_is_none_is_refused_before_spark_starts(master: str) -> None:
    with pytest.raises(SettingsError, match=f"^{re.escape(repr(master))} is no Spark master"):
        count_lags_spark(random_log(users=2, events=9), GRID, master=master)


def test_a_master_that_takes_no_call_is_refused_before_spark_starts() -> None:
    pytest.importorskip("pyspark", reason=NO_PYSPARK)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        master = f"spark://127.0.0.1:{closed.getsockname()[1]}"
        with pytest.raises(SettingsError, match=rf"^Nobody answers at the master '{master}' \(Connection refused\)"):
            count_lags_spark(random_log(users=2, events=9), GRID, master=master)


def test_an_engine_that_is_none_is_refused() -> None:
    with pytest.raises(SettingsError, match="no engine 'flink'; choose among local, spark"):
        DiscoverConfig(engine="flink")


def test_a_job_that_fails_on_spark_is_one_sentence(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark_engine, "_write", lambda *told: told[-1].write_bytes(b"PAR1 damaged PAR1"))
    with pytest.raises(SettingsError, match=r"^Spark failed on the master 'local\[2\]' \(.+\); mend") as caught:
        count_lags_spark(random_log(users=2, events=9), GRID)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("groups", [None, 3])
def test_spark_counts_the_same_bit_for_bit(spark: SparkSession, groups: int | None) -> None:
    log = random_log(users=80, events=4000)
    assert np.unique(np.stack([log.user, log.time]), axis=1).shape[1] < log.n_events  # there are ties
    here, there = count_lags(log, GRID, groups), count_lags_spark(log, GRID, groups=groups)
    assert (there.behaviours, there.grid) == (here.behaviours, here.grid)
    for name, array in here.arrays().items():
        assert there.arrays()[name].dtype == array.dtype, name
        assert np.array_equal(there.arrays()[name], array), name


@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
def test_the_expression_of_a_warehouse_counts_the_same_too(spark: SparkSession, tmp_path: Path) -> None:
    ibis = pytest.importorskip("ibis", reason="the extra 'warehouse' is not installed: pip install -e '.[warehouse]'")
    log, groups = random_log(users=8, events=120, behaviours=3), 2
    columns = (log.user, group_of(log.user_names, groups)[log.user], log.time, log.behaviour)
    arrays = [pa.array(column, pa.int64()) for column in columns]
    pq.write_table(pa.table(arrays, names=list(EVENT_COLUMNS)), tmp_path / "events.parquet")
    for setting, value in {"shuffle.partitions": 1, "codegen.wholeStage": "false", "adaptive.enabled": "false"}.items():
        spark.conf.set(f"spark.sql.{setting}", value)  # for the few rows of a test
    spark.read.parquet(f"file://{tmp_path}").createOrReplaceTempView("events")
    backend = ibis.pyspark.connect(spark)
    rows = spark.sql(backend.compile(lag_count_rows(backend.table("events"), GRID))).toArrow()
    here, there = count_lags(log, GRID, groups), counts_from_rows(rows, log.behaviours, GRID, groups)
    assert all(np.array_equal(there.arrays()[name], array) for name, array in here.arrays().items())


def test_one_user_alone_leaves_the_other_partitions_empty(spark: SparkSession) -> None:
    log = random_log(users=1, events=200)
    here, there = count_lags(log, GRID), count_lags_spark(log, GRID)
    assert all(np.array_equal(there.arrays()[name], array) for name, array in here.arrays().items())


def test_the_command_line_writes_the_same_edges(spark: SparkSession, tmp_path: Path) -> None:
    log = random_log(users=40, events=1500)
    rows = [f"u{u},{log.names[b]},{t}" for u, t, b in zip(log.user, log.time, log.behaviour, strict=True)]
    (tmp_path / "log.csv").write_text("\n".join(["user,event,time", *rows]))
    for engine in ("local", "spark"):
        arguments = ["discover", str(tmp_path / "log.csv"), "--engine", engine, "--out", str(tmp_path / engine)]
        assert main(arguments) == 0
    assert (tmp_path / "local" / "edges.csv").read_bytes() == (tmp_path / "spark" / "edges.csv").read_bytes()
    assert spark.range(3).count() == 3  # a session that was there before stays


@given(event_logs(max_users=6, max_events=40), st.integers(1, 9), st.integers(1, 20))
def test_a_stream_is_cut_between_users_only(log: EventLog, batch_rows: int, max_events: int) -> None:
    columns = (log.user, log.time, log.behaviour, group_of(log.user_names, 3)[log.user])
    arrays = [pa.array(column, kind) for column, kind in zip(columns, COLUMNS.values(), strict=True)]
    stream = pa.table(arrays, names=list(COLUMNS)).to_batches(max_chunksize=batch_rows)
    pieces = list(whole_users([stream[0].slice(0, 0), *stream], max_events))
    for k, column in enumerate(columns):
        assert np.array_equal(np.concatenate([piece[k] for piece in pieces]), column)
    users = [set(piece.user.tolist()) for piece in pieces]
    assert sum(map(len, users)) == len(set.union(*users))
    assert all(users)


def test_without_pyspark_backend_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(SettingsError, match=r"pip install -e '\.\[spark\]'"):
        count_lags_spark(random_log(users=2, events=9), GRID)


def test_it_is_one_sentence_on_the_command_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    log = tmp_path / "log.csv"
    log.write_text("user,event,time\nu,view,2026-01-01\nu,buy,2026-01-02\n")
    assert main(["discover", str(log), "--engine", "spark", "--out", str(tmp_path / "x")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "x").exists()

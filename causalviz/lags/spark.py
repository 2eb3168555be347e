"""The Spark engine: the same counts, the users spread over the cores or machines of a Spark cluster.

The log goes out as Parquet, is partitioned by user and sorted within each partition; there the kernel of the local
engine counts whole users, and each partition answers with one small row. Whole numbers of whole users add up in any
order, so the sum is ``count_lags`` bit for bit, however the users fell.

With a master other than ``local[n]`` every machine needs this package, and the temporary folder (``TMPDIR``) must be
one that all of them see.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from causalviz.errors import SettingsError
from causalviz.events.folders import brief_folder
from causalviz.events.log import Histories
from causalviz.lags.counts import EXPECTED_SCALE, LagCounts, group_of, no_counts
from causalviz.lags.grid import LagGrid
from causalviz.lags.kernel import count_users

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Ints = NDArray[np.int64]

MASTER: Final = "local[2]"  # two cores of this machine
HERE: Final = "127.0.0.1"
PARTITIONS_PER_CORE: Final = 2  # so that a core with easy users takes another share
BATCH_EVENTS: Final = 1_000_000  # events of whole users that a partition hands to the kernel at once
_REASON: Final = re.compile(r"\w(?:Error|Exception): (.+)")
_MACHINE: Final = r"[\w.-]+:\d{1,5}"
_MASTER: Final = re.compile(rf"local(\[(\d+|\*)(,\d+)?\])?|spark://{_MACHINE}(,{_MACHINE})*|k8s://\S+|yarn", re.ASCII)
STOPPED: Final = "stopped SparkContext"  # what Spark says when no master answered
PATIENCE_S: Final = 5.0  # until a master must have taken a call
QUIET: Final = """\
appender.none.type = Null
appender.none.name = none
rootLogger.level = off
rootLogger.appenderRef.none.ref = none
logger.gateway.name = org.apache.spark.api.python.PythonGatewayServer
logger.gateway.level = off
"""  # for Spark's logger, which tells hundreds of lines of what is one sentence here
CODEC: Final = "zstd"  # most counts are small or zero: a row shrinks to a few percent
COLUMNS: Final = {"user": pa.int32(), "time": pa.int64(), "mark": pa.int32(), "group": pa.int32()}


class Events(NamedTuple):
    """Whole users' events, each column (m,); one user's group is the same in all."""

    user: NDArray[np.int32]
    time: Ints
    mark: NDArray[np.int32]
    group: NDArray[np.int32]


def count_lags_spark(log: Histories, grid: LagGrid, *, master: str = MASTER, groups: int | None = None) -> LagCounts:
    """Counts one log on Spark.

    Args:
        log: M events of K behaviours.
        grid: L lag bins.
        master: Where Spark runs, as in ``local[2]`` or ``spark://host:7077``; see ``spark_session``.
        groups: G; see ``no_counts``.

    Returns:
        What ``count_lags`` returns.

    Raises:
        SettingsError: If pyspark or Java is missing, or Spark fails on that master.
    """
    counts = no_counts(log.behaviours, grid, groups)
    shapes = {name: array.shape for name, array in counts.arrays().items()}
    sums = counts.arrays()
    with spark_session(master) as session, tempfile.TemporaryDirectory(prefix="causalviz-spark-") as folder:
        _write(log, len(counts.users), Path(folder) / "events.parquet")
        with _one_sentence(master):
            rows = _partition_counts(session, folder, grid.edges, shapes)
        for row in rows:
            for name, shape in shapes.items():
                sums[name] += _unpacked(bytes(row[name]), shape)
    return counts


@contextmanager
def spark_session(master: str = MASTER) -> Iterator[SparkSession]:
    """The active Spark session, which stays, or one of our own, which is stopped afterwards.

    Args:
        master: Where a session of our own runs; a local one listens on the loopback only.

    Raises:
        SettingsError: If pyspark or Java is missing, or Spark does not start on that master or knows none of that name.
    """
    if not _MASTER.fullmatch(master):
        raise SettingsError(f"{master!r} is no Spark master; write one like {MASTER!r} or 'spark://host:7077'.")
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise SettingsError(
            "The engine 'spark' needs pyspark, which is not installed; run pip install -e '.[spark]', "
            "or use the engine 'local'."
        ) from None
    active = SparkSession.getActiveSession()
    if active is not None:
        yield active
        return
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        raise SettingsError("The engine 'spark' needs Java 17 or later, and finds none; install it, or set JAVA_HOME.")
    _refuse_deaf(master)
    settings: dict[str, bool | float | int | str | None] = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    environment = {"PYSPARK_PYTHON": sys.executable}  # workers with another Python could not run the kernel
    if master.startswith("local"):
        settings |= {"spark.driver.host": HERE, "spark.driver.bindAddress": HERE}
        environment["SPARK_LOCAL_IP"] = HERE
    with brief_folder() as folder, _one_sentence(master), _environment(environment), _no_word_on_pandas():
        logger = folder / "log4j2.properties"
        logger.write_text(QUIET, encoding="utf-8")
        settings["spark.driver.extraJavaOptions"] = f'"-Dlog4j2.configurationFile={logger}"'
        session = SparkSession.builder.master(master).appName("causalviz").config(map=settings).getOrCreate()
    try:
        yield session
    finally:
        session.stop()


@contextmanager
def _one_sentence(master: str) -> Iterator[None]:
    """Says in one sentence what Spark says in hundreds of lines."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError) as error:
        told = _REASON.findall(str(error)) or [type(error).__name__]
        reason = told[-1][:200].rstrip(". ")
        if STOPPED in reason:  # after a minute of trying
            reason = "no master of Spark answers there"
        raise SettingsError(
            f"Spark failed on the master {master!r} ({reason}); mend that, or use the engine 'local'."
        ) from error


def _refuse_deaf(master: str) -> None:
    """Refuses a master that takes no call, on which Spark itself would spend more than a minute.

    Raises:
        SettingsError: If none of its machines does.
    """
    machines = [machine.rsplit(":", 1) for machine in master.removeprefix("spark://").split(",")]
    if not master.startswith("spark://"):
        return
    why = ""
    for host, port in machines:
        try:
            socket.create_connection((host, int(port)), PATIENCE_S).close()
        except (OSError, OverflowError) as error:
            why = getattr(error, "strerror", None) or str(error)
        else:
            return
    raise SettingsError(
        f"Nobody answers at the master {master!r} ({why}); check its host and port and that it runs, or use the engine "
        "'local'."
    )


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """Spark's launcher reads these; what was set before comes back."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _no_word_on_pandas() -> Iterator[None]:
    """Spark warns of newer pandas versions; no frame of pandas passes through here."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
        yield


def _write(log: Histories, groups: int, path: Path) -> None:
    """The events as Parquet, one row group per batch of whole users."""
    group = group_of(log.user_names, groups)
    schema = pa.schema(list(COLUMNS.items()))
    with pq.ParquetWriter(path, schema) as writer:
        for batch in log.batches():
            columns = (*batch, group[batch.user])
            arrays = [pa.array(column, kind) for column, kind in zip(columns, COLUMNS.values(), strict=True)]
            writer.write_table(pa.table(arrays, schema=schema))


def _partition_counts(
    session: SparkSession, folder: str, edges: tuple[int, ...], shapes: dict[str, tuple[int, ...]]
) -> list[dict[str, bytes]]:
    """The rows of all partitions that have events."""
    count: Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]] = partial(
        count_partition, edges=edges, shapes=shapes
    )
    partitions = PARTITIONS_PER_CORE * session.sparkContext.defaultParallelism
    source = session.read.parquet(f"file://{folder}")
    events = source.repartition(partitions, "user").sortWithinPartitions("user", "time", "mark")
    answer = ", ".join(f"{name} binary" for name in shapes)
    with _no_word_on_pandas():
        return [row.asDict() for row in events.mapInArrow(count, answer).collect()]


def count_partition(
    batches: Iterator[pa.RecordBatch], edges: tuple[int, ...], shapes: dict[str, tuple[int, ...]]
) -> Iterator[pa.RecordBatch]:
    """Runs in the workers: the counts of one partition's users as one row of packed arrays; none without events.

    Args:
        batches: With the columns of ``COLUMNS``, sorted by user and time; a user may span several.
        edges: L + 1 lag edges, ticks.
        shapes: Of the arrays of ``LagCounts``.
    """
    sums = {name: np.zeros(shape, dtype=np.int64) for name, shape in shapes.items()}
    is_empty = True
    for events in whole_users(batches):
        is_empty = False
        begins = np.r_[True, np.diff(events.user) != 0]  # (m,)
        user = np.cumsum(begins, dtype=np.int32) - np.int32(1)  # codes of this batch alone
        group = events.group[begins].astype(np.int64)
        for column in (user, events.time, events.mark):
            column.flags.writeable = False  # as in an EventLog, so that the kernel is not compiled once more
        count_users(
            user, events.time, events.mark, group, np.asarray(edges, dtype=np.int64), EXPECTED_SCALE,
            *sums.values(),
        )  # fmt: skip
    if not is_empty:
        yield pa.RecordBatch.from_pydict(
            {name: pa.array([_packed(array)], pa.binary()) for name, array in sums.items()}
        )


def whole_users(batches: Iterable[pa.RecordBatch], max_events: int = BATCH_EVENTS) -> Iterator[Events]:
    """Cuts a stream that is sorted by user between users only.

    Args:
        batches: As in ``count_partition``, of any size.
        max_events: About how many events are held; one larger history stays whole.
    """
    held: list[Events] = []
    size, limit = 0, max_events
    for batch in batches:
        if batch.num_rows == 0:
            continue
        held.append(Events(*(batch.column(name).to_numpy() for name in COLUMNS)))
        size += batch.num_rows
        if size < limit:
            continue
        events = _joined(held)
        cut = int(np.searchsorted(events.user, events.user[-1]))  # here the last user begins, who may go on
        if cut > 0:
            yield _part(events, slice(cut))
        held = [_part(events, slice(cut, None))]
        size -= cut
        limit = max(max_events, 2 * size)  # a long history is not joined anew with every batch
    if held:
        yield _joined(held)


def _joined(pieces: list[Events]) -> Events:
    return Events(
        np.concatenate([piece.user for piece in pieces]),
        np.concatenate([piece.time for piece in pieces]),
        np.concatenate([piece.mark for piece in pieces]),
        np.concatenate([piece.group for piece in pieces]),
    )


def _part(events: Events, rows: slice) -> Events:
    return Events(events.user[rows], events.time[rows], events.mark[rows], events.group[rows])


def _packed(array: Ints) -> bytes:
    return pa.compress(array.tobytes(), codec=CODEC, asbytes=True)


def _unpacked(packed: bytes, shape: tuple[int, ...]) -> Ints:
    size = int(np.prod(shape)) * np.dtype(np.int64).itemsize
    return np.frombuffer(pa.decompress(packed, size, codec=CODEC, asbytes=True), dtype=np.int64).reshape(shape)

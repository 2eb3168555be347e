"""The headless twin of the dashboard: an event log in, every ordered pair's probability and effect out."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from causalviz.discovery import Discovery, Known, judge, likeness, said_of
from causalviz.errors import OversizedLog, SettingsError, UnusableLog
from causalviz.events.folders import default_home
from causalviz.events.log import EventLog, Histories
from causalviz.events.mapping import Roles
from causalviz.events.readers import read_events
from causalviz.events.report import ReadReport
from causalviz.events.rules import Rules, apply_rules
from causalviz.events.times import DateOrder
from causalviz.lags import LagCounts, LagGrid, count_lags
from causalviz.model.decidability import find_doubts
from causalviz.model.effects import measure_effects
from causalviz.model.evidence import Evidence as Gathered
from causalviz.model.evidence import fit_evidence, gather_evidence
from causalviz.model.features import pair_features

if TYPE_CHECKING:
    from causalviz.events.database_log import DatabaseLog
    from causalviz.model.edge_model import EdgeModel

Progress = Callable[[str, int, int], None]
Engine = Literal["local", "spark"]

LARGE_BYTES = 16 * 2**20  # of a file; one in memory takes some 20 times as much
STAGES = ("count lags and fit", "describe pairs", "judge edges", "measure effects")


@dataclass(frozen=True, kw_only=True)
class DiscoverConfig:
    """How to discover.

    Attributes:
        sample_events: Events, in whole histories, that the Hawkes process and the regression read.
        seed: Of the sample and of the shuffled comparison.
        engine: Where the lags of the whole log are counted; the answer is the same.
        spark_master: Where Spark runs, with that engine; two cores of this machine by default.
    """

    sample_events: int = 200_000
    seed: int = 0
    engine: Engine = "local"
    spark_master: str = "local[2]"

    def __post_init__(self) -> None:
        if self.engine not in get_args(Engine):
            raise SettingsError(f"There is no engine {self.engine!r}; choose among {', '.join(get_args(Engine))}.")
        if self.sample_events < 1_000:
            raise SettingsError(f"The sample needs at least 1000 events (got {self.sample_events}); raise it.")


def read_log(
    path: str | PathLike[str],
    *,
    user: str | None = None,
    event: str | None = None,
    time: str | None = None,
    item: str | None = None,
    top_items: int = 8,
    dates: DateOrder | None = None,
) -> EventLog:
    """Reads a log from a file.

    Args:
        path: CSV, TSV, Parquet, JSON lines, XES or Excel, gzipped or zipped too, or a folder of Parquet files.
        user: Column of who did it; like the others, found by itself when not given.
        event: Column of what was done.
        time: Column of when.
        item: Column of what it was done to; when given, a behaviour is an event type done to an item ("view A").
        top_items: How many of the most frequent items are told apart.
        dates: Which comes first in 03/04/2024, "day-first" or "month-first"; None for what the column itself tells.

    Returns:
        The log, behaviours in order of their number of events.

    Raises:
        LogError: If the file cannot be read, a column cannot be told, or no log is in it.
    """
    return read_log_and_report(path, Roles(user=user, event=event, time=time, item=item, dates=dates), top_items)[0]


def read_log_and_report(path: str | PathLike[str], roles: Roles, top_items: int = 8) -> tuple[EventLog, ReadReport]:
    """The same as ``read_log``, with the account of what was read and dropped.

    Raises:
        LogError: If the file cannot be read, a column cannot be told, or no log is in it.
    """
    raw, report = read_events(path, roles)
    return apply_rules(raw, _rules(roles, top_items)), report


def open_log(
    path: Path, roles: Roles, top_items: int = 8, *, on_rows: Progress | None = None
) -> tuple[Histories, ReadReport]:
    """A log of any size: a small one is read into memory, a file of ``LARGE_BYTES`` or more is prepared on the disk.

    Both give the same answers. What was prepared lies in ``prepared`` in the folder of the store, and a file of the
    same content finds it there for a month after its last use.

    Args:
        path: As for ``read_log``.
        roles: Which column is what; the missing ones are detected.
        top_items: How many of the most frequent items are told apart.
        on_rows: Told (what is done, rows done, rows in all) of a large file.

    Raises:
        LogError: If the file cannot be read, a column cannot be told, or no log is in it.
        StoreError: If the folder of the store cannot be written.
    """
    files = path.rglob("*") if path.is_dir() else [path] if path.exists() else []
    if sum(file.stat().st_size for file in files if file.is_file()) < LARGE_BYTES:
        with suppress(OversizedLog):  # a small file may hold many rows, packed
            return read_log_and_report(path, roles, top_items)
    from causalviz.events.preparing import prepare

    log = prepare(path, roles, _rules(roles, top_items), default_home() / "prepared", on_rows=on_rows)
    return log, log.report


def _rules(roles: Roles, top_items: int) -> Rules:
    return Rules(level="item" if roles.item else "event", top_items=top_items)


def discover(
    log: Histories,
    config: DiscoverConfig | None = None,
    *,
    model: EdgeModel | None = None,
    known: Sequence[Known] = (),
    counts: LagCounts | None = None,
    on_progress: Progress | None = None,
    on_rows: Progress | None = None,
) -> Discovery:
    """Finds the causal graph of a log.

    Args:
        log: The events, in memory or prepared on the disk.
        config: Settings; None for the defaults.
        model: The network that judges; None for the shipped prior model.
        known: Verdicts and rules of an expert, which inform the pairs around them; a judged pair's own probability
            stays what the log says, so that the two can be compared. Names that the log does not have are passed over.
        counts: Of this log, if it was counted before; their lag grid is used then.
        on_progress: Told (stage, stages done, stages in all).
        on_rows: Told (what is done, events done, events in all) by the local engine.

    Returns:
        Probability, effect and delay for every ordered pair of distinct behaviours.

    Raises:
        UnusableLog: If the log has fewer than two behaviours.
        SettingsError: If the engine is not installed or does not start.
        UnreadableModel: If the shipped model is missing or damaged.
    """
    if log.n_behaviours < 2:
        raise UnusableLog(
            f"The log has one behaviour only ({log.names[0]!r}); causes need two, so choose another event column."
        )
    config = config or DiscoverConfig()

    def gather() -> Gathered:
        count = _counter(config, on_rows)
        return gather_evidence(log, sample_events=config.sample_events, seed=config.seed, count=count, counts=counts)

    return _found(gather, lambda _: log.fingerprint, model, known, on_progress)


def discover_in_database(
    log: DatabaseLog,
    config: DiscoverConfig | None = None,
    *,
    model: EdgeModel | None = None,
    known: Sequence[Known] = (),
    on_progress: Progress | None = None,
) -> Discovery:
    """Finds the causal graph of a log that stays in its database.

    Lags are counted there. What leaves are the counts, and for the Hawkes process and the regressions a sample of whole
    histories: times and behaviours, without the users' names.

    Args:
        log: The events; see ``causalviz.events.database_log``.
        config: Settings; None for the defaults. The engine is the database's own.
        model: As for ``discover``.
        known: As for ``discover``.
        on_progress: As for ``discover``.

    Returns:
        What ``discover`` returns of the same events if all of them fit into the sample; else the same counts, and fits
        of other histories.
    """
    from causalviz.lags.warehouse import sample_in_database

    config = config or DiscoverConfig()

    def gather() -> Gathered:
        sample = sample_in_database(log, config.sample_events)
        return fit_evidence(sample, count_in_database(log), config.seed)

    return _found(gather, _counts_fingerprint, model, known, on_progress)


def count_in_database(log: DatabaseLog) -> LagCounts:
    """The lag counts alone, with which no history leaves the database."""
    from causalviz.lags.warehouse import count_lags_in_database, grid_in_database

    return count_lags_in_database(log, grid_in_database(log))


def _found(
    gather: Callable[[], Gathered],
    fingerprint: Callable[[Gathered], str],
    model: EdgeModel | None,
    known: Sequence[Known],
    on_progress: Progress | None,
) -> Discovery:
    """Judges what was gathered, stage by stage."""
    from causalviz.model.signs import load_signs

    watch = _Stopwatch(on_progress)
    with watch.stage(0):
        evidence = gather()
    with watch.stage(1):
        features = pair_features(evidence)
    with watch.stage(2):
        model = model or _prior()
        doubts = find_doubts(evidence.counts)
        said = said_of(features, [behaviour.name for behaviour in evidence.counts.behaviours], known)
        probability, scored = judge(model, features, doubts, said)
    with watch.stage(3):
        effects = measure_effects(evidence, load_signs().scores(features, evidence.counts, probability))
    if on_progress is not None:
        on_progress("done", len(STAGES), len(STAGES))
    return Discovery(
        fingerprint(evidence), evidence.counts, features, probability, scored, doubts, effects, model.id,
        likeness(model, features), watch.seconds, said,
    )  # fmt: skip


def _counts_fingerprint(evidence: Gathered) -> str:
    """Of the counts, where the events are not at hand."""
    digest = hashlib.blake2b(repr((evidence.counts.behaviours, evidence.counts.grid)).encode(), digest_size=16)
    for array in evidence.counts.arrays().values():
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _counter(config: DiscoverConfig, on_rows: Progress | None) -> Callable[[Histories, LagGrid], LagCounts]:
    if config.engine == "local":
        return partial(count_lags, on_progress=None if on_rows is None else partial(on_rows, "events counted"))
    from causalviz.lags.spark import count_lags_spark

    return partial(count_lags_spark, master=config.spark_master)


def _prior() -> EdgeModel:
    from causalviz.model.checkpoint import load_prior

    return load_prior()


class _Stopwatch:
    """Times the stages and reports each as it starts."""

    def __init__(self, on_progress: Progress | None) -> None:
        self.seconds: dict[str, float] = {}
        self._on_progress = on_progress

    @contextmanager
    def stage(self, number: int) -> Iterator[None]:
        """Reports a stage's start, and notes how long it took."""
        if self._on_progress is not None:
            self._on_progress(STAGES[number], number, len(STAGES))
        started = time.perf_counter()
        yield
        self.seconds[STAGES[number]] = round(time.perf_counter() - started, 3)

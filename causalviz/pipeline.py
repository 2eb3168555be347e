"""The headless twin of the dashboard: an event log in, every ordered pair's probability and effect out."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from causalviz.errors import SettingsError, UnusableLog
from causalviz.events.folders import default_home
from causalviz.events.log import EventLog, Histories
from causalviz.events.mapping import Roles
from causalviz.events.readers import read_events
from causalviz.events.report import ReadReport
from causalviz.events.rules import Rules, apply_rules
from causalviz.events.times import DateOrder
from causalviz.lags import LagCounts, LagGrid, count_lags
from causalviz.lags.counts import EXPECTED_SCALE
from causalviz.model.calibration import sigmoid
from causalviz.model.decidability import Doubts, base_rate_of, draw_to_base_rate, find_doubts, reasons
from causalviz.model.effects import Effects, measure_effects
from causalviz.model.familiarity import Resemblance, resemblance
from causalviz.model.features import (
    Evidence as Gathered,
)
from causalviz.model.features import PairFeatures, fit_evidence, gather_evidence, known_rows, pair_features

if TYPE_CHECKING:
    from causalviz.events.database_log import DatabaseLog
    from causalviz.explain.evidence import Evidence
    from causalviz.explain.shapley import EdgeExplanation
    from causalviz.graph.causal_graph import CausalGraph, View
    from causalviz.graph.verdicts import History
    from causalviz.model.network import EdgeModel

Progress = Callable[[str, int, int], None]
Engine = Literal["local", "spark"]
Known = tuple[str, str, bool]  # (cause, effect, whether it is an edge); a ``KnownEdge`` is one

LARGE_BYTES = 16 * 2**20  # of a file; one in memory takes some 20 times as much
UNSCORED_LOGIT = -4.6  # about 1 in 100, at most, for pairs that were no candidates
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


@dataclass(frozen=True, eq=False)
class Discovery:
    """What was found in one log; all matrices are (K, K), [cause, effect].

    Attributes:
        log_fingerprint: Of the log.
        counts: Its lag counts.
        features: What the network saw.
        probability: Calibrated probability of a direct influence; NaN on the diagonal, drawn to the base rate where
            the log cannot decide.
        scored: True where the network judged the pair; others have its lowest answer.
        doubts: Which pairs the log cannot decide.
        effects: Rate ratios, intervals, delays, attributed shares.
        model_id: Of the network that judged.
        resemblance: How the log compares with the network's worlds; None for a network that does not know them.
        seconds: Wall time of each stage.
        said: (E,) what the network was told of the candidates: 1 an edge, -1 none, 0 nothing; None for all 0.
    """

    log_fingerprint: str
    counts: LagCounts
    features: PairFeatures
    probability: NDArray[np.float64]
    scored: NDArray[np.bool_]
    doubts: Doubts
    effects: Effects
    model_id: str
    resemblance: Resemblance | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    said: NDArray[np.int8] | None = None

    @property
    def answer_id(self) -> str:
        """Of the network and of what it was told; with the log's fingerprint, equal for equal probabilities."""
        if self.said is None or not self.said.any():
            return self.model_id
        return f"{self.model_id}-{hashlib.blake2b(self.said.tobytes(), digest_size=8).hexdigest()}"

    @property
    def names(self) -> tuple[str, ...]:
        """The K behaviours, in code order."""
        return tuple(behaviour.name for behaviour in self.counts.behaviours)

    def table(self) -> pd.DataFrame:
        """Every ordered pair of distinct behaviours, most probable first.

        Columns: cause, effect, probability, effect_size (rate ratio), effect_low and effect_high (90 % interval),
        delay_s, sign, cause_count, effect_count, pairs, lift, attributed, offspring (further effects per cause), its
        90 % interval offspring_low and offspring_high, scored, reason.
        """
        return self._table.copy()

    def graph(self, history: History | None = None, view: View | None = None) -> CausalGraph:
        """The causal graph: the estimates, with verdicts laid over them.

        Args:
            history: The verdicts; None for none.
            view: Which edges count; None for those that are more likely than not.
        """
        from causalviz.graph.causal_graph import View, estimates_of, lay_over
        from causalviz.graph.verdicts import History

        return lay_over(self.names, estimates_of(self._table), history or History(), view or View())

    def explanation(self, model: EdgeModel, cause: str, effect: str) -> EdgeExplanation:
        """Why the network gives one pair its probability.

        Args:
            model: The network that judged.
            cause: Name of the cause.
            effect: Name of the effect.

        Raises:
            UnknownBehaviour: If a name is not among the behaviours.
        """
        from causalviz.explain.shapley import explain_edge

        return explain_edge(self.features, model, self.names, cause, effect, self.counts, self.said)

    def evidence(self, log: EventLog, cause: str, effect: str) -> Evidence:
        """What the log itself shows about one pair: lag curve, counts, example histories.

        Args:
            log: The log that this was found in.
            cause: Name of the cause.
            effect: Name of the effect.

        Raises:
            UnknownBehaviour: If a name is not among the behaviours.
        """
        from causalviz.explain.evidence import pair_evidence

        at = tuple(self.names.index(name) if name in self.names else 0 for name in (cause, effect))
        lowers = bool(self.effects.high[at] < 1)
        return pair_evidence(log, self.counts, cause, effect, float(self.effects.delay_s[at]), lowers)

    @cached_property
    def _table(self) -> pd.DataFrame:
        K = len(self.names)
        cause, effect = np.nonzero(~np.eye(K, dtype=bool))
        names = np.array(self.names, dtype=object)
        total = self.counts.total()
        events = total.events[0]
        pairs = total.pairs[0].sum(-1)
        expected = total.expected[0].sum(-1) / EXPECTED_SCALE
        at = (cause, effect)
        frame = pd.DataFrame(
            {
                "cause": names[cause],
                "effect": names[effect],
                "probability": self.probability[at],
                "effect_size": self.effects.rate_ratio[at],
                "effect_low": self.effects.low[at],
                "effect_high": self.effects.high[at],
                "delay_s": self.effects.delay_s[at],
                "sign": np.where(self.effects.rate_ratio[at] < 1, -1, 1),
                "cause_count": events[cause],
                "effect_count": events[effect],
                "pairs": pairs[at],
                "lift": (pairs[at] + 1) / (expected[at] + 1),
                "attributed": self.effects.attributed[at],
                "offspring": self.effects.offspring[at],
                "offspring_low": self.effects.offspring_low[at],
                "offspring_high": self.effects.offspring_high[at],
                "scored": self.scored[at],
                "reason": reasons(self.doubts, self.scored, self.names, events)[at],
            }
        )
        return frame.sort_values(
            ["probability", "cause", "effect"],
            ascending=[False, True, True],
            ignore_index=True,
            kind="stable",
        )


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
    """A log of any size: a small file is read into memory, one of ``LARGE_BYTES`` or more is prepared on the disk.

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
    watch = _Stopwatch(on_progress)
    with watch.stage(0):
        evidence = gather()
    with watch.stage(1):
        features = pair_features(evidence)
    with watch.stage(2):
        model = model or _prior()
        doubts = find_doubts(evidence.counts)
        said = _said(features, [behaviour.name for behaviour in evidence.counts.behaviours], known)
        probability, scored = _judge(model, features, doubts, said)
    with watch.stage(3):
        effects = measure_effects(evidence)
    if on_progress is not None:
        on_progress("done", len(STAGES), len(STAGES))
    return Discovery(
        fingerprint(evidence), evidence.counts, features, probability, scored, doubts, effects, model.id,
        _resemblance(model, features), watch.seconds, said,
    )  # fmt: skip


def _counts_fingerprint(evidence: Gathered) -> str:
    """Of the counts, where the events are not at hand."""
    digest = hashlib.blake2b(repr((evidence.counts.behaviours, evidence.counts.grid)).encode(), digest_size=16)
    for array in evidence.counts.arrays().values():
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def judge_again(discovery: Discovery, model: EdgeModel, known: Sequence[Known] | None = None) -> Discovery:
    """The same discovery with the probabilities of another model; counting and fitting are not repeated.

    Args:
        discovery: Of the log.
        model: The network that judges now.
        known: Verdicts and rules of an expert; None for what the discovery was told before.
    """
    said = discovery.said if known is None else _said(discovery.features, discovery.names, known)
    if said is None:
        said = _said(discovery.features, discovery.names, ())
    probability, scored = _judge(model, discovery.features, discovery.doubts, said)
    alike = _resemblance(model, discovery.features)
    return replace(discovery, probability=probability, scored=scored, model_id=model.id, resemblance=alike, said=said)


def _said(features: PairFeatures, names: Sequence[str], known: Sequence[Known]) -> NDArray[np.int8]:
    """(E,) 1 where an expert accepted the candidate, -1 where one rejected it, 0 elsewhere."""
    said = np.zeros(len(features.edge), np.int8)
    for row, _, exists in known_rows(features, names, known):
        said[row] = 1 if exists else -1
    return said


def _judge(
    model: EdgeModel, features: PairFeatures, doubts: Doubts, said: NDArray[np.int8]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """(K, K) probabilities and which of them the network gave; the rest get its lowest answer."""
    K, at = len(doubts.twin), (features.cause, features.effect)
    logit = np.full((K, K), UNSCORED_LOGIT)
    scored = np.zeros((K, K), dtype=bool)
    logit[at] = model.logits(features, said)
    scored[at] = True
    logit[~scored] = logit[at].min(initial=UNSCORED_LOGIT)
    probability = sigmoid(draw_to_base_rate(logit, doubts.weight, base_rate_of(model.card)))
    np.fill_diagonal(probability, np.nan)
    return probability, scored


def _resemblance(model: EdgeModel, features: PairFeatures) -> Resemblance | None:
    return None if model.familiarity is None else resemblance(model.familiarity, features)


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

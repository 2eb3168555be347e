"""Recommenders put to the test: fitted on one part of a log, asked for the other, compared user by user.

Two splits, both without a look ahead:

    time    everything up to one moment of the calendar is learned from, everything after it is asked for,
    last    the last moment of each user is asked for, all the rest is learned from.

Each question is answered from all that lies before it, the part that was not learned from included. The causal graph
is discovered anew in the learned part, so that no edge owes itself to what is asked for; an expert's verdicts are laid
over it. A method is a name and two steps, so that any model fits beside the rates and the baselines: learn from a log,
then answer questions of a longer one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from causalviz.errors import SettingsError, UnusableLog
from causalviz.evaluate.ranking import (
    K_TOP,
    MEASURES,
    Ranked,
    answer_in_parts,
    interval_of,
    paired_interval,
    rank_measures,
)
from causalviz.events.log import EventLog
from causalviz.graph.causal_graph import View
from causalviz.graph.verdicts import History
from causalviz.lags.grid import LagGrid
from causalviz.pipeline import DiscoverConfig, discover
from causalviz.recommend.baselines import BASELINES, Recommender
from causalviz.recommend.drawn import edge_chances
from causalviz.recommend.rates import RateConfig, fit_rates
from causalviz.recommend.states import Questions, ask, has_earlier

if TYPE_CHECKING:
    from causalviz.model.edge_model import EdgeModel
    from causalviz.model.transformer import TransformerConfig, TransformerStep
    from causalviz.recommend.sequence import SequenceModel

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Split = Literal["time", "last"]
Answer = Callable[[EventLog, Questions], Floats]  # the log may be read up to each question's moment, never further
Method = Callable[[EventLog, LagGrid, Floats], Answer]
Progress = Callable[[str, int, int], None]
Cancelled = Callable[[], bool]

LEARNED = 0.8  # of the events, in the split by time
CAUSAL = "causal rates"
TRANSFORMER, MIXTURE = "transformer", "causes + transformer"
NOTHING = (float("nan"),) * 3


@dataclass(frozen=True, eq=False)
class Comparison:
    """What a test found.

    Attributes:
        split: Which.
        questions: How many were asked.
        users: Of how many users.
        edges: How many edges the graph of the learned part has.
        ranked: By method, in the order in which they were asked.
        top: k, the length of the lists.
    """

    split: Split
    questions: int
    users: int
    edges: int
    ranked: dict[str, Ranked]
    top: int

    def table(self) -> pd.DataFrame:
        """One row for each method.

        Columns: method; for each of hit_rate, ndcg, mrr, novelty its mean over users and, with _low and _high, its 90 %
        interval; coverage; ndcg_gain with its interval: by how much the causal rates' NDCG lies above this method's on
        the same users, NaN for themselves.
        """
        return self._table.copy()

    @cached_property
    def _table(self) -> pd.DataFrame:
        return comparison_table(self.ranked)


def comparison_table(ranked: dict[str, Ranked]) -> pd.DataFrame:
    """See ``Comparison.table``."""
    rows = []
    for name, one in ranked.items():
        row: dict[str, object] = {"method": name}
        for measure in MEASURES:
            row |= _three(measure, interval_of(one.values[measure]))
        row["coverage"] = one.coverage
        row |= _three("ndcg_gain", NOTHING if name == CAUSAL else paired_interval(ranked[CAUSAL], one))
        rows.append(row)
    return pd.DataFrame(rows)


def compare_recommenders(
    log: EventLog,
    *,
    split: Split = "time",
    history: History | None = None,
    view: View | None = None,
    model: EdgeModel | None = None,
    others: Sequence[tuple[str, Method]] = (),
    top: int = K_TOP,
    config: RateConfig | None = None,
    on_progress: Progress | None = None,
    cancelled: Cancelled = lambda: False,
) -> Comparison | None:
    """Puts causal rates, the baselines and any further methods to the test.

    Args:
        log: The events.
        split: How they are parted.
        history: Verdicts, laid over the graph of the learned part; None for none.
        view: Which edges of that graph count; None for the usual ones.
        model: Which network judges; None for the shipped one.
        others: Further methods, such as a sequence model.
        top: k, the length of the lists.
        config: Of the rates.
        on_progress: Told (stage, stages done, stages in all).
        cancelled: Asked between stages.

    Returns:
        The comparison, or None if it was cancelled.

    Raises:
        SettingsError: If there is no such split, or k is below 1.
        UnusableLog: If nothing is left to learn from or to ask for.
    """
    check_contest(split, top, "behaviour")
    learned, asked = _part(log, split)
    methods: list[tuple[str, Method]] = [
        (CAUSAL, _causal(config)),
        *((name, _from_states(fit)) for name, fit in BASELINES),
        *others,
    ]
    stages = len(methods) + 2
    tell = told_stages(stages, on_progress, cancelled)
    if tell("reading causes in the first part", 0):
        return None
    found = discover(learned, DiscoverConfig(), model=model)
    graph = found.graph(history, view)
    grid, edges = found.counts.grid, edge_chances(graph)
    if tell("asking", 1):
        return None
    questions = ask(log, grid, asked)
    share = np.bincount(learned.behaviour, minlength=log.n_behaviours) / learned.n_events
    ranked: dict[str, Ranked] = {}
    for place, (name, method) in enumerate(methods):
        if tell(name, 2 + place):
            return None
        answer = method(learned, grid, edges)
        places = answer_in_parts(lambda rows, a=answer: a(log, questions.take(rows)), questions.target, top)  # type: ignore[misc]
        ranked[name] = rank_measures(places, questions.states.user, share, top)
    tell("done", stages)
    return Comparison(split, len(questions), len(ranked[CAUSAL].users), int((edges == 1).sum()), ranked, top)


def sequence_methods(
    config: TransformerConfig | None = None,
    cancelled: Cancelled = lambda: False,
    on_epoch: Callable[[TransformerStep], None] | None = None,
) -> tuple[tuple[str, Method], ...]:
    """A transformer alone, and over the causal rates, for ``compare_recommenders``'s ``others``.

    Args:
        config: Of both.
        cancelled: Asked at each step of their training; a cancelled one answers with nothing.
        on_epoch: Told after each epoch of either.
    """

    def alone(log: EventLog, grid: LagGrid, edges: Floats) -> Answer:
        from causalviz.recommend.sequence import fit_transformer

        del grid, edges
        return _from_sequence(fit_transformer(log, config=config, cancelled=cancelled, on_epoch=on_epoch))

    def mixed(log: EventLog, grid: LagGrid, edges: Floats) -> Answer:
        from causalviz.recommend.sequence import fit_mixture

        return _from_sequence(fit_mixture(log, grid, edges, config=config, cancelled=cancelled, on_epoch=on_epoch))

    return ((TRANSFORMER, alone), (MIXTURE, mixed))


def _from_sequence(model: SequenceModel | None) -> Answer:
    if model is None:
        return lambda log, questions: np.zeros((len(questions), log.n_behaviours))
    return lambda log, questions: model.chances(log, questions.states)


def check_contest(split: Split, top: int, what: str) -> None:
    """Refuses a contest that cannot be.

    Args:
        split: How the log is parted.
        top: k, the length of the lists.
        what: What they list, in the singular.

    Raises:
        SettingsError: If there is no such split, or k is below 1.
    """
    if split not in get_args(Split):
        raise SettingsError(f"There is no split {split!r}; choose one of {', '.join(get_args(Split))}.")
    if top < 1:
        raise SettingsError(f"A list of recommendations holds at least one {what} (got {top}).")


def told_stages(stages: int, on_progress: Progress | None, cancelled: Cancelled) -> Callable[[str, int], bool]:
    """A function that tells (stage, stages done) and returns whether the work is to end there."""

    def tell(stage: str, done: int) -> bool:
        if on_progress is not None:
            on_progress(stage, done, stages)
        return cancelled()

    return tell


def _part(log: EventLog, split: Split) -> tuple[EventLog, Mask]:
    """The log that is learned from, with all users and behaviours, and (M,) which events are asked for."""
    if split == "time":
        asked = log.time > np.quantile(log.time, LEARNED)
    else:
        asked = has_earlier(log) & (log.time == log.time[log.offsets[1:][log.user] - 1])
    kept = ~asked
    if not kept.any() or not (asked & has_earlier(log)).any():
        raise UnusableLog("The log has too few moments to be parted into one to learn from and one to ask for.")
    return log.take_events(kept), asked


def _causal(config: RateConfig | None) -> Method:
    def learn(log: EventLog, grid: LagGrid, edges: Floats) -> Answer:
        rates = fit_rates(log, grid, edges, config=config)
        return lambda _, questions: rates.scores(questions.states)

    return learn


def _from_states(fit: Callable[[EventLog, LagGrid], Recommender]) -> Method:
    def learn(log: EventLog, grid: LagGrid, edges: Floats) -> Answer:
        del edges  # not for those who know no causes
        fitted = fit(log, grid)
        return lambda _, questions: fitted.scores(questions.states)

    return learn


def _three(name: str, interval: Sequence[float]) -> dict[str, float]:
    return dict(zip((name, f"{name}_low", f"{name}_high"), interval, strict=True))

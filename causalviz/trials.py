"""Trials of a log: it is varied and answered again, or parted and foretold, step by step and until cancelled.

What joins the pipeline with the rooms that judge it. The dashboard lets a process of its own do each of these
functions (``causalviz.model.apart``), so all they take and return are plain values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from causalviz.evaluate.null_check import shuffle_behaviours
from causalviz.evaluate.stability import answers_on, resample_users, time_halves
from causalviz.forecasting import compare_recommenders, sequence_methods
from causalviz.item_forecasting import compare_items
from causalviz.pipeline import discover

if TYPE_CHECKING:
    from causalviz.events.log import EventLog
    from causalviz.events.raw import RawEvents
    from causalviz.forecasting import Cancelled, Comparison, Progress, Split
    from causalviz.graph.causal_graph import View
    from causalviz.graph.verdicts import History
    from causalviz.item_forecasting import ItemComparison
    from causalviz.model.edge_model import EdgeModel
    from causalviz.model.transformer import TransformerStep

CheckKind = Literal["users", "halves", "null"]
Stage = tuple[str, int, int]  # what is being done, stages done, stages in all


@dataclass(frozen=True)
class Checked:
    """What a check brought.

    Attributes:
        answers: (R, K, K) probabilities on the varied logs, in the log's order of behaviours.
        note: Of "halves", the moment between them, in ticks; of "null", the share of events that could move.
    """

    answers: NDArray[np.float32]
    note: float = float("nan")


def check(
    kind: CheckKind,
    times: int,
    log: EventLog,
    model: EdgeModel,
    *,
    on_step: Callable[[Stage], None],
    cancelled: Cancelled,
) -> Checked:
    """Answers varied logs.

    Args:
        kind: Resampled users, time halves, or shuffled behaviours.
        times: How many varied logs; halves are always two.
        log: The log.
        model: The network that judges.
        on_step: Told before each log.
        cancelled: Asked before each log.

    Returns:
        The answers so far.

    Raises:
        UnusableLog: If a half has too few events.
    """
    note, total = float("nan"), times
    logs: Iterator[EventLog]
    if kind == "halves":
        halves = time_halves(log)
        note, total, logs = float(halves.middle), 2, iter((halves.first, halves.second))
    elif kind == "null":
        note = shuffle_behaviours(log, seed=0).movable
        logs = (shuffle_behaviours(log, seed).log for seed in range(times))
    else:
        logs = (resample_users(log, seed) for seed in range(times))
    answers = answers_on(
        logs,
        total,
        lambda varied: discover(varied, model=model).probability,
        lambda done, of: on_step(("logs answered", done, of)),
        cancelled,
    )
    return Checked(answers, note)


def contest(
    log: EventLog,
    split: Split,
    history: History,
    view: View,
    model: EdgeModel,
    *,
    deep: bool,
    on_step: Callable[[str, int, int, float], None],
    cancelled: Cancelled,
) -> Comparison | None:
    """Puts recommenders of behaviours to the test (``compare_recommenders``), ``deep`` with a transformer.

    ``on_step`` is told (what is done, methods done, methods in all, share of a transformer's epochs done).
    """
    latest: Stage = ("", 0, 1)

    def tell(stage: str, done: int, total: int) -> None:
        nonlocal latest
        latest = (stage, done, total)
        on_step(*latest, 0.0)

    def epoch(step: TransformerStep) -> None:
        stage, done, total = latest
        on_step(f"{stage}, epoch {step.epoch} of at most {step.epochs}", done, total, step.epoch / step.epochs)

    others = sequence_methods(cancelled=cancelled, on_epoch=epoch) if deep else ()
    return compare_recommenders(
        log, split=split, history=history, view=view, model=model, others=others, on_progress=tell,
        cancelled=cancelled,
    )  # fmt: skip


def item_contest(
    raw: RawEvents,
    split: Split,
    history: History | None,
    model: EdgeModel,
    *,
    on_step: Progress,
    cancelled: Cancelled,
) -> ItemComparison | None:
    """Puts recommenders of items to the test (``compare_items``)."""
    return compare_items(raw, split=split, history=history, model=model, on_progress=on_step, cancelled=cancelled)

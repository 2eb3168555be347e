"""An answer: what a method says about every ordered pair of a log's behaviours; and how it is brought to a log.

Methods that claim probabilities draw an edge at 0.5. The others give a score, which only ranks, and draw at the
threshold that is usual for them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from causalviz.events.log import Behaviour, EventLog


class Answer(NamedTuple):
    """(K, K) matrices, [cause, effect]; the diagonal is never looked at.

    Attributes:
        score: Larger means surer.
        drawn: Where the method draws an edge.
        probable: True when the scores are meant as probabilities.
    """

    score: NDArray[np.float64]
    drawn: NDArray[np.bool_]
    probable: bool


@dataclass(frozen=True)
class Method:
    """One line of the table.

    Attributes:
        label: What the table calls it.
        answer: From a log to its answer.
        needs: Module that must be installed, beyond the product's own.
        warm_up: What is tried on a little log before the clock starts; the answer itself, if None.
        ours: True for lines of our own engine.
    """

    label: str
    answer: Callable[[EventLog], Answer]
    needs: str | None = None
    warm_up: Callable[[EventLog], Answer] | None = None
    ours: bool = False


def probabilities(matrix: NDArray[np.float64]) -> Answer:
    """An answer in probabilities."""
    from causalviz.evaluate.metrics import THRESHOLD

    return Answer(matrix, np.nan_to_num(matrix) >= THRESHOLD, True)


def save_log(log: EventLog, path: Path) -> None:
    """Writes a log for a child process; users lose their names."""
    np.savez(
        path,
        user=log.user,
        time=log.time,
        behaviour=log.behaviour,
        names=np.array([b.name for b in log.behaviours]),
        kinds=np.array([b.kind for b in log.behaviours]),
        items=np.array([b.item or "" for b in log.behaviours]),
        itemless=np.array([b.item is None for b in log.behaviours]),
    )


def load_log(path: Path) -> EventLog:
    """Reads what ``save_log`` wrote."""
    with np.load(path, allow_pickle=False) as saved:
        named = zip(saved["names"], saved["kinds"], saved["items"], saved["itemless"], strict=True)
        behaviours = [Behaviour(str(n), str(kind), None if none else str(item)) for n, kind, item, none in named]
        return EventLog.from_columns(saved["user"], saved["time"], saved["behaviour"], behaviours)


def save_answer(answer: Answer, path: Path) -> None:
    """Writes an answer for the parent process."""
    np.savez(path, score=answer.score, drawn=answer.drawn, probable=np.array(answer.probable))


def load_answer(path: Path) -> Answer:
    """Reads what ``save_answer`` wrote."""
    with np.load(path, allow_pickle=False) as saved:
        return Answer(saved["score"], saved["drawn"], bool(saved["probable"]))

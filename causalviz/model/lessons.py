"""Lessons: pairs of the log itself whose answer is known, from an expert's verdicts or from an uploaded graph.

A lesson is the log as one example in which only known pairs have a weight. A verdict overrules the graph, because it
was said of this log. The graph names edges; a pair of the log's behaviours that it does not name is no edge.

Lessons are *left out* to see whether they teach anything: the couples {a, b} are dealt into ``FOLDS`` parts, the
network is trained without one part and judges that part, and so on round. What it says there it cannot have learned by
heart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np
import torch
from numpy.typing import NDArray

from causalviz.model.calibration import calibration_error, sigmoid
from causalviz.model.features import PairFeatures, known_rows
from causalviz.model.recalibration import BINS, RESAMPLES
from causalviz.model.structure import Structure
from causalviz.model.training import Example

if TYPE_CHECKING:
    from causalviz.model.adapted import KnownEdge

Floats = NDArray[np.float64]

VERDICT_PAIRS = 30.0  # one verdict of weight 1 counts as much as this many simulated pairs
GRAPH_PAIRS = 5.0  # one pair of a known graph of weight 1; it speaks of all pairs, a verdict of one
FOLDS = 3
LEAST_COUPLES = 12  # fewer leave too little in a part


class Lesson(NamedTuple):
    """A known pair: its row among the candidates, its names, whether it is an edge, its weight, and who says so."""

    row: int
    pair: tuple[str, str]
    exists: bool
    weight: float
    by_graph: bool


class PairScores(NamedTuple):
    """On known pairs: loss in nats per pair, Brier score, calibration error, AUROC (NaN without both kinds)."""

    loss: float
    brier: float
    ece: float
    auroc: float


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """What the trainings that had not seen a pair said of it, beside what the model from before says.

    Attributes:
        pairs: How many were judged.
        before: Scores of the model from before.
        after: Scores of the trainings without the pair.
        gain: 90 % interval of what the loss falls by, resampled over couples.
    """

    pairs: int
    before: PairScores
    after: PairScores
    gain: tuple[float, float]

    def as_json(self) -> dict[str, object]:
        """Plain values."""
        return {"pairs": self.pairs, "before": self.before, "after": self.after, "gain": self.gain}

    @classmethod
    def from_json(cls, told: Mapping[str, object]) -> LeftOut:
        """The other way.

        Raises:
            KeyError: If something is missing.
            TypeError: If something is of another kind.
            ValueError: If a number is none.
        """
        before, after, gain = (
            [float(cast("float", number)) for number in cast("Sequence[object]", told[field])]
            for field in ("before", "after", "gain")
        )
        low, high = gain
        return cls(
            pairs=int(cast("int", told["pairs"])),
            before=PairScores(*before),
            after=PairScores(*after),
            gain=(low, high),
        )


def lessons_of(
    features: PairFeatures,
    names: Sequence[str],
    verdicts: Sequence[KnownEdge],
    graph: Sequence[KnownEdge],
    verdict_weight: float,
    graph_weight: float,
) -> list[Lesson]:
    """The known pairs among the candidates; a verdict overrules the graph, a weight of 0 silences its source."""
    found: dict[int, Lesson] = {}
    for source, weight, by_graph in (
        (graph, graph_weight * GRAPH_PAIRS, True),
        (verdicts, verdict_weight * VERDICT_PAIRS, False),
    ):
        if weight:
            for row, pair, exists in known_rows(features, names, source):
                found[row] = Lesson(row, pair, exists, weight, by_graph)
    return list(found.values())


def lesson_example(features: PairFeatures, lessons: Sequence[Lesson]) -> list[Example]:
    """The log itself as one example in which only the lessons have a weight; none without any."""
    if not lessons:
        return []
    label, weight = np.zeros(len(features.edge), np.float32), np.zeros(len(features.edge), np.float32)
    for lesson in lessons:
        label[lesson.row], weight[lesson.row] = lesson.exists, lesson.weight
    return [
        Example(
            torch.from_numpy(features.edge),
            torch.from_numpy(features.node),
            Structure.of(features.candidates, len(features.node)),
            torch.from_numpy(label),
            torch.from_numpy(weight),
        )
    ]


def n_couples(lessons: Sequence[Lesson]) -> int:
    """How many {a, b} the lessons speak of."""
    return len({frozenset(lesson.pair) for lesson in lessons})


def leave_out(
    lessons: Sequence[Lesson],
    before: Floats,
    judge: Callable[[Sequence[Lesson]], Floats],
    *,
    seed: int = 0,
) -> tuple[LeftOut | None, LeftOut | None]:
    """Scores on left-out lessons: those of verdicts, and those of the graph; None where there are too few.

    Args:
        lessons: All of them.
        before: (E,) logits of the model from before, which learned from none of them.
        judge: From the lessons that may be learned to (E,) logits of what came of it.
        seed: Of the dealing and of the resampling.
    """
    couples = sorted({frozenset(lesson.pair) for lesson in lessons}, key=sorted)
    if len(couples) < LEAST_COUPLES:
        return None, None
    dealt = np.random.default_rng(seed).permutation(len(couples))
    couple = {pair: int(number) for pair, number in zip(couples, dealt, strict=True)}
    number = np.array([couple[frozenset(lesson.pair)] for lesson in lessons])  # (V,)
    rows = np.array([lesson.row for lesson in lessons])
    after = np.empty(len(lessons))
    for out in range(FOLDS):
        here = number % FOLDS == out
        after[here] = judge([lesson for lesson, left in zip(lessons, here, strict=True) if not left])[rows[here]]
    label = np.array([float(lesson.exists) for lesson in lessons])
    by_graph = np.array([lesson.by_graph for lesson in lessons])
    verdicts, graph = (
        _left_out(before[rows][source], after[source], label[source], number[source], seed)
        for source in (~by_graph, by_graph)
    )
    return verdicts, graph


def _left_out(before: Floats, after: Floats, label: Floats, couple: NDArray[np.int64], seed: int) -> LeftOut | None:
    present, place = np.unique(couple, return_inverse=True)
    if len(present) < LEAST_COUPLES:
        return None
    fall = np.bincount(place, _losses(before, label) - _losses(after, label))  # (C,)
    size = np.bincount(place)
    drawn = np.random.default_rng(seed).integers(len(present), size=(RESAMPLES, len(present)))
    low, high = np.quantile(fall[drawn].sum(1) / size[drawn].sum(1), (0.05, 0.95))
    return LeftOut(
        pairs=len(label), before=_scores(before, label), after=_scores(after, label), gain=(float(low), float(high))
    )


def _losses(logit: Floats, label: Floats) -> Floats:
    return np.asarray(np.logaddexp(0.0, logit) - label * logit)


def _scores(logit: Floats, label: Floats) -> PairScores:
    from sklearn.metrics import roc_auc_score

    p = sigmoid(logit)
    return PairScores(
        float(_losses(logit, label).mean()),
        float(np.mean((p - label) ** 2)),
        calibration_error(p, label, BINS),
        float(roc_auc_score(label, p)) if 0 < label.sum() < len(label) else float("nan"),
    )

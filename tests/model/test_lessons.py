"""Lessons: who overrules whom, and that nobody is judged by a training that saw the answer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from causalviz.model.adapted import KnownEdge
from causalviz.model.evidence import gather_evidence
from causalviz.model.features import PairFeatures, pair_features
from causalviz.model.lessons import (
    GRAPH_PAIRS,
    LEAST_COUPLES,
    VERDICT_PAIRS,
    LeftOut,
    Lesson,
    leave_out,
    lesson_example,
    lessons_of,
    n_couples,
)
from causalviz.worlds import demo_log

LOG = demo_log("video", users=40).log
NAMES = LOG.names


@pytest.fixture(scope="module")
def features() -> PairFeatures:
    return pair_features(gather_evidence(LOG))


def test_a_verdict_overrules_the_graph(features: PairFeatures) -> None:
    graph = [KnownEdge(NAMES[0], NAMES[1], True), KnownEdge(NAMES[1], NAMES[2], True)]
    lessons = lessons_of(features, NAMES, [KnownEdge(NAMES[0], NAMES[1], False)], graph, 2.0, 1.0)
    told = {lesson.pair: (lesson.exists, lesson.weight, lesson.by_graph) for lesson in lessons}
    assert told == {
        (NAMES[0], NAMES[1]): (False, 2 * VERDICT_PAIRS, False),
        (NAMES[1], NAMES[2]): (True, GRAPH_PAIRS, True),
    }
    assert n_couples(lessons) == 2
    example = lesson_example(features, lessons)[0]
    assert example.weight.sum() == 2 * VERDICT_PAIRS + GRAPH_PAIRS
    assert example.label[features.row(1, 2)] == 1


def test_a_weight_of_nothing_silences_its_source(features: PairFeatures) -> None:
    edge = [KnownEdge(NAMES[0], NAMES[1], True)]
    assert lessons_of(features, NAMES, edge, edge, 0.0, 0.0) == []
    assert lessons_of(features, NAMES, edge, edge, 0.0, 1.0)[0].by_graph
    assert lesson_example(features, []) == []


def lessons(couples: int, *, by_graph: bool = False) -> list[Lesson]:
    """Both directions of each couple; the first is an edge."""
    pairs = [pair for n in range(couples) for pair in ((f"a{n}", f"b{n}"), (f"b{n}", f"a{n}"))]
    return [Lesson(row, pair, row % 2 == 0, 1.0, by_graph) for row, pair in enumerate(pairs)]


def test_both_directions_are_left_out_together_and_each_pair_once() -> None:
    given = lessons(15)
    asked: list[set[int]] = []

    def judge(seen: Sequence[Lesson]) -> NDArray[np.float64]:
        rows = {lesson.row for lesson in seen}
        assert all(row ^ 1 in rows for row in rows)
        asked.append(set(range(30)) - rows)
        return np.array([0.0 if lesson.row in rows else (2.0 if lesson.exists else -2.0) for lesson in given])

    left, by_graph = leave_out(given, np.zeros(30), judge)
    assert by_graph is None
    assert left is not None
    assert sorted(row for out in asked for row in out) == list(range(30))
    assert left.pairs == 30
    assert left.before.loss == pytest.approx(np.log(2))
    assert left.after.loss == pytest.approx(np.log1p(np.exp(-2)))
    assert left.after.auroc == 1.0
    assert left.gain == pytest.approx((left.before.loss - left.after.loss,) * 2)
    assert LeftOut.from_json(left.as_json()) == left


def test_too_few_couples_are_not_left_out() -> None:
    def never(_: Sequence[Lesson]) -> NDArray[np.float64]:
        raise AssertionError("nothing is to be trained")

    assert leave_out(lessons(LEAST_COUPLES - 1), np.zeros(60), never) == (None, None)


def test_each_source_has_its_own_scores() -> None:
    given = lessons(LEAST_COUPLES) + [
        Lesson(lesson.row + 24, (f"c{lesson.pair[0]}", f"c{lesson.pair[1]}"), lesson.exists, 1.0, True)
        for lesson in lessons(LEAST_COUPLES + 2)
    ]
    verdicts, graph = leave_out(given, np.zeros(60), lambda _: np.ones(60))
    assert verdicts is not None
    assert graph is not None
    assert (verdicts.pairs, graph.pairs) == (24, 28)

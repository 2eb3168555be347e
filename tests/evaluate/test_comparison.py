"""Tables of edges against tables of true edges."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from causalviz.errors import UnknownBehaviour, UnreadableGraph
from causalviz.evaluate.comparison import compare_frames, matrices_of

EDGES = pd.DataFrame(
    {
        "cause": ["b", "a", "a", "b", "c", "c"],
        "effect": ["a", "b", "c", "c", "a", "b"],
        "probability": [0.1, 0.9, 0.2, 0.8, 0.0, 0.3],
    }
)
TRUTH = pd.DataFrame({"cause": ["a", "b"], "effect": ["b", "c"]})


def test_rows_become_matrices() -> None:
    matrices = matrices_of(EDGES, TRUTH)
    assert matrices.names == ("a", "b", "c")
    assert matrices.probability.tolist() == [[0.0, 0.9, 0.2], [0.1, 0.0, 0.8], [0.0, 0.3, 0.0]]
    assert np.argwhere(matrices.truth).tolist() == [[0, 1], [1, 2]]


def test_a_right_answer_scores_full() -> None:
    scores = compare_frames(EDGES, TRUTH)
    assert (scores.pairs, scores.true_edges, scores.auroc, scores.f1, scores.shd) == (6, 2, 1.0, 1.0, 0)


def test_rows_without_probability_are_drawn_edges() -> None:
    drawn = pd.DataFrame({"cause": ["a", "a"], "effect": ["b", "c"]})
    scores = compare_frames(drawn, TRUTH)
    assert (scores.drawn, scores.precision, scores.recall) == (2, 0.5, 0.5)


def test_self_influences_of_the_truth_are_passed_over() -> None:
    truth = pd.concat([TRUTH, pd.DataFrame({"cause": ["a"], "effect": ["a"]})])
    assert compare_frames(EDGES, truth) == compare_frames(EDGES, TRUTH)


def test_numbers_are_names_too() -> None:
    edges = pd.DataFrame({"cause": [1, 2], "effect": [2, 1], "probability": [0.7, 0.1]})
    assert compare_frames(edges, pd.DataFrame({"cause": ["1"], "effect": ["2"]})).auroc == 1.0


def test_a_truth_without_edges_is_scored() -> None:
    assert compare_frames(EDGES, TRUTH.iloc[:0]).true_edges == 0


@pytest.mark.parametrize(
    ("edges", "truth", "message"),
    [
        (EDGES.rename(columns={"cause": "from"}), TRUTH, "the edges has no column 'cause'.*'from'"),
        (EDGES, TRUTH[["cause"]], "the truth has no column 'effect'"),
        (EDGES.replace({"cause": {"c": None}}), TRUTH, "Row 5 of the edges lacks a name"),
        (pd.concat([EDGES, EDGES.iloc[:1]]), TRUTH, "'b' -> 'a' more than once"),
        (EDGES.assign(probability=[0.1, 1.2, 0, 0, 0, 0]), TRUTH, "Row 2 of the edges has the probability.*1.2"),
        (EDGES.assign(probability="high"), TRUTH, "Row 1 of the edges has the probability 'high'"),
        (EDGES.iloc[:0], TRUTH, "fewer than two behaviours"),
    ],
)
def test_a_table_that_cannot_be_read_is_named(edges: pd.DataFrame, truth: pd.DataFrame, message: str) -> None:
    with pytest.raises(UnreadableGraph, match=message):
        compare_frames(edges, truth)


def test_names_that_the_answer_does_not_have_are_named() -> None:
    truth = pd.DataFrame({"cause": list("avwxyz"), "effect": list("bbbbbb")})
    with pytest.raises(UnknownBehaviour, match="'v', 'w', 'x' and 2 more"):
        compare_frames(EDGES, truth)

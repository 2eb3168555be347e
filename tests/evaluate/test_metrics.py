"""Scores against true graphs that can be checked by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    brier_score_loss,
    f1_score,
    precision_score,
    recall_score,
    roc_auc_score,
)

from causalviz.evaluate.metrics import (
    Scores,
    compare,
    evaluate,
    evaluate_scores,
    first_occurrence,
    free_lines,
    orientation,
    shd,
)
from causalviz.events.log import EventLog
from causalviz.lags import LagGrid, count_lags

A, B, C = 0, 1, 2


def graph(*edges: tuple[int, int], K: int = 3) -> NDArray[np.bool_]:
    matrix = np.zeros((K, K), dtype=bool)
    for cause, effect in edges:
        matrix[cause, effect] = True
    return matrix


CHAIN = graph((A, B), (B, C))


def test_the_true_graph_itself_scores_full() -> None:
    scores = evaluate(CHAIN.astype(float), CHAIN)
    assert scores == Scores(6, 2, 2, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0, 0.0, 1.0, 0.0, 0.0)


def test_scores_by_hand() -> None:
    p = np.array([[9.0, 0.8, 0.6], [0.1, 9.0, 0.2], [0.3, 0.4, 9.0]])  # the diagonal is nonsense on purpose
    scores = evaluate(p, CHAIN)
    # true: 0.8 and 0.2; others: 0.6, 0.1, 0.3, 0.4. Of the 8 (true, other) comparisons 0.8 wins 4, 0.2 wins 1.
    assert scores.auroc == 5 / 8
    assert scores.auprc == pytest.approx((1 / 1 + 2 / 5) / 2)
    assert (scores.drawn, scores.precision, scores.recall, scores.f1) == (2, 0.5, 0.5, 0.5)
    assert (scores.g_score, scores.shd, scores.accuracy) == (0.0, 2, 4 / 6)
    assert scores.sid == 1  # A -> B, A -> C are drawn: who forces C and adjusts for A still sees B through B -> C
    assert scores.orientation == 0.5  # A -> B rightly above B -> A, B -> C wrongly below C -> B
    assert scores.brier == pytest.approx((0.04 + 0.36 + 0.01 + 0.64 + 0.09 + 0.16) / 6)
    assert scores.ece == pytest.approx((0.2 + 0.6 + 0.1 + 0.8 + 0.3 + 0.4) / 6)


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 7), st.integers(0, 2**31))
def test_scores_are_those_of_scikit_learn(K: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    p, truth = rng.random((K, K)).round(1), rng.random((K, K)) < 0.5
    off = ~np.eye(K, dtype=bool)
    truth[0, 1], truth[1, 0] = True, False
    scores, drawn, label = evaluate(p, truth), p[off] >= 0.5, truth[off]
    assert scores.auroc == pytest.approx(roc_auc_score(label, p[off]))
    assert scores.auprc == pytest.approx(average_precision_score(label, p[off]))
    assert scores.accuracy == pytest.approx(accuracy_score(label, drawn))
    assert scores.brier == pytest.approx(brier_score_loss(label, p[off]))
    assert np.nan_to_num(scores.precision) == pytest.approx(precision_score(label, drawn, zero_division=0))
    assert scores.recall == pytest.approx(recall_score(label, drawn))
    assert scores.f1 == pytest.approx(f1_score(label, drawn))


def test_pairs_of_which_nothing_is_known_do_not_count() -> None:
    p = np.array([[0.0, 0.8, 0.6], [0.1, 0.0, 0.2], [0.3, 0.4, 0.0]])
    known = graph((A, B), (B, A), (A, C))
    scores = evaluate(p, CHAIN, 0.5, known)
    assert (scores.pairs, scores.true_edges, scores.drawn) == (3, 1, 2)
    assert (scores.precision, scores.recall, scores.shd, scores.orientation) == (0.5, 1.0, 1, 1.0)
    assert scores.brier == pytest.approx((0.04 + 0.01 + 0.36) / 3)
    assert math.isnan(scores.sid)
    assert evaluate(p, CHAIN, 0.5, np.ones((3, 3), dtype=bool))._replace(sid=1.0) == evaluate(p, CHAIN)
    with pytest.raises(ValueError, match=r"\(K, K\)"):
        evaluate(p, CHAIN, 0.5, graph(K=4))


def test_drawing_nothing_has_no_precision() -> None:
    scores = evaluate(np.zeros((3, 3)), CHAIN)
    assert math.isnan(scores.precision)
    assert (scores.recall, scores.f1, scores.shd) == (0.0, 0.0, 2)


def test_without_edges_the_ranking_is_undefined() -> None:
    scores = evaluate(np.full((3, 3), 0.6), graph())
    assert all(map(math.isnan, (scores.auroc, scores.auprc, scores.recall, scores.g_score, scores.orientation)))
    assert (scores.drawn, scores.precision, scores.shd) == (6, 0.0, 6)


def test_a_turned_edge_costs_one() -> None:
    assert shd(graph((B, A), (B, C)), CHAIN) == 1
    assert shd(graph((A, B), (B, A), (B, C)), CHAIN) == 1
    assert shd(graph((A, C)), CHAIN) == 3


def test_orientation_leaves_out_mutual_edges_and_halves_ties() -> None:
    p = np.array([[0.0, 0.5, 0.9], [0.5, 0.0, 0.0], [0.1, 0.0, 0.0]])
    assert orientation(p, graph((A, B), (A, C), (B, C), (C, B))) == 0.75
    assert math.isnan(orientation(p, graph((B, C), (C, B))))


@pytest.mark.parametrize("wrong", [1.5, -0.1, math.nan])
def test_what_is_no_probability_is_refused(wrong: float) -> None:
    p = np.zeros((3, 3))
    p[A, B] = wrong
    with pytest.raises(ValueError, match=r"\[0, 1\]"):
        evaluate(p, CHAIN)


def test_shapes_must_agree() -> None:
    with pytest.raises(ValueError, match=r"\(K, K\)"):
        evaluate(np.zeros((2, 2)), CHAIN)


def test_scores_that_only_rank() -> None:
    score = np.array([[0.0, -1.0, -7.0], [-9.0, 0.0, 40.0], [-8.0, 3.0, 0.0]])
    drawn = np.array([[True, True, False], [False, True, True], [False, True, True]])  # self-influences too
    scores = evaluate_scores(score, drawn, CHAIN)
    assert scores.auroc == 7 / 8  # 40 wins 4 comparisons, -1 wins 3 and loses to 3
    assert (scores.drawn, scores.f1, scores.g_score, scores.orientation) == (3, 0.8, 0.5, 1.0)
    assert math.isnan(scores.ece)
    assert math.isnan(scores.brier)
    with pytest.raises(ValueError, match="finite"):
        evaluate_scores(np.full((3, 3), np.inf), drawn, CHAIN)


@given(st.integers(2, 6), st.integers(0, 2**31))
def test_scores_do_not_depend_on_the_order_of_behaviours(K: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    p, truth = rng.random((K, K)), rng.random((K, K)) < 0.4
    order = rng.permutation(K)
    before, after = evaluate(p, truth), evaluate(p[np.ix_(order, order)], truth[np.ix_(order, order)])
    assert after == pytest.approx(before, nan_ok=True)


@given(st.integers(2, 6), st.integers(0, 2**31))
def test_the_distance_is_symmetric_and_never_above_the_differing_pairs(K: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    off = ~np.eye(K, dtype=bool)
    one, other = (rng.random((K, K)) < 0.5) & off, (rng.random((K, K)) < 0.5) & off
    assert shd(one, other) == shd(other, one)
    assert (one != other).sum() / 2 <= shd(one, other) <= (one != other).sum()


def two_behaviours() -> EventLog:
    """One user: a at 0 s, b at 1 s, a at 10 s, b at 11 s, b at 30 s."""
    return EventLog.from_columns(
        np.zeros(5, np.int32), np.array([0, 1, 10, 11, 30]) * 1000, np.array([0, 1, 0, 1, 1], np.int32), ["a", "b"]
    )


def test_free_lines_are_read_from_the_counts() -> None:
    lines = free_lines(count_lags(two_behaviours(), LagGrid((0, 2000))))
    assert lines["all edges"].min() == 1.0
    assert lines["count sort"][0, 1] == pytest.approx(3.5 / 6)  # a is rarer: 2 events against 3
    assert lines["directly follows"].tolist() == [[0.0, 1.0], [0.5, 0.5]]
    assert lines["lift"][0, 1] == pytest.approx(3 / (2 + 2 * (2 * 3) / (5 * 4) + 2), abs=1e-3)
    assert lines["lift"][0, 1] > 0.5 > lines["lift"][1, 0]


def test_first_occurrences_are_compared_among_users_who_did_both() -> None:
    user = np.array([0, 0, 1, 1, 2, 3, 3], np.int32)
    time = np.array([0, 5, 0, 5, 0, 7, 7]) * 1000
    log = EventLog.from_columns(user, time, np.array([0, 1, 1, 0, 0, 0, 1], np.int32), ["a", "b", "c"])
    line = first_occurrence(log)  # user 0: a first; user 1: b first; user 2: a alone; user 3: a tie
    assert line[0, 1] == line[1, 0] == 0.5
    assert line[0, 2] == 0.5
    assert first_occurrence(two_behaviours())[0, 1] == 1.0


def test_an_answer_is_compared_with_the_free_lines() -> None:
    counts = count_lags(two_behaviours(), LagGrid((0, 2000)))
    table = compare(np.array([[0.0, 0.9], [0.2, 0.0]]), graph((0, 1), K=2), counts)
    assert list(table) == ["answer", "all edges", "count sort", "lift", "directly follows"]
    assert table["answer"].f1 == 1.0
    assert table["all edges"].f1 == pytest.approx(2 / 3)
    assert table["all edges"].auroc == 0.5

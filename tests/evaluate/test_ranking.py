"""Ranking measures by hand, ties without favour, and intervals by user."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causalviz.evaluate.ranking import (
    answer_in_parts,
    interval_of,
    paired_interval,
    places_of,
    rank_measures,
)

RNG = np.random.default_rng(0)
SHARE = np.array([0.5, 0.25, 0.125, 0.125])


def measured(scores: list[list[float]], target: list[int], user: list[int], k: int = 2):  # type: ignore[no-untyped-def]
    return rank_measures(places_of(np.array(scores), np.array(target), k, RNG), np.array(user), SHARE, k)


def test_ranks_by_hand() -> None:
    found = measured([[4, 3, 2, 1], [4, 3, 2, 1], [4, 3, 2, 1]], [0, 1, 3], [0, 0, 7])
    assert found.users.tolist() == [0, 7]
    assert found.values["hit_rate"].tolist() == [1.0, 0.0]
    assert found.values["ndcg"].tolist() == pytest.approx([(1 + 1 / np.log2(3)) / 2, 0.0])
    assert found.values["mrr"].tolist() == pytest.approx([0.75, 0.25])
    assert found.values["novelty"].tolist() == pytest.approx([1.5, 1.5])  # shares 1/2 and 1/4
    assert found.coverage == 0.5


@given(st.integers(0, 3), st.integers(1, 4))
def test_scores_that_are_all_alike_get_what_guessing_gets(target: int, k: int) -> None:
    found = measured([[1, 1, 1, 1]], [target], [0], k)
    assert found.values["hit_rate"][0] == pytest.approx(k / 4)
    assert found.values["mrr"][0] == pytest.approx(np.mean(1 / np.arange(1, 5)))


@given(st.permutations(range(4)), st.lists(st.integers(0, 2), min_size=4, max_size=4))
def test_renaming_behaviours_changes_no_rank(order: list[int], scores: list[int]) -> None:
    turned = [0.0] * 4
    for old, new in enumerate(order):
        turned[new] = scores[old]
    one, other = measured([scores], [1], [0]), measured([turned], [order[1]], [0])
    for name in ("hit_rate", "ndcg", "mrr"):
        assert one.values[name][0] == pytest.approx(other.values[name][0])


def test_parts_are_the_whole() -> None:
    scores, target = RNG.random((20, 5)), RNG.integers(0, 5, 20)
    whole = places_of(scores, target, 3, np.random.default_rng(0))
    parts = answer_in_parts(lambda rows: scores[rows], target, 3, part=7)
    assert parts.above.tolist() == whole.above.tolist()
    assert parts.top.tolist() == whole.top.tolist()
    assert len(answer_in_parts(lambda rows: scores[rows], target[:0], 3).top) == 0


def test_intervals_are_by_user_and_pairs_are_sharper() -> None:
    values = np.arange(100) / 100
    found = interval_of(values)
    assert found.low < found.mean < found.high
    assert found.high - found.low == pytest.approx(2 * 1.645 * values.std() / 10, rel=0.15)
    scores, target, user = RNG.random((200, 4)), RNG.integers(0, 4, 200), np.arange(200)
    one = rank_measures(places_of(scores, target, 2, RNG), user, SHARE, 2)
    assert paired_interval(one, one) == (0.0, 0.0, 0.0)
    assert np.isnan(interval_of(np.ones(1)).low)
    other = rank_measures(places_of(scores[:9], target[:9], 2, RNG), user[:9], SHARE, 2)
    with pytest.raises(ValueError, match="same users"):
        paired_interval(one, other)

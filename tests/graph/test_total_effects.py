"""Totals along small graphs whose sums can be done by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causalviz.graph.total_effects import drawn_offspring, is_reached, spectral_radius, total_effect, total_offspring

VIEW, CART, BUY = 0, 1, 2


def offspring_of(K: int, **steps: float) -> np.ndarray:
    """A matrix from names such as ``_01=0.5``."""
    matrix = np.zeros((K, K))
    for name, amount in steps.items():
        matrix[int(name[1]), int(name[2])] = amount
    return matrix


def test_a_chain_multiplies_and_ways_add_up() -> None:
    shop = offspring_of(3, _01=0.5, _12=0.4, _02=0.1)
    found = total_effect(shop, VIEW, BUY)
    assert found is not None
    assert found.direct == 0.1
    assert found.total == pytest.approx(0.1 + 0.5 * 0.4)
    assert [path.nodes for path in found.paths] == [(VIEW, CART, BUY), (VIEW, BUY)]
    assert [path.amount for path in found.paths] == pytest.approx([0.2, 0.1])
    assert [path.share for path in found.paths] == pytest.approx([2 / 3, 1 / 3])


def test_a_loop_goes_round_until_it_dies_out() -> None:
    loop = offspring_of(2, _01=0.5, _10=0.5)
    totals = total_offspring(loop)
    assert totals is not None
    assert totals[0, 1] == pytest.approx(0.5 / (1 - 0.25))
    assert totals[0, 0] == pytest.approx(0.25 / (1 - 0.25))


def test_repeats_of_the_effect_multiply_what_reaches_it() -> None:
    repeating = offspring_of(2, _01=0.3, _11=0.5)
    found = total_effect(repeating, 0, 1)
    assert found is not None
    assert found.total == pytest.approx(0.3 / (1 - 0.5))
    assert found.paths[0].share == pytest.approx(1.0)


def test_a_prevention_takes_away_what_another_way_gives() -> None:
    mixed = offspring_of(3, _01=0.5, _12=-0.4, _02=0.3)
    found = total_effect(mixed, 0, 2)
    assert found is not None
    assert found.total == pytest.approx(0.1)
    assert [path.amount for path in found.paths] == pytest.approx([0.3, -0.2])


def test_there_is_no_total_where_events_never_end() -> None:
    growing = offspring_of(2, _01=2.0, _10=0.6)
    assert spectral_radius(growing) > 1
    assert total_offspring(growing) is None
    assert total_effect(growing, 0, 1) is None


def test_a_loop_elsewhere_does_not_matter() -> None:
    elsewhere = offspring_of(4, _01=0.5, _23=2.0, _32=2.0, _13=0.1)
    found = total_effect(elsewhere, 0, 1)
    assert found is not None
    assert found.total == pytest.approx(0.5)
    assert total_offspring(elsewhere) is None


def test_no_way_is_no_effect() -> None:
    found = total_effect(offspring_of(3, _01=0.5), BUY, VIEW)
    assert found is not None
    assert (found.direct, found.total, found.paths) == (0.0, 0.0, ())


def test_only_drawn_edges_count() -> None:
    full = offspring_of(3, _00=0.2, _01=0.5, _12=0.4, _02=0.1)
    full[2, 0] = np.nan
    assert np.array_equal(drawn_offspring(full, [(0, 1), (2, 0)]), offspring_of(3, _01=0.5))
    assert np.array_equal(drawn_offspring(full, [(0, 1)]), offspring_of(3, _01=0.5))


@pytest.mark.parametrize("wrong", [np.zeros((2, 3)), np.array([[np.nan]]), np.zeros(4)])
def test_a_matrix_that_is_none_is_refused(wrong: np.ndarray) -> None:
    with pytest.raises(ValueError, match="square of finite numbers"):
        total_offspring(wrong)


@given(
    st.integers(1, 5).flatmap(lambda K: st.lists(st.floats(-0.9, 0.9), min_size=K * K, max_size=K * K)),
    st.randoms(use_true_random=False),
)
def test_totals_are_the_sum_of_the_powers_whatever_the_labels(values: list[float], random: object) -> None:
    K = round(len(values) ** 0.5)
    matrix = np.array(values).reshape(K, K) / K
    totals = total_offspring(matrix)
    assert totals is not None
    power, summed = matrix.copy(), matrix.copy()
    for _ in range(300):
        power = power @ matrix
        summed += power
    assert np.allclose(totals, summed, atol=1e-6)
    order = list(range(K))
    random.shuffle(order)  # type: ignore[attr-defined]
    mixed = total_offspring(matrix[np.ix_(order, order)])
    assert mixed is not None
    assert np.allclose(mixed, totals[np.ix_(order, order)])


def test_a_dense_graph_is_done_at_once() -> None:
    K = 40
    dense = np.full((K, K), 0.9 / K)
    found = total_effect(dense, 0, 1)
    assert found is not None
    assert found.total == pytest.approx(0.9 / K / (1 - 0.9))
    assert found.paths[0].nodes == (0, 1)


def test_who_is_reached_is_whoever_a_walk_comes_to() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        K = int(rng.integers(1, 12))
        offspring = np.where(rng.random((K, K)) < 0.15, rng.normal(size=(K, K)), 0.0)
        walked = np.eye(K)
        for _ in range(K):
            walked = walked + walked @ (offspring != 0)
        assert (is_reached(offspring) == (walked > 0)).all()

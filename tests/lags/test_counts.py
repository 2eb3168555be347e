"""The counts equal their definitions, add up over users, and do not care about labels or density."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import reference
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import event_logs

from causalviz.events.log import EventLog
from causalviz.lags import EXPECTED_SCALE, LagGrid, count_lags, no_counts
from causalviz.lags.counts import group_of

GRID = LagGrid((0, 2, 5, 17))


@given(event_logs(max_events=40))
@settings(max_examples=60, deadline=None)
def test_the_kernel_equals_its_slow_twin(log: EventLog) -> None:
    total = count_lags(log, GRID, groups=3).total()
    assert np.array_equal(total.pairs[0], reference.slow_pairs(log, GRID))
    assert np.array_equal(total.nearest[0], reference.slow_nearest(log, GRID))
    assert np.array_equal(total.at_risk[0], reference.slow_at_risk(log, GRID))
    assert np.array_equal(total.ties[0], reference.slow_ties(log))
    assert np.array_equal(total.follows[0], reference.slow_follows(log))
    rounding = log.n_users / EXPECTED_SCALE
    assert np.allclose(total.expected[0] / EXPECTED_SCALE, reference.slow_expected(log, GRID), atol=rounding)
    assert np.array_equal(total.events[0], np.bincount(log.behaviour, minlength=log.n_behaviours))


def test_a_dense_history_counts_like_its_slow_twin() -> None:
    rng = np.random.default_rng(0)
    log = EventLog.from_columns(
        np.zeros(300, np.int32), rng.integers(0, 40, 300), rng.integers(0, 3, 300).astype(np.int32), list("abc")
    )
    total = count_lags(log, GRID).total()
    assert np.array_equal(total.pairs[0], reference.slow_pairs(log, GRID))
    assert np.array_equal(total.nearest[0], reference.slow_nearest(log, GRID))
    assert np.array_equal(total.at_risk[0], reference.slow_at_risk(log, GRID))
    assert total.pairs.sum() > 300 * 3 * GRID.n_bins  # so many that the kernel keeps windows


@given(st.integers(1, 61), st.integers(-2, 2), st.sets(st.integers(-2, 3), min_size=1))
@settings(max_examples=60, deadline=None)
def test_lags_beside_a_power_of_two_find_their_bin(power: int, off: int, ends: set[int]) -> None:
    lag = max(1, 2**power + off)  # from 2^53 on no float tells it from its neighbours
    grid = LagGrid(tuple(sorted({0, *(max(1, 2**power + end) for end in ends), 2**power + 4})))
    log = EventLog.from_columns(np.zeros(2, np.int32), np.array([0, lag]), np.array([0, 1], np.int32), ["a", "b"])
    pairs = count_lags(log, grid).total().pairs[0, 0, 1]
    assert pairs.tolist() == [int(low < lag <= high) for low, high in pairwise(grid.edges)]


@given(event_logs(), event_logs(), st.integers(1, 5))
@settings(max_examples=40, deadline=None)
def test_counts_add_up_over_users(first: EventLog, second: EventLog, groups: int) -> None:
    behaviours = [f"b{code}" for code in range(4)]
    one, two = (
        EventLog.from_columns(log.user, log.time, log.behaviour, behaviours, [f"{who}{u}" for u in log.user_names])
        for log, who in ((first, "x"), (second, "y"))
    )
    both = EventLog.from_columns(
        np.concatenate([one.user, two.user + one.n_users]),
        np.concatenate([one.time, two.time]),
        np.concatenate([one.behaviour, two.behaviour]),
        behaviours,
        one.user_names + two.user_names,
    )
    apart = count_lags(two, GRID, groups) + count_lags(one, GRID, groups)
    together = count_lags(both, GRID, groups)
    for name, array in together.arrays().items():
        assert np.array_equal(array, apart.arrays()[name]), name


@given(event_logs(), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_permuting_labels_permutes_the_counts(log: EventLog, random: object) -> None:
    order = list(range(log.n_behaviours))
    random.shuffle(order)
    new_code = np.argsort(order).astype(np.int32)  # behaviour order[k] becomes code k
    other = EventLog.from_columns(
        log.user, log.time, new_code[log.behaviour], [log.behaviours[k] for k in order], log.user_names
    )
    before, after = count_lags(log, GRID).total(), count_lags(other, GRID).total()
    at = np.ix_([0], order, order)
    for name in ("pairs", "nearest", "expected", "ties", "follows"):
        assert np.array_equal(after.arrays()[name], before.arrays()[name][at]), name


def test_an_example_by_hand() -> None:
    log = EventLog.from_columns(
        np.array([0, 0, 0, 0], np.int32), np.array([0, 1, 1, 4]), np.array([0, 1, 1, 0], np.int32), ["view", "cart"]
    )
    total = count_lags(log, GRID).total()
    assert total.pairs[0, 0, 1].tolist() == [2, 0, 0]  # both carts, one tick after the view
    assert total.pairs[0, 1, 0].tolist() == [0, 2, 0]  # the second view, three ticks after both carts
    assert total.nearest[0, 1, 0].tolist() == [0, 1, 0]  # but after one moment with carts
    assert total.ties[0].tolist() == [[0, 0], [0, 1]]
    assert total.follows[0].tolist() == [[0, 1], [1, 0]]
    assert total.at_risk[0].tolist() == [[2, 2, 0], [2, 1, 0]]
    assert (total.span[0], total.users[0]) == (4, 1)


def test_counts_of_another_make_do_not_add_up() -> None:
    log = EventLog.from_columns(np.zeros(2, np.int32), np.array([0, 1]), np.array([0, 1], np.int32), ["a", "b"])
    with pytest.raises(ValueError, match="add up"):
        count_lags(log, GRID) + no_counts(log.behaviours, LagGrid((0, 3)))


def test_a_group_depends_on_the_name_alone() -> None:
    assert group_of(["u1", "u2"], 16)[1] == group_of(["u2"], 16)[0]
    assert set(group_of([f"u{n}" for n in range(500)], 16)) == set(range(16))


def test_very_many_behaviours_have_fewer_groups() -> None:
    names = [f"b{n}" for n in range(900)]
    log = EventLog.from_columns(np.zeros(2, np.int32), np.array([0, 1]), np.array([0, 1], np.int32), names)
    counts = count_lags(log, LagGrid((0, 1, 2, 3, 4, 5, 6, 7, 8)))
    assert 1 < len(counts.users) < 16

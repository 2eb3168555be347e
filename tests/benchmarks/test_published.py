"""The published worlds obey the laws of their processes."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.known import Known, rarer_causes
from benchmarks.published import (
    TwoCausesSettings,
    balanced,
    hawkes,
    self_correcting,
    simulate_correcting,
    simulate_hawkes,
    simulate_two_causes,
    two_causes,
)


def test_a_hawkes_process_has_its_stationary_rates() -> None:
    """Rates solve rate = background + rate @ influence; a burn-in of 200 events per history is left out."""
    background = np.array([0.2, 0.1, 0.05])
    influence = np.array([[0.3, 0.4, 0.0], [0.0, 0.2, 0.5], [0.0, 0.0, 0.1]])
    lengths = np.full(100, 1000)
    user, time_s, mark = simulate_hawkes(np.random.default_rng(1), background, influence, np.full((3, 3), 2.0), lengths)
    assert np.array_equal(np.bincount(user), lengths)
    late = np.tile(np.arange(1000) >= 200, 100)
    seconds = sum(t[-1] - t[199] for t in time_s.reshape(100, 1000))
    rate = np.bincount(mark[late], minlength=3) / seconds
    assert rate == pytest.approx(background @ np.linalg.inv(np.eye(3) - influence), rel=0.03)
    assert np.all(np.diff(time_s.reshape(100, 1000), axis=1) > 0)


def test_without_influence_a_hawkes_process_is_poisson() -> None:
    lengths = np.full(10, 2000)
    _, time_s, mark = simulate_hawkes(np.random.default_rng(2), np.ones(2), np.zeros((2, 2)), np.ones((2, 2)), lengths)
    gaps = np.diff(time_s.reshape(10, 2000), axis=1)
    assert gaps.mean() == pytest.approx(0.5, rel=0.03)
    assert gaps.std() == pytest.approx(0.5, rel=0.05)
    assert mark.mean() == pytest.approx(0.5, abs=0.02)


def test_self_correcting_counts_grow_as_the_drift_says() -> None:
    """A lone type keeps drift * t + weight * N(t) near a constant, so that N(t) / t -> drift / -weight."""
    drift, weight = np.array([0.05, 0.02]), np.diag([-0.1, -0.2])
    user, time_s, mark = simulate_correcting(np.random.default_rng(3), drift, weight, np.full(20, 3000))
    for history in range(20):
        t, m = time_s[user == history], mark[user == history]
        counts = np.bincount(m, minlength=2)
        assert np.all(np.diff(t) >= 0)
        assert counts / t[-1] == pytest.approx([0.5, 0.1], rel=0.06)


def test_a_type_that_others_hold_back_dies_out() -> None:
    drift, weight = np.array([0.05, 0.05]), np.array([[-0.1, -0.5], [0.0, -0.1]])
    _, _, mark = simulate_correcting(np.random.default_rng(4), drift, weight, np.full(10, 500))
    assert np.bincount(mark, minlength=2)[1] < 0.05 * len(mark)


def test_an_effect_never_comes_without_both_causes() -> None:
    settings = TwoCausesSettings(histories=200, copies=1, base=0.0, alone=0.0, together=0.3, pair_window_s=20.0)
    user, time_s, mark = simulate_two_causes(np.random.default_rng(5), settings)
    effects = np.flatnonzero(mark == 4)
    assert len(effects) > 100
    for effect in effects:
        window = (user == user[effect]) & (time_s < time_s[effect]) & (time_s >= time_s[effect] - 20.0)
        assert {0, 1} <= set(mark[window])


def test_rates_of_the_two_causes_worlds() -> None:
    settings = TwoCausesSettings(histories=400, copies=2, together=0.0, alone=0.0)
    _, _, mark = simulate_two_causes(np.random.default_rng(6), settings)
    rate = np.bincount(mark, minlength=10) / (400 * 500.0)
    assert rate == pytest.approx([0.01, 0.01, 0.01, 0.1, 0.01] * 2, rel=0.12)


@pytest.mark.parametrize(("family", "edges"), [(hawkes, 16), (self_correcting, 16), (two_causes, 6)])
def test_worlds_are_those_of_the_paper_and_of_their_seed(family: object, edges: int) -> None:
    assert callable(family)
    known: Known = family(0)
    assert (known.log.n_users, known.log.n_behaviours, int(known.truth.sum())) == (1000, 10, edges)
    assert not known.truth.diagonal().any()
    assert known.log.fingerprint == family(0).log.fingerprint
    assert known.log.fingerprint != family(1).log.fingerprint


def test_balanced_worlds_leave_the_direction_open() -> None:
    assert 0.4 <= rarer_causes(balanced(hawkes)(2)) <= 0.6
    assert rarer_causes(two_causes(0)) == 1.0

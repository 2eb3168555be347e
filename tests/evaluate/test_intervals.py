"""Intervals of scores with the behaviour as the unit."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causalviz.evaluate.intervals import COUNTED, LEAST_BEHAVIOURS, MOST_LEFT_OUT, Scorer, score_intervals, wilson
from causalviz.evaluate.metrics import Scores, evaluate


def scorer(K: int, seed: int, noise: float) -> Scorer:
    rng = np.random.default_rng(seed)
    truth = rng.random((K, K)) < 0.2
    p = np.clip(np.where(truth, 0.8, 0.2) + rng.normal(0, noise, (K, K)), 0, 1)
    return lambda codes: evaluate(p[np.ix_(codes, codes)], truth[np.ix_(codes, codes)])


def test_wilson_by_hand() -> None:
    low, high = wilson(0.5, 100, 1.96)
    assert (low, high) == (pytest.approx(0.4038, abs=1e-4), pytest.approx(0.5962, abs=1e-4))
    assert wilson(1.0, 10, 1.645) == (pytest.approx(10 / (10 + 1.645**2)), 1.0)


@given(st.floats(0, 1), st.floats(0.5, 1000), st.floats(0.5, 4))
def test_wilson_holds_its_share_within_0_and_1(share: float, trials: float, quantile: float) -> None:
    low, high = wilson(share, trials, quantile)
    assert 0 <= low <= share <= high <= 1
    assert low < high


@settings(max_examples=40, deadline=None)
@given(st.integers(LEAST_BEHAVIOURS, 8), st.integers(0, 10_000), st.floats(0, 0.6))
def test_every_interval_holds_its_score_and_stays_in_range(K: int, seed: int, noise: float) -> None:
    score = scorer(K, seed, noise)
    whole, found = score(np.arange(K)), score_intervals(score, K)
    assert set(found) == set(Scores._fields) - {"pairs", "true_edges", "drawn", "g_score"}
    for name, (low, high) in found.items():
        value = getattr(whole, name)
        if math.isnan(low):
            continue
        assert low - 1e-9 <= value <= high + 1e-9
        assert 0 <= low <= high <= (whole.pairs if name in COUNTED else 1)


def test_a_full_score_is_not_certain_and_more_behaviours_make_it_surer() -> None:
    few, many = (score_intervals(scorer(K, 1, 0.0), K) for K in (6, 20))
    assert few["auroc"].high == many["auroc"].high == 1.0
    assert few["auroc"].low < many["auroc"].low < 1.0
    assert few["shd"].low == 0
    assert few["shd"].high > 0


def test_too_few_behaviours_say_nothing() -> None:
    assert math.isnan(score_intervals(scorer(3, 1, 0.3), 3)["f1"].low)


def test_an_undefined_score_has_no_interval() -> None:
    empty = np.zeros((6, 6), dtype=bool)
    found = score_intervals(
        lambda codes: evaluate(np.full((len(codes),) * 2, 0.4), empty[: len(codes), : len(codes)]), 6
    )
    assert math.isnan(found["auroc"].low)
    assert math.isnan(found["precision"].high)
    assert found["accuracy"].high == 1.0


def test_of_many_behaviours_some_are_left_out() -> None:
    calls: list[int] = []

    def counting(codes: np.ndarray) -> Scores:
        calls.append(len(codes))
        return scorer(MOST_LEFT_OUT + 5, 0, 0.4)(codes)

    assert math.isfinite(score_intervals(counting, MOST_LEFT_OUT + 5)["f1"].low)
    assert calls == [MOST_LEFT_OUT + 5, *[MOST_LEFT_OUT + 4] * MOST_LEFT_OUT]


def test_intervals_cover_what_they_promise() -> None:
    """Behaviours are drawn from one large world; nine intervals in ten should hold the world's own score."""
    rng = np.random.default_rng(7)
    K, N = 12, 400
    hard = np.exp(rng.normal(0, 0.5, N))  # some behaviours are harder to read than others
    truth = rng.random((N, N)) < 0.2
    logit = np.where(truth, 1.6, -2.4) + rng.normal(0, 1.2, (N, N)) * np.sqrt(hard[:, None] * hard[None, :])
    p = 1 / (1 + np.exp(-logit))
    whole = evaluate(p, truth)
    held, told = 0, 0
    for _ in range(40):
        drawn = rng.choice(N, K, replace=False)
        part_p, part_truth = p[np.ix_(drawn, drawn)], truth[np.ix_(drawn, drawn)]
        found = score_intervals(lambda at: evaluate(part_p[np.ix_(at, at)], part_truth[np.ix_(at, at)]), K)  # noqa: B023
        for name in ("f1", "precision", "recall", "accuracy"):
            told += 1
            held += found[name].low <= getattr(whole, name) <= found[name].high
    assert held / told > 0.85

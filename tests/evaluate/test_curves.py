"""Steps of a ranking, against scikit-learn and by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, precision_score, recall_score, roc_auc_score, roc_curve

from causalviz.evaluate.curves import area_under_roc, average_precision, steps_of


def test_ties_are_drawn_together() -> None:
    steps = steps_of(np.array([0.2, 0.9, 0.5, 0.5]), np.array([False, True, True, False]))
    assert steps.threshold.tolist() == [0.9, 0.5, 0.2]
    assert steps.drawn.tolist() == [1, 3, 4]
    assert steps.hits.tolist() == [1, 2, 2]
    assert steps.recall.tolist() == [0.5, 1.0, 1.0]
    assert steps.precision.tolist() == [1.0, 2 / 3, 0.5]
    assert steps.false_alarms.tolist() == [0.0, 0.5, 1.0]
    assert area_under_roc(steps) == (2 * 2 - 0.5) / 4  # of four comparisons three are won, one is a tie


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 40), st.integers(0, 2**31), st.integers(1, 10))
def test_areas_are_those_of_scikit_learn(n: int, seed: int, levels: int) -> None:
    rng = np.random.default_rng(seed)
    score, label = rng.integers(0, levels, n) / levels, rng.random(n) < 0.4
    label[:2] = (True, False)
    steps = steps_of(score, label)
    assert area_under_roc(steps) == pytest.approx(roc_auc_score(label, score))
    assert average_precision(steps) == pytest.approx(average_precision_score(label, score))
    false_alarms, recall, _ = roc_curve(label, score, drop_intermediate=False)
    assert np.append(0, steps.false_alarms) == pytest.approx(false_alarms)
    assert np.append(0, steps.recall) == pytest.approx(recall)
    for at, threshold in enumerate(steps.threshold):
        assert steps.precision[at] == pytest.approx(precision_score(label, score >= threshold))
        assert steps.recall[at] == pytest.approx(recall_score(label, score >= threshold))


def test_without_edges_or_pairs_nothing_is_defined() -> None:
    none = steps_of(np.array([0.1, 0.2]), np.array([False, False]))
    assert math.isnan(area_under_roc(none))
    assert math.isnan(average_precision(none))
    assert np.isnan(none.recall).all()
    assert math.isnan(area_under_roc(steps_of(np.array([0.1]), np.array([True]))))
    assert len(steps_of(np.empty(0), np.empty(0, bool)).threshold) == 0

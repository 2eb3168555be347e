"""Calibration error and Platt's line."""

from __future__ import annotations

import numpy as np
import pytest

from causalviz.model.calibration import calibration_error, fit_platt, sigmoid


def test_probabilities_that_are_frequencies_have_no_error() -> None:
    probability = np.repeat([0.2, 0.8], 10)
    label = np.array([1] * 2 + [0] * 8 + [1] * 8 + [0] * 2)
    assert calibration_error(probability, label, bins=2) == pytest.approx(0.0)
    assert calibration_error(1 - probability, label, bins=2) == pytest.approx(0.6)


def test_no_pairs_have_no_error() -> None:
    assert np.isnan(calibration_error(np.empty(0), np.empty(0)))


def test_platt_finds_the_line_that_distorted_the_logits() -> None:
    rng = np.random.default_rng(0)
    logit = rng.normal(0, 2, 40_000)
    label = (rng.random(len(logit)) < sigmoid(logit)).astype(float)
    slope, intercept = fit_platt(2 * logit + 1, label)
    assert slope == pytest.approx(0.5, abs=0.02)
    assert intercept == pytest.approx(-0.5, abs=0.03)


def test_platt_is_held_where_it_began() -> None:
    logit, label = np.array([3.0, 3.0, -3.0]), np.array([0.0, 0.0, 1.0])
    loose, held = fit_platt(logit, label), fit_platt(logit, label, hold=(1e6, 1e6))
    assert loose[0] < 0.5
    assert held == pytest.approx((1.0, 0.0), abs=1e-4)


def test_without_labels_platt_changes_nothing() -> None:
    assert fit_platt(np.empty(0), np.empty(0)) == (1.0, 0.0)


def test_sigmoid_survives_extremes() -> None:
    assert sigmoid(np.array([-1e4, 0.0, 1e4])).tolist() == [0.0, 0.5, 1.0]

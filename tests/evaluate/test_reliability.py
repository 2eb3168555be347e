"""Probabilities against frequencies."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from causalviz.evaluate.reliability import reliability


def test_bins_by_hand() -> None:
    found = reliability(np.array([0.05, 0.01, 0.72, 0.78, 1.0]), np.array([False, False, True, False, True]))
    assert found.low.tolist() == [0.0, 0.7, 0.9]
    assert found.high.tolist() == [0.1, 0.8, 1.0]
    assert found.pairs.tolist() == [2, 2, 1]
    assert found.share.tolist() == [0.0, 0.5, 1.0]
    assert found.probability == pytest.approx([0.03, 0.75, 1.0])
    assert (found.share_low <= found.share).all()
    assert (found.share <= found.share_high).all()
    assert found.share_high[0] > 0.3  # two pairs cannot rule much out


def test_the_bins_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(3)
    p = rng.random(300)
    label = rng.random(300) < p
    share, mean = calibration_curve(label, p, n_bins=10)
    found = reliability(p, label)
    assert found.share == pytest.approx(share)
    assert found.probability == pytest.approx(mean)


def test_nothing_has_no_bins() -> None:
    assert len(reliability(np.empty(0), np.empty(0, bool)).pairs) == 0

"""The curve of lags in words."""

from __future__ import annotations

import numpy as np

from causalviz.explain.evidence import LagCurve
from causalviz.ui.components.evidence import _reading


def test_stretches_apart_are_told_apart() -> None:
    edges = np.array([0.0, 30.0, 120.0, 3_600.0, 86_400.0])
    low, high, usual = np.full(4, 0.8), np.full(4, 1.2), np.ones(4)
    curve = LagCurve(edges[:-1], edges[1:], np.array([1.0, 0.5, 3.0, 0.4]), usual, low, high)
    assert _reading(curve, "view", "buy") == (
        "**buy** after **view**: more often than chance 2 min to 60 min later; more rarely than chance 30 s to 2 min "
        "and 60 min to 24 h later."
    )

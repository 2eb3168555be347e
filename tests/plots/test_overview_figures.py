"""Bars to both sides, dependence, and two groups of edges side by side."""

from __future__ import annotations

import numpy as np
import pytest

from causalviz.explain.shapley import Importance, importance_among
from causalviz.plots.contrast import ContrastData, contrast_data, contrast_figure
from causalviz.plots.dependence import dependence_data, dependence_figure
from causalviz.plots.signed_bars import MOST_BARS, signed_bars_data, signed_bars_figure
from causalviz.plots.style import LOWERS, RAISES

RUDE = "<b>x</b>"
SHAP = np.array([[1.0, 0.5], [3.0, -0.5], [-1.0, 0.0]])
ALL = Importance(("lift", "order"), ("g", "h"), (("a", "b"), ("b", "a"), (RUDE, "a")), SHAP, SHAP * 2)


def test_bars_are_ordered_and_the_rest_is_one_bar_where_they_add_up() -> None:
    steps = [0.1 * (k + 1) * (-1) ** k for k in range(15)]
    labels = [f"f{k}" for k in range(15)]
    data = signed_bars_data(labels, steps)
    assert data.labels[0] == "f14"
    assert len(data.labels) == MOST_BARS
    assert data.labels[-1] == "all others (6)"
    assert sum(data.step) == pytest.approx(sum(steps))
    apart = signed_bars_data(labels, steps, add_up=False)
    assert apart.labels == tuple(f"f{k}" for k in range(14, 14 - MOST_BARS, -1))


def test_bars_are_coloured_by_their_side_and_names_are_text() -> None:
    figure = signed_bars_figure(signed_bars_data([RUDE, "y"], [2.0, -1.0], ["n", "m"]), "nothing")
    assert list(figure.data[0].marker.color) == [RAISES, LOWERS]
    assert figure.data[0].y[0] == "&lt;b&gt;x&lt;/b&gt;"
    assert "nothing here" in signed_bars_figure(signed_bars_data([], []), "nothing here").layout.annotations[0].text


def test_some_pairs_only() -> None:
    found = importance_among(ALL, np.array([True, False, True]))
    assert found.edges == (("a", "b"), (RUDE, "a"))
    assert found.shap.tolist() == [[1.0, 0.5], [-1.0, 0.0]]
    assert found.values.tolist() == [[2.0, 1.0], [-2.0, 0.0]]


def test_dependence_is_one_argument_over_its_value() -> None:
    data = dependence_data(ALL, "h")
    assert data.value.tolist() == [1.0, -1.0, 0.0]
    assert data.shap.tolist() == [0.5, -0.5, 0.0]
    figure = dependence_figure(data, "pairs")
    assert figure.layout.xaxis.title.text == "pairs"
    assert figure.data[0].customdata[2][0] == "&lt;b&gt;x&lt;/b&gt;"
    none = importance_among(ALL, np.zeros(3, dtype=bool))
    assert "nothing to show" in dependence_figure(dependence_data(none, "h"), "pairs").layout.annotations[0].text


def test_two_groups_are_set_side_by_side() -> None:
    first, second = (importance_among(ALL, np.array(kept)) for kept in ([True, True, False], [False, False, True]))
    data = contrast_data(first, second)
    assert data == ContrastData(("lift", "order"), (2.0, 0.0), (-1.0, 0.0))
    figure = contrast_figure(data, ("drawn", "not drawn"))
    assert [bar.name for bar in figure.data] == ["drawn", "not drawn"]
    nothing = importance_among(ALL, np.zeros(3, dtype=bool))
    empty = contrast_figure(contrast_data(first, nothing), ("accepted", "rejected"))
    assert "no pairs in one of the two groups: accepted, rejected" in empty.layout.annotations[0].text

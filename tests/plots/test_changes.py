"""The edges that a new model sees differently."""

from __future__ import annotations

import numpy as np

from causalviz.plots.changes import changes_data, changes_figure

NAMES = ("a", "<b>", "c")
BEFORE = np.array([[np.nan, 0.9, 0.5], [0.1, np.nan, 0.2], [0.3, 0.3, np.nan]])


def test_the_largest_change_comes_first() -> None:
    after = np.array([[np.nan, 0.2, 0.5], [0.15, np.nan, 0.2], [0.3, 0.6, np.nan]])
    data = changes_data(NAMES, BEFORE, after)
    assert data.edges == (("a", "<b>"), ("c", "<b>"), ("<b>", "a"))
    assert data.before == (0.9, 0.3, 0.1)
    assert data.after == (0.2, 0.6, 0.15)
    assert changes_data(NAMES, BEFORE, after, rows=1).edges == (("a", "<b>"),)


def test_the_figure_names_each_edge_harmlessly() -> None:
    data = changes_data(NAMES, BEFORE, BEFORE.T)
    figure = changes_figure(data)
    assert figure.layout.yaxis.ticktext[0] == "a → &lt;b&gt;"
    assert len(figure.layout.shapes) == len(data.edges) == 6
    assert figure.data[1].marker.color[0] != figure.data[1].marker.color[1]  # one fell, one rose


def test_two_models_are_called_by_their_names() -> None:
    figure = changes_figure(changes_data(NAMES, BEFORE, BEFORE.T), ("<i>one</i>", "other"))
    assert figure.data[0].name == "&lt;i&gt;one&lt;/i&gt;"
    assert figure.data[1].name == "other (blue higher, orange lower)"


def test_no_change_is_said() -> None:
    figure = changes_figure(changes_data(NAMES, BEFORE, BEFORE + 0.001))
    assert "No edge differs" in figure.layout.annotations[0].text

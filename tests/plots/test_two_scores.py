"""Two scores of the same pairs."""

from __future__ import annotations

import numpy as np

from causalviz.plots.chart_table import columns_of
from causalviz.plots.two_scores import FALSE, TRUE, UNKNOWN, two_scores_data, two_scores_figure

NAMES = ("a", "<b>", "c")
OURS = np.array([[np.nan, 0.9, 0.1], [0.2, np.nan, 0.4], [0.3, 0.5, np.nan]])
THEIRS = np.array([[np.nan, 1.5, -0.1], [0.0, np.nan, np.nan], [0.1, 0.2, np.nan]])
TRUTH = np.array([[0, 1, 0], [0, 0, 1], [0, 0, 0]], dtype=bool)


def test_only_pairs_with_both_scores_are_drawn() -> None:
    data = two_scores_data(NAMES, OURS, THEIRS)
    assert data.edges == (("a", "<b>"), ("a", "c"), ("<b>", "a"), ("c", "a"), ("c", "<b>"))
    assert data.ours == (0.9, 0.1, 0.2, 0.3, 0.5)
    assert data.theirs == (1.5, -0.1, 0.0, 0.1, 0.2)
    assert set(data.truth) == {UNKNOWN}


def test_a_truth_speaks_where_it_is_known() -> None:
    known = np.ones((3, 3), dtype=bool)
    known[2] = False
    data = two_scores_data(NAMES, OURS, THEIRS, TRUTH, known)
    assert data.truth == (TRUE, FALSE, FALSE, UNKNOWN, UNKNOWN)
    assert list(columns_of(data)) == ["cause", "effect", "ours", "theirs", "truth"]


def test_the_figure_names_pairs_harmlessly_and_says_when_it_is_empty() -> None:
    figure = two_scores_figure(two_scores_data(NAMES, OURS, THEIRS, TRUTH), "ours", "theirs")
    assert [trace.name for trace in figure.data] == [FALSE, TRUE]
    assert figure.data[1].text[0] == "a → &lt;b&gt;"
    empty = two_scores_figure(two_scores_data(("a",), np.full((1, 1), np.nan), np.zeros((1, 1))), "", "")
    assert "No pair" in empty.layout.annotations[0].text

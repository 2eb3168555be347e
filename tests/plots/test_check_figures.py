"""Figures of the checks without a truth."""

from __future__ import annotations

import numpy as np

from causalviz.plots.agreement import AgreementData, Titles, agreement_data, agreement_figure
from causalviz.plots.null_check import null_data, null_figure

NAMES = ("a", "<b>", "c")
FIRST = np.array([[np.nan, 0.9, 0.7], [0.1, np.nan, 0.0], [0.01, 0.0, np.nan]])
SECOND = np.array([[1.0, 0.8, 0.2], [0.0, 1.0, 0.0], [0.0, 0.01, 1.0]])
TITLES = Titles("here", "there", "both", "one")


def test_pairs_with_something_to_show_come_with_the_largest_first() -> None:
    data = agreement_data(NAMES, FIRST, SECOND)
    assert data == AgreementData((("a", "<b>"), ("a", "c"), ("<b>", "a")), (0.9, 0.7, 0.1), (0.8, 0.2, 0.0))


def test_dots_are_sorted_by_what_they_pass() -> None:
    figure = agreement_figure(agreement_data(NAMES, FIRST, SECOND), TITLES, (0.5, 0.5))
    assert [(trace.name, list(trace.text)) for trace in figure.data] == [
        ("both", ["a → &lt;b&gt;"]), ("one", ["a → c"]), ("neither", ["&lt;b&gt; → a"]),
    ]  # fmt: skip
    assert len(figure.layout.shapes) == 2
    assert figure.layout.xaxis.title.text == "here"


def test_nothing_to_show_is_said() -> None:
    data = agreement_data(NAMES, np.zeros((3, 3)), np.zeros((3, 3)))
    assert "No pair" in agreement_figure(data, TITLES, (0.5, 0.5)).layout.annotations[0].text


def test_the_log_stands_before_the_shuffled_ones() -> None:
    data = null_data(21, np.array([0, 2]))
    assert data == (("this log", "shuffled 1", "shuffled 2"), (21, 0, 2))
    bar = null_figure(data).data[0]
    assert list(bar.x) == [21, 0, 2]
    assert bar.marker.color[0] != bar.marker.color[1] == bar.marker.color[2]
    assert "No shuffled log" in null_figure(null_data(3, np.empty(0, np.int64))).layout.annotations[0].text

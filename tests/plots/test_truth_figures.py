"""Figures of drawn against true: confusion, ranking curves, reliability."""

from __future__ import annotations

import math

import numpy as np
import pytest

from causalviz.evaluate.curves import steps_of
from causalviz.evaluate.reliability import reliability
from causalviz.plots.confusion import confusion_data, confusion_figure
from causalviz.plots.ranking import MAX_STEPS, mark_of, precision_recall_figure, ranking_data, roc_figure
from causalviz.plots.reliability import reliability_figure

LABEL = np.array([True, True, False, False, False])
OURS = steps_of(np.array([0.9, 0.6, 0.6, 0.2, 0.1]), LABEL)
LINE = steps_of(np.ones(5), LABEL)


def test_the_four_cells_are_counted() -> None:
    data = confusion_data(np.array([True, False, True, False, False]), LABEL)
    assert list(zip(data.truth, data.answer, data.pairs, strict=True)) == [
        ("an edge", "drawn", 1), ("an edge", "not drawn", 1), ("no edge", "drawn", 1), ("no edge", "not drawn", 2),
    ]  # fmt: skip
    texts = [annotation.text for annotation in confusion_figure(data).layout.annotations]
    assert [text.partition("</b>")[0] for text in texts] == ["<b>1", "<b>1", "<b>1", "<b>2"]
    assert "right: found" in texts[0]


def test_a_truth_of_no_pair_has_no_cells() -> None:
    nothing = np.empty(0, bool)
    assert "no pair" in confusion_figure(confusion_data(nothing, nothing)).layout.annotations[0].text


def test_curves_are_strung_together() -> None:
    data = ranking_data({"ours": OURS, "<b>all</b>": LINE})
    assert data.answer == ("ours",) * 4 + ("<b>all</b>",)
    assert data.drawn.tolist() == [1, 3, 4, 5, 5]
    assert data.edge_share == 0.4
    figure = precision_recall_figure(data, mark_of(OURS, 0.5))
    assert [trace.name for trace in figure.data] == ["ours", "guessing", "at 0.50"]  # one point is no curve
    assert figure.data[0].y[0] == figure.data[0].y[1] == 1.0  # the curve begins at the axis
    assert (figure.data[2].x[0], figure.data[2].y[0]) == (1.0, 2 / 3)
    assert roc_figure(data, mark_of(OURS, 0.5)).data[-1].x[0] == 1 / 3


def test_names_of_answers_are_harmless() -> None:
    figure = roc_figure(ranking_data({"<i>": OURS}), mark_of(OURS, 0.5))
    assert figure.data[0].name == "&lt;i&gt;"


def test_the_mark_follows_the_threshold() -> None:
    assert mark_of(OURS, 0.7)[1:] == (0.5, 1.0, 0.0)
    assert mark_of(OURS, 0.6)[1:] == (1.0, 2 / 3, 1 / 3)
    nothing = mark_of(OURS, 0.95)
    assert (nothing.recall, nothing.false_alarms) == (0.0, 0.0)
    assert math.isnan(nothing.precision)
    assert len(precision_recall_figure(ranking_data({"ours": OURS}), nothing).data) == 2  # no dot without precision


def test_long_curves_are_thinned_to_their_ends() -> None:
    rng = np.random.default_rng(0)
    steps = steps_of(rng.random(5000), rng.random(5000) < 0.1)
    data = ranking_data({"ours": steps})
    assert len(data.answer) == MAX_STEPS
    assert data.drawn[0] == 1
    assert data.drawn[-1] == 5000


def test_without_edges_there_is_no_curve() -> None:
    steps = steps_of(np.array([0.1, 0.2]), np.array([False, False]))
    data = ranking_data({"ours": steps})
    for figure in (precision_recall_figure(data, mark_of(steps, 0.5)), roc_figure(data, mark_of(steps, 0.5))):
        assert "at least one true edge" in figure.layout.annotations[0].text


def test_reliability_is_drawn_with_its_intervals_and_counts() -> None:
    data = reliability(np.array([0.05, 0.05, 0.95]), np.array([False, True, True]))
    figure = reliability_figure(data)
    dots, bars = figure.data[1], figure.data[2]
    assert list(dots.y) == [0.5, 1.0]
    assert list(bars.y) == [2, 1]
    assert dots.y[0] - dots.error_y.arrayminus[0] == pytest.approx(data.share_low[0])
    assert "no pair" in reliability_figure(reliability(np.empty(0), np.empty(0, bool))).layout.annotations[0].text

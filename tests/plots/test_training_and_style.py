"""Curves of a training, and what all figures share."""

from __future__ import annotations

import math
from typing import NamedTuple

from causalviz.plots.style import empty_figure, label, time_ticks, unique_labels
from causalviz.plots.training import auroc_figure, calibration_figure, loss_figure, training_data


class Step(NamedTuple):
    stage: str
    done: int
    total: int
    loss: float | None = None
    heldout_loss: float | None = None
    auroc: float | None = None
    ece: float | None = None


def test_only_epochs_are_drawn() -> None:
    steps = [
        Step("worlds", 1, 2),
        Step("training", 0, 3, None, 0.7, 0.8, 0.2),
        Step("training", 1, 3, 0.5, 0.6, None, 0.1),
        Step("training", 2, 3, 0.4, 0.5, 0.9, 0.04),
        Step("checking", 1, 9),
    ]
    data = training_data(steps)  # type: ignore[arg-type]
    assert data.epochs == (0, 1, 2)
    assert math.isnan(data.loss[0])
    assert data.loss[1:] == (0.5, 0.4)
    assert data.total == 3
    assert math.isnan(data.auroc[1])
    assert data.ece == (0.2, 0.1, 0.04)
    assert list(loss_figure(data).layout.xaxis.range) == [-0.3, 3.3]
    assert auroc_figure(data).data[0].y[2] == 0.9
    assert calibration_figure(data).data[0].y[2] == 0.04
    assert calibration_figure(data).layout.yaxis.range[1] > 0.2


def test_the_loss_has_an_axis_of_its_own_size_from_its_first_point_on() -> None:
    first = training_data([Step("training", 0, 3, None, 0.07)])  # type: ignore[list-item]
    low, high = loss_figure(first).layout.yaxis.range
    assert 0 <= low < 0.07 < high < 0.1
    steps = [Step("training", 0, 3, None, 0.07), Step("training", 1, 3, 0.4, 0.01)]
    low, high = loss_figure(training_data(steps)).layout.yaxis.range  # type: ignore[arg-type]
    assert 0 <= low < 0.01
    assert 0.4 < high < 0.5


def test_before_the_first_epoch_the_figures_say_so() -> None:
    data = training_data([])
    assert "first epoch" in loss_figure(data).layout.annotations[0].text
    assert "first epoch" in auroc_figure(data).layout.annotations[0].text
    assert "first epoch" in calibration_figure(data).layout.annotations[0].text


def test_labels_are_cut_and_escaped() -> None:
    assert label("a" * 40, 10) == "aaaaaaaaa…"
    assert label("<i>&</i>\n x", 40) == "&lt;i&gt;&amp;&lt;/i&gt; x"


def test_cut_labels_stay_distinct() -> None:
    assert unique_labels(["abcdefgh1", "abcdefgh2"], 6) == ["abcde…", "abcde… (2)"]


def test_ticks_are_round_times() -> None:
    assert time_ticks(0.5, 100.0) == ([1.0, 10.0, 60.0], ["1 s", "10 s", "1 min"])
    positions, texts = time_ticks(2.0, 8.0)
    assert positions == [2.0, 4.0, 8.0]
    assert texts == ["2 s", "4 s", "8 s"]


def test_an_empty_figure_has_no_axes() -> None:
    figure = empty_figure("Nothing <here>.")
    assert figure.layout.annotations[0].text == "Nothing &lt;here&gt;."
    assert figure.layout.xaxis.visible is False

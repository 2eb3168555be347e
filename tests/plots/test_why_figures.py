"""Figures of the explanations: lag curve, waterfall, importance, beeswarm, histories."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from causalviz.plots.beeswarm import SPREAD, beeswarm_data, beeswarm_figure
from causalviz.plots.histories import HistoriesData, histories_data, histories_figure
from causalviz.plots.importance import ImportanceData, importance_data, importance_figure
from causalviz.plots.lag_curve import lag_curve_data, lag_curve_figure
from causalviz.plots.waterfall import chance_text, waterfall_data, waterfall_figure


class Curve(NamedTuple):
    low_s: NDArray[np.float64]
    high_s: NDArray[np.float64]
    observed: NDArray[np.float64]
    expected: NDArray[np.float64]
    band_low: NDArray[np.float64]
    band_high: NDArray[np.float64]


class Part(NamedTuple):
    group: str
    label: str
    shap: float
    sentence: str
    value: float


class Explanation(NamedTuple):
    base_logit: float
    logit: float
    parts: tuple[Part, ...]


class Importance(NamedTuple):
    labels: tuple[str, ...]
    edges: tuple[tuple[str, str], ...]
    shap: NDArray[np.float64]
    values: NDArray[np.float64]


class Example(NamedTuple):
    user: str
    events: tuple[tuple[str, float], ...]
    speaks_for: bool


def test_the_lag_curve_is_a_ratio_to_chance() -> None:
    curve = Curve(
        np.array([0.0, 10.0, 100.0]),
        np.array([10.0, 100.0, 1000.0]),
        np.array([30.0, 20.0, 0.0]),
        np.array([10.0, 20.0, 0.0]),
        np.array([5.0, 10.0, 0.0]),
        np.array([15.0, 30.0, 0.0]),
    )
    data = lag_curve_data(curve)
    assert data.ratio.tolist() == [3.0, 1.0]
    assert data.low_s.tolist() == [1.0, 10.0]  # a logarithmic axis has no 0
    assert data.band_high.tolist() == [1.5, 1.5]
    figure = lag_curve_figure(data)
    assert figure.layout.xaxis.type == "log"
    assert list(figure.layout.xaxis.ticktext) == ["1 s", "10 s", "1 min"]


def test_a_lag_curve_without_chances_says_so() -> None:
    nothing = np.zeros(3)
    figure = lag_curve_figure(lag_curve_data(Curve(nothing, nothing + 1, nothing, nothing, nothing, nothing)))
    assert "never happen" in figure.layout.annotations[0].text


def test_the_waterfall_stacks_the_strongest_argument_first() -> None:
    parts = (Part("a", "weak", 0.5, "w", 1.0), Part("b", "strong", -2.0, "s", 1.0))
    data = waterfall_data(Explanation(-1.0, -2.5, parts))
    assert data.labels == ("strong", "weak")
    assert data.start == (-1.0, -3.0)
    assert data.start[-1] + data.step[-1] == data.total
    figure = waterfall_figure(data)
    assert figure.data[0].marker.color[0] != figure.data[0].marker.color[1]
    assert "10 %" in figure.layout.xaxis.ticktext


def test_a_waterfall_without_arguments_says_so() -> None:
    assert "did not judge" in waterfall_figure(waterfall_data(Explanation(0.0, 0.0, ()))).layout.annotations[0].text


@pytest.mark.parametrize(
    ("logit", "text"),
    [(0.0, "50 %"), (-5.0, "0.7 %"), (3.0, "95.3 %"), (800.0, "> 99.9 %"), (-800.0, "< 0.1 %")],
)
def test_log_odds_are_said_as_percent(logit: float, text: str) -> None:
    assert chance_text(logit) == text


def importance(E: int = 5) -> Importance:
    rng = np.random.default_rng(0)
    shap = rng.normal(size=(E, 3)) * [0.1, 2.0, 1.0]
    return Importance(("x", "y", "z"), tuple((f"c{k}", "e") for k in range(E)), shap, rng.normal(size=(E, 3)))


def test_importance_is_the_mean_strength() -> None:
    given = importance()
    data = importance_data(given)
    assert data.labels == ("y", "z", "x")
    assert data.strength[0] == pytest.approx(np.abs(given.shap[:, 1]).mean())
    assert importance_figure(data).data[0].orientation == "h"


def test_the_beeswarm_has_a_point_per_pair_and_argument() -> None:
    given = importance(40)
    data = beeswarm_data(given)
    assert data.labels == ("y", "z", "x")
    assert len(data.pairs) == len(data.row) == len(data.shap) == 120
    assert data.shap[:3].tolist() == given.shap[0, [1, 2, 0]].tolist()
    assert np.abs(data.offset).max() <= SPREAD
    assert (data.level.min(), data.level.max()) == (0.0, 1.0)
    assert len(beeswarm_figure(data).data[0].x) == 120


def test_no_pairs_give_labelled_empty_figures() -> None:
    none = Importance((), (), np.zeros((0, 3)), np.zeros((0, 3)))
    assert importance_data(none) == ImportanceData((), ())
    assert "No pair" in importance_figure(importance_data(none)).layout.annotations[0].text
    assert "No pair" in beeswarm_figure(beeswarm_data(none)).layout.annotations[0].text


def test_histories_mark_the_cause_and_the_effect() -> None:
    example = Example("u<1>", (("view", -60.0), ("cart", 0.0), ("buy", 300.0)), True)
    data = histories_data([example], "cart", "buy")
    assert data == HistoriesData(
        ("u<1>",), (0, 0, 0), ("view", "cart", "buy"), (-60.0, 0.0, 300.0), ("other", "cause", "effect")
    )
    figure = histories_figure(data)
    assert figure.layout.xaxis.title.text == "minutes from the cause"
    assert figure.layout.yaxis.ticktext == ("u&lt;1&gt;",)
    assert figure.data[2].x == (5.0,)
    assert "No history" in histories_figure(histories_data([], "a", "b")).layout.annotations[0].text

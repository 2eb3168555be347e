"""How well an answer ranks the edges: precision-recall and ROC curves of several answers, and where one stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from causalviz.plots.style import CATEGORIES, NEUTRAL, RAISES, dressed, empty_figure, label

if TYPE_CHECKING:
    from causalviz.evaluate.curves import Steps

Floats = NDArray[np.float64]

MAX_STEPS = 400  # of one curve; more cannot be told apart
HEIGHT_PX = 360
NOTHING = "Curves need at least one true edge and one pair that is none."


class RankingData(NamedTuple):
    """N points of all curves, one curve after the other.

    Attributes:
        answer: (N,) whose curve it is.
        threshold: (N,) the least score that is drawn.
        drawn: (N,) pairs drawn.
        recall: (N,)
        precision: (N,)
        false_alarms: (N,) share of the pairs without an edge that are drawn.
        edge_share: Edges among all pairs: the precision of guessing.
    """

    answer: tuple[str, ...]
    threshold: Floats
    drawn: NDArray[np.int64]
    recall: Floats
    precision: Floats
    false_alarms: Floats
    edge_share: float


class Mark(NamedTuple):
    """Where an answer stands at its threshold; NaN where nothing is drawn."""

    threshold: float
    recall: float
    precision: float
    false_alarms: float


def ranking_data(steps: Mapping[str, Steps]) -> RankingData:
    """Strings the curves together, the first answer first; long ones are thinned."""
    kept = {name: _thinned(len(of.threshold)) for name, of in steps.items()}
    some = next(iter(steps.values()))

    def joined(field: str) -> Floats:
        return np.concatenate([np.asarray(getattr(of, field), float)[kept[name]] for name, of in steps.items()])

    return RankingData(
        tuple(name for name in steps for _ in kept[name]),
        joined("threshold"),
        joined("drawn").astype(np.int64),
        joined("recall"),
        joined("precision"),
        joined("false_alarms"),
        some.edges / some.pairs if some.pairs else float("nan"),
    )


def mark_of(steps: Steps, threshold: float) -> Mark:
    """Where an answer stands that draws all scores from the threshold on."""
    passed = int((steps.threshold >= threshold).sum())
    if not passed:
        return Mark(threshold, 0.0 if steps.edges else float("nan"), float("nan"), 0.0)
    at = passed - 1
    return Mark(threshold, float(steps.recall[at]), float(steps.precision[at]), float(steps.false_alarms[at]))


def precision_recall_figure(data: RankingData, mark: Mark) -> go.Figure:
    """Steps whose area is the average precision; the dotted line is guessing."""
    if not 0 < data.edge_share < 1:
        return empty_figure(NOTHING, HEIGHT_PX)
    figure = go.Figure()
    for name, at, line in _curves(data):
        recall, precision = data.recall[at], data.precision[at]
        figure.add_scatter(
            x=np.concatenate([[0.0], recall]), y=np.concatenate([precision[:1], precision]), mode="lines",
            name=label(name), line={**line, "shape": "vh"}, customdata=np.append(data.drawn[at][:1], data.drawn[at]),
            hovertemplate="recall %{x:.2f}, precision %{y:.2f}<br>%{customdata:,} pairs drawn",
        )  # fmt: skip
    figure.add_scatter(
        x=[0, 1], y=[data.edge_share] * 2, mode="lines", name="guessing",
        line={"color": NEUTRAL, "dash": "dot", "width": 1.5},
        hovertemplate=f"{data.edge_share:.1%} of the pairs are edges<extra></extra>",
    )  # fmt: skip
    _add_mark(figure, mark, mark.recall, mark.precision)
    return _unit_square(figure, "recall: true edges that are drawn", "precision: drawn that are true")


def roc_figure(data: RankingData, mark: Mark) -> go.Figure:
    """Recall over false alarms; the dotted diagonal is guessing."""
    if not 0 < data.edge_share < 1:
        return empty_figure(NOTHING, HEIGHT_PX)
    figure = go.Figure()
    for name, at, line in _curves(data):
        figure.add_scatter(
            x=np.concatenate([[0.0], data.false_alarms[at]]), y=np.concatenate([[0.0], data.recall[at]]),
            mode="lines", name=label(name), line=line, customdata=np.append(0, data.drawn[at]),
            hovertemplate="false alarms %{x:.3f}, recall %{y:.2f}<br>%{customdata:,} pairs drawn",
        )  # fmt: skip
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", name="guessing", line={"color": NEUTRAL, "dash": "dot", "width": 1.5},
        hoverinfo="skip",
    )  # fmt: skip
    _add_mark(figure, mark, mark.false_alarms, mark.recall)
    return _unit_square(figure, "false alarms: other pairs that are drawn", "recall: true edges that are drawn")


def _curves(data: RankingData) -> Iterator[tuple[str, NDArray[np.intp], dict[str, object]]]:
    """Name, points and line of each curve, ours last; those of a single point are no curves."""
    names = list(dict.fromkeys(data.answer))
    answer = np.array(data.answer, dtype=object)
    for place in (*range(1, len(names)), 0):  # ours is drawn over the others
        at = np.flatnonzero(answer == names[place])
        if len(at) > 1 or place == 0:
            line = {"color": CATEGORIES[place], "width": 1.8} if place else {"color": RAISES, "width": 3.5}
            yield names[place], at, line


def _add_mark(figure: go.Figure, mark: Mark, x: float, y: float) -> None:
    if np.isfinite(x) and np.isfinite(y):
        figure.add_scatter(
            x=[x], y=[y], mode="markers", name=f"at {mark.threshold:.2f}", cliponaxis=False,
            marker={"size": 14, "color": RAISES, "line": {"width": 2.5, "color": "white"}},
            hovertemplate=(
                f"threshold {mark.threshold:.2f}<br>recall {mark.recall:.2f}, precision {mark.precision:.2f}, "
                f"false alarms {mark.false_alarms:.3f}<extra></extra>"
            ),
        )  # fmt: skip


def _unit_square(figure: go.Figure, x: str, y: str) -> go.Figure:
    dressed(figure, HEIGHT_PX, x=x, y=y)
    figure.update_layout(legend={"traceorder": "reversed"})
    figure.update_xaxes(range=[-0.02, 1.03], tickformat=".1f")
    return figure.update_yaxes(range=[-0.02, 1.05], tickformat=".1f", title={"standoff": 16})


def _thinned(steps: int) -> NDArray[np.intp]:
    """Places of at most ``MAX_STEPS`` steps, both ends among them."""
    return np.unique(np.linspace(0, steps - 1, min(steps, MAX_STEPS)).round().astype(np.intp))

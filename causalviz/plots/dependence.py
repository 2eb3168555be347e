"""How one argument's weight depends on how strong it is, over all pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from causalviz.plots.style import NEUTRAL, RAISES, dressed, empty_figure, label

if TYPE_CHECKING:
    from causalviz.explain.shapley import Importance

Floats = NDArray[np.float64]

HEIGHT_PX = 360


class DependenceData(NamedTuple):
    """E pairs.

    Attributes:
        edges: (cause, effect) of each.
        value: (E,) how strong the argument is, in the unit of its feature.
        shap: (E,) what it adds to the log-odds.
    """

    edges: tuple[tuple[str, str], ...]
    value: Floats
    shap: Floats


def dependence_data(importance: Importance, group: str) -> DependenceData:
    """Takes one argument out.

    Args:
        importance: Of all arguments.
        group: Name of its feature group.

    Raises:
        ValueError: If there is no such argument.
    """
    if not importance.edges:
        return DependenceData((), np.zeros(0), np.zeros(0))
    column = importance.groups.index(group)
    return DependenceData(importance.edges, importance.values[:, column], importance.shap[:, column])


def dependence_figure(data: DependenceData, unit: str) -> go.Figure:
    """A point per pair; ``unit`` says what is on the horizontal axis."""
    if not data.edges:
        return empty_figure("No pair of this kind was judged, so there is nothing to show.")
    figure = go.Figure(
        go.Scattergl(
            x=data.value,
            y=data.shap,
            mode="markers",
            marker={"color": RAISES, "size": 7, "opacity": 0.65},
            customdata=[(label(cause), label(effect)) for cause, effect in data.edges],
            hovertemplate="%{customdata[0]} → %{customdata[1]}<br>value %{x:.2f}, %{y:+.2f} log-odds<extra></extra>",
        )
    )
    figure.add_hline(y=0, line={"color": NEUTRAL, "width": 1})
    return dressed(figure, HEIGHT_PX, x=label(unit, 110), y="change of the log-odds")

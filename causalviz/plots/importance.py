"""Which arguments the network leans on, over all candidate pairs: the mean strength of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import plotly.graph_objects as go

from causalviz.plots.style import FRAME_PX, RAISES, dressed, empty_figure
from causalviz.plots.waterfall import BAR_PX, argument_labels

if TYPE_CHECKING:
    from causalviz.explain.shapley import Importance


class ImportanceData(NamedTuple):
    """Arguments and their mean absolute Shapley value in log-odds, the strongest first."""

    labels: tuple[str, ...]
    strength: tuple[float, ...]


def importance_data(importance: Importance) -> ImportanceData:
    """Averages the absolute Shapley values over the E pairs."""
    if not len(importance.shap):
        return ImportanceData((), ())
    strength = np.abs(importance.shap).mean(axis=0)  # (g,)
    order = np.argsort(-strength, kind="stable")
    return ImportanceData(tuple(importance.labels[k] for k in order), tuple(float(strength[k]) for k in order))


def importance_figure(data: ImportanceData) -> go.Figure:
    """Horizontal bars, the strongest on top."""
    if not data.labels:
        return empty_figure("No pair was judged, so no argument weighs anything.")
    figure = go.Figure(
        go.Bar(
            x=data.strength,
            y=argument_labels(data.labels),
            orientation="h",
            marker={"color": RAISES},
            hovertemplate="%{y}<br>moves the log-odds by %{x:.2f} on average<extra></extra>",
        )
    )
    dressed(figure, FRAME_PX + BAR_PX * len(data.labels), x="mean change, log-odds")
    return figure.update_yaxes(autorange="reversed", showgrid=False)

"""Two groups of edges side by side: what each argument adds to the log-odds on average."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import plotly.graph_objects as go

from causalviz.plots.style import FRAME_PX, LOWERS, NEUTRAL, RAISES, dressed, empty_figure, label
from causalviz.plots.waterfall import argument_labels

if TYPE_CHECKING:
    from causalviz.explain.shapley import Importance

ROW_PX = 46


class ContrastData(NamedTuple):
    """Arguments, the one that differs most first.

    Attributes:
        labels: The arguments.
        first: What each adds on average in the first group, log-odds.
        second: The same in the second group.
    """

    labels: tuple[str, ...]
    first: tuple[float, ...]
    second: tuple[float, ...]


def contrast_data(first: Importance, second: Importance) -> ContrastData:
    """Averages both groups of pairs; nothing where one of them is empty."""
    if not len(first.edges) or not len(second.edges):
        return ContrastData((), (), ())
    one, two = first.shap.mean(axis=0), second.shap.mean(axis=0)  # (g,)
    order = np.argsort(-np.abs(one - two), kind="stable")
    return ContrastData(
        tuple(first.labels[k] for k in order),
        tuple(float(one[k]) for k in order),
        tuple(float(two[k]) for k in order),
    )


def contrast_figure(data: ContrastData, names: tuple[str, str]) -> go.Figure:
    """Two bars per argument; ``names`` are the groups'."""
    if not data.labels:
        return empty_figure(f"There are no pairs in one of the two groups: {names[0]}, {names[1]}.")
    figure, labels = go.Figure(), argument_labels(data.labels)
    for name, values, colour in zip(names, (data.first, data.second), (RAISES, LOWERS), strict=True):
        figure.add_bar(
            x=values,
            y=labels,
            orientation="h",
            name=label(name, 40),
            marker={"color": colour},
            hovertemplate="%{y}<br>%{x:+.2f} log-odds on average<extra></extra>",
        )
    figure.add_vline(x=0, line={"color": NEUTRAL, "width": 1})
    dressed(figure, FRAME_PX + ROW_PX * len(labels), x="mean log-odds")
    figure.update_layout(barmode="group", bargap=0.3, margin={"t": 40})
    return figure.update_yaxes(autorange="reversed", showgrid=False)

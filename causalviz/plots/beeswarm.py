"""Every candidate pair as a point: how far each argument moved it, and how large the argument was there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from causalviz.plots.chart_table import Table
from causalviz.plots.style import (
    FRAME_PX,
    LOWERS,
    NEUTRAL,
    RAISES,
    dressed,
    empty_figure,
    label,
)
from causalviz.plots.waterfall import argument_labels

if TYPE_CHECKING:
    from causalviz.explain.shapley import Importance

Floats = NDArray[np.float64]

MAX_POINTS = 6000  # pairs x arguments; more is no clearer and slower
BINS = 48  # across the axis, in which points are spread so that they do not hide each other
ROW_PX = 40
SPREAD = 0.38  # half of the room between two rows


class BeeswarmData(NamedTuple):
    """P points; rows are ordered by mean strength.

    Attributes:
        labels: The arguments, strongest first.
        pairs: (cause, effect) per point.
        row: (P,) index into ``labels``.
        offset: (P,) sideways shift within the row, -SPREAD to SPREAD.
        shap: (P,) change of the log-odds.
        level: (P,) rank of the argument's value among all pairs, 0 to 1.
    """

    labels: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    row: NDArray[np.int64]
    offset: Floats
    shap: Floats
    level: Floats


def beeswarm_data(importance: Importance) -> BeeswarmData:
    """Lays out the points; of very many pairs, evenly spaced ones are kept."""
    E, g = np.shape(importance.shap) if len(importance.shap) else (0, 0)
    if not E:
        nothing = np.zeros(0)
        return BeeswarmData((), (), nothing.astype(np.int64), nothing, nothing, nothing)
    kept = np.linspace(0, E - 1, min(E, max(1, MAX_POINTS // g))).astype(np.int64)
    shap, values = np.asarray(importance.shap, float), np.asarray(importance.values, float)
    order = np.argsort(-np.abs(shap).mean(axis=0), kind="stable")
    level = values.argsort(axis=0).argsort(axis=0) / max(1, E - 1)  # (E, g) ranks
    shown = shap[np.ix_(kept, order)]  # (P / g, g)
    return BeeswarmData(
        tuple(importance.labels[k] for k in order),
        tuple(importance.edges[k] for k in kept for _ in range(g)),
        np.tile(np.arange(g), len(kept)),
        np.column_stack([_spread(shown[:, k]) for k in range(g)]).ravel(),
        shown.ravel(),
        level[np.ix_(kept, order)].ravel(),
    )


def beeswarm_table(data: BeeswarmData) -> Table:
    """A row for each dot."""
    return {
        "cause": [cause for cause, _ in data.pairs],
        "effect": [effect for _, effect in data.pairs],
        "argument": [data.labels[row] for row in data.row.tolist()],
        "log_odds": data.shap.tolist(),
        "rank_of_value": data.level.tolist(),
    }


def beeswarm_figure(data: BeeswarmData) -> go.Figure:
    """Points in rows, coloured from low (orange) to high (blue) values of the argument."""
    if not data.labels:
        return empty_figure("No pair was judged, so there is nothing to show.")
    names = argument_labels(data.labels)
    figure = go.Figure(
        go.Scattergl(
            x=data.shap,
            y=data.row + data.offset,
            mode="markers",
            marker={
                "size": 6,
                "opacity": 0.75,
                "color": data.level,
                "colorscale": [[0, LOWERS], [0.5, NEUTRAL], [1, RAISES]],
                "colorbar": {
                    "title": {"text": "value", "side": "right"},
                    "tickvals": [0.02, 0.98],
                    "ticktext": ["low", "high"],
                    "thickness": 10,
                    "outlinewidth": 0,
                    "len": 0.8,
                },
            },
            customdata=[(label(cause), label(effect)) for cause, effect in data.pairs],
            hovertemplate="%{customdata[0]} → %{customdata[1]}<br>%{x:+.2f} log-odds<extra></extra>",
        )
    )
    figure.add_vline(x=0, line={"color": NEUTRAL, "width": 1})
    dressed(figure, FRAME_PX + ROW_PX * len(names), x="change of the log-odds")
    return figure.update_yaxes(
        tickvals=list(range(len(names))), ticktext=names, range=[len(names) - 0.5, -0.5], showgrid=False
    )


def _spread(values: Floats) -> Floats:
    """Offsets that fan out the points which fall into the same bin, wider where there are more."""
    low, high = float(values.min()), float(values.max())
    bins = np.minimum(((values - low) / max(high - low, 1e-12) * BINS).astype(np.int64), BINS - 1)
    fullest = np.bincount(bins).max()
    offsets = np.zeros(len(values))
    for bin_ in np.unique(bins):
        members = np.flatnonzero(bins == bin_)
        side = (np.arange(len(members)) + 1) // 2 * np.where(np.arange(len(members)) % 2, 1.0, -1.0)
        offsets[members] = side * 2 * SPREAD / max(fullest, 8)
    return offsets

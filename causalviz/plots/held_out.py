"""Recommenders on held-out events: each method's score with its 90 % interval."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd
import plotly.graph_objects as go

from causalviz.plots.style import FRAME_PX, NEUTRAL, RAISES, ROW_PX, dressed, empty_figure, label


class HeldOutData(NamedTuple):
    """Methods from the best to the worst; ``ours`` is the row of the causal rates, -1 where they are not there."""

    methods: tuple[str, ...]
    scores: tuple[float, ...]
    lows: tuple[float, ...]
    highs: tuple[float, ...]
    ours: int


def held_out_data(table: pd.DataFrame, ours: str, measure: str = "ndcg") -> HeldOutData:
    """Reads a comparison's table.

    Args:
        table: Columns method and the measure, with _low and _high.
        ours: The method that stands out.
        measure: Which.
    """
    ranked = table.sort_values(measure, ascending=False, kind="stable")
    methods = [str(name) for name in ranked["method"]]
    return HeldOutData(
        tuple(methods),
        tuple(float(x) for x in ranked[measure]),
        tuple(float(x) for x in ranked[f"{measure}_low"]),
        tuple(float(x) for x in ranked[f"{measure}_high"]),
        methods.index(ours) if ours in methods else -1,
    )


def held_out_figure(data: HeldOutData, x: str) -> go.Figure:
    """Dots with intervals; ``x`` is the title of the axis."""
    if not data.methods:
        return empty_figure("No method was compared yet.")
    rows = list(zip(data.scores, data.lows, data.highs, strict=True))
    figure = go.Figure(
        go.Scatter(
            x=list(data.scores),
            y=[label(name) for name in data.methods],
            mode="markers",
            marker={"size": 12, "color": [RAISES if row == data.ours else NEUTRAL for row in range(len(rows))]},
            error_x={
                "array": [high - score for score, _, high in rows],
                "arrayminus": [score - low for score, low, _ in rows],
                "color": NEUTRAL,
                "thickness": 1.5,
            },
            text=[f"{score:.3f}, 90 %: {low:.3f} to {high:.3f}" for score, low, high in rows],
            hovertemplate="%{y}: %{text}<extra></extra>",
        )
    )
    dressed(figure, FRAME_PX + (ROW_PX + 8) * len(rows), x=x)
    figure.update_yaxes(autorange="reversed")
    return figure.update_xaxes(rangemode="tozero")

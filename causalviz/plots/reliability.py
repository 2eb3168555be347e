"""Whether probabilities mean what they say: frequency over probability, with the number of pairs below."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from causalviz.plots.style import NEUTRAL, RAISES, dressed, empty_figure

if TYPE_CHECKING:
    from causalviz.evaluate.reliability import Reliability

HEIGHT_PX = 400


def reliability_figure(data: Reliability) -> go.Figure:
    """Dots with 90 % intervals against the diagonal, and bars of the pairs in each bin, on a logarithmic scale."""
    if not len(data.pairs):
        return empty_figure("The truth speaks of no pair, so no probability can be checked.", HEIGHT_PX)
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.72, 0.28], vertical_spacing=0.06)
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", name="as it should be", hoverinfo="skip",
        line={"color": NEUTRAL, "dash": "dot", "width": 1.5}, row=1, col=1,
    )  # fmt: skip
    words = [
        f"probability {low:.1f} to {high:.1f}: {mean:.3f} on average<br>{share:.1%} of {pairs:,} pairs are edges, "
        f"90 %: {least:.1%} to {most:.1%}"
        for low, high, mean, share, pairs, least, most in zip(
            data.low, data.high, data.probability, data.share, data.pairs, data.share_low, data.share_high, strict=True
        )
    ]
    figure.add_scatter(
        x=data.probability, y=data.share, mode="markers", name="found, with 90 % interval", text=words,
        marker={"size": 11, "color": RAISES}, hovertemplate="%{text}<extra></extra>", cliponaxis=False,
        error_y={
            "type": "data", "symmetric": False, "color": RAISES, "thickness": 1.8, "width": 4,
            "array": data.share_high - data.share, "arrayminus": data.share - data.share_low,
        },
        row=1, col=1,
    )  # fmt: skip
    figure.add_bar(
        x=(data.low + data.high) / 2, y=data.pairs, width=(data.high - data.low) * 0.9, marker={"color": NEUTRAL},
        text=[f"{pairs:,}" for pairs in data.pairs], textposition="outside", cliponaxis=False, showlegend=False,
        hovertext=words, hovertemplate="%{hovertext}<extra></extra>", row=2, col=1,
    )  # fmt: skip
    dressed(figure, HEIGHT_PX)
    figure.update_xaxes(range=[-0.02, 1.02], tickformat=".1f")
    figure.update_xaxes(title={"text": "probability that was given"}, row=2, col=1)
    figure.update_yaxes(title={"text": "share that are edges"}, range=[-0.03, 1.05], tickformat=".0%", row=1, col=1)
    top = float(np.log10(max(data.pairs.max(), 1))) + 0.55
    return figure.update_yaxes(title={"text": "pairs"}, type="log", range=[-0.3, top], dtick=1, row=2, col=1)

"""How many edges are drawn in the log and in logs without causes, side by side."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from causalviz.plots.style import FRAME_PX, LOWERS, RAISES, ROW_PX, dressed, empty_figure


class NullData(NamedTuple):
    """The log itself first, then the shuffled ones."""

    log: tuple[str, ...]
    edges: tuple[int, ...]


def null_data(drawn: int, shuffled: NDArray[np.int64]) -> NullData:
    """Puts the counts of drawn edges together.

    Args:
        drawn: In the log itself.
        shuffled: (R,) in the shuffled logs.
    """
    return NullData(
        ("this log", *(f"shuffled {number}" for number in range(1, len(shuffled) + 1))),
        (drawn, *(int(count) for count in shuffled)),
    )


def null_figure(data: NullData) -> go.Figure:
    """A bar per log."""
    if len(data.log) < 2:
        return empty_figure("No shuffled log was answered yet.")
    figure = go.Figure(
        go.Bar(
            x=data.edges,
            y=data.log,
            orientation="h",
            marker={"color": [RAISES, *[LOWERS] * (len(data.log) - 1)]},
            text=[f"{count:,}" for count in data.edges],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:,} edges drawn<extra></extra>",
        )
    )
    dressed(figure, FRAME_PX + ROW_PX * len(data.log), x="edges drawn")
    figure.update_xaxes(range=[0, 1.12 * max(1, *data.edges)], rangemode="tozero", tickformat=",d")
    return figure.update_yaxes(autorange="reversed", showgrid=False)

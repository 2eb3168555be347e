"""Which edges a new model sees differently: probability before and after, the largest changes first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from causalviz.plots.style import FRAME_PX, LOWERS, NEUTRAL, RAISES, ROW_PX, dressed, empty_figure, label

MAX_ROWS = 12
LEAST = 0.005  # a smaller change is none
NAME_CHARS = 18


class ChangesData(NamedTuple):
    """Edges and their probabilities, the largest change first."""

    edges: tuple[tuple[str, str], ...]
    before: tuple[float, ...]
    after: tuple[float, ...]


def changes_data(
    names: Sequence[str], before: NDArray[np.float64], after: NDArray[np.float64], rows: int = MAX_ROWS
) -> ChangesData:
    """Picks the largest changes.

    Args:
        names: The K behaviours.
        before: (K, K) probabilities [cause, effect]; NaN is left out.
        after: (K, K) of the other model.
        rows: How many to keep.
    """
    change = np.nan_to_num(np.abs(after - before), nan=0.0)  # (K, K)
    order = np.argsort(-change, axis=None, kind="stable")[:rows]
    cause, effect = np.unravel_index(order[change.flat[order] >= LEAST], change.shape)
    return ChangesData(
        tuple((names[i], names[j]) for i, j in zip(cause, effect, strict=True)),
        tuple(float(p) for p in before[cause, effect]),
        tuple(float(p) for p in after[cause, effect]),
    )


def changes_figure(data: ChangesData, sides: tuple[str, str] = ("before", "after")) -> go.Figure:
    """A line per edge from a hollow mark to a full one: blue rose, orange fell.

    Args:
        data: What is drawn.
        sides: What the two marks are called.
    """
    first, second = (label(side, NAME_CHARS) for side in sides)
    if not data.edges:
        return empty_figure("No edge differs by half a percent or more.")
    rows = list(range(len(data.edges)))
    colours = [RAISES if after >= before else LOWERS for before, after in zip(data.before, data.after, strict=True)]
    figure = go.Figure()
    for row, before, after, colour in zip(rows, data.before, data.after, colours, strict=True):
        figure.add_shape(
            type="line", x0=before, x1=after, y0=row, y1=row, line={"color": colour, "width": 3}, opacity=0.5
        )
    figure.add_scatter(
        x=data.before,
        y=rows,
        mode="markers",
        name=first,
        marker={"symbol": "circle-open", "size": 11, "color": NEUTRAL, "line": {"width": 2}},
        hovertemplate=f"{first}: %{{x:.3f}}<extra></extra>",
    )
    figure.add_scatter(
        x=data.after,
        y=rows,
        mode="markers",
        name=f"{second} (blue rose, orange fell)" if sides[1] == "after" else f"{second} (blue higher, orange lower)",
        marker={"size": 12, "color": colours},
        hovertemplate=f"{second}: %{{x:.3f}}<extra></extra>",
    )
    texts = [f"{label(cause, NAME_CHARS)} → {label(effect, NAME_CHARS)}" for cause, effect in data.edges]
    dressed(figure, FRAME_PX + ROW_PX * len(rows), x="probability")
    figure.update_xaxes(range=[-0.03, 1.03])
    return figure.update_yaxes(tickvals=rows, ticktext=texts, range=[len(rows) - 0.4, -0.6], showgrid=False)

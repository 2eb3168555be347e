"""Two numbers for each pair, one over the other: its probability and how often it returned, or its two halves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from causalviz.plots.style import LOWERS, NEUTRAL, RAISES, dressed, empty_figure, label

MAX_PAIRS = 1000
FAINT = 0.02  # pairs for which both numbers are smaller are not drawn
HEIGHT_PX = 380


class AgreementData(NamedTuple):
    """Pairs and their two numbers in [0, 1], the largest first."""

    edges: tuple[tuple[str, str], ...]
    first: tuple[float, ...]
    second: tuple[float, ...]


class Titles(NamedTuple):
    """What the numbers are, and what it means to have only one of them."""

    first: str
    second: str
    both: str
    one: str


def agreement_data(names: Sequence[str], first: NDArray[np.floating], second: NDArray[np.floating]) -> AgreementData:
    """Picks the pairs that have something to show.

    Args:
        names: The K behaviours.
        first: (K, K) in [0, 1], [cause, effect]; NaN counts as 0.
        second: (K, K).
    """
    one, other = np.nan_to_num(first), np.nan_to_num(second)
    size = np.where(np.eye(len(names), dtype=bool), 0.0, np.maximum(one, other))
    order = np.argsort(-size, axis=None, kind="stable")[:MAX_PAIRS]
    cause, effect = np.unravel_index(order[size.flat[order] >= FAINT], size.shape)
    return AgreementData(
        tuple((names[i], names[j]) for i, j in zip(cause, effect, strict=True)),
        tuple(float(x) for x in one[cause, effect]),
        tuple(float(x) for x in other[cause, effect]),
    )


def agreement_figure(data: AgreementData, titles: Titles, cuts: tuple[float, float]) -> go.Figure:
    """A dot per pair; blue where both numbers pass their cut, orange where one does.

    Args:
        data: The pairs.
        titles: Of the axes and the colours.
        cuts: From where on the first and the second number count.
    """
    if not data.edges:
        return empty_figure("No pair has a probability to speak of.", HEIGHT_PX)
    figure = go.Figure()
    passed = np.array([[a >= cuts[0], b >= cuts[1]] for a, b in zip(data.first, data.second, strict=True)])
    kinds = (
        (passed.all(axis=1), titles.both, RAISES, "circle"),
        (passed.sum(axis=1) == 1, titles.one, LOWERS, "diamond"),
        (~passed.any(axis=1), "neither", NEUTRAL, "circle-open"),
    )
    for where, name, colour, symbol in kinds:
        at = np.flatnonzero(where)
        if len(at):
            figure.add_scatter(
                x=[data.first[k] for k in at], y=[data.second[k] for k in at], mode="markers", name=name,
                text=[f"{label(data.edges[k][0])} → {label(data.edges[k][1])}" for k in at], cliponaxis=False,
                marker={"color": colour, "size": 10, "opacity": 0.75, "symbol": symbol},
                hovertemplate=f"%{{text}}<br>{titles.first}: %{{x:.3f}}<br>{titles.second}: %{{y:.3f}}<extra></extra>",
            )  # fmt: skip
    for cut, line in zip(cuts, (figure.add_vline, figure.add_hline), strict=True):
        line(cut, line={"color": NEUTRAL, "dash": "dot", "width": 1.5})
    dressed(figure, HEIGHT_PX, x=titles.first, y=titles.second)
    figure.update_xaxes(range=[-0.03, 1.03], tickformat=".1f")
    return figure.update_yaxes(range=[-0.03, 1.03], tickformat=".1f", title={"standoff": 16})

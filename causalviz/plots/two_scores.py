"""Two ways of scoring the same pairs: where they agree, where they do not, and which pairs are true edges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from causalviz.plots.style import LOWERS, NEUTRAL, RAISES, dressed, empty_figure, label

TRUE, FALSE, UNKNOWN = "true edge", "no edge", "not known"
LOOKS = {UNKNOWN: (NEUTRAL, "circle"), FALSE: (LOWERS, "circle-open"), TRUE: (RAISES, "diamond")}
HEIGHT_PX = 420


class TwoScoresData(NamedTuple):
    """One entry per ordered pair that both have scored."""

    edges: tuple[tuple[str, str], ...]
    ours: tuple[float, ...]
    theirs: tuple[float, ...]
    truth: tuple[str, ...]


def two_scores_data(
    names: Sequence[str],
    ours: NDArray[np.float64],
    theirs: NDArray[np.float64],
    truth: NDArray[np.bool_] | None = None,
    known: NDArray[np.bool_] | None = None,
) -> TwoScoresData:
    """Picks the pairs that have both scores.

    Args:
        names: The K behaviours.
        ours: (K, K) [cause, effect]; NaN is left out.
        theirs: (K, K).
        truth: (K, K) true edges; None where there is no truth.
        known: (K, K) where the truth speaks; None for everywhere.
    """
    both = np.isfinite(ours) & np.isfinite(theirs) & ~np.eye(len(names), dtype=bool)
    cause, effect = both.nonzero()
    speaks = np.zeros_like(both) if truth is None else np.ones_like(both) if known is None else known
    is_edge = np.zeros_like(both) if truth is None else truth
    return TwoScoresData(
        tuple((names[int(i)], names[int(j)]) for i, j in zip(cause, effect, strict=True)),
        tuple(float(p) for p in ours[both]),
        tuple(float(s) for s in theirs[both]),
        tuple(
            UNKNOWN if not told else TRUE if exists else FALSE
            for told, exists in zip(speaks[both], is_edge[both], strict=True)
        ),
    )


def two_scores_figure(data: TwoScoresData, x: str, y: str) -> go.Figure:
    """A mark per pair; shapes tell true edges apart, so that colour need not.

    Args:
        data: What is drawn.
        x: Title of our axis.
        y: Title of the other one.
    """
    if not data.edges:
        return empty_figure("No pair has both scores.", HEIGHT_PX)
    figure = go.Figure()
    for kind, (colour, symbol) in LOOKS.items():
        here = [place for place, told in enumerate(data.truth) if told == kind]
        if here:
            figure.add_scatter(
                x=[data.ours[place] for place in here],
                y=[data.theirs[place] for place in here],
                text=[f"{label(data.edges[place][0])} → {label(data.edges[place][1])}" for place in here],
                name=kind,
                showlegend=True,
                mode="markers",
                marker={"color": colour, "symbol": symbol, "size": 9, "opacity": 0.8},
                hovertemplate=f"%{{text}}<br>{kind}<br>%{{x:.3f}} and %{{y:.3f}}<extra></extra>",
            )
    dressed(figure, HEIGHT_PX, x=x, y=y)
    return figure.update_xaxes(range=[-0.03, 1.03])

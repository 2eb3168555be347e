"""The confusion table: which pairs were drawn, which are edges."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from causalviz.plots.style import DEEP_ORANGE, LOWERS, RAISES, dressed, empty_figure

EDGE, NO_EDGE = "an edge", "no edge"
DRAWN, LEFT_OUT = "drawn", "not drawn"
WORDS = ("right: found", "wrong: missed", "wrong: false alarm", "right: left out")


class ConfusionData(NamedTuple):
    """Four cells: what the truth says, what the answer does, and how many pairs."""

    truth: tuple[str, str, str, str]
    answer: tuple[str, str, str, str]
    pairs: tuple[int, int, int, int]


def confusion_data(drawn: NDArray[np.bool_], label: NDArray[np.bool_]) -> ConfusionData:
    """Counts (n,) drawn pairs against (n,) true edges."""
    counts = [int((drawn_is & label_is).sum()) for label_is in (label, ~label) for drawn_is in (drawn, ~drawn)]
    return ConfusionData(
        (EDGE, EDGE, NO_EDGE, NO_EDGE),
        (DRAWN, LEFT_OUT, DRAWN, LEFT_OUT),
        (counts[0], counts[1], counts[2], counts[3]),
    )


def confusion_figure(data: ConfusionData) -> go.Figure:
    """Four fields: blue is right, orange is wrong, full for what holds most of its row."""
    if not sum(data.pairs):
        return empty_figure("The truth speaks of no pair, so nothing can be right or wrong.", 260)
    figure = go.Figure()
    rows, columns = (EDGE, NO_EDGE), (DRAWN, LEFT_OUT)
    for truth, answer, pairs, words in zip(data.truth, data.answer, data.pairs, WORDS, strict=True):
        row = sum(n for other, n in zip(data.truth, data.pairs, strict=True) if other == truth)
        x, y, right, full = columns.index(answer), rows.index(truth), words.startswith("right"), 2 * pairs > row
        under_words = RAISES if right else DEEP_ORANGE
        figure.add_shape(
            type="rect", x0=x - 0.48, x1=x + 0.48, y0=y - 0.46, y1=y + 0.46, line={"width": 0}, layer="below",
            fillcolor=under_words if full else RAISES if right else LOWERS, opacity=1.0 if full else 0.14,
        )  # fmt: skip
        figure.add_annotation(
            x=x, y=y, text=f"<b>{pairs:,}</b><br><span style='font-size:12px'>{words}</span>", showarrow=False,
            font={"size": 24, **({"color": "white"} if full else {})},  # elsewhere the theme's own
            hovertext=f"{pairs:,} pairs are {truth} and were {answer}",
        )  # fmt: skip
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="markers", marker={"opacity": 0}, hoverinfo="skip", showlegend=False)
    dressed(figure, 260)
    figure.update_xaxes(tickvals=[0, 1], ticktext=columns, range=[-0.5, 1.5], side="top", showgrid=False)
    return figure.update_yaxes(tickvals=[0, 1], ticktext=rows, range=[1.5, -0.5], showgrid=False)

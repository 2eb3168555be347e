"""How the arguments add up to one edge's probability, from average evidence to this pair's own.

Shapley values add up on the log-odds, so the axis is linear in log-odds and labelled in probabilities.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import plotly.graph_objects as go

from causalviz.model.calibration import sigmoid
from causalviz.plots.style import (
    FRAME_PX,
    LOWERS,
    NEUTRAL,
    RAISES,
    dressed,
    empty_figure,
    label,
    unique_labels,
)

if TYPE_CHECKING:
    from causalviz.explain.shapley import EdgeExplanation

TICKS = (0.5, 0.1, 0.9, 0.01, 0.99, 0.001, 0.999, 0.25, 0.75, 0.03, 0.97, 0.003, 0.997)  # the most telling first
TICK_GAP = 0.17  # of the axis, between two ticks, so that their texts do not meet
LABEL_CHARS = 44
LINE_CHARS = 26  # of a label; a longer one is broken into lines
BAR_PX, LINE_PX = 34, 18  # height of one bar's row, and of a line of text


class WaterfallData(NamedTuple):
    """Steps in log-odds, the strongest argument first.

    Attributes:
        labels: What argues.
        sentences: What it says about this pair.
        start: Log-odds before it.
        step: What it adds.
        base: Log-odds if the pair's own evidence were average.
        total: Log-odds of this pair.
    """

    labels: tuple[str, ...]
    sentences: tuple[str, ...]
    start: tuple[float, ...]
    step: tuple[float, ...]
    base: float
    total: float


def waterfall_data(explanation: EdgeExplanation) -> WaterfallData:
    """Orders the arguments by strength and stacks them onto the base."""
    parts = sorted(explanation.parts, key=lambda part: -abs(part.shap))
    starts, at = [], explanation.base_logit
    for part in parts:
        starts.append(at)
        at += part.shap
    return WaterfallData(
        tuple(part.label for part in parts),
        tuple(part.sentence for part in parts),
        tuple(starts),
        tuple(part.shap for part in parts),
        explanation.base_logit,
        explanation.logit,
    )


def waterfall_figure(data: WaterfallData) -> go.Figure:
    """Bars that begin where the one above ends: blue raises the probability, orange lowers it."""
    if not data.step:
        return empty_figure("The network did not judge this pair, so there is nothing to take apart.")
    names = argument_labels(data.labels)
    ends = [data.base, *(start + step for start, step in zip(data.start, data.step, strict=True))]
    margin = 0.18 * (max(ends) - min(ends)) + 0.2
    figure = go.Figure(
        go.Bar(
            x=data.step,
            y=names,
            base=data.start,
            orientation="h",
            marker={"color": [RAISES if step >= 0 else LOWERS for step in data.step]},
            text=[log_odds_text(step) for step in data.step],
            textposition="outside",
            cliponaxis=False,
            customdata=[label(sentence, 200) for sentence in data.sentences],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    for at, name, line in ((data.base, "average evidence", 0), (data.total, "this pair", 1)):
        figure.add_vline(x=at, line={"color": NEUTRAL, "dash": "dot", "width": 1.5}, layer="below")
        figure.add_annotation(
            x=at,
            y=1,
            yref="paper",
            yanchor="bottom",
            yshift=LINE_PX * line,
            text=f"{name} {chance_text(at)}",
            showarrow=False,
            font={"color": NEUTRAL},
        )
    dressed(figure, FRAME_PX + 2 * LINE_PX + BAR_PX * len(names), x="probability (spaced by log-odds)")
    figure.update_layout(margin={"t": 24 + 2 * LINE_PX})
    low, high = min(ends) - margin, max(ends) + margin
    ticks = _ticks(low, high)
    figure.update_xaxes(
        range=[low, high],
        tickvals=[math.log(p / (1 - p)) for p in ticks],
        ticktext=[f"{100 * p:g} %" for p in ticks],
        tickangle=0,
    )
    return figure.update_yaxes(autorange="reversed", showgrid=False)


def log_odds_text(value: float) -> str:
    """A change of the log-odds with its sign: "+1.32", "−0.40", "0.00"."""
    text = f"{value:+.2f}".replace("-", "−")
    return "0.00" if text in {"+0.00", "−0.00"} else text


def argument_labels(labels: Sequence[str]) -> list[str]:
    """Distinct labels for an axis, broken into lines between words."""
    wrapped = (textwrap.wrap(text, LINE_CHARS, break_long_words=False) for text in unique_labels(labels, LABEL_CHARS))
    return ["<br>".join(lines) for lines in wrapped]


def _ticks(low: float, high: float) -> list[float]:
    """Round probabilities between two log-odds, far enough apart."""
    kept: dict[float, float] = {}
    for p in TICKS:
        at = math.log(p / (1 - p))
        if low <= at <= high and all(abs(at - other) >= TICK_GAP * (high - low) for other in kept.values()):
            kept[p] = at
    return sorted(kept)


def chance_text(logit: float) -> str:
    """Log-odds as a probability in percent: "85 %", one decimal below 10 and above 90, "> 99.9 %"."""
    percent = float(100 * sigmoid(np.asarray(logit)))
    if not 0.1 <= percent <= 99.9:
        return "< 0.1 %" if percent < 1 else "> 99.9 %"
    return f"{percent:.1f} %" if percent < 10 or percent > 90 else f"{percent:.0f} %"

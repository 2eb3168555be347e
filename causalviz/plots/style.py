"""What all figures share: colours, harmless and short labels, axes of time, the empty figure.

The palette is told apart by people with any common colour blindness and reads on white and on near-black; the
backgrounds are transparent, so one figure serves both themes.
"""

from __future__ import annotations

import html
import math
from collections.abc import Sequence

import plotly.graph_objects as go

from causalviz.plots.network import duration_text

RAISES, LOWERS, NEUTRAL = "#2f73c0", "#d9822b", "#8a94a0"
DARK_ORANGE = "#c46c1c"  # for words: it reads on white and on near-black
DEEP_ORANGE = "#a35510"  # for what lies under white words
CATEGORIES = ("#2f73c0", "#d9822b", "#2b9c86", "#96304a", "#6a4fe0", "#c0b060", "#704820", "#e08fb8")
GRID = "rgba(138, 148, 160, 0.22)"
BAND = "rgba(138, 148, 160, 0.28)"
CLEAR = "rgba(0, 0, 0, 0)"
LABEL_CHARS = 26  # a longer name is cut in labels; hovering shows it whole
ROW_PX, FRAME_PX = 28, 88  # height of one row in charts of rows, and of what stands around them

_TIME_TICKS_S = (
    0.001, 0.01, 0.1, 1.0, 10.0, 60.0, 600.0, 3_600.0, 21_600.0, 86_400.0, 604_800.0, 2_592_000.0, 31_536_000.0
)  # fmt: skip
_TIME_TICK_TEXTS = (
    "1 ms", "10 ms", "0.1 s", "1 s", "10 s", "1 min", "10 min", "1 h", "6 h", "1 d", "7 d", "30 d", "1 y"
)  # fmt: skip


def label(name: str, chars: int = LABEL_CHARS) -> str:
    """A name for Plotly, which reads some HTML: cut to ``chars`` and escaped, on one line."""
    line = " ".join(name.split())
    short = line if len(line) <= chars else line[: chars - 1].rstrip() + "…"
    return html.escape(short, quote=False)


def unique_labels(names: Sequence[str], chars: int = LABEL_CHARS) -> list[str]:
    """Labels of distinct names that stay distinct when cut: what is equal gets a number."""
    seen: dict[str, int] = {}
    labels = []
    for name in names:
        text = label(name, chars)
        seen[text] = seen.get(text, 0) + 1
        labels.append(text if seen[text] == 1 else f"{text} ({seen[text]})")
    return labels


def dressed(figure: go.Figure, height_px: int, *, x: str = "", y: str = "") -> go.Figure:
    """The common look: transparent ground, thin grid, room for labels, axis titles with units; names stay names."""
    figure.update_layout(
        height=height_px,
        margin={"l": 8, "r": 8, "t": 24, "b": 8},
        paper_bgcolor=CLEAR,
        plot_bgcolor=CLEAR,
        font={"size": 13},
        colorway=CATEGORIES,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "title": {"text": ""}},
        hoverlabel={"align": "left"},
        bargap=0.24,
    )
    figure.update_xaxes(
        title={"text": x, "standoff": 8}, gridcolor=GRID, zeroline=False, automargin=True, fixedrange=True
    )
    figure.update_yaxes(
        title={"text": y, "standoff": 8}, gridcolor=GRID, zeroline=False, automargin=True, fixedrange=True
    )
    return _with_names(figure)


def _with_names(figure: go.Figure) -> go.Figure:
    """Each name along an axis has its place: "7" or "2024-05" would else be read as a number or a date."""
    for trace in figure.data:
        for axis in ("x", "y"):
            if axis in trace and trace[axis] is not None and any(isinstance(value, str) for value in trace[axis][:1]):
                number = str(trace[f"{axis}axis"] or axis).removeprefix(axis)
                figure.update_layout({f"{axis}axis{number}": {"type": "category"}})
    return figure


def empty_figure(sentence: str, height_px: int = 200) -> go.Figure:
    """A figure without data that says why."""
    figure = go.Figure()
    figure.add_annotation(
        text=html.escape(sentence, quote=False),
        showarrow=False,
        x=0.5,
        y=0.5,
        xref="paper",
        yref="paper",
        font={"size": 14, "color": NEUTRAL},
    )
    dressed(figure, height_px)
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    return figure


def time_ticks(low_s: float, high_s: float) -> tuple[list[float], list[str]]:
    """Ticks for a logarithmic axis of durations: round times between the ends, both ends where none lies there.

    Args:
        low_s: Left end, seconds, above 0.
        high_s: Right end, seconds.

    Returns:
        Positions, s, and their texts.
    """
    ticks = [(s, text) for s, text in zip(_TIME_TICKS_S, _TIME_TICK_TEXTS, strict=True) if low_s <= s <= high_s]
    if len(ticks) < 2:
        ticks = [(s, duration_text(s)) for s in (low_s, math.sqrt(low_s * high_s), high_s)]
    return [s for s, _ in ticks], [text for _, text in ticks]

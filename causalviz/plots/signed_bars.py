"""Named changes of the log-odds as bars to both sides: single features of an argument, or other edges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import plotly.graph_objects as go

from causalviz.plots.style import FRAME_PX, LOWERS, NEUTRAL, RAISES, dressed, empty_figure, label
from causalviz.plots.waterfall import argument_labels, log_odds_text

MOST_BARS = 10
BAR_PX = 30
REST = "all others"


class SignedBarsData(NamedTuple):
    """Bars, the strongest first.

    Attributes:
        labels: What changes the log-odds.
        step: By how much.
        notes: What hovering says besides.
    """

    labels: tuple[str, ...]
    step: tuple[float, ...]
    notes: tuple[str, ...]


def signed_bars_data(
    labels: Sequence[str], steps: Sequence[float], notes: Sequence[str] = (), *, add_up: bool = True
) -> SignedBarsData:
    """Orders the bars by strength and cuts what is left after ``MOST_BARS``.

    Args:
        labels: Names.
        steps: Changes of the log-odds.
        notes: A clause each, or none at all.
        add_up: Whether changes may be summed, so that the weakest become one bar; else they are left out.
    """
    notes = notes or [""] * len(labels)
    rows = sorted(zip(labels, steps, notes, strict=True), key=lambda row: -abs(row[1]))
    shown = rows[:MOST_BARS]
    if add_up and len(rows) > MOST_BARS:
        shown = rows[: MOST_BARS - 1]
        left = rows[MOST_BARS - 1 :]
        shown.append((f"{REST} ({len(left)})", sum(step for _, step, _ in left), ""))
    names, changes, said = tuple(zip(*shown, strict=True)) if shown else ((), (), ())
    return SignedBarsData(names, changes, said)


def signed_bars_figure(data: SignedBarsData, nothing: str) -> go.Figure:
    """Horizontal bars from 0: blue raises the probability, orange lowers it.

    Args:
        data: The bars.
        nothing: What to say where there are none.
    """
    if not data.labels:
        return empty_figure(nothing, 120)
    figure = go.Figure(
        go.Bar(
            x=data.step,
            y=argument_labels(data.labels),
            orientation="h",
            marker={"color": [RAISES if step >= 0 else LOWERS for step in data.step]},
            text=[log_odds_text(step) for step in data.step],
            textposition="outside",
            cliponaxis=False,
            customdata=[
                (label(name, 160), label(note, 160)) for name, note in zip(data.labels, data.notes, strict=True)
            ],
            hovertemplate="%{customdata[0]}<br>%{x:+.2f} log-odds<br>%{customdata[1]}<extra></extra>",
        )
    )
    figure.add_vline(x=0, line={"color": NEUTRAL, "width": 1})
    low, high = min(0.0, *data.step), max(0.0, *data.step)
    room = 0.22 * max(high - low, 0.1)
    dressed(figure, FRAME_PX + BAR_PX * len(data.labels), x="change of the log-odds")
    figure.update_xaxes(range=[low - room * (low < 0), high + room * (high > 0)])
    return figure.update_yaxes(autorange="reversed", showgrid=False)

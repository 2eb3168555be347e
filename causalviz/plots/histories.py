"""Real users' histories around one pair: where the effect followed the cause, and where it did not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import plotly.graph_objects as go

from causalviz.plots.chart_table import Table
from causalviz.plots.network import duration_text
from causalviz.plots.style import FRAME_PX, LOWERS, NEUTRAL, RAISES, dressed, empty_figure, label

if TYPE_CHECKING:
    from causalviz.explain.evidence import Example

ROW_PX = 56
NAME_CHARS = 14
NAME_ROOM = 0.18  # of the axis, that a name takes
UNITS = ((172_800.0, 86_400.0, "days"), (7_200.0, 3_600.0, "hours"), (120.0, 60.0, "minutes"))


class HistoriesData(NamedTuple):
    """One row per history; marks are flat lists.

    Attributes:
        users: Names, one per row.
        row: Of each mark.
        name: Behaviour of each mark.
        at_s: Seconds from the row's cause event.
        role: "cause", "effect" or "other".
    """

    users: tuple[str, ...]
    row: tuple[int, ...]
    name: tuple[str, ...]
    at_s: tuple[float, ...]
    role: tuple[str, ...]


def histories_data(examples: Sequence[Example], cause: str, effect: str) -> HistoriesData:
    """Flattens the examples; the caller has picked those that speak for, or against, the edge."""
    marks = [
        (row, name, float(at), "cause" if name == cause else "effect" if name == effect else "other")
        for row, example in enumerate(examples)
        for name, at in example.events
    ]
    row, name, at, role = tuple(zip(*marks, strict=True)) if marks else ((), (), (), ())
    return HistoriesData(tuple(example.user for example in examples), row, name, at, role)


def histories_table(data: HistoriesData) -> Table:
    """A row for each event."""
    return {
        "user": [data.users[row] for row in data.row],
        "behaviour": data.name,
        "seconds_from_cause": data.at_s,
        "role": data.role,
    }


def histories_figure(data: HistoriesData) -> go.Figure:
    """A line per user, with a mark per event; 0 is the cause."""
    if not data.row:
        return empty_figure("No history of this kind.", 120)
    reach = max(abs(at) for at in data.at_s)
    size, unit = next(((size, unit) for above, size, unit in UNITS if reach >= above), (1.0, "seconds"))
    sides = _sides(data)
    figure = go.Figure()
    for role, colour, symbol, px in (
        ("other", NEUTRAL, "circle", 8),
        ("cause", RAISES, "circle", 14),
        ("effect", LOWERS, "diamond", 15),
    ):
        marks = [k for k, kind in enumerate(data.role) if kind == role]
        figure.add_scatter(
            x=[data.at_s[k] / size for k in marks],
            y=[data.row[k] for k in marks],
            mode="markers+text" if role == "other" else "markers",
            marker={"color": colour, "symbol": symbol, "size": px},
            name=role if role == "other" or not marks else f"{label(data.name[marks[0]])} ({role})",
            showlegend=bool(marks),
            text=[label(data.name[k], NAME_CHARS) if sides[k] else "" for k in marks],
            textposition=[f"{sides[k] or 'top'} center" for k in marks],
            textfont={"size": 11, "color": NEUTRAL},
            customdata=[
                (label(data.name[k], 80), duration_text(abs(data.at_s[k])), _side(data.at_s[k])) for k in marks
            ],
            hovertemplate="%{customdata[0]}, %{customdata[1]} %{customdata[2]}<extra></extra>",
        )
    dressed(figure, FRAME_PX + ROW_PX * len(data.users), x=f"{unit} from the cause")
    figure.update_yaxes(
        tickvals=list(range(len(data.users))),
        ticktext=[label(user, 16) for user in data.users],
        range=[len(data.users) - 0.5, -0.6],
        title={"text": "user"},
    )
    return figure.update_xaxes(zeroline=True, zerolinecolor=NEUTRAL)


def _sides(data: HistoriesData) -> list[str]:
    """Where the name of each mark has room, "top" or "bottom" or "" for nowhere."""
    room = NAME_ROOM * (max(data.at_s) - min(data.at_s))
    last: dict[tuple[int, str], float] = {}
    sides = []
    for row, role, at in zip(data.row, data.role, data.at_s, strict=True):
        free = (side for side in ("top", "bottom") if at - last.get((row, side), -math.inf) >= room)
        side = next(free, "") if role == "other" else ""
        if side:
            last[row, side] = at
        sides.append(side)
    return sides


def _side(at_s: float) -> str:
    return "before the cause" if at_s < 0 else "after the cause"

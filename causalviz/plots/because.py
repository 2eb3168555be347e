"""Because: what a user did, and through which edges it makes what likely now, as paths from left to right."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import plotly.graph_objects as go

from causalviz.plots.chart_table import Table
from causalviz.plots.network import duration_text
from causalviz.plots.style import LOWERS, NEUTRAL, RAISES, dressed, empty_figure, label
from causalviz.recommend.reasons import Prediction

THICKEST_PX, THINNEST_PX = 9.0, 1.5
ROW_HEIGHT_PX = 52
WHOLE = 100.0  # factors from here on are told as whole numbers
MANY = math.log(8)  # a factor from which on a path has its full width


class Path(NamedTuple):
    """One line from a past behaviour to a predicted one; rows count from the top.

    Attributes:
        past: Row of the past behaviour.
        next: Row of the predicted one.
        factor: By which it multiplies the rate.
        hover: What it says.
        unsure: Whether it runs over a pair that is too unsure to be drawn in the graph; it is dotted then.
    """

    past: int
    next: int
    factor: float
    hover: str
    unsure: bool = False


class BecauseData(NamedTuple):
    """The two columns and the paths between them.

    Attributes:
        past: (name, how long ago in words), the latest first.
        next: (name, chance), the most likely first.
        paths: Only of behaviours that happened within reach.
    """

    past: tuple[tuple[str, str], ...]
    next: tuple[tuple[str, float], ...]
    paths: tuple[Path, ...]


def because_data(predictions: Sequence[Prediction]) -> BecauseData:
    """Gathers the reasons that are past events; habits have no place in time and are left to the table.

    A behaviour's own last time counts by the clock and in events; both are one path, with the product of their factors.
    """
    ago: dict[str, float] = {}
    factors: dict[tuple[str, int], float] = {}
    unsure: dict[tuple[str, int], bool] = {}
    for row, found in enumerate(predictions):
        for why in found.reasons:
            if why.kind in ("edge", "unsure", "itself", "recency"):
                ago[why.cause] = why.ago_s
                factors[why.cause, row] = factors.get((why.cause, row), 1.0) * why.factor
                unsure[why.cause, row] = why.kind == "unsure"
    past = sorted(ago, key=lambda name: (ago[name], name))
    paths = [
        Path(
            past.index(cause),
            row,
            factor,
            _said(cause, predictions[row].behaviour, factor, ago[cause], unsure=unsure[cause, row]),
            unsure[cause, row],
        )
        for (cause, row), factor in factors.items()
    ]
    return BecauseData(
        tuple((name, ago_text(ago[name])) for name in past),
        tuple((found.behaviour, found.chance) for found in predictions),
        tuple(paths),
    )


def because_table(data: BecauseData) -> Table:
    """A row for each path, and one for each behaviour that no path leads to."""
    rows: list[tuple[str, str, float, str, float]] = [
        (*data.past[path.past], path.factor, *data.next[path.next]) for path in data.paths
    ]
    reached = {path.next for path in data.paths}
    rows += [("", "", math.nan, *found) for row, found in enumerate(data.next) if row not in reached]
    titles = ("because_of", "when", "rate_factor", "next", "chance")
    return {title: [row[place] for row in rows] for place, title in enumerate(titles)}


def because_figure(data: BecauseData) -> go.Figure:
    """Paths from what happened to what is likely; blue makes it likelier, orange less likely, thicker is more.

    Dotted ones run over pairs that are too unsure to be drawn in the graph.
    """
    if not data.next:
        return empty_figure("There is nothing to predict.")
    if not data.paths:
        return empty_figure("No cause of these behaviours happened lately: what is usual for this user decides.", 120)
    rows = max(len(data.past), len(data.next))
    figure = go.Figure()
    for path in sorted(data.paths, key=lambda one: abs(math.log(one.factor))):
        x, y = _curve(_y(path.past, len(data.past)), _y(path.next, len(data.next)))
        strength = min(1.0, abs(math.log(path.factor)) / MANY)
        colour = RAISES if path.factor >= 1 else LOWERS
        figure.add_scatter(
            x=x, y=y, mode="lines", showlegend=False, text=[path.hover] * len(x),
            hovertemplate="%{text}<extra></extra>",
            line={
                "width": THINNEST_PX + strength * (THICKEST_PX - THINNEST_PX), "color": colour,
                "dash": "dot" if path.unsure else "solid",
            },
            opacity=0.35 + 0.6 * strength,
        )  # fmt: skip
    _column(figure, 0.0, [f"<b>{label(name)}</b><br>{when}" for name, when in data.past], "right")
    _column(figure, 1.0, [f"<b>{label(name)}</b><br>{chance:.0%}" for name, chance in data.next], "left")
    for factor, colour, name in ((2.0, RAISES, "makes it likelier"), (0.5, LOWERS, "makes it less likely")):
        if any((path.factor >= 1) == (factor >= 1) for path in data.paths):
            figure.add_scatter(x=[None], y=[None], mode="lines", line={"width": 5, "color": colour}, name=name)
    if any(path.unsure for path in data.paths):
        line = {"width": 3, "color": NEUTRAL, "dash": "dot"}
        figure.add_scatter(x=[None], y=[None], mode="lines", line=line, name="too unsure to be drawn in the graph")
    dressed(figure, 60 + ROW_HEIGHT_PX * rows)
    figure.update_xaxes(visible=False, range=[-0.55, 1.55])
    return figure.update_yaxes(visible=False, range=[-0.06, 1.06])


def ago_text(seconds: float) -> str:
    """How long ago, in words."""
    if math.isinf(seconds):
        return "never so far"
    return "just now" if seconds <= 0 else f"{duration_text(seconds)} ago"


def factor_text(factor: float) -> str:
    """A factor in words: "× 4.2", "× 130"."""
    return f"× {factor:.2g}" if factor < WHOLE else f"× {factor:,.0f}"


def _said(cause: str, effect: str, factor: float, ago_s: float, *, unsure: bool) -> str:
    if cause == effect:
        return f"{label(cause)} itself, {ago_text(ago_s)}<br>rate {factor_text(factor)}"
    doubt = "<br>too unsure to be drawn in the graph" * unsure
    return f"{label(cause)} → {label(effect)}<br>{ago_text(ago_s)}, rate {factor_text(factor)}{doubt}"


def _y(row: int, rows: int) -> float:
    """Rows from top to bottom; a short column stands in the middle."""
    return 0.5 if rows == 1 else 1.0 - row / (rows - 1)


def _curve(start: float, end: float) -> tuple[list[float], list[float]]:
    """An S from (0, start) to (1, end)."""
    x = [step / 24 for step in range(25)]
    return x, [start + (end - start) * (3 * t**2 - 2 * t**3) for t in x]


def _column(figure: go.Figure, x: float, texts: list[str], side: str) -> None:
    rows = len(texts)
    figure.add_scatter(
        x=[x] * rows, y=[_y(row, rows) for row in range(rows)], mode="markers", showlegend=False, hoverinfo="skip",
        marker={"size": 11, "color": NEUTRAL},
    )  # fmt: skip
    for row, text in enumerate(texts):
        figure.add_annotation(
            x=x, y=_y(row, rows), text=text, showarrow=False, xanchor=side, align=side,
            xshift=-12 if side == "right" else 12,
        )  # fmt: skip

"""Levers: what leads to a goal, and what follows when one behaviour is changed, as bars with their intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import plotly.graph_objects as go

from causalviz.plots.chart_table import Table
from causalviz.plots.style import FRAME_PX, LOWERS, NEUTRAL, RAISES, ROW_PX, dressed, empty_figure, label, unique_labels
from causalviz.recommend.promotion import Change, Promotion

MOST_BARS = 12
UNSURE = " (too unsure to be drawn)"  # of a way


class LeversData(NamedTuple):
    """Bars from top to bottom.

    Attributes:
        labels: Distinct short names.
        values: Their lengths.
        lows: Lower ends of the 90 % intervals; NaN for none.
        highs: Upper ends.
        hovers: What each says.
    """

    labels: tuple[str, ...]
    values: tuple[float, ...]
    lows: tuple[float, ...]
    highs: tuple[float, ...]
    hovers: tuple[str, ...]


def promotion_data(promotions: Sequence[Promotion], goal: str, bars: int = MOST_BARS) -> LeversData:
    """Extra goals per 1000 users, the strongest levers in either direction."""
    kept = sorted(promotions, key=lambda one: -abs(one.total))[:bars]
    kept.sort(key=lambda one: -one.total)
    return LeversData(
        tuple(unique_labels([one.behaviour for one in kept])),
        tuple(one.extra[0] for one in kept),
        tuple(one.extra[1] for one in kept),
        tuple(one.extra[2] for one in kept),
        tuple(_promoted(one, goal) for one in kept),
    )


def change_data(changes: Sequence[Change], bars: int = MOST_BARS) -> LeversData:
    """Changes in percent of what happened: the largest numbers of events, in order of their percentage."""
    kept = sorted(changes[:bars], key=lambda one: -one.share)
    scale = [100 / max(one.events, 1) for one in kept]
    return LeversData(
        tuple(unique_labels([one.behaviour for one in kept])),
        tuple(one.change * by for one, by in zip(kept, scale, strict=True)),
        tuple(one.low * by for one, by in zip(kept, scale, strict=True)),
        tuple(one.high * by for one, by in zip(kept, scale, strict=True)),
        tuple(_changed(one) for one in kept),
    )


def promotion_table(promotions: Sequence[Promotion]) -> Table:
    """All levers: extra goals per 1000 users with the ends of their 90 % intervals, and the strongest way."""
    extra = {name: [one.extra[part] for one in promotions] for part, name in enumerate(("extra", "low", "high"))}
    return {
        "behaviour": [one.behaviour for one in promotions],
        **{f"{name}_per_1000_users": values for name, values in extra.items()},
        "strongest_way": [" > ".join(one.path) for one in promotions],
        "way_is_drawn": [not one.doubtful for one in promotions],
    }


def change_table(changes: Sequence[Change]) -> Table:
    """All changes: events more or less, with the ends of their 90 % intervals."""
    fields = ("behaviour", "events", "change", "low", "high")
    return {field: [getattr(one, field) for one in changes] for field in fields}


def levers_figure(data: LeversData, *, x: str, empty: str) -> go.Figure:
    """Bars, blue to the right and orange to the left.

    Args:
        data: The bars.
        x: Title of the axis, with its unit.
        empty: What to say where there is no bar.
    """
    if not data.labels:
        return empty_figure(empty)
    values = list(data.values)
    known = [math.isfinite(low) and math.isfinite(high) for low, high in zip(data.lows, data.highs, strict=True)]
    up = [max(0.0, high - value) if k else 0.0 for value, high, k in zip(values, data.highs, known, strict=True)]
    down = [max(0.0, value - low) if k else 0.0 for value, low, k in zip(values, data.lows, known, strict=True)]
    figure = go.Figure(
        go.Bar(
            x=values,
            y=list(data.labels),
            orientation="h",
            marker={"color": [RAISES if value >= 0 else LOWERS for value in values]},
            error_x={"array": up, "arrayminus": down, "color": NEUTRAL, "thickness": 1.5, "width": 4},
            text=list(data.hovers),
            textposition="none",
            hovertemplate="%{text}<extra></extra>",
        )
    )
    dressed(figure, FRAME_PX + (ROW_PX + 4) * len(values), x=x)
    figure.update_yaxes(autorange="reversed")
    return figure.update_xaxes(zeroline=True, zerolinecolor=NEUTRAL)


def _promoted(one: Promotion, goal: str) -> str:
    extra, low, high = one.extra
    way = " → ".join(label(name) for name in one.path) + UNSURE * one.doubtful
    reach = f"{one.reach:.0%} of the users did it"
    return f"{extra:+.0f} {label(goal)} per 1000 users (90 %: {low:+.0f} to {high:+.0f})<br>{way}<br>{reach}"


def _changed(one: Change) -> str:
    return (
        f"{one.change:+,.0f} of {one.events:,} {label(one.behaviour)}, {100 * one.share:+.0f} %"
        f"<br>90 %: {one.low:+,.0f} to {one.high:+,.0f}"
    )

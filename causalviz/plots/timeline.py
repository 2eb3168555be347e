"""Events over time: how many fell into each interval of the log."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from causalviz.events.log import TICKS_PER_S, EventLog
from causalviz.plots.style import RAISES, dressed, empty_figure

MAX_BINS = 120
DATED_FROM_S = 315_532_800  # 1980: smaller numbers are a clock of the log's own, not dates
WIDTHS_S = (1, 5, 15, 60, 300, 900, 3_600, 10_800, 21_600, 86_400, 604_800, 2_592_000, 31_536_000)
WIDTH_TEXTS = ("s", "5 s", "15 s", "min", "5 min", "15 min", "hour", "3 hours", "6 hours", "day", "week",
               "30 days", "year")  # fmt: skip
UNITS = ((172_800, 86_400, "days"), (7_200, 3_600, "hours"), (120, 60, "minutes"), (0, 1, "seconds"))


class TimelineData(NamedTuple):
    """N intervals.

    Attributes:
        start_s: (N,) where each begins, seconds since 1970, or since the log's first interval if not ``dated``.
        events: (N,) events in it.
        width_s: Its length, seconds.
        dated: Whether the log's clock shows dates.
    """

    start_s: NDArray[np.float64]
    events: NDArray[np.int64]
    width_s: float
    dated: bool


def timeline_data(log: EventLog) -> TimelineData:
    """Counts events in round intervals, at most ``MAX_BINS`` of them where a round length allows it."""
    seconds = log.time // TICKS_PER_S
    low, high = int(seconds.min()), int(seconds.max())
    width = next((w for w in WIDTHS_S if (high - low) / w < MAX_BINS), WIDTHS_S[-1])
    first = low // width
    events = np.bincount(seconds // width - first)
    dated = low >= DATED_FROM_S
    start = (first + np.arange(len(events), dtype=np.float64)) * width
    return TimelineData(start if dated else start - start[0], events, float(width), dated)


def timeline_figure(data: TimelineData) -> go.Figure:
    """Bars, one per interval."""
    if not len(data.events):
        return empty_figure("No events to show over time.")
    width_text = WIDTH_TEXTS[WIDTHS_S.index(int(data.width_s))]
    if data.dated:
        x = (data.start_s * 1000).astype("datetime64[ms]")
        width, axis, when = data.width_s * 1000, "time (UTC)", "%{x|%d %b %Y %H:%M}"
    else:
        size, unit = next((size, unit) for above, size, unit in UNITS if data.start_s[-1] >= above)
        x, width, axis, when = (
            data.start_s / size,
            data.width_s / size,
            f"{unit} since the first event",
            "%{x}",
        )
    figure = go.Figure(
        go.Bar(
            x=x,
            y=data.events,
            width=width,
            offset=0,
            marker={"color": RAISES, "line": {"width": 0}},
            hovertemplate=f"{when}<br>%{{y:,}} events<extra></extra>",
        )
    )
    return dressed(figure, 240, x=axis, y=f"events per {width_text}")

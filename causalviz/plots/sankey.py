"""What directly follows what: consecutive events of one user. It shows order, not causes.

A diagram of flows cannot hold circles, so each behaviour stands twice: left as what came first, right as the next.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go

from causalviz.events.log import EventLog
from causalviz.plots.chart_table import Table
from causalviz.plots.style import CATEGORIES, NEUTRAL, dressed, empty_figure, label

MAX_BEHAVIOURS = 12
MAX_FLOWS = 48


class SankeyData(NamedTuple):
    """The largest flows.

    Attributes:
        names: Behaviours that take part, most frequent first.
        first: Index into ``names`` of what came first, per flow.
        then: Index of what came next, per flow.
        times: How often, per flow.
        share: Share of all direct follows that is shown, 0 to 1.
    """

    names: tuple[str, ...]
    first: tuple[int, ...]
    then: tuple[int, ...]
    times: tuple[int, ...]
    share: float


def sankey_data(log: EventLog, behaviours: int = MAX_BEHAVIOURS, flows: int = MAX_FLOWS) -> SankeyData:
    """Counts pairs of consecutive events of one user at different times.

    Args:
        log: The log.
        behaviours: Keep flows among this many most frequent behaviours.
        flows: Keep this many of them.
    """
    K = log.n_behaviours
    follows = (np.diff(log.user) == 0) & (np.diff(log.time) > 0)  # (M - 1,)
    pair = log.behaviour[:-1].astype(np.int64) * K + log.behaviour[1:]
    counts = np.bincount(pair[follows], minlength=K * K).reshape(K, K)
    order = np.argsort(-np.bincount(log.behaviour, minlength=K), kind="stable")[:behaviours]
    among = counts[np.ix_(order, order)]
    largest = np.argsort(-among, axis=None, kind="stable")[:flows]
    largest = largest[among.flat[largest] > 0]
    first, then = np.unravel_index(largest, among.shape)
    times = among.flat[largest]
    return SankeyData(
        tuple(log.names[k] for k in order),
        tuple(int(k) for k in first),
        tuple(int(k) for k in then),
        tuple(int(n) for n in times),
        float(times.sum() / max(1, counts.sum())),
    )


def sankey_table(data: SankeyData) -> Table:
    """A row for each flow."""
    return {
        "first": [data.names[k] for k in data.first],
        "then": [data.names[k] for k in data.then],
        "times": data.times,
    }


def sankey_figure(data: SankeyData) -> go.Figure:
    """Flows from left to right."""
    if not data.times:
        return empty_figure("No event directly follows another at a later time.")
    K = len(data.names)
    colours = [CATEGORIES[k % len(CATEGORIES)] for k in range(K)]
    names = [label(name, 20) for name in data.names]
    figure = go.Figure(
        go.Sankey(
            arrangement="snap",
            node={
                "label": names + names,
                "color": colours + colours,
                "pad": 12,
                "thickness": 14,
                "line": {"width": 0},
                "hovertemplate": "%{label}: %{value:,}<extra></extra>",
            },
            link={
                "source": data.first,
                "target": [K + k for k in data.then],
                "value": data.times,
                "color": [_faded(colours[k]) for k in data.first],
                "hovertemplate": "%{target.label} directly follows %{source.label} %{value:,} times<extra></extra>",
            },
        )
    )
    for x, text, side in ((0, "an event", "left"), (1, "the next event of the same user", "right")):
        figure.add_annotation(
            x=x,
            y=1.06,
            xref="paper",
            yref="paper",
            xanchor=side,
            text=text,
            showarrow=False,
            font={"color": NEUTRAL},
        )
    dressed(figure, max(320, 40 * K))
    return figure.update_layout(margin={"t": 40, "b": 16})


def _faded(colour: str) -> str:
    red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, 0.32)"

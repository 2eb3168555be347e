"""How often each behaviour happened, and to how many users."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go

from causalviz.events.log import EventLog
from causalviz.plots.style import FRAME_PX, RAISES, ROW_PX, dressed, empty_figure, label, unique_labels

MAX_ROWS = 24


class BehavioursData(NamedTuple):
    """The most frequent behaviours, most frequent first; ``left_out`` more are not shown."""

    names: tuple[str, ...]
    events: tuple[int, ...]
    users: tuple[int, ...]
    left_out: int


def behaviours_data(log: EventLog, rows: int = MAX_ROWS) -> BehavioursData:
    """Counts events and users of each behaviour.

    Args:
        log: The log.
        rows: Behaviours to keep.
    """
    K = log.n_behaviours
    events = np.bincount(log.behaviour, minlength=K)  # (K,)
    pairs = np.unique(log.user.astype(np.int64) * K + log.behaviour)  # distinct (user, behaviour)
    users = np.bincount(pairs % K, minlength=K)  # (K,)
    order = np.argsort(-events, kind="stable")
    kept = order[:rows]
    return BehavioursData(
        tuple(log.names[k] for k in kept),
        tuple(int(events[k]) for k in kept),
        tuple(int(users[k]) for k in kept),
        K - len(kept),
    )


def behaviours_figure(data: BehavioursData) -> go.Figure:
    """Horizontal bars, the most frequent on top."""
    if not data.names:
        return empty_figure("No behaviours to count.")
    figure = go.Figure(
        go.Bar(
            x=data.events,
            y=unique_labels(data.names),
            orientation="h",
            marker={"color": RAISES},
            text=[f"{n:,}" for n in data.events],
            textposition="outside",
            cliponaxis=False,
            customdata=[(label(name, 200), n) for name, n in zip(data.names, data.users, strict=True)],
            hovertemplate="%{customdata[0]}<br>%{x:,} events by %{customdata[1]:,} users<extra></extra>",
        )
    )
    more = f" ({data.left_out} rarer behaviours not shown)" if data.left_out else ""
    dressed(figure, FRAME_PX + ROW_PX * len(data.names), x=f"events{more}")
    return figure.update_yaxes(autorange="reversed", showgrid=False).update_xaxes(range=[0, 1.28 * max(data.events)])

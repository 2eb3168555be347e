"""What is in a log: its size, what happened when, and what follows what."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from causalviz.events.log import TICKS_PER_S
from causalviz.plots.behaviours import BehavioursData, behaviours_data, behaviours_figure
from causalviz.plots.network import duration_text
from causalviz.plots.sankey import SankeyData, sankey_data, sankey_figure, sankey_table
from causalviz.plots.timeline import TimelineData, timeline_data, timeline_figure
from causalviz.ui.components.figure import show_figure

if TYPE_CHECKING:
    from causalviz.events.log import EventLog


YEAR_S = 31_556_952


class _Overview(NamedTuple):
    behaviours: BehavioursData
    timeline: TimelineData
    follows: SankeyData


def log_metrics(log: EventLog) -> None:
    """Events, users, behaviours and span, as four figures."""
    span_s = float(log.time.max() - log.time.min()) / TICKS_PER_S
    figures = (
        ("Events", f"{log.n_events:,}"),
        ("Users", f"{log.n_users:,}"),
        ("Behaviours", f"{log.n_behaviours:,}"),
        ("Span", _span_text(span_s)),
    )
    with st.container(horizontal=True, gap="large", key="log_metrics"):
        for title, value in figures:
            st.metric(title, value, width="content")


def _span_text(seconds: float) -> str:
    """A duration; years where days would be a number with an exponent."""
    years = seconds / YEAR_S
    return (
        f"{years:,.3g} years" if 2 <= years < 1000 else f"{years:,.0f} years" if years > 2 else duration_text(seconds)
    )


def log_overview(log: EventLog) -> None:
    """Counts, timeline and direct follows."""
    view = _overview(log.fingerprint, log)
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.subheader("What happened", anchor=False)
        show_figure(behaviours_figure(view.behaviours), "behaviours", "Events of each behaviour", view.behaviours)
    with right:
        st.subheader("When it happened", anchor=False)
        show_figure(timeline_figure(view.timeline), "timeline", "Events over time", view.timeline)
        st.subheader("What directly follows what", anchor=False)
        st.caption(
            "Order, not causes: busy behaviours follow each other by chance alone. "
            f"The flows drawn are {view.follows.share:.0%} of all direct follows."
        )
        alt = "Which behaviour directly follows which"
        show_figure(sankey_figure(view.follows), "sankey", alt, sankey_table(view.follows))


@st.cache_resource(max_entries=6, show_spinner=False)
def _overview(fingerprint: str, _log: EventLog) -> _Overview:
    del fingerprint  # the key
    return _Overview(behaviours_data(_log), timeline_data(_log), sankey_data(_log))

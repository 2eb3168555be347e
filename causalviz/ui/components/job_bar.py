"""How far a job is, with the buttons that steer it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from causalviz.ui.jobs import State

if TYPE_CHECKING:
    from causalviz.ui.jobs import Job, Wish


def job_bar(job: Job[Any, Any], share: float, text: str, key: str) -> Wish | None:
    """Draws a job that is not over; returns what the visitor wants of it.

    Args:
        job: As it stands.
        share: Of the work that is done, 0..1.
        text: What is done now, and how long the rest takes.
        key: Of the buttons: ``pause_KEY`` and so on.
    """
    wish: Wish | None = None
    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}_bar"):
        st.progress(share, f"Paused. {text}" if job.state is State.PAUSED else text)
        if job.state is State.RUNNING and st.button("Pause", icon=":material/pause:", key=f"pause_{key}"):
            wish = "pause"
        if job.state is State.PAUSED and st.button(
            "Resume", icon=":material/play_arrow:", type="primary", key=f"resume_{key}"
        ):
            wish = "resume"
        if st.button("Cancel", icon=":material/stop_circle:", key=f"cancel_{key}"):
            wish = "cancel"
    return wish

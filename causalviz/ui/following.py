"""Waiting for a job where the page stands, with its progress."""

from __future__ import annotations

import time
from typing import TypeVar

import streamlit as st

from causalviz.errors import CausalVizError
from causalviz.ui.jobs import JobRegistry, State

Result = TypeVar("Result")
Stage = tuple[str, int, int]  # what is being done, stages done, stages in all

POLL_S = 0.1


def follow(registry: JobRegistry[Stage, Result], job_id: str, label: str) -> Result:
    """Waits for a job, showing its progress where the page stands.

    Args:
        registry: Whose job it is.
        job_id: Which.
        label: Shown before the first step.

    Returns:
        Its result.

    Raises:
        CausalVizError: If it failed or was cancelled.
    """
    job = registry.get(job_id)
    if not job.state.is_final:
        place, told = st.empty(), None
        while not job.state.is_final:
            stage, done, total = step = job.steps[-1] if job.steps else ("starting", 0, 1)
            if step != told:
                place.progress(min(1.0, done / max(total, 1)), f"{label}: {stage} ({done} of {total})")
                told = step
            time.sleep(POLL_S)
            job = registry.get(job_id)
        place.empty()
    if job.state != State.DONE or job.result is None:
        raise CausalVizError(job.error or "The work was cancelled; start it again.")
    return job.result

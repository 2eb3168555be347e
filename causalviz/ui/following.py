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
WORTH_SAYING_S = 2.0  # a shorter wait is over before it is read


class Pace:
    """How fast steps are done, from the first one seen of as many."""

    def __init__(self) -> None:
        self._first: tuple[int, float] | None = None
        self._total = -1

    def left_s(self, done: int, total: int, now: float) -> float:
        """Seconds that the steps which are left take at this pace, whole ones; 0 where none tells it yet.

        Args:
            done: Steps.
            total: Of so many; another number begins anew.
            now: Seconds of a clock.
        """
        if self._first is None or total != self._total or done < self._first[0]:
            self._first, self._total = (done, now), total
        steps, seconds = done - self._first[0], now - self._first[1]
        return float(round(seconds / steps * (total - done))) if steps > 0 else 0.0


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
        from causalviz.plots.network import duration_text  # a second of imports, which a page without waiting spares

        place, told, pace = st.empty(), None, Pace()
        while not job.state.is_final:
            stage, done, total = step = job.steps[-1] if job.steps else ("starting", 0, 1)
            if step != told:
                left = pace.left_s(done, total, time.monotonic())
                more = f", about {duration_text(left)} left" if left >= WORTH_SAYING_S else ""
                place.progress(min(1.0, done / max(total, 1)), f"{label}: {stage} ({done} of {total}{more})")
                told = step
            time.sleep(POLL_S)
            job = registry.get(job_id)
        place.empty()
    if job.state != State.DONE or job.result is None:
        raise CausalVizError(job.error or "The work was cancelled; start it again.")
    return job.result

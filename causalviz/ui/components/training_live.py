"""While a training runs: where it stands, its numbers, its curves, and how it may end without a result."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import streamlit as st

from causalviz.plots.network import duration_text
from causalviz.plots.training import TrainingData, auroc_figure, calibration_figure, loss_figure, training_data
from causalviz.ui.components.figure import show_figure
from causalviz.ui.components.job_bar import job_bar
from causalviz.ui.components.text import plain
from causalviz.ui.jobs import State

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from causalviz.model.adapt_progress import AdaptStep
    from causalviz.model.adapted import Adaptation
    from causalviz.ui.jobs import Job, Wish


CURVES = (  # title, key, words
    ("Loss", "loss_curve", "Training and held-out loss by epoch, in nats per pair"),
    ("Ranking of true edges", "auroc_curve", "AUROC on held-out worlds by epoch"),
    ("Calibration", "ece_curve", "Calibration error on held-out worlds by epoch"),
)
UNKNOWN = "–"
SHARE = {"worlds": (0.0, 0.8), "training": (0.8, 0.1), "checking": (0.9, 0.1)}  # of the bar: its begin, its length


def training_progress(job: Job[AdaptStep, Adaptation], memory_mb: float | None) -> Wish | None:
    """Draws stage, time left and curves of an unfinished job; returns what the visitor wants of it.

    Args:
        job: As it stands.
        memory_mb: Of the server; None where it is not known.
    """
    wish = job_bar(job, *_progress(job), "training")
    with st.container(horizontal=True, gap="medium", key="training_numbers"):
        for title, value, meaning in _numbers(job, memory_mb):
            st.metric(title, value, help=meaning)
    training_curves(job.steps)
    return wish


def training_curves(steps: tuple[AdaptStep, ...]) -> None:
    """Loss, AUROC and calibration error by epoch."""
    data = training_data(steps)
    for column, (title, key, alt), figure in zip(st.columns(3, gap="medium"), CURVES, _figures(data), strict=True):
        with column:
            st.subheader(title, anchor=False)
            show_figure(figure, key, alt, data)


@lru_cache(maxsize=4)
def _figures(data: TrainingData) -> tuple[go.Figure, go.Figure, go.Figure]:
    """The curves; between two epochs the page asks for the same ones every other second."""
    return loss_figure(data), auroc_figure(data), calibration_figure(data)


def training_end(job: Job[AdaptStep, Adaptation] | None) -> bool:
    """One sentence on a training that brought nothing; returns True once it was read.

    Args:
        job: Cancelled or failed, or None if its server has ended since.
    """
    if job is None:
        st.warning(
            "This training is no longer in the server, which was restarted or was told in another tab to forget it; "
            "nothing was changed, start a new one.",
            icon=":material/history_toggle_off:",
        )
    elif job.state == State.FAILED:
        st.error(f"{plain(job.error)} The network from before still judges your log.", icon=":material/error:")
    else:
        st.info(
            f"The training was cancelled after {duration_text(max(1.0, job.seconds))}; nothing was changed.",
            icon=":material/stop_circle:",
        )
    read = st.button("Back to the start", icon=":material/arrow_back:", type="primary", key="dismiss_training")
    if job is not None and any(step.stage == "training" for step in job.steps):
        training_curves(job.steps)
    return read


def _numbers(job: Job[AdaptStep, Adaptation], memory_mb: float | None) -> list[tuple[str, str, str]]:
    """Title, value and meaning of what is known so far; a dash for what is not."""
    latest = {step.stage: step for step in job.steps}
    worlds, epochs = latest.get("worlds"), latest.get("training")
    left = job.steps[-1].seconds_left if job.steps else None
    return [
        ("Worlds simulated", f"{worlds.done} of {worlds.total}" if worlds else UNKNOWN, "Those kept aside come first."),
        ("Epochs trained", f"{epochs.done} of {epochs.total}" if epochs else UNKNOWN, "Passes over what is learned."),
        ("Ranking (AUROC)", _three_places(epochs and epochs.auroc), "On held-out worlds; 1 is perfect."),
        ("Calibration error", _three_places(epochs and epochs.ece), "On held-out worlds; 0 is perfect."),
        ("Time left", UNKNOWN if left is None else duration_text(max(1.0, round(left))), "About; pauses left aside."),
        (
            "Server's memory", UNKNOWN if memory_mb is None else f"{memory_mb:,.0f} MB",
            "What the whole server takes now, all its visitors' logs included.",
        ),
    ]  # fmt: skip


def _three_places(value: float | None) -> str:
    return UNKNOWN if value is None or not math.isfinite(value) else f"{value:.3f}"


def _progress(job: Job[AdaptStep, Adaptation]) -> tuple[float, str]:
    step = job.steps[-1] if job.steps else None
    if step is None:
        return 0.0, "Waiting for another training to end" if job.state is State.WAITING else "Starting, some seconds"
    begin, length = SHARE[step.stage]
    share = begin + length * step.done / max(1, step.total)
    stage = {
        "worlds": f"Simulating worlds like your log: {step.done} of {step.total}",
        "training": f"Training: epoch {step.done} of {step.total}",
        "checking": f"Checking on what was left out: epoch {step.done} of {step.total}",
    }[step.stage]
    if job.state is State.PAUSED:
        return share, stage
    if job.state is State.WAITING:
        return share, f"Waiting for another training to end. {stage}"
    return share, f"{stage}; running for {duration_text(max(1.0, round(job.seconds)))}"

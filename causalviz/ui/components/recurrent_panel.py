"""A recurrent network to compare with: what it is, its button, its progress, and both networks side by side."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import streamlit as st

from causalviz.plots.network import duration_text
from causalviz.plots.two_scores import two_scores_data, two_scores_figure
from causalviz.ui.components.figure import show_figure
from causalviz.ui.components.job_bar import job_bar
from causalviz.ui.components.score_table import UNDEFINED
from causalviz.ui.components.text import plain
from causalviz.ui.components.truth_choice import TITLES
from causalviz.ui.jobs import State

if TYPE_CHECKING:
    from causalviz.model.recurrent import RecurrentConfig, RecurrentScores, RecurrentStep
    from causalviz.ui.jobs import Job, Wish
    from causalviz.ui.recurring import Contrast

WHAT = (
    "A GRU reads histories event by event and learns to foretell the next behaviour and the gap before it. A pair's "
    "score is how much the effect's foretold rate changes when the cause's events are deleted from the history. It "
    "learns from this log alone and judges nothing here: its scores rank pairs, and are no probabilities."
)
OURS, THEIRS = "Graph network", "Recurrent network"


def recurrent_offer(*, again: bool) -> RecurrentConfig | None:
    """Draws settings and button; returns the settings once it is pressed."""
    from causalviz.model.recurrent import RecurrentConfig

    usual = RecurrentConfig()
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(
            "Train it again" if again else "Train a recurrent network", icon=":material/timeline:",
            key="train_recurrent",
        )  # fmt: skip
        with st.popover("Settings", icon=":material/tune:", type="tertiary", key="recurrent_settings"):
            epochs = st.slider(
                "Epochs", 1, 40, usual.epochs, key="recurrent_epochs",
                help="Passes over the histories. Stop where the held-out loss stops falling.",
            )  # fmt: skip
            hidden = st.slider(
                "Hidden width", 8, 128, usual.hidden, step=8, key="recurrent_hidden",
                help="Numbers in which it keeps a history. Wider remembers more and learns by heart sooner.",
            )  # fmt: skip
            seed = st.number_input(
                "Seed", 0, 2**31 - 1, usual.seed, key="recurrent_seed",
                help="The same seed gives the same scores; compare two to see how much chance is in them.",
            )  # fmt: skip
        st.caption("Takes about a minute.")
    return RecurrentConfig(epochs=epochs, hidden=hidden, seed=int(seed)) if pressed else None


def recurrent_progress(job: Job[RecurrentStep, RecurrentScores | None]) -> Wish | None:
    """Draws where it stands; returns what the visitor wants of it."""
    step = job.steps[-1] if job.steps else None
    share, text = 0.0, "Waiting" if job.state is State.WAITING else "Starting"
    if step is not None:
        half = 0.0 if step.stage == "training" else 0.5
        share = half + 0.5 * step.done / max(1, step.total)
        text = {"training": "Training: epoch", "deleting": "Deleting causes:"}[step.stage]
        text += f" {step.done} of {step.total}"
        if step.heldout_loss is not None:
            text += f", held-out loss {step.heldout_loss:.3f} nats per event"
        if step.seconds_left:
            text += f", about {duration_text(max(1.0, round(step.seconds_left)))} left for this"
    return job_bar(job, share, text, "recurrent")


def recurrent_end(job: Job[RecurrentStep, RecurrentScores | None]) -> None:
    """One sentence on one that brought nothing."""
    if job.state is State.FAILED:
        st.error(plain(job.error), icon=":material/error:")
    elif job.state is State.CANCELLED:
        st.info("It was cancelled; nothing was changed.", icon=":material/stop_circle:")


def recurrent_outcome(scores: RecurrentScores, found: Contrast) -> None:
    """Draws both networks side by side: a table where a truth is, and a mark for each pair."""
    gain = scores.free_loss - scores.heldout_loss
    learned = "so histories tell it something" if gain > 0 else "so it learned nothing that its scores could rest on"
    st.caption(
        f"On users that it never saw, it foretells with a loss of {scores.heldout_loss:.3f} nats per event; mere "
        f"shares of behaviours and gaps have {scores.free_loss:.3f}, {learned}."
    )
    if found.ranks:
        st.dataframe(
            rank_rows(found), hide_index=True, height="content", key="recurrent_ranks",
            alt="How well both networks rank true edges",
        )  # fmt: skip
        st.caption(
            "Only the order counts here, of pairs that both have scored; the recurrent network's pairs are ordered by "
            "the size of their score, whether it raises or lowers."
        )
    else:
        st.caption(
            "Without a truth, only their agreement can be seen: rule on edges on the Graph page, or upload a known "
            "graph."
        )
    data = two_scores_data(found.names, found.ours, found.theirs, found.truth, found.known)
    figure = two_scores_figure(data, "probability of the graph network", "score of the recurrent one (nats)")
    show_figure(figure, "two_scores", "Scores of both networks for every pair", data)


def rank_rows(found: Contrast) -> dict[str, list[str]]:
    """The table's cells by column, two rows for each truth."""
    columns: dict[str, list[str]] = {"Against": [], "Score": [], OURS: [], THEIRS: []}
    for kind, (ours, theirs) in found.ranks.items():
        for title, ours_value, theirs_value in (
            ("AUROC", ours.auroc, theirs.auroc),
            ("Average precision", ours.auprc, theirs.auprc),
        ):
            cells = (TITLES[kind], title, _places(ours_value), _places(theirs_value))
            for column, cell in zip(columns.values(), cells, strict=True):
                column.append(cell)
    return columns


def _places(value: float) -> str:
    return f"{value:.3f}" if math.isfinite(value) else UNDEFINED

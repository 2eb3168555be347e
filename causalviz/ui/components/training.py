"""The parts of the training page: its settings, its live view and its outcome."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import numpy as np
import streamlit as st

from causalviz.plots.changes import changes_data, changes_figure
from causalviz.plots.network import duration_text
from causalviz.plots.training import auroc_figure, loss_figure, training_data
from causalviz.ui.components.figure import show_figure
from causalviz.ui.components.resemblance import LOST
from causalviz.ui.components.text import plain
from causalviz.ui.jobs import State

if TYPE_CHECKING:
    from causalviz.model.adaptation import Adaptation, AdaptConfig, AdaptScores, AdaptStep
    from causalviz.model.recalibration import Recalibration, VerdictScores
    from causalviz.pipeline import Discovery
    from causalviz.ui.adapting import Judge
    from causalviz.ui.jobs import Job

THRESHOLD = 0.5
STEPS = (
    ("Simulate", ":material/casino:",
     "Worlds that resemble your log in users, counts, clock and gaps, each with a graph of its own that is known."),
    ("Learn", ":material/model_training:",
     "The network is trained a little further on them, and on your verdicts: {verdicts}."),
    ("Compare", ":material/compare_arrows:",
     "Scores on worlds that were kept aside, and the edges of your log that changed. You decide whether to keep it."),
)  # fmt: skip
TINY = 0.0005  # a change of a score that its three places do not show
SCORES: dict[str, tuple[str, str, Literal["normal", "inverse"]]] = {  # field: title, meaning, colour of a rise
    "auroc": (
        "Ranking (AUROC)",
        "How well true edges are ranked above the others; 1 is perfect, 0.5 is guessing.",
        "normal",
    ),
    "auprc": ("Average precision", "How clean the top of the ranking is; 1 is perfect.", "normal"),
    "ece": ("Calibration error", "How far probabilities are from frequencies; 0 is perfect.", "inverse"),
    "brier": ("Brier score", "Mean squared distance from probability to truth; 0 is perfect.", "inverse"),
    "loss": ("Loss", "How surprising the truth is, in nats per pair; 0 is perfect.", "inverse"),
}


def current_model_note(judge: Judge) -> bool:
    """Says which network judges the log now; returns True if the visitor wants the shipped one back."""
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="current_model"):
        if judge == "shipped":
            st.markdown(
                ":material/public: **The shipped network judges this log.** It learned from thousands of simulated "
                "worlds of every kind, and from none of yours."
            )
            return False
        if judge == "lost":
            st.markdown(f":material/warning: {LOST}")
            return st.button("Use the shipped one", icon=":material/undo:", key="use_prior")
        adapted = "A network that was adapted to this log judges it."
        mended = "The shipped network judges this log, recalibrated by your verdicts."
        st.markdown(f":material/verified: **{adapted if judge == 'adapted' else mended}**")
        return st.button("Back to the shipped one", icon=":material/undo:", key="use_prior")


def training_settings(verdicts: int, *, again: bool = False) -> AdaptConfig | None:
    """Says what adapting does, and draws its button and, folded away, its settings.

    Args:
        verdicts: How many verdicts the training would learn from.
        again: The project uses an adapted network already.

    Returns:
        The settings once the button is pressed.
    """
    from causalviz.model.adaptation import AdaptConfig

    usual = AdaptConfig()
    said = f"the **{verdicts}** on edges so far" if verdicts else "none so far; rule on edges on the Graph page"
    for column, (title, icon, text) in zip(st.columns(3, gap="medium"), STEPS, strict=True):
        with column, st.container(border=True, height="stretch", key=f"step_{title.lower()}"):
            st.markdown(f"{icon} **{title}**  \n{text.format(verdicts=said)}")
    chosen = _expert_settings(usual)
    label = "Adapt again, from the shipped network" if again else "Adapt to this log"
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(label, type="primary", icon=":material/model_training:", key="adapt")
        st.caption("Takes a few minutes. You may leave this page; the training goes on.")
    return chosen if pressed else None


def recalibration_offer(verdicts: int) -> bool:
    """Offers to mend the probabilities by verdicts alone; returns True once it is wanted.

    Args:
        verdicts: How many the network has not learned from.
    """
    from causalviz.model.recalibration import LEAST_VERDICTS

    enough = verdicts >= LEAST_VERDICTS
    with st.container(horizontal=True, vertical_alignment="center", key="recalibration"):
        label = f"Recalibrate with my {verdicts} verdicts" if enough else "Recalibrate with my verdicts"
        pressed = st.button(label, icon=":material/balance:", key="recalibrate", disabled=not enough)
        st.caption(
            "Makes all probabilities surer or less sure, as your verdicts ask for; takes a second. Rule on doubtful "
            "edges too, not only on errors: a choice that depends on the answer misleads it."
            if enough
            else f"Needs {LEAST_VERDICTS} verdicts that the network has not learned from; there are {verdicts}."
        )
    return pressed


def recalibration_kept_off(found: Recalibration) -> None:
    """Says why verdicts changed nothing."""
    st.info(f"Your probabilities stay as they are. {plain(found.reason)}", icon=":material/balance:")


def _expert_settings(usual: AdaptConfig) -> AdaptConfig:
    """The settings, folded away; the usual ones until they are changed."""
    from causalviz.model.adaptation import AdaptConfig

    with st.expander("Settings for experts", icon=":material/tune:", key="training_settings"):
        left, right = st.columns(2, gap="large")
        worlds = left.slider(
            "Matched worlds", 20, 600, usual.worlds, step=20, key="adapt_worlds",
            help="Simulated logs that resemble yours. More are steadier and take longer; a quarter is kept aside.",
        )  # fmt: skip
        epochs = left.slider(
            "Epochs", 1, 40, usual.epochs, key="adapt_epochs",
            help="Passes over the worlds. Too many learn them by heart: watch the held-out curve.",
        )  # fmt: skip
        rates = sorted({5e-5, 3e-4, 5e-4, 1e-3, 2e-3, usual.learning_rate})
        rate = left.select_slider(
            "Learning rate", rates, usual.learning_rate, format_func=lambda value: f"{value:g}", key="adapt_rate",
            help="Length of each step. Larger forgets the shipped network sooner.",
        )  # fmt: skip
        weight = right.slider(
            "Weight of verdicts", 0.0, 5.0, usual.verdict_weight, step=0.5, key="adapt_weight",
            help="At 1, one of your verdicts counts as much as 30 simulated pairs; at 0 they are ignored.",
        )  # fmt: skip
        seed = right.number_input(
            "Seed", 0, 2**31 - 1, usual.seed, key="adapt_seed", help="The same seed gives the same model, bit for bit."
        )
    return AdaptConfig(worlds=worlds, epochs=epochs, learning_rate=float(rate), verdict_weight=weight, seed=int(seed))


def training_progress(job: Job[AdaptStep, Adaptation]) -> bool:
    """Draws stage, time left and curves of an unfinished job; returns True if it shall be cancelled."""
    step = job.steps[-1] if job.steps else None
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(*_progress(job.state, step))
        cancel = st.button("Cancel", icon=":material/stop_circle:", key="cancel_training")
    with st.container(horizontal=True, gap="medium", key="training_numbers"):
        for title, value in _numbers(job):
            st.metric(title, value)
    training_curves(job.steps)
    return cancel


def training_curves(steps: tuple[AdaptStep, ...]) -> None:
    """Loss and AUROC by epoch."""
    data = training_data(steps)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Loss", anchor=False)
        show_figure(loss_figure(data), "loss_curve", "Training and held-out loss by epoch")
    with right:
        st.subheader("Ranking of true edges", anchor=False)
        show_figure(auroc_figure(data), "auroc_curve", "AUROC on held-out worlds by epoch")


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
        st.error(plain(job.error), icon=":material/error:")
    else:
        st.info(
            f"The training was cancelled after {duration_text(job.seconds)}; nothing was changed.",
            icon=":material/stop_circle:",
        )
    read = st.button("Back to the start", icon=":material/arrow_back:", type="primary", key="dismiss_training")
    if job is not None and any(step.stage == "training" for step in job.steps):
        training_curves(job.steps)
    return read


def training_decision(adaptation: Adaptation) -> Literal["keep", "discard"] | None:
    """Draws the choice about a finished training, with what speaks for it; returns it once it is made."""
    place = st.container(
        border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute",
        key="training_decision",
    )  # fmt: skip
    if not adaptation.changed:
        with place:
            st.markdown(f":material/warning: **The training is done and changes nothing.** {_verdict(adaptation)}")
            pressed = st.button(
                "Back to the start", type="primary", icon=":material/arrow_back:", key="discard_training"
            )
        return "discard" if pressed else None
    done = "The training is done, and saved." if adaptation.steps else "Your verdicts recalibrate the probabilities."
    with place:
        st.markdown(f":material/check_circle: **{done}** {_verdict(adaptation)} Your graph has not changed yet.")
        with st.container(horizontal=True, width="content"):
            if st.button("Keep it", type="primary", icon=":material/check:", key="keep_training"):
                return "keep"
            pressed = st.button("Discard", icon=":material/delete:", key="discard_training")
            return "discard" if pressed else None


def training_outcome(adaptation: Adaptation, before: Discovery, after: Discovery) -> None:
    """Draws the scores before and after, the edges that changed most, and the curves."""
    if adaptation.steps:
        st.subheader("On worlds like your log that were never trained on", anchor=False)
        _scores("training_scores", adaptation.before, adaptation.after)
    found = adaptation.recalibration
    if found is not None:
        st.subheader("On your verdicts, each left out in turn", anchor=False)
        if found.before is not None and found.after is not None:
            _scores("verdict_scores", found.before, found.after)
        st.caption(plain(found.reason))
    st.subheader("Edges of your log that changed most", anchor=False)
    data = changes_data(before.names, before.probability, after.probability)
    drawn = [int((np.nan_to_num(found.probability) >= THRESHOLD).sum()) for found in (before, after)]
    st.caption(f"Edges with a probability of at least {THRESHOLD:g}: {drawn[0]:,} before, {drawn[1]:,} after.")
    show_figure(changes_figure(data), "changes", "Probability of edges before and after the training")
    if adaptation.steps:
        st.caption(
            "The curves were watched on one half of the held-out worlds, the scores above are of the other half."
        )
        training_curves(adaptation.steps)


def _scores(key: str, before: AdaptScores | VerdictScores, after: AdaptScores | VerdictScores) -> None:
    """One metric for each score that both have, with its change."""
    with st.container(horizontal=True, gap="medium", key=key):
        for field, (title, meaning, good) in SCORES.items():
            if field not in before._fields:
                continue
            old, new = getattr(before, field), getattr(after, field)
            value = f"{new:.3f}" if math.isfinite(new) else "unknown"
            change = f"{new - old:+.3f} from {old:.3f}" if math.isfinite(new - old) else None
            st.metric(title, value, change, "off" if abs(new - old) < TINY else good, help=meaning)


def _verdict(adaptation: Adaptation) -> str:
    """Whether what was left out is foreseen better than before, and how sure that is."""
    if not adaptation.steps:
        found = adaptation.recalibration
        return found.reason if found is not None else ""
    gain = adaptation.before.loss - adaptation.after.loss
    if not math.isfinite(gain) or adaptation.gain is None:
        return "There was too little to compare on."
    low, high = adaptation.gain
    sure = f"the loss falls by {gain:.4f} nats per pair, 90 % interval {low:.4f} to {high:.4f}"
    if not adaptation.helped:
        return f"On held-out worlds it does worse than before ({sure}), so the network's weights stay as they were."
    if low <= 0:
        return (
            f"It does about as well as before on held-out worlds ({sure}); keep it if the changed edges convince you."
        )
    return f"It does better than before on held-out worlds ({sure})."


def _numbers(job: Job[AdaptStep, Adaptation]) -> list[tuple[str, str]]:
    """Titles and values of what is known so far; a dash for what is not."""
    latest = {step.stage: step for step in job.steps}
    worlds, epochs = latest.get("worlds"), latest.get("training")
    auroc = epochs.auroc if epochs is not None else None
    return [
        ("Worlds simulated", f"{worlds.done} of {worlds.total}" if worlds else "–"),
        ("Epochs trained", f"{epochs.done} of {epochs.total}" if epochs else "–"),
        ("Ranking on held-out worlds", f"{auroc:.3f}" if auroc is not None and math.isfinite(auroc) else "–"),
        ("Running for", duration_text(max(1.0, round(job.seconds)))),
    ]


def _progress(state: State, step: AdaptStep | None) -> tuple[float, str]:
    if state == State.WAITING:
        return 0.0, "Waiting for another training to end"
    if step is None:
        return 0.0, "Starting"
    share = step.done / max(1, step.total)
    left = f", about {duration_text(max(1.0, round(step.seconds_left)))} left" if step.seconds_left else ""
    if step.stage == "worlds":
        return 0.5 * share, f"Simulating worlds like your log: {step.done} of {step.total}{left}"
    return 0.5 + 0.5 * share, f"Training: epoch {step.done} of {step.total}{left}"

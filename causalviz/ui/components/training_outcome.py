"""After a training: what speaks for it, the choice to keep it, scores before and after, and what changed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import numpy as np
import streamlit as st

from causalviz.plots.changes import changes_data, changes_figure
from causalviz.ui.components.figure import show_figure
from causalviz.ui.components.text import plain
from causalviz.ui.components.training_live import training_curves

if TYPE_CHECKING:
    from causalviz.discovery import Discovery
    from causalviz.model.adapted import Adaptation, AdaptScores
    from causalviz.model.lessons import LeftOut, PairScores
    from causalviz.model.recalibration import VerdictScores

THRESHOLD = 0.5
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


def training_decision(adaptation: Adaptation) -> Literal["keep", "discard"] | None:
    """Draws the choice about a finished training, with what speaks for it; returns it once it is made."""
    if adaptation.failure:
        st.warning(
            f"The training ended before its time. {plain(adaptation.failure)} What follows is about the last good "
            "network.",
            icon=":material/warning:",
        )
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
        worse = _worse_on(adaptation)
        doubt = f" But on {worse} that it had not seen it does worse: look below before you keep it." if worse else ""
        icon = "warning" if worse else "check_circle"
        st.markdown(f":material/{icon}: **{done}** {_verdict(adaptation)}{doubt} Your graph has not changed yet.")
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
        _left_out(adaptation)
    found = adaptation.recalibration
    if found is not None and found.before is not None and found.after is not None:
        title = "Recalibration by verdicts that were kept aside" if adaptation.steps else "On your verdicts"
        st.subheader(f"{title}, each left out in turn", anchor=False)
        _scores("verdict_scores", found.before, found.after)
        st.caption(plain(found.reason))
    st.subheader("Edges of your log that changed most", anchor=False)
    data = changes_data(before.names, before.probability, after.probability)
    drawn = [int((np.nan_to_num(found.probability) >= THRESHOLD).sum()) for found in (before, after)]
    st.caption(f"Edges with a probability of at least {THRESHOLD:g}: {drawn[0]:,} before, {drawn[1]:,} after.")
    alt = "Probability of edges before and after the training"
    show_figure(changes_figure(data), "changes", alt, data)
    if adaptation.steps:
        st.caption(
            "The curves were watched on one half of the held-out worlds, the scores above are of the other half."
        )
        training_curves(adaptation.steps)


def _left_out(adaptation: Adaptation) -> None:
    """Scores on verdicts and known pairs that were left out in turn, or why there are none."""
    for what, key, found in (
        ("verdicts", "left_out_verdicts", adaptation.on_verdicts),
        ("pairs of the known graph", "left_out_graph", adaptation.on_graph),
    ):
        if found is None:
            continue
        st.subheader(f"On {found.pairs} {what}, each judged by a training that had not seen it", anchor=False)
        _scores(key, found.before, found.after)
        st.caption(_surely(found, what))
    if adaptation.on_verdicts is None:
        from causalviz.model.lessons import LEAST_COUPLES

        st.caption(
            "Not compared on left-out verdicts: that takes verdicts on at least "
            f"{LEAST_COUPLES} pairs of behaviours, and a check that is switched on and ends."
        )


def _worse_on(adaptation: Adaptation) -> str:
    """What was left out and is surely judged worse than before; empty for nothing."""
    left_out = {"verdicts": adaptation.on_verdicts, "pairs of the known graph": adaptation.on_graph}
    return " and ".join(what for what, found in left_out.items() if found is not None and found.gain[1] < 0)


def _surely(found: LeftOut, what: str) -> str:
    low, high = found.gain
    sure = f"the loss {_fall(found.before.loss - found.after.loss, found.gain, ' nats per pair')}"
    if low > 0:
        return f"What some {what} teach helps on the others ({sure})."
    if high < 0:
        return f"What some {what} teach makes it worse on the others ({sure})."
    return f"Whether what some {what} teach helps on the others cannot be told ({sure})."


def _fall(gain: float, interval: tuple[float, float], unit: str) -> str:
    """By how much something falls, or rises, with its interval in the same direction."""
    low, high = interval if gain >= 0 else (-interval[1], -interval[0])
    return f"{'falls' if gain >= 0 else 'rises'} by {abs(gain):.4f}{unit}, 90 % interval {low:.4f} to {high:.4f}"


def _scores(
    key: str, before: AdaptScores | VerdictScores | PairScores, after: AdaptScores | VerdictScores | PairScores
) -> None:
    """One metric for each score that both have, with its change."""
    with st.container(horizontal=True, gap="medium", key=key):
        for field, (title, meaning, good) in SCORES.items():
            if field not in before._fields:
                continue
            old, new = getattr(before, field), getattr(after, field)
            value = f"{new:.3f}" if math.isfinite(new) else "unknown"
            change = f"{new - old:+.3f} from {old:.3f}" if math.isfinite(new - old) else None
            if abs(new - old) < TINY:
                st.metric(title, value, "as before", "off", delta_arrow="off", help=meaning)
            else:
                st.metric(title, value, change, good, help=meaning)


def _verdict(adaptation: Adaptation) -> str:
    """Whether what was left out is foreseen better than before, and how sure that is."""
    if not adaptation.steps:
        found = adaptation.recalibration
        return found.reason if found is not None else ""
    gain = adaptation.before.loss - adaptation.after.loss
    if not math.isfinite(gain) or adaptation.gain is None:
        return "There was too little to compare on."
    sure = f"the loss {_fall(gain, adaptation.gain, ' nats per pair')}"
    low, calibration = adaptation.gain[0], _calibration(adaptation)
    if not adaptation.helped:
        worse = calibration if gain >= 0 else f"On held-out worlds it does worse than before ({sure})."
        return f"{worse} So the network stays as it was."
    if low <= 0:
        return (
            f"It does about as well as before on held-out worlds ({sure}); keep it if the changed edges convince you. "
            f"{calibration}"
        )
    return f"It does better than before on held-out worlds ({sure}). {calibration}"


def _calibration(adaptation: Adaptation) -> str:
    """What became of the calibration error, and how sure that is."""
    if adaptation.calibration_gain is None:
        return "There were too few worlds to tell whether its probabilities are better calibrated."
    low, high = adaptation.calibration_gain
    sure = _fall(adaptation.before.ece - adaptation.after.ece, adaptation.calibration_gain, "")
    if low > 0:
        return f"Its probabilities are better calibrated (the error {sure})."
    if high < 0:
        return f"Its probabilities are worse calibrated (the error {sure})."
    return f"Whether its probabilities are better calibrated cannot be told (the error {sure})."

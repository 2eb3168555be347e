"""Before a training: which network judges now, what a training does, one button, and quick recalibration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from causalviz.ui.components.resemblance import LOST
from causalviz.ui.components.text import plain
from causalviz.ui.components.training_settings import training_settings

if TYPE_CHECKING:
    from causalviz.model.adapted import AdaptConfig
    from causalviz.model.recalibration import Recalibration
    from causalviz.ui.adapting import Judge, Sources
    from causalviz.ui.components.training_settings import Settings

STEPS = (
    ("Simulate", ":material/casino:",
     "Worlds that resemble your log in users, counts, clock and gaps, each with a graph of its own that is known."),
    ("Learn", ":material/model_training:", "{learn}"),
    ("Compare", ":material/compare_arrows:",
     "Scores on worlds that were kept aside, and the edges of your log that changed. You decide whether to keep it."),
)  # fmt: skip


def current_model_note(judge: Judge, name: str | None) -> bool:
    """Says which network judges the log now; returns True if the visitor wants the shipped one back.

    Args:
        judge: Which kind.
        name: What the project's own is called.
    """
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
        st.markdown(
            f":material/verified: **{adapted if judge == 'adapted' else mended}** It is called “{plain(name or '')}”."
        )
        return st.button("Back to the shipped one", icon=":material/undo:", key="use_prior")


def training_offer(sources: Sources, project_id: str, *, again: bool = False) -> tuple[Settings, AdaptConfig | None]:
    """Says what a training does, and draws its button and, folded away, its settings.

    Args:
        sources: What could be learned from.
        project_id: Each project has its own settings.
        again: The project uses a trained network already.

    Returns:
        The settings, and what is to be trained once the button is pressed.
    """
    places = st.columns(3, gap="medium")
    place = st.container(horizontal=True, vertical_alignment="center")
    chosen = training_settings(sources, project_id)
    config = chosen.config
    for column, (title, icon, text) in zip(places, STEPS, strict=True):
        with column, st.container(border=True, height="stretch", key=f"step_{title.lower()}"):
            st.markdown(f"{icon} **{title}**  \n{text.format(learn=_learn(config, sources))}")
    with place:
        label = "Adapt again, from the shipped network" if again else "Adapt to this log"
        if config is not None and config.start == "scratch":
            label = "Train from scratch"
        pressed = st.button(
            label, type="primary", icon=":material/model_training:", key="adapt", disabled=config is None
        )
        st.caption(
            "Takes a few minutes. You may leave this page; the training goes on."
            if config is not None
            else "Nothing to learn from is chosen; choose a source in the settings below."
        )
    return chosen, config if pressed else None


def _learn(config: AdaptConfig | None, sources: Sources) -> str:
    """What is learned from, in words, for the middle card."""
    if config is None:
        return "Choose something to learn from below."
    if config.start == "scratch":
        subject = "An untrained network learns from them alone"
    elif config.learn_worlds:
        subject = "The network is trained a little further on them"
    else:
        subject = "The network is trained a little further; the worlds only test it"
    if not sources.verdicts:
        said = "There are no verdicts of yours so far; rule on edges on the Graph page."
    elif config.verdict_weight:
        said = f"Your verdicts teach it too, **{sources.verdicts}** so far."
    else:
        said = "Your verdicts are left out."
    graph = f" So does the graph {plain(sources.graph or '')}." if config.graph_weight and sources.graph_edges else ""
    return f"{subject}. {said}{graph}"


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

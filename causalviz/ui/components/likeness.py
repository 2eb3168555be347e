"""How far a log lies from the worlds on which its probabilities were calibrated, in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from causalviz.ui.components.resemblance import ADAPTED, ADVICE
from causalviz.ui.components.text import plain

if TYPE_CHECKING:
    from causalviz.model.familiarity import Resemblance
    from causalviz.ui.adapting import Judge


def likeness_panel(alike: Resemblance | None, judge: Judge) -> None:
    """Draws the sentence.

    Args:
        alike: Of the log with the network's worlds; None for a network that does not know them.
        judge: Which kind of network judges the log.
    """
    st.subheader("Does the network know logs like this one?", anchor=False)
    st.caption("Probabilities were calibrated on simulated worlds; they carry over to a log that could be one of them.")
    if alike is None:
        st.markdown("This network does not tell on which worlds it learned, so nothing can be said.")
    elif alike.is_strange:
        st.warning(
            f"{plain(alike.sentence)} {ADAPTED if judge == 'adapted' else ADVICE}", icon=":material/explore_off:"
        )
    else:
        st.markdown(f":material/check_circle: Yes. {likeness_words(alike)}")


def likeness_words(alike: Resemblance) -> str:
    """Where the log lies among the worlds."""
    return (
        f"**{100 * alike.share_farther:.0f} %** of the simulated worlds lie at least as far from the middle of them "
        "all as this log does; below 1 % it would be a stranger."
    )

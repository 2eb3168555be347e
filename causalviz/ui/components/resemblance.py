"""The notice over a graph whose log looks like none of the worlds that the network learned on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from causalviz.ui.components.text import plain

if TYPE_CHECKING:
    from causalviz.discovery import Discovery
    from causalviz.ui.adapting import Judge

ADVICE = "Adapt the network to your log on the Train page, and check the edges that matter by hand."
LOST = (
    "The network that was trained for this project comes from another version and cannot be read; "
    "the shipped one judges. Train again on the Train page."
)
ADAPTED = "The network was adapted to worlds that resemble it; check the edges that matter by hand all the same."


def resemblance_notice(discovery: Discovery | None, judge: Judge) -> None:
    """Warns where the log lies outside the simulated worlds, and says what to do; else draws nothing.

    Args:
        discovery: Of the log.
        judge: Which kind of network judges it.
    """
    if judge == "lost":
        st.warning(LOST, icon=":material/warning:")
    alike = None if discovery is None else discovery.resemblance
    if alike is not None and alike.is_strange:
        st.warning(
            f"{plain(alike.sentence)} {ADAPTED if judge == 'adapted' else ADVICE}", icon=":material/explore_off:"
        )

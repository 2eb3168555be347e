"""What lies around one edge's own evidence: what other edges do to it, and what would flip it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from causalviz.explain.counterfactual import counterfactual_sentence
from causalviz.explain.neighbourhood import neighbourhood_sentences
from causalviz.plots.signed_bars import signed_bars_data, signed_bars_figure
from causalviz.ui.components.figure import show_figure
from causalviz.ui.components.text import plain

if TYPE_CHECKING:
    from causalviz.explain.counterfactual import Counterfactual
    from causalviz.explain.neighbourhood import Neighbourhood

METHOD = (
    "Each other pair is given the evidence of a usual pair of this log, and the network is asked again. What the "
    "log-odds lose is what that pair's evidence adds through the network's messages. The edge's own evidence stays, "
    "and changes do not add up, because messages meet."
)
FLIP_METHOD = (
    "One argument, or two together, go from what they are towards the median of the log's pairs on the other side of "
    "50 %, with the graph around the edge held still; the smallest such change is told."
)


def neighbour_panel(found: Neighbourhood | None, cause: str, effect: str) -> None:
    """Which other edges raise or lower this one."""
    st.subheader("What other edges do to it", anchor=False, help=METHOD)
    if found is None:
        st.caption("Nothing: this pair was left out for stronger candidates.")
        return
    for sentence in neighbourhood_sentences(found, cause, effect):
        st.markdown(plain(sentence))
    labels = [f"{edge.cause} → {edge.effect}" for edge in found.edges]
    data = signed_bars_data(
        labels, [edge.shift for edge in found.edges], [edge.place for edge in found.edges], add_up=False
    )
    alt = f"By how much other edges raise or lower the log-odds of {cause} to {effect}"
    show_figure(signed_bars_figure(data, "There is no other pair."), "neighbours", alt, data)


def flip_panel(found: Counterfactual | None, *, judged: bool) -> None:
    """Which evidence would flip the edge; ``judged`` says whether the network looked at it."""
    st.subheader("What would flip it", anchor=False, help=FLIP_METHOD)
    if judged:
        st.markdown(plain(counterfactual_sentence(found)))
    else:
        st.caption("Nothing: this pair was left out for stronger candidates.")

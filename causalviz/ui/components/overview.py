"""What the judgements on all pairs rest on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from causalviz.plots.beeswarm import beeswarm_data, beeswarm_figure
from causalviz.plots.importance import importance_data, importance_figure
from causalviz.ui.components.figure import show_figure

if TYPE_CHECKING:
    from causalviz.explain.shapley import Importance


def importance_overview(importance: Importance) -> None:
    """Mean strength of the arguments, and each argument on each pair."""
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.subheader("Which arguments weigh most", anchor=False)
        st.caption(f"How far each moves the log-odds, on average over {len(importance.edges):,} pairs.")
        show_figure(importance_figure(importance_data(importance)), "importance", "Mean weight of each argument")
    with right:
        st.subheader("What each argument does to each pair", anchor=False)
        st.caption("A dot is a pair. To the right the argument speaks for an edge; blue dots have much of it.")
        show_figure(beeswarm_figure(beeswarm_data(importance)), "beeswarm", "Weight of each argument on each pair")

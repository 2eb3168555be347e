"""The graph page's places: controls over the drawing, and what stands beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from causalviz.ui.components.header import ASSETS

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from causalviz.graph.causal_graph import CausalGraph


class Desk(NamedTuple):
    """Containers to fill."""

    controls: DeltaGenerator
    menu: DeltaGenerator
    drawing: DeltaGenerator
    side: DeltaGenerator


def graph_desk(drawn: CausalGraph, attributed: float | None) -> Desk:
    """Draws the empty places, and over the drawing how much of the graph it shows.

    Args:
        drawn: What is drawn.
        attributed: Share of the attributed events that the drawn edges carry, 0..1; None where it is unknown.
    """
    st.html(ASSETS / "graph.css")
    with st.container(
        horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute", key="graph_controls"
    ):
        controls = st.container(horizontal=True, vertical_alignment="bottom", gap="medium", width="content")
        with st.container(horizontal=True, vertical_alignment="center", width="content", gap="small"):
            st.markdown(count_sentence(drawn, attributed), width="content", help=HELP)
            menu = st.container(horizontal=True, gap="xsmall", width="content")
    with st.container(key="graph_desk"):
        left, right = st.columns([1.9, 1], gap="medium")
    return Desk(controls, menu, left, right)


HELP = (
    "Of all events that the model blames on some other behaviour, the share that the drawn edges account for. "
    "A low share means that the threshold or a filter hides much of what happens."
)


def count_sentence(drawn: CausalGraph, attributed: float | None) -> str:
    """Markdown: "Edges shown 12 of 210, 83 % of attributed events"."""
    share = f", **{attributed:.0%}** of attributed events".replace("%", " %") if attributed is not None else ""
    denied = sum(edge.denied for edge in drawn.edges)
    struck = f" ({denied:,} rejected)" if denied else ""
    return f"Edges shown **{len(drawn.edges):,}** of {drawn.total:,}{struck}{share}"

"""The graph page's places: controls over the drawing, the chosen edge and the table beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from causalviz.ui.components.header import ASSETS

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator


class Desk(NamedTuple):
    """Containers to fill."""

    controls: DeltaGenerator
    menu: DeltaGenerator
    drawing: DeltaGenerator
    panel: DeltaGenerator
    commands: DeltaGenerator
    table: DeltaGenerator


def graph_desk(count: str) -> Desk:
    """Draws the empty places, with ``count`` (Markdown) over the drawing."""
    st.html(ASSETS / "graph.css")
    with st.container(
        horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute", key="graph_controls"
    ):
        controls = st.container(horizontal=True, vertical_alignment="bottom", gap="medium", width="content")
        with st.container(horizontal=True, vertical_alignment="center", width="content", gap="small"):
            st.markdown(count, width="content")
            menu = st.container(horizontal=True, gap="xsmall", width="content")
    with st.container(key="graph_desk"):
        left, right = st.columns([1.9, 1], gap="medium")
    with right:
        panel = st.container(border=True, key="edge_panel")
        commands = st.container(horizontal=True, gap="xsmall")
        table = st.container()
    return Desk(controls, menu, left, panel, commands, table)

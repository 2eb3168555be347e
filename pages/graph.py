"""The causal graph: what was found, corrected by hand in the drawing or beside it."""

import streamlit as st

from causalviz.plots.network import CLAIM
from causalviz.ui.adapting import current_judge
from causalviz.ui.components.edge_panel import add_edge, edge_panel, time_travel
from causalviz.ui.components.edge_table import edge_table
from causalviz.ui.components.graph_controls import export_menu, view_controls
from causalviz.ui.components.graph_desk import graph_desk
from causalviz.ui.components.resemblance import resemblance_notice
from causalviz.ui.compute import current_discovery, current_graph, current_history, current_project, current_view
from causalviz.ui.curating import (
    arrange_anew,
    change_view,
    current_looks,
    current_places,
    propose,
    select,
    selected,
    take_in,
)
from causalviz.ui.graph_editor import graph_editor
from causalviz.ui.guards import require_log, show_errors
from causalviz.ui.router import go_to
from causalviz.ui.session import bootstrap, get_session

TABLE_PX, CHOSEN_TABLE_PX = 520, 310  # so that the right side ends where the drawing does


@st.fragment
def curate() -> None:
    """One round: take in what was done, then show what stands."""
    with show_errors():
        session = get_session()
        key = f"editor_{session.project_id}"
        taken = take_in(key)
        session = get_session()
        project, graph, history = current_project(session), current_graph(session), current_history(session)
        if project is None or graph is None:
            return
        resemblance_notice(current_discovery(session), current_judge(session))
        places, looks, chosen = current_places(session, graph), current_looks(session), selected(session)
        desk = graph_desk(f"Edges shown **{len(graph.edges):,}** of {graph.total:,}")
        with desk.controls:
            view_controls(current_view(session), project.id, change_view)
        with desk.menu:
            st.button("Arrange", icon=":material/account_tree:", key="arrange", on_click=arrange_anew)
            export_menu(graph, places, looks.kinds, project.name)
        with desk.drawing:
            graph_editor(
                graph, places, key=key, selected=chosen, acked=taken.acked, notices=taken.notices,
                can_undo=history.can_undo, can_redo=history.can_redo, kinds=looks.kinds, counts=looks.counts,
            )  # fmt: skip
        with desk.panel:
            edge = graph.edge(*chosen) if len(chosen) == 2 else None
            standing = history.standing().get(edge.pair) if edge is not None else None
            explain = edge_panel(edge, standing, propose)
        with desk.commands:
            add_edge(graph.behaviours, propose)
            time_travel(history.can_undo, history.can_redo, propose)
        with desk.table:
            edge_table(graph, chosen, select, height_px=TABLE_PX if edge is None else CHOSEN_TABLE_PX)
        st.caption(CLAIM)
        if explain:
            go_to("explain")


session = bootstrap("Graph", "What leads to what. Correct it: draw, accept, reject or reverse edges.")
require_log(session)
curate()

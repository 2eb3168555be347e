"""The causal graph as a workbench: the drawing, and beside it what is to be read, ruled and compared."""

from functools import partial

import streamlit as st

from causalviz.plots.network import CLAIM
from causalviz.ui.adapting import current_judge
from causalviz.ui.components.contest_notice import contest_notice
from causalviz.ui.components.graph_controls import few_edges_notice, view_controls
from causalviz.ui.components.graph_desk import graph_desk
from causalviz.ui.components.resemblance import resemblance_notice
from causalviz.ui.compute import current_discovery, current_graph, current_project, current_view
from causalviz.ui.curating import (
    attributed_share,
    can_travel,
    change_view,
    current_dress,
    current_looks,
    current_places,
    drawn_graph,
    selected,
    settle_contest,
    take_in,
)
from causalviz.ui.graph_editor import graph_editor
from causalviz.ui.guards import require_project, show_errors
from causalviz.ui.importing import say_taken_in
from causalviz.ui.router import once_more
from causalviz.ui.session import bootstrap, get_session
from causalviz.ui.workbench import choose_tab, keep_marks, marks_of, show_menus, show_tab


@st.fragment
def curate() -> None:
    """One round: take in what was done, then show what stands."""
    with show_errors():
        key = f"editor_{get_session().project_id}"
        with st.container(key="progress"):  # what comes and goes in it moves nothing below
            taken = take_in(key)
            session = get_session()
            project, whole, able = current_project(session), current_graph(session), can_travel(session)
            if project is None or whole is None:
                return
        with st.container(key="notices"):
            resemblance_notice(current_discovery(session), current_judge(session))
            say_taken_in()
            if not session.presenting:
                few_edges_notice(whole, current_view(session), project.id, change_view)
            contest_notice(taken.contests, session.author, partial(settle_contest, project.id))
        marks, looks = marks_of(session), current_looks(session)
        graph = marks.union or drawn_graph(session, whole)
        places = current_places(session, marks.union or whole)
        desk = graph_desk(graph, attributed_share(session, graph))
        with desk.drawing:  # first, so that what an edit has done is seen first
            answer = graph_editor(
                graph, places, key=key, selected=selected(session), acked=taken.acked, notices=taken.notices,
                can_undo=able.undo, can_redo=able.redo, dress=current_dress(session, marks.tones),
            )  # fmt: skip
            st.caption(CLAIM)
        with desk.controls:
            view_controls(
                current_view(session), project.id, change_view,
                kinds=sorted(set(looks.kinds.values())), items=sorted(set(looks.items.values())),
            )  # fmt: skip
        with desk.menu:
            show_menus(session, project, graph, places)
        with desk.side:
            marked = keep_marks(session, show_tab(choose_tab(), session, whole, graph))
        if marked or answer.since(taken.acked):
            once_more()


session = bootstrap("Graph", "What leads to what. Correct it: draw, accept, reject or reverse edges.")
require_project(session)
curate()

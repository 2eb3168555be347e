"""Presentation mode: the graph, its findings and the explanations in large print, and nothing that changes anything.

The Graph page gives way to a drawing that cannot be edited, with the findings beside it; the Explain page stays; all
others say how to leave. Whatever is still proposed is refused where it would be written (``ui.curating``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from causalviz.plots.network import CLAIM
from causalviz.ui.compute import current_discovery, current_graph, current_project
from causalviz.ui.router import PAGES, go_to
from causalviz.ui.session import get_session, update_session
from causalviz.ui.wording import edge_sentence, finding_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from causalviz.graph.causal_graph import CausalGraph
    from causalviz.graph.verdicts import Pair
    from causalviz.ui.session import Session
    from causalviz.ui.wording import Finding

MOST_FINDINGS = 8


def present(session: Session, title: str) -> None:
    """Shows what stands in a page's place; only the Explain page goes on.

    Args:
        session: Whose project.
        title: Of the page.
    """
    if title == PAGES["explain"]:
        return
    if title == PAGES["graph"] and current_project(session) is not None:
        _stage(session)
    else:
        _elsewhere()
    st.stop()


def _stage(session: Session) -> None:
    """The drawing, and what was found."""
    from causalviz.report.content import top_edges
    from causalviz.ui.adapting import current_judge
    from causalviz.ui.components.resemblance import resemblance_notice
    from causalviz.ui.curating import drawn_graph
    from causalviz.ui.guards import show_errors

    with show_errors():
        whole, discovery = current_graph(session), current_discovery(session)
        if whole is None:
            return
        graph = drawn_graph(session, whole)
        table = None if discovery is None else discovery.table()
        findings = (
            ()
            if table is None
            else tuple(finding_of(table, *edge.pair) for edge in top_edges(graph, table, MOST_FINDINGS))
        )
        resemblance_notice(discovery, current_judge(session))
        left, right = st.columns([3, 2], gap="large")
        with right:
            st.subheader("What was found", anchor=False)
            shown = _findings(session, findings)
            more = sum(not edge.denied for edge in graph.edges) - len(findings)
            if findings and more > 0:
                st.caption(f"{more:,} more drawn edge{'s' * (more > 1)} of less weight: see the drawing.")
        with left, st.container(key="presented_graph"):
            _drawing(session, whole, graph, shown)


def _drawing(session: Session, whole: CausalGraph, graph: CausalGraph, shown: Pair | None) -> None:
    from causalviz.plots.network import Dress, network_data
    from causalviz.plots.vector import graph_svg
    from causalviz.ui.curating import current_looks, current_places

    tones = {} if shown is None else {shown: "causal"}
    dress = Dress(kinds=current_looks(session).kinds, tones=tones)
    svg = graph_svg(
        network_data(graph, current_places(session, whole), dress=dress), "", dark=st.context.theme.type == "dark"
    )
    st.image(
        svg, width="stretch", alt=f"Causal graph of {len(graph.behaviours)} behaviours; the findings name its edges"
    )


def _findings(session: Session, findings: Sequence[Finding]) -> Pair | None:
    """The findings in words; returns the edge that the visitor wants to see in the drawing."""
    shown: Pair | None = None
    if not findings:
        st.caption("No edge is drawn.")
    with st.container(key="findings", gap="small"):
        for place, finding in enumerate(findings):
            pair = (finding.cause, finding.effect)
            chosen = pair == (session.cause, session.effect)
            shown = pair if chosen else shown
            with st.container(border=chosen, gap="xxsmall"):
                st.markdown(edge_sentence(finding))
                _ways_on(pair, place, chosen)
    st.caption(CLAIM)
    return shown


def _ways_on(pair: Pair, place: int, chosen: bool) -> None:
    with st.container(horizontal=True, gap="xsmall"):
        label = "All edges" if chosen else "Show"
        if st.button(label, key=f"show_{place}", type="tertiary", icon=":material/visibility:"):
            cause, effect = (None, None) if chosen else pair
            update_session(cause=cause, effect=effect)
            st.rerun()
        if st.button("Explain", key=f"explain_{place}", type="tertiary", icon=":material/lightbulb:"):
            update_session(cause=pair[0], effect=pair[1])
            st.session_state[f"explained_edge_{get_session().project_id}"] = pair
            go_to("explain")


def _elsewhere() -> None:
    with st.container(border=True, horizontal_alignment="center", key="empty_state"):
        st.subheader("Presentation mode is on", anchor=False, text_alignment="center")
        st.markdown("It shows the graph, its findings and the explanations.", text_alignment="center")
        with st.container(horizontal=True, horizontal_alignment="center"):
            if st.button("Show the graph", type="primary", icon=":material/hub:", key="present_graph"):
                go_to("graph")
            if st.button("Leave presentation mode", icon=":material/close:", key="present_off"):
                update_session(presenting=False)
                st.rerun()

"""Why: one edge taken apart, and what all judgements rest on."""

import streamlit as st

from causalviz.plots.network import CLAIM
from causalviz.ui.components.edge_choice import choose_edge, standing_badge
from causalviz.ui.components.evidence import count_evidence, history_evidence, lag_evidence
from causalviz.ui.components.overview import importance_overview
from causalviz.ui.components.reach import edge_reach
from causalviz.ui.components.reasons import edge_arguments, edge_metrics, edge_waterfall
from causalviz.ui.compute import (
    current_discovery,
    current_evidence,
    current_explanation,
    current_graph,
    current_history,
    current_importance,
)
from causalviz.ui.guards import require_log, show_errors
from causalviz.ui.router import go_to
from causalviz.ui.session import Session, bootstrap, update_session
from causalviz.ui.wording import edge_sentence, finding_of


def explain(session: Session) -> None:
    """One edge: what was found, why the network says so, and what the log shows."""
    discovery = current_discovery(session)
    if discovery is None or session.project_id is None:
        return
    table, wanted = discovery.table(), (session.cause or "", session.effect or "")
    choice = choose_edge(table, wanted, session.project_id)
    cause, effect = choice.pair
    if choice.pair != wanted:
        update_session(cause=cause, effect=effect)
    if choice.to_graph:
        go_to("graph")
    finding, reverse = finding_of(table, cause, effect), finding_of(table, effect, cause)
    with st.container(border=True, key="edge_summary"):
        standing_badge(current_history(session).standing().get(choice.pair))
        st.markdown(edge_sentence(finding))
        edge_metrics(finding, reverse.probability)
        edge_reach(current_graph(session), discovery.effects.offspring, cause, effect)
    explanation, evidence = current_explanation(session, cause, effect), current_evidence(session, cause, effect)
    if explanation is None or evidence is None:
        return
    left, right = st.columns([6, 5], gap="large")
    with left:
        edge_waterfall(explanation, finding.probability)
        lag_evidence(evidence.curve, cause, effect)
    with right:
        edge_arguments(explanation)
        count_evidence(evidence, cause, effect)
    history_evidence(evidence.histories, cause, effect, lowers=finding.lowers)
    st.caption(CLAIM)


session = bootstrap("Explain", "Why an edge is believed, or not: arguments, lags, counts and real histories.")
require_log(session)
one, every = st.tabs(["One edge", "All edges"], key="explain_tab", on_change="rerun")
with show_errors():
    if one.open:
        with one:
            explain(session)
    if every.open:
        with every:
            importance = current_importance(session)
            if importance is not None:
                importance_overview(importance)

"""Why: one edge taken apart, and what all judgements rest on."""

import streamlit as st

from causalviz.explain.paragraph import edge_paragraph
from causalviz.plots.network import CLAIM
from causalviz.ui import compute, explaining
from causalviz.ui.components.edge_choice import choose_edge, standing_badge
from causalviz.ui.components.evidence import count_evidence, history_evidence, lag_evidence
from causalviz.ui.components.overview import choose_group, importance_overview
from causalviz.ui.components.reach import edge_reach
from causalviz.ui.components.reasons import edge_arguments, edge_metrics, edge_waterfall
from causalviz.ui.components.surroundings import flip_panel, neighbour_panel
from causalviz.ui.components.text import plain
from causalviz.ui.guards import require_log, show_errors
from causalviz.ui.router import go_to
from causalviz.ui.session import Session, bootstrap, update_session
from causalviz.ui.wording import edge_sentence, finding_of


def explain(session: Session) -> None:
    """One edge: what was found, why the network says so, and what the log shows."""
    discovery = compute.current_discovery(session)
    if discovery is None or session.project_id is None:
        return
    table, wanted = discovery.table(), (session.cause or "", session.effect or "")
    choice = choose_edge(table, wanted, session.project_id)
    cause, effect = choice.pair
    if choice.pair != wanted:
        session = update_session(cause=cause, effect=effect)
    if choice.to_graph:
        go_to("graph")
    finding, reverse = finding_of(table, cause, effect), finding_of(table, effect, cause)
    why = compute.current_explanation(session, cause, effect)
    seen = compute.current_evidence(session, cause, effect)
    if why is None or seen is None:
        return
    around = explaining.current_neighbourhood(session, cause, effect)
    flip = explaining.current_counterfactual(session, cause, effect)
    with st.container(border=True, key="edge_summary"):
        standing_badge(compute.current_history(session).standing().get(choice.pair))
        st.markdown(f"{edge_sentence(finding)} {plain(edge_paragraph(why, seen.histories, around, flip))}")
        edge_metrics(finding, reverse.probability)
        edge_reach(compute.current_graph(session), discovery.effects.offspring, cause, effect)
    left, right = st.columns([6, 5], gap="large")
    with left:
        edge_waterfall(why, finding.probability)
        neighbour_panel(around, cause, effect)
    with right:
        edge_arguments(why, lambda group: explaining.current_features(session, why, group))
        flip_panel(flip, judged=bool(why.parts))
    left, right = st.columns([6, 5], gap="large")
    with left:
        lag_evidence(seen.curve, cause, effect)
    with right:
        count_evidence(seen, cause, effect)
    history_evidence(seen.histories, cause, effect, lowers=finding.lowers)
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
            importance = compute.current_importance(session)
            if importance is not None:
                group = choose_group(importance, explaining.drawn_pairs(session), explaining.ruled_pairs(session))
                importance_overview(importance, group, explaining.lag_ends_s(session))

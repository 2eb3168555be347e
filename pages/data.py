"""The log: choose one, see what is in it, say what counts as a behaviour."""

import streamlit as st

from causalviz.graph.store import Project
from causalviz.ui.components.behaviour_rules import edit_rules
from causalviz.ui.components.bring_log import bring_log
from causalviz.ui.components.log_summary import log_metrics, log_overview
from causalviz.ui.components.quality_notes import quality_notes
from causalviz.ui.components.sample_cards import sample_cards
from causalviz.ui.components.top import ask_for_top, go_to_top
from causalviz.ui.compute import current_project, current_raw, store
from causalviz.ui.guards import require_log, show_errors
from causalviz.ui.logs import change_rules, current_report, levels_of, open_file, open_sample, open_sketch
from causalviz.ui.router import go_to
from causalviz.ui.session import Session, bootstrap, update_session
from causalviz.ui.settings import rules_of
from causalviz.ui.tour import start_tour, visitors_language


def choose_log() -> None:
    """Samples and logs of one's own; opens a project on what was chosen."""
    st.subheader("Start with a sample", anchor=False)
    sample = sample_cards(visitors_language())
    st.subheader("Or bring your own log", anchor=False)
    upload = bring_log(store().uploads)
    project = None
    if st.button("No log? Draw a graph by hand", icon=":material/draw:", type="tertiary", key="sketch"):
        update_session(project_id=open_sketch().id)
        go_to("graph")
    if sample is not None and sample.guided:
        start_tour(sample.language)
    if sample is not None:
        with st.spinner("Simulating the sample"):
            project = open_sample(sample.name, sample.language)
    elif upload is not None:
        with st.spinner("Reading the log"):
            project = open_file(upload.path, upload.name, upload.roles)
        if upload.is_ours:
            upload.path.unlink(missing_ok=True)
    if project is not None:
        update_session(project_id=project.id)
        ask_for_top()
        st.rerun()


def show_log(session: Session, project: Project) -> None:
    """What is in the project's log, and how behaviours are made of it."""
    log, rules, changed = require_log(session), rules_of(project), None
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        log_metrics(log)
        if st.button("See the causal graph", type="primary", icon=":material/arrow_forward:", key="to_graph"):
            go_to("graph")
    overview, behaviours, quality = st.tabs(["Overview", "Behaviours", "Quality"], key="data_tab", on_change="rerun")
    if overview.open:
        with overview:
            log_overview(log)
    elif behaviours.open:
        with behaviours:
            changed = edit_rules(rules, log.names, levels_of(current_raw(session)))
    elif quality.open:
        with quality:
            changed = quality_notes(log, current_report(session), rules)
    go_to_top()
    if changed is not None:
        change_rules(session, changed)
        st.rerun()


session = bootstrap("Data", "Who did what, and when: the log from which causes are read.")
with show_errors():
    project = current_project(session)
    if project is None or project.log_id is None:
        choose_log()
    else:
        show_log(session, project)

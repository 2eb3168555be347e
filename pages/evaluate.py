"""How good the graph is: held against a truth, and, where there is none, against chance and time."""

import streamlit as st

from causalviz.trials import CheckKind
from causalviz.ui import evaluating as derive
from causalviz.ui.adapting import current_judge
from causalviz.ui.checking import checks, current_check, seconds_per_answer, start_check
from causalviz.ui.components.check_panel import QUESTIONS, check_panel, check_progress
from causalviz.ui.components.held_out import held_out_desk
from causalviz.ui.components.kept import kept_tabs
from causalviz.ui.components.likeness import likeness_panel
from causalviz.ui.components.score_table import choose_threshold
from causalviz.ui.components.truth_choice import choose_next, choose_truth
from causalviz.ui.components.truth_figures import truth_report
from causalviz.ui.compute import current_discovery
from causalviz.ui.guards import require_log, show_errors
from causalviz.ui.router import go_to
from causalviz.ui.session import Session, bootstrap, get_session, update_session

POLL_S = 1.5


def with_truth(session: Session, project_id: str, threshold: float) -> None:
    """Chooses a truth and shows all scores against it."""
    choice = choose_truth(derive.truth_kinds(session), project_id, derive.known_graph_title(session))
    if choice.upload is not None or choice.forget:
        derive.change_known_graph(session, choice.upload)
        choose_next(project_id, "upload")
        st.rerun()
    beside = None if choice.kind is None else derive.current_beside(session, choice.kind)
    wanted = beside and truth_report(beside, derive.measured(beside, threshold), derive.OURS, threshold)
    if wanted is not None:
        update_session(cause=wanted[0], effect=wanted[1])
        go_to("explain")


@st.fragment(run_every=POLL_S)
def follow(kind: CheckKind) -> None:
    """The live view of a check; ends itself by rerunning the page once the job is over."""
    job = current_check(get_session(), kind)
    if job is None or job.state.is_final:
        st.rerun()
    if check_progress(kind, job):
        checks().cancel(job.id)


def without_truth(session: Session, threshold: float) -> None:
    """What can be said of the graph without knowing the true one."""
    discovery = current_discovery(session)
    if discovery is None:
        return
    for kind in QUESTIONS:
        job = current_check(session, kind)
        with st.container(border=True, key=f"panel_{kind}"):
            if job is not None and not job.state.is_final:
                follow(kind)
                continue
            if times := check_panel(kind, job, discovery, threshold, seconds_per_answer(discovery)):
                start_check(session, kind, times)
                st.rerun()
    with st.container(border=True, key="panel_held_out"):
        st.subheader("Does the graph foresee what comes next?", anchor=False)
        held_out_desk(session)
    with st.container(border=True, key="panel_likeness"):
        likeness_panel(discovery.resemblance, current_judge(session))


session = bootstrap("Evaluate", "How far the graph can be trusted: against a truth, and where there is none.")
require_log(session)
with show_errors():
    threshold = choose_threshold()
    known, unknown = kept_tabs(["Against a truth", "Without a truth"], key="evaluate_tab")
    if known.open:
        with known:
            with_truth(session, session.project_id or "", threshold)
    if unknown.open:
        with unknown:
            without_truth(session, threshold)

"""Training: adapt the network to the log, follow it live, keep or discard what came of it."""

import streamlit as st

from causalviz.ui.adapting import (
    Training,
    current_training,
    dismiss_training,
    keep_training,
    known_edges,
    start_training,
    training_result,
    use_prior,
)
from causalviz.ui.components.training import (
    current_model_note,
    training_decision,
    training_end,
    training_outcome,
    training_progress,
    training_settings,
)
from causalviz.ui.compute import current_history, current_project, trainings
from causalviz.ui.guards import require_log, show_errors
from causalviz.ui.jobs import State
from causalviz.ui.router import go_to
from causalviz.ui.session import Session, bootstrap, get_session, update_session

POLL_S = 1.5


def offer(session: Session) -> None:
    """Says which model judges now, and offers to adapt it."""
    project = current_project(session)
    adapted = project is not None and project.model_id is not None
    if current_model_note(adapted):
        use_prior(session)
        st.rerun()
    config = training_settings(len(known_edges(current_history(session))), again=adapted)
    if config is not None:
        update_session(job_id=start_training(session, config))
        st.rerun()


@st.fragment(run_every=POLL_S)
def follow() -> None:
    """The live view; ends itself by rerunning the page once the job is over."""
    job = current_training(get_session()).job
    if job is None or job.state.is_final:
        st.rerun()
    elif training_progress(job):
        trainings().cancel(job.id)


def decide(session: Session, training: Training) -> None:
    """What came of a training that is over, and the choice to keep it."""
    job = training.job
    outcome = training_result(session, job) if job is not None and job.state == State.DONE else None
    if job is None or job.result is None or outcome is None:
        if training_end(job):
            dismiss_training(job)
            st.rerun()
        return
    decision = training_decision(job.result, job.seconds)
    training_outcome(job.result, outcome.before, outcome.after)
    if decision == "keep":
        keep_training(session, job)
        go_to("graph")
    elif decision == "discard":
        dismiss_training(job)
        st.rerun()


session = bootstrap("Train", "Adapt the network to your log and to your verdicts.")
require_log(session)
with show_errors():
    training = current_training(session)
    if training.job is None and not training.lost:
        offer(session)
    elif training.job is not None and not training.job.state.is_final:
        follow()
    else:
        decide(session, training)

"""Training: adapt the network to the log, follow it live, keep or discard what came of it."""

import streamlit as st

from causalviz.ui import adapting
from causalviz.ui.adapting import current_training
from causalviz.ui.components import training as parts
from causalviz.ui.compute import current_history, trainings
from causalviz.ui.guards import require_log, show_errors
from causalviz.ui.router import go_to
from causalviz.ui.session import Session, bootstrap, get_session, update_session

POLL_S = 1.5


def offer(session: Session) -> None:
    """Says which model judges now, and offers to adapt it."""
    judge = adapting.current_judge(session)
    if parts.current_model_note(judge):
        adapting.use_prior(session)
        st.rerun()
    config = parts.training_settings(len(adapting.known_edges(current_history(session))), again=judge == "adapted")
    if config is not None:
        update_session(job_id=adapting.start_training(session, config))
        st.rerun()
    if parts.recalibration_offer(adapting.fresh_verdicts(session)):
        found = adapting.recalibrate_now(session)
        if found is None or found.used:
            st.rerun()
        parts.recalibration_kept_off(found)


@st.fragment(run_every=POLL_S)
def follow() -> None:
    """The live view; ends itself by rerunning the page once the job is over."""
    job = current_training(get_session()).job
    if job is None or job.state.is_final:
        st.rerun()
    elif parts.training_progress(job):
        trainings().cancel(job.id)


def decide(session: Session, model_id: str) -> None:
    """What a finished training brought, and the choice to keep it."""
    outcome = adapting.training_result(session, model_id)
    if outcome is None:
        return
    decision = parts.training_decision(outcome.adaptation)
    parts.training_outcome(outcome.adaptation, outcome.before, outcome.after)
    if decision == "keep":
        adapting.keep_training(session, model_id)
        go_to("graph")
    elif decision == "discard":
        adapting.discard_training(session, model_id)
        st.rerun()


session = bootstrap("Train", "Adapt the network to your log and to your verdicts.")
require_log(session)
with show_errors():
    training = current_training(session)
    if training.model_id is not None:
        decide(session, training.model_id)
    elif training.job is not None and not training.job.state.is_final:
        follow()
    elif training.job is not None or training.lost:
        if parts.training_end(training.job):
            adapting.dismiss_training(session)
            st.rerun()
    else:
        offer(session)

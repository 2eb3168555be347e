"""Training: adapt the network to the log, follow it live, keep or discard what came of it, and look after models."""

import streamlit as st

from causalviz.ui import adapting, compute
from causalviz.ui.components import training_live, training_offer, training_outcome
from causalviz.ui.evaluating import change_known_graph
from causalviz.ui.guards import require_log, show_errors
from causalviz.ui.memory import resident_mb
from causalviz.ui.models_section import models_section
from causalviz.ui.recurrent_section import recurrent_section
from causalviz.ui.router import go_to
from causalviz.ui.session import Session, bootstrap, get_session, update_session

POLL_S = 1.5


def offer(session: Session) -> None:
    """Says which model judges now, and offers to train."""
    judge = adapting.current_judge(session)
    if training_offer.current_model_note(judge, adapting.judge_name(session)):
        adapting.use_prior(session)
        st.rerun()
    sources, project_id = adapting.current_sources(session), session.project_id or ""
    settings, config = training_offer.training_offer(sources, project_id, again=judge == "adapted")
    if settings.upload is not None or settings.forget:
        change_known_graph(session, settings.upload)
        st.rerun()
    if config is not None:
        update_session(job_id=adapting.start_training(session, config))
        st.rerun()
    if training_offer.recalibration_offer(adapting.fresh_verdicts(session)):
        found = adapting.recalibrate_now(session)
        if found is None or found.used:
            st.rerun()
        training_offer.recalibration_kept_off(found)
    models_section(session)
    recurrent_section(session)


@st.fragment(run_every=POLL_S)
def follow() -> None:
    """The live view; ends itself by rerunning the page once the job is over."""
    job = adapting.current_training(get_session()).job
    if job is None or job.state.is_final:
        st.rerun()
    elif (wish := training_live.training_progress(job, resident_mb())) is not None:
        compute.trainings().steer(job.id, wish)
        st.rerun(scope="fragment")


def decide(session: Session, model_id: str) -> None:
    """What a finished training brought, and the choice to keep it."""
    outcome = adapting.training_result(session, model_id)
    if outcome is None:
        return
    decision = training_outcome.training_decision(outcome.adaptation)
    training_outcome.training_outcome(outcome.adaptation, outcome.before, outcome.after)
    if decision == "keep":
        adapting.keep_training(session, model_id)
        go_to("graph")
    elif decision == "discard":
        adapting.discard_training(session, model_id)
        st.rerun()


session = bootstrap("Train", "Adapt the network to your log and to your verdicts.")
require_log(session)
with show_errors():
    training = adapting.current_training(session)
    if training.model_id is not None:
        decide(session, training.model_id)
    elif training.job is not None and not training.job.state.is_final:
        follow()
    elif training.job is not None or training.lost:
        if training_live.training_end(training.job):
            adapting.dismiss_training(session)
            st.rerun()
    else:
        offer(session)

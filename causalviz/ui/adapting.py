"""Adapting the network to the project's log, as a job that any tab of the project can follow.

The key of a training is its project, so that a refresh, a second tab or a return to the page finds it again. What
a training brought is kept only when the analyst says so: then it becomes a model in the store.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from causalviz.errors import UnknownRecord
from causalviz.ui.compute import current_history, current_log, current_project, prior_discovery, store, trainings
from causalviz.ui.session import update_session

if TYPE_CHECKING:
    from causalviz.graph.verdicts import History
    from causalviz.model.adaptation import Adaptation, AdaptConfig, AdaptStep, KnownEdge
    from causalviz.pipeline import Discovery
    from causalviz.ui.jobs import Job
    from causalviz.ui.session import Session

PAUSE_S = 0.01  # after each step of a training, in which the pages that wait are served


class Outcome(NamedTuple):
    """The log under the shipped prior and under the trained model."""

    before: Discovery
    after: Discovery


@dataclass(frozen=True)
class Training:
    """A training as the page sees it; ``lost`` if its server has ended since."""

    job: Job[AdaptStep, Adaptation] | None
    lost: bool = False


def known_edges(history: History) -> tuple[KnownEdge, ...]:
    """The verdicts as labels: accepted and added edges exist, rejected and reversed ones do not."""
    from causalviz.graph.verdicts import Ruling
    from causalviz.model.adaptation import KnownEdge

    exists = {Ruling.ACCEPTED: True, Ruling.ADDED: True, Ruling.REJECTED: False, Ruling.REVERSED: False}
    return tuple(
        KnownEdge(cause, effect, exists[standing.ruling])
        for (cause, effect), standing in history.standing().items()
        if standing.ruling in exists
    )


def current_training(session: Session) -> Training:
    """The latest training of the project, found by the session's job or else by the project."""
    if session.project_id is None:
        return Training(None)
    job = trainings().find(session.project_id)
    if job is not None or session.job_id is None:
        return Training(job)
    try:
        return Training(trainings().get(session.job_id))
    except UnknownRecord:
        return Training(None, lost=True)


def start_training(session: Session, config: AdaptConfig) -> str:
    """Starts adapting the shipped prior to the project's log and verdicts.

    Returns:
        The job's id.

    Raises:
        UnknownRecord: If there is no project or log to adapt to.
    """
    log, discovery, project_id = current_log(session), prior_discovery(session), session.project_id
    if log is None or discovery is None or project_id is None:
        raise UnknownRecord("There is no log to adapt to; choose one on the Data page.")
    known = known_edges(current_history(session))

    def work(on_step: Callable[[AdaptStep], None], cancelled: Callable[[], bool]) -> Adaptation:
        from causalviz.model.adaptation import adapt
        from causalviz.model.checkpoint import load_prior
        from causalviz.model.threads import one_core

        def asked() -> bool:
            time.sleep(PAUSE_S)
            return cancelled()

        with one_core():
            return adapt(load_prior(), discovery.features, log, known, config, on_step=on_step, cancelled=asked)

    return trainings().start(project_id, work)


def training_result(session: Session, job: Job[AdaptStep, Adaptation]) -> Outcome | None:
    """What a finished training would change in the project's log; None without a result or a log."""
    before = prior_discovery(session)
    if before is None or job.result is None:
        return None
    return Outcome(before, _after(job.id, before, job.result))


def keep_training(session: Session, job: Job[AdaptStep, Adaptation]) -> None:
    """Saves the trained model in the store and lets the project use it.

    Raises:
        UnknownRecord: If the project or the trained model is gone.
    """
    from causalviz.model.checkpoint import save_model

    project, adaptation = current_project(session), job.result
    if project is None or adaptation is None:
        raise UnknownRecord("There is no trained model to keep; train one first.")
    model = adaptation.model
    name = f"adapted to {project.name}"
    record = store().add_model(project.id, name, lambda folder: save_model(model, folder), dict(model.card))
    store().save_project(replace(project, model_id=record.id))
    dismiss_training(job)


def dismiss_training(job: Job[AdaptStep, Adaptation] | None) -> None:
    """Forgets a finished training, and that this visitor followed one."""
    if job is not None:
        trainings().forget(job.id)
    update_session(job_id=None)


def use_prior(session: Session) -> None:
    """Lets the project use the shipped prior again; the adapted model stays in the store."""
    project = current_project(session)
    if project is not None:
        store().save_project(replace(project, model_id=None))


@st.cache_resource(max_entries=4, show_spinner="Judging your log with the trained model")
def _after(job_id: str, _before: Discovery, _adaptation: Adaptation) -> Discovery:
    from causalviz.pipeline import judge_again

    del job_id  # the key
    return judge_again(_before, _adaptation.model)

"""Adapting the network to the project's log, as a job that any tab of the project can follow.

The key of a training is its project, so that a refresh, a second tab or a return to the page finds it again. What
a training brought is written to the store as soon as it ends, undecided: a server that is restarted loses nothing.
The project uses it only when the analyst says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import streamlit as st

from causalviz.errors import UnknownRecord
from causalviz.graph.store import DeedKind, Doing
from causalviz.ui.compute import (
    can_read_model,
    current_discovery,
    current_history,
    current_log,
    current_model,
    current_project,
    model_is_lost,
    prior_discovery,
    store,
    trainings,
)
from causalviz.ui.jobs import State
from causalviz.ui.session import update_session
from causalviz.ui.settings import known_graph_of

if TYPE_CHECKING:
    from causalviz.discovery import Discovery
    from causalviz.graph.store import ModelRecord
    from causalviz.graph.verdicts import History
    from causalviz.model.adapt_progress import AdaptStep
    from causalviz.model.adapted import Adaptation, AdaptConfig, KnownEdge
    from causalviz.model.recalibration import Recalibration
    from causalviz.ui.jobs import Job
    from causalviz.ui.session import Session

Judge = Literal["shipped", "recalibrated", "adapted", "lost"]
SHIPPED = ""  # the shipped network, where a model's id could stand


class Outcome(NamedTuple):
    """What a training brought, and the log under the model from before and under the one that came of it."""

    adaptation: Adaptation
    before: Discovery
    after: Discovery


class Sources(NamedTuple):
    """What a training could learn from besides matched worlds.

    Attributes:
        verdicts: How many verdicts there are.
        graph: Name of the uploaded graph; None without one.
        graph_edges: How many of its edges lie between behaviours of the log.
    """

    verdicts: int
    graph: str | None = None
    graph_edges: int = 0


@dataclass(frozen=True)
class Training:
    """A training as the page sees it.

    Attributes:
        job: While it runs, or where it failed or was cancelled.
        lost: Whether its server ended before it did.
        model_id: What it brought, if that is in the store and undecided.
    """

    job: Job[AdaptStep, Adaptation] | None = None
    lost: bool = False
    model_id: str | None = None


def known_edges(history: History) -> tuple[KnownEdge, ...]:
    """The verdicts as labels: accepted and added edges exist, rejected and reversed ones do not."""
    from causalviz.model.adapted import KnownEdge

    return tuple(KnownEdge(*pair, exists) for pair, exists in history.rulings().items())


def current_sources(session: Session) -> Sources:
    """What a training of the project could learn from."""
    project = current_project(session)
    known = None if project is None else known_graph_of(project)
    verdicts = len(known_edges(current_history(session)))
    log = current_log(session)
    if known is None or log is None:
        return Sources(verdicts)
    names = set(log.names)
    return Sources(verdicts, known.title, sum(names >= set(edge) for edge in known.edges))


def _graph_pairs(session: Session) -> tuple[KnownEdge, ...]:
    """What the uploaded graph says of all pairs of the log's behaviours: an edge, or none; empty without one."""
    from causalviz.model.adapted import KnownEdge

    project, log = current_project(session), current_log(session)
    known = None if project is None else known_graph_of(project)
    if known is None or log is None:
        return ()
    edges = set(known.edges)
    return tuple(KnownEdge(a, b, (a, b) in edges) for a in log.names for b in log.names if a != b)


def current_training(session: Session) -> Training:
    """The latest training of the project, running or over, or what it brought if that is undecided."""
    if session.project_id is None:
        return Training()
    job = trainings().find(session.project_id)
    if job is not None and job.state != State.DONE:
        return Training(job)
    undecided = store().undecided_model(session.project_id)
    if undecided is not None and can_read_model(undecided.id):
        return Training(model_id=undecided.id)
    return Training(lost=job is None and session.job_id is not None)


def start_training(session: Session, config: AdaptConfig) -> str:
    """Starts a training for the project's log, on the sources whose weight in the settings is not 0.

    Returns:
        The job's id.

    Raises:
        UnknownRecord: If there is no project or log to adapt to.
    """
    log, discovery, project_id = current_log(session), prior_discovery(session), session.project_id
    if log is None or discovery is None or project_id is None:
        raise UnknownRecord("There is no log to adapt to; choose one on the Data page.")
    known = known_edges(current_history(session))
    graph = _graph_pairs(session) if config.graph_weight else ()
    kept = store()
    name = "Adapted" if config.start == "shipped" else "From scratch"

    def work(on_step: Callable[[AdaptStep], None], cancelled: Callable[[], bool]) -> Adaptation:
        from causalviz.model.adaptation import adapt
        from causalviz.model.adapted import save_adaptation
        from causalviz.model.apart import run_apart
        from causalviz.model.checkpoint import load_prior

        outcome = run_apart(
            adapt, load_prior(), discovery.features, log, known, config, graph=graph, on_step=on_step,
            cancelled=cancelled,
        )  # fmt: skip
        if not outcome.cancelled:
            title, card = numbered(name, kept.models(project_id)), dict(outcome.model.card)
            kept.add_model(project_id, title, lambda folder: save_adaptation(outcome, folder), card)
        return outcome

    return trainings().start(project_id, work)


def numbered(name: str, models: Sequence[ModelRecord]) -> str:
    """The name with the first number behind it that no model has.

    Example:
        >>> numbered("Adapted", ())
        'Adapted 1'
    """
    taken = {record.name for record in models}
    return next(f"{name} {n}" for n in count(1) if f"{name} {n}" not in taken)


def judge_name(session: Session) -> str | None:
    """What the project's own network is called; None for the shipped one."""
    project = current_project(session)
    return None if project is None or project.model_id is None else store().model(project.model_id).name


def current_judge(session: Session) -> Judge:
    """Which kind of network judges the project's log."""
    project = current_project(session)
    if project is None or project.model_id is None:
        return "shipped"
    if model_is_lost(session):
        return "lost"
    return "adapted" if "adaptation" in store().model(project.model_id).card else "recalibrated"


def learned_pairs(session: Session) -> frozenset[tuple[str, str]]:
    """Pairs whose verdicts the project's own network was trained on."""
    project = current_project(session)
    if project is None or project.model_id is None:
        return frozenset()
    from causalviz.model.recalibration import verdicts_learned

    return verdicts_learned(store().model(project.model_id).card)


def fresh_verdicts(session: Session) -> int:
    """How many verdicts the network that judges the log has not learned from."""
    learned, known = learned_pairs(session), known_edges(current_history(session))
    return sum((edge.cause, edge.effect) not in learned for edge in known)


def recalibrate_now(session: Session) -> Recalibration | None:
    """Recalibrates the network that judges the log by the verdicts; what helps is in the store, undecided.

    Returns:
        What the verdicts did, or would have done.

    Raises:
        UnknownRecord: If there is no project or log.
    """
    from causalviz.model.adaptation import recalibrated
    from causalviz.model.adapted import save_adaptation

    log, discovery, project = current_log(session), current_discovery(session), current_project(session)
    if log is None or discovery is None or project is None:
        raise UnknownRecord("There is no log to recalibrate to; choose one on the Data page.")
    known = known_edges(current_history(session))
    outcome = recalibrated(current_model(session), discovery.features, log, known)
    if outcome.changed:
        name, card = numbered("Recalibrated", store().models(project.id)), dict(outcome.model.card)
        store().add_model(project.id, name, lambda folder: save_adaptation(outcome, folder), card)
    return outcome.recalibration


def training_result(session: Session, model_id: str) -> Outcome | None:
    """What a finished training would change in the project's log; None without a log.

    Raises:
        UnknownRecord: If another tab has discarded it.
        UnreadableModel: If its files are damaged.
    """
    adaptation = _adaptation(model_id, store().model_folder(model_id))
    before = prior_discovery(session) if adaptation.steps else current_discovery(session)
    if before is None:
        return None
    return Outcome(adaptation, before, _after(model_id, before, adaptation))


def keep_training(session: Session, model_id: str) -> None:
    """Lets the project use what its training brought.

    Raises:
        UnknownRecord: If the project or the trained model is gone.
    """
    project = current_project(session)
    if project is None:
        raise UnknownRecord("There is no project that could use the model; open one.")
    store().save_project(replace(project, model_id=model_id), session.author, judged_by(model_id))
    store().keep_model(model_id)  # last: if the project could not be saved, the choice is still open
    dismiss_training(session)


def judged_by(model_id: str) -> Doing:
    """What the trail says of a change of the network."""
    name = "the shipped network" if model_id == SHIPPED else f"the network “{store().model(model_id).name}”"
    return Doing(DeedKind.JUDGED, f"by {name}")


def discard_training(session: Session, model_id: str) -> None:
    """Throws away what a training brought."""
    store().discard_model(model_id)
    dismiss_training(session)


def dismiss_training(session: Session) -> None:
    """Forgets the project's finished training, and that this visitor followed one."""
    job = None if session.project_id is None else trainings().find(session.project_id)
    if job is not None:
        trainings().forget(job.id)
    update_session(job_id=None)


def use_prior(session: Session) -> None:
    """Lets the project use the shipped prior again; the adapted model stays in the store."""
    project = current_project(session)
    if project is not None:
        store().save_project(replace(project, model_id=None), session.author, judged_by(SHIPPED))


@st.cache_resource(max_entries=4, show_spinner=False)
def _adaptation(model_id: str, _folder: Path) -> Adaptation:
    from causalviz.model.adapted import load_adaptation

    del model_id  # the key
    return load_adaptation(_folder)


@st.cache_resource(max_entries=4, show_spinner="Judging your log with the trained model")
def _after(model_id: str, _before: Discovery, _adaptation: Adaptation) -> Discovery:
    from causalviz.discovery import judge_again

    del model_id  # the key
    return judge_again(_before, _adaptation.model)

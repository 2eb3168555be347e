"""Cached stages: from the ids in the session to logs, discoveries and graphs.

Each stage is kept for the whole process under the fingerprint of what it was made from, never under the value
itself: hashing large frames samples them and misses edits. Slow stages run as jobs, so that leaving the page does
not lose them and two tabs do not compute the same one twice. Heavy libraries are imported by the stage that needs
them, so that the first page is there at once.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import streamlit as st

from causalviz.errors import CausalVizError, UnreadableModel
from causalviz.ui.jobs import JobRegistry, State

if TYPE_CHECKING:
    from causalviz.events.log import EventLog
    from causalviz.events.rules import RawEvents
    from causalviz.explain.evidence import Evidence
    from causalviz.explain.shapley import EdgeExplanation, Importance
    from causalviz.graph.causal_graph import CausalGraph, Estimate, View
    from causalviz.graph.store import Project, Store
    from causalviz.graph.verdicts import History
    from causalviz.model.adaptation import Adaptation, AdaptStep
    from causalviz.model.network import EdgeModel
    from causalviz.pipeline import Discovery
    from causalviz.ui.session import Session

EVENTS_FILE = "events.parquet"  # of each log's folder in the store
POLL_S = 0.1

Result = TypeVar("Result")
Stage = tuple[str, int, int]  # what is being done, stages done, stages in all


def store() -> Store:
    """The project store of this server; its folder follows ``CAUSALVIZ_HOME``."""
    return _store(os.environ.get("CAUSALVIZ_HOME", ""))


def current_project(session: Session) -> Project | None:
    """The open project as the store has it now, or None."""
    return None if session.project_id is None else store().project(session.project_id)


def current_raw(session: Session) -> RawEvents | None:
    """The raw events of the project's log, or None before one was chosen."""
    project = current_project(session)
    if project is None or project.log_id is None:
        return None
    return _raw(str(store().log_folder(project.log_id) / EVENTS_FILE))


def current_log(session: Session) -> EventLog | None:
    """The project's log after its rules, or None before one was chosen.

    Raises:
        UnusableLog: If the rules leave no events.
    """
    raw, project = current_raw(session), current_project(session)
    if raw is None or project is None:
        return None
    return _log(raw.fingerprint, json.dumps(project.settings.get("rules"), sort_keys=True), raw, project)


def current_model(session: Session) -> EdgeModel:
    """The network that judges this project's log: its adapted one, or the shipped prior, also in place of one that
    cannot be read: a network of an earlier version must not close the project (``model_is_lost`` tells)."""
    return _own_model(current_project(session)) or _model("")


def model_is_lost(session: Session) -> bool:
    """Whether the project has a network of its own that this version cannot read."""
    project = current_project(session)
    return project is not None and project.model_id is not None and _own_model(project) is None


def can_read_model(model_id: str) -> bool:
    """Whether this version reads a stored network: not one that an earlier version made, nor a damaged one."""
    return _stored_model(model_id) is not None


def current_discovery(session: Session) -> Discovery | None:
    """What was found in the project's log; computed on first use, with its progress on the page.

    Raises:
        CausalVizError: If the log or the model cannot be used.
    """
    log, project = current_log(session), current_project(session)
    if log is None or project is None:
        return None
    prior = follow(discoveries(), discoveries().ensure(log.fingerprint, _discovering(log)), "Reading causes")
    own = _own_model(project)
    if project.model_id is None or own is None:
        return prior
    return _judged_again(log.fingerprint, project.model_id, prior, own)


def prior_discovery(session: Session) -> Discovery | None:
    """The same with the shipped prior, whatever model the project uses; the base of adapting and comparing."""
    log = current_log(session)
    if log is None:
        return None
    return follow(discoveries(), discoveries().ensure(log.fingerprint, _discovering(log)), "Reading causes")


def current_history(session: Session) -> History:
    """All verdicts on the project, read anew so that other tabs' verdicts are seen."""
    from causalviz.graph.verdicts import History

    return History() if session.project_id is None else store().history(session.project_id)


def current_view(session: Session) -> View:
    """Which part of the graph the project shows."""
    from causalviz.graph.causal_graph import View
    from causalviz.ui.settings import view_of

    project = current_project(session)
    return View() if project is None else view_of(project)


def current_estimates(session: Session) -> tuple[Estimate, ...]:
    """The model's answer for every ordered pair; empty before a log was chosen."""
    discovery = current_discovery(session)
    return () if discovery is None else _estimates(discovery.log_fingerprint, discovery.model_id, discovery)


def current_graph(session: Session) -> CausalGraph | None:
    """The graph to draw: estimates under the view, verdicts laid over them; None before a log was chosen."""
    from causalviz.graph.causal_graph import lay_over

    discovery = current_discovery(session)
    if discovery is None:
        return None
    return lay_over(discovery.names, current_estimates(session), current_history(session), current_view(session))


def current_explanation(session: Session, cause: str, effect: str) -> EdgeExplanation | None:
    """Why the current model gives one pair its probability; None before a log was chosen.

    Raises:
        UnknownBehaviour: If a name is not among the behaviours.
    """
    discovery = current_discovery(session)
    if discovery is None:
        return None
    key = (discovery.log_fingerprint, discovery.model_id, cause, effect)
    return _explanation(key, discovery, current_model(session))


def current_evidence(session: Session, cause: str, effect: str) -> Evidence | None:
    """What the log itself shows about one pair; None before a log was chosen.

    Raises:
        UnknownBehaviour: If a name is not among the behaviours.
    """
    log, discovery = current_log(session), current_discovery(session)
    if log is None or discovery is None:
        return None
    return _evidence((log.fingerprint, cause, effect), log, discovery)


def current_importance(session: Session) -> Importance | None:
    """What the judgements on all candidate pairs rest on; computed on first use, with its progress."""
    discovery = current_discovery(session)
    if discovery is None:
        return None
    model = current_model(session)

    def work(on_step: Callable[[Stage], None], _cancelled: Callable[[], bool]) -> Importance:
        from causalviz.explain.shapley import explain_all

        return explain_all(
            discovery.features, model, discovery.names, lambda done, total: on_step(("pairs weighed", done, total))
        )

    key = f"{discovery.log_fingerprint} {discovery.model_id}"
    return follow(importances(), importances().ensure(key, work), "Explaining all pairs")


@st.cache_resource(show_spinner=False)
def discoveries() -> JobRegistry[Stage, Discovery]:
    """Discoveries of this process, one per log."""
    return JobRegistry(max_running=2, max_kept=6)


@st.cache_resource(show_spinner=False)
def importances() -> JobRegistry[Stage, Importance]:
    """Global explanations of this process, one per log and model."""
    return JobRegistry(max_running=1, max_kept=6)


@st.cache_resource(show_spinner=False)
def trainings() -> JobRegistry[AdaptStep, Adaptation]:
    """Trainings of this process; one runs, the others wait."""
    return JobRegistry(max_running=1, max_kept=8)


def follow(registry: JobRegistry[Stage, Result], job_id: str, label: str) -> Result:
    """Waits for a job, showing its progress where the page stands.

    Args:
        registry: Whose job it is.
        job_id: Which.
        label: Shown before the first step.

    Returns:
        Its result.

    Raises:
        CausalVizError: If it failed or was cancelled.
    """
    job = registry.get(job_id)
    if not job.state.is_final:
        place = st.empty()
        while not job.state.is_final:
            stage, done, total = job.steps[-1] if job.steps else ("starting", 0, 1)
            place.progress(min(1.0, done / max(total, 1)), f"{label}: {stage} ({done} of {total})")
            time.sleep(POLL_S)
            job = registry.get(job_id)
        place.empty()
    if job.state != State.DONE or job.result is None:
        raise CausalVizError(job.error or "The work was cancelled; start it again.")
    return job.result


def _discovering(log: EventLog) -> Callable[[Callable[[Stage], None], Callable[[], bool]], Discovery]:
    def work(on_step: Callable[[Stage], None], _cancelled: Callable[[], bool]) -> Discovery:
        from causalviz.pipeline import discover

        return discover(log, on_progress=lambda *stage: on_step(stage))

    return work


@st.cache_resource(max_entries=2, show_spinner=False)
def _store(home: str) -> Store:
    from causalviz.graph.store import Store

    return Store(Path(home) if home else None)


@st.cache_resource(max_entries=4, show_spinner=False)
def _raw(path: str) -> RawEvents:
    from causalviz.events.rules import RawEvents

    return RawEvents.load(Path(path))


@st.cache_resource(max_entries=6, show_spinner=False)
def _log(fingerprint: str, rules: str, _raw: RawEvents, _project: Project) -> EventLog:
    from causalviz.events.rules import apply_rules
    from causalviz.ui.settings import rules_of

    del fingerprint, rules  # the key
    return apply_rules(_raw, rules_of(_project))


def _own_model(project: Project | None) -> EdgeModel | None:
    """The network that was trained for a project; None where there is none that this version reads."""
    return None if project is None or project.model_id is None else _stored_model(project.model_id)


def _stored_model(model_id: str) -> EdgeModel | None:
    try:
        return _model(str(store().model_folder(model_id)))
    except UnreadableModel:
        return None


@st.cache_resource(max_entries=4, show_spinner=False)
def _model(folder: str) -> EdgeModel:
    from causalviz.model.checkpoint import load_model, load_prior

    return load_model(Path(folder)) if folder else load_prior()


@st.cache_resource(max_entries=6, show_spinner=False)
def _judged_again(fingerprint: str, model_id: str, _prior: Discovery, _model: EdgeModel) -> Discovery:
    from causalviz.pipeline import judge_again

    del fingerprint, model_id  # the key
    return judge_again(_prior, _model)


@st.cache_resource(max_entries=6, show_spinner=False)
def _estimates(fingerprint: str, model_id: str, _discovery: Discovery) -> tuple[Estimate, ...]:
    from causalviz.graph.causal_graph import estimates_of

    del fingerprint, model_id  # the key
    return estimates_of(_discovery.table())


@st.cache_resource(max_entries=128, show_spinner="Weighing the arguments")
def _explanation(key: tuple[str, ...], _discovery: Discovery, _model: EdgeModel) -> EdgeExplanation:
    from causalviz.explain.shapley import explain_edge

    cause, effect = key[-2:]
    return explain_edge(_discovery.features, _model, _discovery.names, cause, effect, _discovery.counts)


@st.cache_resource(max_entries=128, show_spinner=False)
def _evidence(key: tuple[str, ...], _log: EventLog, _discovery: Discovery) -> Evidence:
    from causalviz.explain.evidence import pair_evidence

    cause, effect = key[-2:]
    at = tuple(_discovery.names.index(name) if name in _discovery.names else 0 for name in (cause, effect))
    effects = _discovery.effects
    lowers = bool(effects.high[at] < 1)
    return pair_evidence(_log, _discovery.counts, cause, effect, float(effects.delay_s[at]), lowers)

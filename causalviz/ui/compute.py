"""Cached stages: from the ids in the session to logs, discoveries and graphs.

Each stage is kept for the whole process under the fingerprint of what it was made from, never under the value
itself: hashing large frames samples them and misses edits. Slow stages run as jobs, so that leaving the page does
not lose them and two tabs do not compute the same one twice. Heavy libraries are imported by the stage that needs
them, so that the first page is there at once.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from causalviz.errors import UnreadableModel
from causalviz.ui.discovering import found_in
from causalviz.ui.following import Stage, follow
from causalviz.ui.jobs import JobRegistry

if TYPE_CHECKING:
    from causalviz.discovery import Discovery
    from causalviz.events.log import EventLog
    from causalviz.events.rules import RawEvents
    from causalviz.explain.evidence import Evidence
    from causalviz.explain.shapley import EdgeExplanation, Importance
    from causalviz.graph.causal_graph import Answers, CausalGraph, Estimate, View
    from causalviz.graph.comparison import Side
    from causalviz.graph.knowledge import Knowledge
    from causalviz.graph.store import Project, Store
    from causalviz.graph.verdicts import History
    from causalviz.model.adapt_progress import AdaptStep
    from causalviz.model.adapted import Adaptation
    from causalviz.model.edge_model import EdgeModel
    from causalviz.ui.session import Session

EVENTS_FILE = "events.parquet"  # of each log's folder in the store


def store() -> Store:
    """The project store of this server; its folder follows ``CAUSALVIZ_HOME``."""
    return _store(os.environ.get("CAUSALVIZ_HOME", ""))


def current_project(session: Session) -> Project | None:
    """The open project as the store has it now, or None."""
    return None if session.project_id is None else store().project(session.project_id)


def current_raw(session: Session) -> RawEvents | None:
    """The raw events of the project's log, or None before one was chosen."""
    project = current_project(session)
    return None if project is None else _raw_of_state(project)


def current_log(session: Session) -> EventLog | None:
    """The project's log after its rules, or None before one was chosen.

    Raises:
        UnusableLog: If the rules leave no events.
    """
    project = current_project(session)
    return None if project is None else log_of_state(project)


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
    return _is_readable(str(store().model_folder(model_id)))


def current_discovery(session: Session) -> Discovery | None:
    """What was found in the project's log; computed on first use, with its progress on the page.

    Raises:
        CausalVizError: If the log or the model cannot be used.
    """
    project = current_project(session)
    return None if project is None else discovery_of_state(project)


def prior_discovery(session: Session) -> Discovery | None:
    """The same with the shipped prior, whatever model the project uses; the base of adapting and comparing."""
    project = current_project(session)
    return None if project is None else _found(project)


def current_history(session: Session) -> History:
    """All verdicts on the project, with the names of today and under its rules; other tabs' are seen at once."""
    from causalviz.graph.verdicts import History

    project = current_project(session)
    return History() if project is None else _present_history(project)


def current_view(session: Session) -> View:
    """Which part of the graph the project shows."""
    from causalviz.graph.causal_graph import View
    from causalviz.ui.settings import view_of

    project = current_project(session)
    return View() if project is None else view_of(project)


def estimates_in(discovery: Discovery) -> tuple[Estimate, ...]:
    """The model's answer for every ordered pair of one discovery."""
    return _estimates(discovery.log_fingerprint, discovery.answer_id, discovery)


def current_answers(session: Session) -> Mapping[tuple[str, str], Estimate]:
    """The model's answer for every ordered pair; empty before a log was chosen."""
    discovery = current_discovery(session)
    if discovery is None:
        return {}
    return _answers(discovery.log_fingerprint, discovery.answer_id, discovery).by_pair


def current_graph(session: Session) -> CausalGraph | None:
    """The graph to draw: estimates under the view, verdicts laid over them; None before a log was chosen."""
    project = current_project(session)
    if project is None:
        return None
    discovery, history = discovery_of_state(project), _present_history(project)
    return _graph(*_present(project), len(history.entries), project, discovery, history)


def log_of_state(state: Project) -> EventLog | None:
    """The log of a state of a project, after the state's rules; None before one was chosen.

    Args:
        state: A project as it is, or as it was in a version; it need not be in the store.

    Raises:
        UnusableLog: If the rules leave no events.
    """
    raw = _raw_of_state(state)
    if raw is None:
        return None
    return _log(raw.fingerprint, json.dumps(state.settings.get("rules"), sort_keys=True), raw, state)


def discovery_of_state(state: Project) -> Discovery | None:
    """What the model of a state finds in its log; the open project is not touched.

    Raises:
        CausalVizError: If the log or the model cannot be used.
    """
    found = _found(state)
    if found is None:
        return None
    own = _own_model(state)
    if state.model_id is not None and own is not None:
        found = _judged_again(found.log_fingerprint, state.model_id, found, own)
    knowledge, verdicts = knowledge_of_state(state), _informing(state)
    if not (knowledge or verdicts):
        return found
    key = hashlib.blake2b(repr((knowledge, verdicts)).encode(), digest_size=16).hexdigest()
    return _told(found.log_fingerprint, found.model_id, key, found, own or _model(""), knowledge, verdicts)


def names_of_state(state: Project) -> tuple[str, ...]:
    """The log's behaviours, and the assumed ones that it does not have."""
    from causalviz.ui.settings import assumed_behaviours

    log = log_of_state(state)
    return tuple(dict.fromkeys([*(() if log is None else log.names), *assumed_behaviours(state)]))


def knowledge_of_state(state: Project) -> Knowledge:
    """The rules of a state's expert, with the names that its behaviours have now.

    Raises:
        SettingsError: If they are damaged.
    """
    from causalviz.graph.knowledge import mapped
    from causalviz.graph.naming import renaming, rules_at
    from causalviz.ui.settings import former_rules, knowledge_of, knowledge_since, rules_of

    written = knowledge_of(state)
    if not written:
        return written
    now = rules_of(state)
    then = rules_at(knowledge_since(state), former_rules(state), now)
    return mapped(written, renaming(then, now, names_of_state(state)))


def check_knowledge_of_state(state: Project) -> None:
    """Refuses a state whose behaviours were renamed or merged so that two rules of the expert clash.

    Raises:
        KnowledgeConflict: With the sentence that names the two.
    """
    from causalviz.graph.knowledge import check_rules

    check_rules(knowledge_of_state(state), acyclic=bool(state.settings.get("acyclic", False)))


def history_of_state(state: Project, history: History) -> History:
    """Verdicts with the names that the behaviours of a state have now, entry by entry, and with the state's rules."""
    from causalviz.graph.naming import entries_now
    from causalviz.ui.settings import former_rules, rules_of

    entries = entries_now(history.entries, former_rules(state), rules_of(state), names_of_state(state))
    return replace(history, entries=entries, knowledge=knowledge_of_state(state))


def graph_of_state(state: Project, history: History) -> CausalGraph | None:
    """The graph of a state of a project: its estimates under its view, its verdicts laid over them.

    Behaviours that an expert assumes are nodes too; in a project without a log, a sketch, they are the only ones.

    Args:
        state: A project as it is, or as it was in a version.
        history: The verdicts that it has, with the names that they were given with.

    Raises:
        CausalVizError: If the log or the model cannot be used.
    """
    return _laid_over(state, discovery_of_state(state), history_of_state(state, history))


def side_of_state(state: Project, history: History) -> Side | None:
    """The same with all of the model's answers, to be compared with another one."""
    from causalviz.graph.comparison import Side

    graph, discovery = graph_of_state(state, history), discovery_of_state(state)
    if graph is None:
        return None
    return Side(graph, () if discovery is None else estimates_in(discovery))


def current_explanation(session: Session, cause: str, effect: str) -> EdgeExplanation | None:
    """Why the current model gives one pair its probability; None before a log was chosen.

    Raises:
        UnknownBehaviour: If a name is not among the behaviours.
    """
    discovery = current_discovery(session)
    if discovery is None:
        return None
    key = (discovery.log_fingerprint, discovery.answer_id, cause, effect)
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
def importances() -> JobRegistry[Stage, Importance]:
    """Global explanations of this process, one per log and model."""
    return JobRegistry(max_running=1, max_kept=6)


@st.cache_resource(show_spinner=False)
def trainings() -> JobRegistry[AdaptStep, Adaptation]:
    """Trainings of this process; one runs, the others wait."""
    return JobRegistry(max_running=1, max_kept=8)


def _laid_over(state: Project, discovery: Discovery | None, history: History) -> CausalGraph | None:
    from causalviz.graph.causal_graph import lay_over
    from causalviz.ui.settings import view_of

    names = names_of_state(state)
    if not names and state.log_id is not None:
        return None
    answers = () if discovery is None else _answers(discovery.log_fingerprint, discovery.answer_id, discovery)
    return lay_over(names, answers, history, view_of(state))


def _present(project: Project) -> tuple[str, str, int]:
    """The key of a project as it is now; its verdicts, which are only ever added to, are counted apart."""
    return str(store().home), project.id, project.revision


def _present_history(project: Project) -> History:
    return _history(*_present(project), store().history_length(project.id), project)


@st.cache_resource(max_entries=6, show_spinner=False)
def _history(home: str, project_id: str, revision: int, length: int, _project: Project) -> History:
    """Read and replayed once, however many parts of a page ask for it."""
    del home, revision  # the key
    return history_of_state(_project, store().history(project_id).first(length))


@st.cache_resource(max_entries=6, show_spinner=False)
def _graph(
    home: str,
    project_id: str,
    revision: int,
    length: int,
    _project: Project,
    _discovery: Discovery | None,
    _verdicts: History,
) -> CausalGraph | None:
    del home, project_id, revision, length  # the key
    return _laid_over(_project, _discovery, _verdicts)


def _found(state: Project) -> Discovery | None:
    """What the shipped prior finds in the log of a state."""
    log = log_of_state(state)
    if log is None or state.log_id is None:
        return None
    return found_in(log, store().log_folder(state.log_id))


@st.cache_resource(max_entries=2, show_spinner=False)
def _store(home: str) -> Store:
    from causalviz.graph.store import Store

    return Store(Path(home) if home else None)


@st.cache_resource(max_entries=4, show_spinner=False)
def _raw(path: str) -> RawEvents:
    from causalviz.events.rules import RawEvents

    return RawEvents.load(Path(path))


def _raw_of_state(state: Project) -> RawEvents | None:
    return None if state.log_id is None else _raw(str(store().log_folder(state.log_id) / EVENTS_FILE))


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
    return _model(str(store().model_folder(model_id))) if can_read_model(model_id) else None


@st.cache_resource(max_entries=256, show_spinner=False)
def _is_readable(folder: str) -> bool:
    """Found out once: a stored model never changes, and a list of many would push the one that judges out of memory."""
    from causalviz.model.checkpoint import load_model

    try:
        load_model(Path(folder))
    except UnreadableModel:
        return False
    return True


@st.cache_resource(max_entries=4, show_spinner=False)
def _model(folder: str) -> EdgeModel:
    from causalviz.model.checkpoint import load_model, load_prior

    return load_model(Path(folder)) if folder else load_prior()


@st.cache_resource(max_entries=6, show_spinner=False)
def _judged_again(fingerprint: str, model_id: str, _prior: Discovery, _model: EdgeModel) -> Discovery:
    from causalviz.discovery import judge_again

    del fingerprint, model_id  # the key
    return judge_again(_prior, _model)


@st.cache_resource(max_entries=6, show_spinner="Judging again with what the expert knows")
def _told(
    fingerprint: str,
    model_id: str,
    key: str,
    _found: Discovery,
    _model: EdgeModel,
    _knowledge: Knowledge,
    _verdicts: tuple[tuple[str, str, bool], ...],
) -> Discovery:
    from causalviz.discovery import judge_again

    del fingerprint, model_id, key  # the key
    open_ = [told for told in _verdicts if _knowledge.decision(*told[:2]) is None]
    return judge_again(_found, _model, [*open_, *_knowledge.known_pairs(_found.names)])


def _informing(state: Project) -> tuple[tuple[str, str, bool], ...]:
    """What the verdicts that the estimates take in say; empty where they take in none."""
    from causalviz.graph.review import told_by_verdicts
    from causalviz.ui.settings import informed_of

    entries = informed_of(state)
    return told_by_verdicts(history_of_state(state, store().history(state.id)), entries) if entries else ()


@st.cache_resource(max_entries=6, show_spinner=False)
def _answers(fingerprint: str, answer_id: str, _discovery: Discovery) -> Answers:
    from causalviz.graph.causal_graph import Answers

    return Answers(_estimates(fingerprint, answer_id, _discovery))


@st.cache_resource(max_entries=6, show_spinner=False)
def _estimates(fingerprint: str, answer_id: str, _discovery: Discovery) -> tuple[Estimate, ...]:
    from causalviz.graph.causal_graph import estimates_of

    del fingerprint, answer_id  # the key
    return estimates_of(_discovery.table())


@st.cache_resource(max_entries=128, show_spinner="Weighing the arguments")
def _explanation(key: tuple[str, ...], _discovery: Discovery, _model: EdgeModel) -> EdgeExplanation:
    return _discovery.explanation(_model, *key[-2:])


@st.cache_resource(max_entries=128, show_spinner=False)
def _evidence(key: tuple[str, ...], _log: EventLog, _discovery: Discovery) -> Evidence:
    return _discovery.evidence(_log, *key[-2:])

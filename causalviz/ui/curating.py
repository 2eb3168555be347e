"""Correcting the graph: what an expert does becomes verdicts and places in the store, at once.

Operations come from two sides: from the editor's outbox, in which one may be seen many times, and from buttons of the
page, which queue theirs. ``take_in`` applies both before the graph is drawn; what would overrule what another person
or tab has said in the meantime waits for a decision (``ui.contest``). How far each mounted editor's operations
have been applied stands in the store, written in one transaction with the verdicts, so that neither a refresh nor a
restart of the server can apply one twice.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import streamlit as st

from causalviz.graph.causal_graph import attributed_events, narrowed
from causalviz.graph.layout import layered_positions
from causalviz.graph.moment import now
from causalviz.graph.verdicts import Ruling
from causalviz.plots.network import Dress, Follow
from causalviz.ui.behaviours import Steps, can_step, change_behaviours, take_step, with_names_of_today
from causalviz.ui.compute import (
    current_answers,
    current_discovery,
    current_graph,
    current_history,
    current_log,
    current_project,
    current_view,
    history_of_state,
    store,
)
from causalviz.ui.contest import Contest, Waiting, Written, write_operations
from causalviz.ui.graph_editor import Acked, Applied, Kind, Operation, apply_operations, editor_answer
from causalviz.ui.graph_editor.operations import LEAST_NAMES
from causalviz.ui.session import get_session, update_session
from causalviz.ui.settings import assumed_behaviours, behaviour_notes, view_of, with_view

if TYPE_CHECKING:
    from causalviz.discovery import Discovery
    from causalviz.events.log import EventLog
    from causalviz.graph.causal_graph import CausalGraph, Edge, View
    from causalviz.graph.verdicts import History
    from causalviz.ui.session import Session

QUEUE = "graph_operations"
LEAST_NEXT = 0.1  # share of what comes right after a behaviour, from which on it is drawn as following
BEFORE = "places_before"  # (project, places) before the boxes were laid out again
SEEN = "history_seen"  # (project, entries) as this tab drew them last

PRESENTING = "Nothing was changed: presentation mode is on; the project's menu turns it off."

Places = Mapping[str, tuple[float, float]]


class Taken(NamedTuple):
    """The outcome of what was done since the graph was last drawn."""

    acked: Acked
    notices: tuple[str, ...]
    contests: tuple[Contest, ...] = ()


class Looks(NamedTuple):
    """What a log tells of each behaviour: its event type, its item if it has one, its number of events."""

    kinds: Mapping[str, str]
    items: Mapping[str, str]
    counts: Mapping[str, int]


class BehaviourFacts(NamedTuple):
    """What is known of one behaviour.

    Attributes:
        name: Its name.
        kind: Its event type; empty where that says no more than the name.
        events: How many the log has; None for an assumed one, which the log has not.
        causes: How many arrows end at it.
        effects: How many begin at it.
        note: Words on it.
    """

    name: str
    kind: str
    events: int | None
    causes: int
    effects: int
    note: str


def propose(*operations: Operation) -> None:
    """Queues what a button means; call it in the button's callback."""
    st.session_state[QUEUE] = (*st.session_state.get(QUEUE, ()), *operations)


def take_in(key: str) -> Taken:
    """Applies what the editor sent and the buttons queued, each once.

    Args:
        key: Of the editor.

    Returns:
        What the editor may forget, a sentence for each operation that was refused, and what waits for a decision.

    Raises:
        RevisionConflict: If others kept being faster.
    """
    session, answer = get_session(), editor_answer(key)
    acked = Acked(answer.client, store().acked(answer.client)) if answer.client else Acked()
    operations = (*answer.since(acked), *st.session_state.pop(QUEUE, ()))
    if session.presenting:
        return Taken(answer.acknowledge(acked), (PRESENTING,) if operations else ())
    if session.project_id is None:
        return Taken(acked, ())
    graph = current_graph(session) if operations else None
    if graph is None:
        see_history(session.project_id, store().history_length(session.project_id))
        return Taken(acked, (), contests().of(session.project_id, session.author))
    messages: list[str] = []
    for group in _groups(session, operations):
        if answer.client:
            acked = Acked(answer.client, max([acked.seq, *(operation.seq for operation in group)]))
        messages += _done(get_session(), session.project_id, group, acked)
    return Taken(acked, tuple(messages), contests().of(session.project_id, session.author))


def _groups(session: Session, operations: tuple[Operation, ...]) -> list[tuple[Operation, ...]]:
    """Operations that are applied at once: all of them, or each by itself where changes of behaviours are among what
    undo and redo go through."""
    turns = any(operation.kind in {Kind.UNDO, Kind.REDO} for operation in operations)
    edits = any(operation.kind in LEAST_NAMES for operation in operations)
    if turns and (edits or any(can_step(session))):
        return [(operation,) for operation in operations]
    return [operations]


def _done(session: Session, project_id: str, operations: tuple[Operation, ...], acked: Acked) -> tuple[str, ...]:
    """Applies operations and writes what comes of them; returns a sentence for each one that was refused."""
    graph, project = current_graph(session), current_project(session)
    if graph is None or project is None:
        return ()
    refusal, operations = "", with_names_of_today(project, operations)
    if len(operations) == 1 and _is_step(session, operations[0].kind):
        refusal, operations = take_step(session, operations[0].kind), ()
    applied, held = _written(session, project_id, graph, operations, acked)
    see_history(project_id, len(applied.history.entries))
    contests().add(project_id, session.author, held)
    store().save_positions(project_id, applied.moved)
    select(applied.selected)
    refusals = change_behaviours(session, applied.edits)
    return tuple(filter(None, (*applied.messages, *refusals, refusal)))


def _is_step(session: Session, kind: Kind) -> bool:
    able = can_step(session)
    return (kind is Kind.UNDO and able.undo) or (kind is Kind.REDO and able.redo)


def can_travel(session: Session) -> Steps:
    """Whether there is something to undo, and to redo: a verdict or a change of behaviours."""
    history, steps = current_history(session), can_step(session)
    return Steps(history.can_undo or steps.undo, history.can_redo or steps.redo)


def see_history(project_id: str, length: int) -> None:
    """Notes that this tab shows the project with so many entries; what comes later is by others."""
    st.session_state[SEEN] = project_id, length


@st.cache_resource(show_spinner=False)
def contests() -> Waiting:
    """What waits for a decision in this server."""
    return Waiting()


def settle_contest(project_id: str, contest: Contest, insist: bool) -> None:
    """Decides a contest: does what was wanted after all, or leaves what the other said. Call it in a callback."""
    if contests().take(project_id, get_session().author, contest) and insist:
        propose(replace(contest.operation, seq=0))


def selected(session: Session) -> tuple[str, ...]:
    """What is selected: (cause, effect), (behaviour,) or nothing."""
    return tuple(name for name in (session.cause, session.effect) if name is not None)


def select(names: tuple[str, ...]) -> None:
    """Selects an edge, a behaviour or nothing; other pages and the URL follow."""
    cause, effect = (*filter(None, names), None, None)[:2]
    update_session(cause=cause, effect=effect)


def current_places(session: Session, graph: CausalGraph) -> Places:
    """Where the boxes stand. What has no place yet gets one, which is kept: the drawing never jumps by itself."""
    if session.project_id is None:
        return layered_positions(graph.behaviours, _sure_pairs(graph), {})
    drawn = frozenset(graph.behaviours)
    kept = {name: at for name, at in store().positions(session.project_id).items() if name in drawn}
    if 2 * len(kept) < len(graph.behaviours):  # other rules made nearly another graph
        kept = {}
    places = layered_positions(graph.behaviours, _sure_pairs(graph), kept)
    if not session.presenting:
        store().save_positions(session.project_id, {name: at for name, at in places.items() if name not in kept})
    return places


def arrange_anew() -> None:
    """Lays the boxes out again, by the edges that are shown; where they were put before is kept for ``put_back``."""
    session = get_session()
    graph = current_graph(session)
    if graph is not None and session.project_id is not None and not session.presenting:
        st.session_state[BEFORE] = session.project_id, store().positions(session.project_id)
        store().save_positions(session.project_id, layered_positions(graph.behaviours, _sure_pairs(graph), {}))


def can_put_back(project_id: str) -> bool:
    """Whether this tab knows where the project's boxes stood before they were laid out again."""
    return bool(st.session_state.get(BEFORE, ("",))[0] == project_id)


def put_back() -> None:
    """Puts the boxes where they stood before they were laid out again; call it in a callback."""
    project_id, places = st.session_state.pop(BEFORE)
    store().save_positions(project_id, places)


def change_view(change: Callable[[View], View]) -> None:
    """Changes what the project shows, and keeps it; two tabs that change different parts of it both count."""
    session = get_session()
    if session.project_id is not None and not session.presenting:
        store().change_project(session.project_id, lambda project: with_view(project, change(view_of(project))))


def current_looks(session: Session) -> Looks:
    """What the log tells of each behaviour; empty before one was chosen."""
    log = current_log(session)
    return Looks({}, {}, {}) if log is None else _looks(log.fingerprint, log)


def current_dress(session: Session, tones: Mapping[tuple[str, str], str]) -> Dress:
    """What is told of the graph beside its edges.

    Args:
        session: Whose project.
        tones: Meaning of single edges, where a reading or a comparison gives them one.
    """
    project, discovery, looks = current_project(session), current_discovery(session), current_looks(session)
    if project is None:
        return Dress()
    wanted = current_view(session).follows and discovery is not None
    return Dress(
        kinds=looks.kinds,
        counts=looks.counts,
        notes=behaviour_notes(project),
        assumed=frozenset(assumed_behaviours(project)) - looks.counts.keys(),
        follows=_follows(discovery.log_fingerprint, discovery) if discovery is not None and wanted else (),
        tones=tones,
    )


def behaviour_facts(session: Session, drawn: CausalGraph, name: str) -> BehaviourFacts:
    """What is known of one behaviour of the drawing."""
    project, looks = current_project(session), current_looks(session)
    kind = looks.kinds.get(name, "")
    shown = [edge for edge in drawn.edges if not edge.denied]
    return BehaviourFacts(
        name,
        "" if kind == name else kind,
        looks.counts.get(name),
        sum(edge.effect == name for edge in shown),
        sum(edge.cause == name for edge in shown),
        "" if project is None else behaviour_notes(project).get(name, ""),
    )


def drawn_graph(session: Session, graph: CausalGraph) -> CausalGraph:
    """The part of the curated graph that the project's view draws."""
    looks = current_looks(session)
    return narrowed(graph, current_view(session), looks.kinds, looks.items)


def attributed_share(session: Session, graph: CausalGraph) -> float | None:
    """Share of all events attributed to some cause that the drawn edges carry, 0..1; None where nothing is."""
    discovery = current_discovery(session)
    if discovery is None:
        return None
    amount, whole = _attributed(discovery.log_fingerprint, discovery.model_id, discovery)
    return sum(amount.get(edge.pair, 0.0) for edge in graph.edges if not edge.denied) / whole if whole > 0 else None


def reverse_chance(session: Session, edge: Edge | None) -> float:
    """Probability of the other direction of an edge; NaN where the model gave none."""
    if edge is None:
        return math.nan
    answer = current_answers(session).get((edge.effect, edge.cause))
    return math.nan if answer is None else answer.probability


def _written(
    session: Session, project_id: str, graph: CausalGraph, operations: tuple[Operation, ...], acked: Acked
) -> Written:
    """Applies to the history as it is and writes it."""
    suggested = {edge.pair for edge in graph.edges if edge.ruling is Ruling.NONE}
    seen: tuple[str, int] = st.session_state.get(SEEN, ("", 0))

    def read(history: History) -> History:
        project = current_project(session)
        return history if project is None else history_of_state(project, history)

    def apply(history: History, free: tuple[Operation, ...]) -> Applied:
        return apply_operations(
            history,
            free,
            behaviours=graph.behaviours,
            author=session.author,
            at=now(),
            selected=selected(session),
            suggested=suggested,
        )

    known = seen[1] if seen[0] == project_id else None
    return write_operations(store(), project_id, operations, apply, seen=known, acked=acked, read=read)


def _sure_pairs(graph: CausalGraph) -> list[tuple[str, str]]:
    return [edge.pair for edge in graph.edges if not edge.denied]


@st.cache_resource(max_entries=6, show_spinner=False)
def _looks(fingerprint: str, _log: EventLog) -> Looks:
    del fingerprint  # the key
    events = np.bincount(_log.behaviour, minlength=_log.n_behaviours).tolist()
    return Looks(
        {behaviour.name: behaviour.kind for behaviour in _log.behaviours},
        {behaviour.name: behaviour.item for behaviour in _log.behaviours if behaviour.item is not None},
        dict(zip(_log.names, events, strict=True)),
    )


@st.cache_resource(max_entries=6, show_spinner=False)
def _follows(fingerprint: str, _discovery: Discovery) -> tuple[Follow, ...]:
    """What comes right after what more often than any third behaviour would explain: the usual next steps."""
    del fingerprint  # the key
    follows = _discovery.counts.total().follows[0].astype(np.int64)  # (K, K)
    np.fill_diagonal(follows, 0)
    share = follows / np.maximum(follows.sum(axis=1, keepdims=True), 1)
    rows, columns = np.nonzero(share >= LEAST_NEXT)
    names = _discovery.names
    return tuple(Follow(names[a], names[b], int(follows[a, b])) for a, b in zip(rows, columns, strict=True))


@st.cache_resource(max_entries=6, show_spinner=False)
def _attributed(
    fingerprint: str, model_id: str, _discovery: Discovery
) -> tuple[Mapping[tuple[str, str], float], float]:
    """Events of each effect that are attributed to each cause, and all of them together."""
    del fingerprint, model_id  # the key
    by_pair = {pair: max(amount, 0.0) for pair, amount in attributed_events(_discovery.table()).items()}
    return by_pair, sum(by_pair.values())

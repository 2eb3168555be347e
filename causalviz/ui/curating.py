"""Correcting the graph: what an expert does becomes verdicts and places in the store, at once.

Operations come from two sides: from the editor's outbox, in which one may be seen many times, and from buttons of the
page, which queue theirs. ``take_in`` applies both before the graph is drawn. How far each mounted editor's operations
have been applied stands in the store, written in one transaction with the verdicts, so that neither a refresh nor a
restart of the server can apply one twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np
import streamlit as st

from causalviz.errors import RevisionConflict
from causalviz.graph.layout import layered_positions
from causalviz.graph.verdicts import Ruling
from causalviz.ui.compute import current_graph, current_log, current_project, current_view, store
from causalviz.ui.graph_editor import Acked, Applied, Operation, apply_operations, editor_answer
from causalviz.ui.session import get_session, update_session
from causalviz.ui.settings import with_view

if TYPE_CHECKING:
    from causalviz.events.log import EventLog
    from causalviz.graph.causal_graph import CausalGraph, View
    from causalviz.ui.session import Session

QUEUE = "graph_operations"
TRIES = 5  # how often others may be faster before we give up

Outcome = TypeVar("Outcome")
Places = Mapping[str, tuple[float, float]]


class Taken(NamedTuple):
    """The outcome of what was done since the graph was last drawn."""

    acked: Acked
    notices: tuple[str, ...]


class Looks(NamedTuple):
    """What the editor tells of each behaviour: its event type and its number of events."""

    kinds: Mapping[str, str]
    counts: Mapping[str, int]


def propose(*operations: Operation) -> None:
    """Queues what a button means; call it in the button's callback."""
    st.session_state[QUEUE] = (*st.session_state.get(QUEUE, ()), *operations)


def take_in(key: str) -> Taken:
    """Applies what the editor sent and the buttons queued, each once.

    Args:
        key: Of the editor.

    Returns:
        What the editor may forget, and a sentence for each operation that was refused.

    Raises:
        RevisionConflict: If others kept being faster.
    """
    session, answer = get_session(), editor_answer(key)
    acked = Acked(answer.client, store().acked(answer.client)) if answer.client else Acked()
    operations = (*answer.since(acked), *st.session_state.pop(QUEUE, ()))
    graph = current_graph(session)
    if not operations or graph is None or session.project_id is None:
        return Taken(acked, ())
    acked = answer.acknowledge(acked)
    applied = _written(session, session.project_id, graph, operations, acked)
    store().save_positions(session.project_id, applied.moved)
    select(applied.selected)
    return Taken(acked, applied.messages)


def selected(session: Session) -> tuple[str, ...]:
    """What is selected: (cause, effect), (behaviour,) or nothing."""
    return tuple(name for name in (session.cause, session.effect) if name is not None)


def select(names: tuple[str, ...]) -> None:
    """Selects an edge, a behaviour or nothing; other pages and the URL follow."""
    cause, effect = (*names, None, None)[:2]
    update_session(cause=cause, effect=effect)


def current_places(session: Session, graph: CausalGraph) -> Places:
    """Where the boxes stand. What has no place yet gets one, which is kept: the drawing never jumps by itself."""
    if session.project_id is None:
        return layered_positions(graph.behaviours, _sure_pairs(graph), {})
    kept = {name: at for name, at in store().positions(session.project_id).items() if name in graph.behaviours}
    if 2 * len(kept) < len(graph.behaviours):  # other rules made nearly another graph
        kept = {}
    places = layered_positions(graph.behaviours, _sure_pairs(graph), kept)
    store().save_positions(session.project_id, {name: at for name, at in places.items() if name not in kept})
    return places


def arrange_anew() -> None:
    """Forgets where the boxes were put and lays them out again, by the edges that are shown."""
    session = get_session()
    graph = current_graph(session)
    if graph is not None and session.project_id is not None:
        store().save_positions(session.project_id, layered_positions(graph.behaviours, _sure_pairs(graph), {}))


def change_view(change: Callable[[View], View]) -> None:
    """Changes what the project shows, and keeps it; of two tabs, the later one wins."""

    def attempt() -> None:
        session = get_session()
        project = current_project(session)
        if project is not None:
            store().save_project(with_view(project, change(current_view(session))))

    _retried(attempt)


def current_looks(session: Session) -> Looks:
    """What the editor tells of each behaviour; empty before a log was chosen."""
    log = current_log(session)
    return Looks({}, {}) if log is None else _looks(log.fingerprint, log)


def now() -> str:
    """The present, ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _written(
    session: Session, project_id: str, graph: CausalGraph, operations: tuple[Operation, ...], acked: Acked
) -> Applied:
    """Applies to the history as it is and writes it; begins again where somebody else wrote in between."""
    suggested = {edge.pair for edge in graph.edges if edge.ruling is Ruling.NONE}

    def attempt() -> Applied:
        history = store().history(project_id)
        applied = apply_operations(
            history,
            operations,
            behaviours=graph.behaviours,
            author=session.author,
            at=now(),
            selected=selected(session),
            suggested=suggested,
        )
        store().append_verdicts(
            project_id, applied.history, len(history.entries), client=acked.client, client_seq=acked.seq
        )
        return applied

    return _retried(attempt)


def _retried(attempt: Callable[[], Outcome]) -> Outcome:
    """Tries again where somebody else saved in between; the last conflict goes through."""
    for _ in range(TRIES - 1):
        try:
            return attempt()
        except RevisionConflict:
            continue
    return attempt()


def _sure_pairs(graph: CausalGraph) -> list[tuple[str, str]]:
    return [edge.pair for edge in graph.edges if not edge.denied]


@st.cache_resource(max_entries=6, show_spinner=False)
def _looks(fingerprint: str, _log: EventLog) -> Looks:
    del fingerprint  # the key
    events = np.bincount(_log.behaviour, minlength=_log.n_behaviours).tolist()
    return Looks(
        {behaviour.name: behaviour.kind for behaviour in _log.behaviours}, dict(zip(_log.names, events, strict=True))
    )

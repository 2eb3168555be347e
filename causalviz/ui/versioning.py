"""Versions and segments of the open project: kept, restored, branched from, compared.

The comparison of two states derives both graphs from their own log, rules, model and verdicts and leaves the open
project alone. Two groups of users are discovered in a job of their own, because each is a log of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from causalviz.errors import UnknownRecord
from causalviz.graph.comparison import Comparison, Side, compare, with_noise
from causalviz.ui.components.graph_controls import forget_view_controls
from causalviz.ui.compute import (
    current_history,
    current_log,
    current_model,
    current_project,
    current_view,
    estimates_in,
    side_of_state,
    store,
)
from causalviz.ui.curating import see_history
from causalviz.ui.jobs import JobRegistry
from causalviz.ui.session import update_session
from causalviz.ui.settings import rules_of, with_rules

if TYPE_CHECKING:
    from causalviz.discovery import Discovery
    from causalviz.events.log import EventLog
    from causalviz.events.segments import Split
    from causalviz.graph.store import Project, Version
    from causalviz.graph.store.records import Json
    from causalviz.graph.store.trail import TrailEntry
    from causalviz.model.edge_model import EdgeModel
    from causalviz.ui.following import Stage
    from causalviz.ui.jobs import Job
    from causalviz.ui.session import Session

NOW = "now"  # the project as it is, where a version's id could stand
Places = Mapping[str, tuple[float, float]]


class Halves(NamedTuple):
    """What was found in the logs of two groups of users."""

    first: Discovery
    second: Discovery


def current_versions(session: Session) -> tuple[Version, ...]:
    """The open project's versions, the latest first."""
    return () if session.project_id is None else store().versions(session.project_id)


def keep_version(session: Session, name: str, note: str) -> None:
    """Gives the project's present state a name.

    Raises:
        StoreError: If the name is empty or taken.
        UnknownRecord: If there is no project.
    """
    store().add_version(_project_id(session), name, note, session.author)


def restore_version(session: Session, version_id: str) -> str:
    """Makes the project what it was in a version.

    Returns:
        One sentence on what was done and how to take it back; plain text with names as they are.

    Raises:
        UnknownRecord: If the version is gone.
        RevisionConflict: If somebody else wrote at the same moment.
    """
    name = store().version(version_id).name
    done = store().restore_version(version_id, session.author, _settled)
    see_history(done.project.id, len(done.history.entries))
    forget_view_controls(done.project.id)
    update_session(cause=None, effect=None)
    if done.kept is None:
        return f"“{name}” is restored; what stood before is kept as a version already."
    return f"“{name}” is restored; what stood before is kept as “{done.kept.name}”."


def branch_version(session: Session, version_id: str, name: str) -> None:
    """Begins a new project from a version and opens it.

    Raises:
        StoreError: If the name is empty.
        UnknownRecord: If the version is gone.
    """
    project = store().branch_version(version_id, name, session.author)
    update_session(project_id=project.id)


def current_trail(session: Session) -> tuple[TrailEntry, ...]:
    """The open project's audit trail, the latest first."""
    from causalviz.graph.store.trail import trail_of

    if session.project_id is None:
        return ()
    return trail_of(current_history(session), store().deeds(session.project_id))


def compare_states(session: Session, before: str, after: str) -> Comparison | None:
    """Compares two states of the open project.

    Args:
        session: Whose.
        before: A version's id, or ``NOW``.
        after: The other one.

    Returns:
        The comparison; None where a state has no graph.

    Raises:
        UnknownRecord: If a version is gone.
        CausalVizError: If a state's log or model cannot be used.
    """
    sides = [_side(session, state) for state in (before, after)]
    return None if sides[0] is None or sides[1] is None else compare(sides[0], sides[1])


@st.cache_resource(show_spinner=False)
def segmentations() -> JobRegistry[Stage, Halves]:
    """Discoveries in two groups of users, one per log, model and split."""
    return JobRegistry(max_running=1, max_kept=6)


def start_segments(session: Session, split: Split) -> str:
    """Starts discovering both groups, or finds what was started or found before.

    Returns:
        The job's id.

    Raises:
        LogError: If the log cannot be split so.
        UnknownBehaviour: If the log does not have the split's behaviour.
        UnknownRecord: If there is no log.
    """
    from causalviz.events.segments import split_users

    log = current_log(session)
    if log is None:
        raise UnknownRecord("There is no log whose users could be compared; choose one on the Data page.")
    logs = split_users(log, split)
    return segmentations().ensure(_segments_key(session, log, split), _discovering(logs, current_model(session)))


def segments_job(session: Session, split: Split) -> Job[Stage, Halves] | None:
    """The job of a split as it stands, or None before it was started."""
    log = current_log(session)
    return None if log is None else segmentations().find(_segments_key(session, log, split))


def compare_segments(session: Session, halves: Halves) -> Comparison:
    """Compares two groups under the project's view and verdicts, and says what is within the noise."""
    history, view = current_history(session), current_view(session)

    def side(found: Discovery) -> Side:
        from causalviz.graph.causal_graph import lay_over

        answers = estimates_in(found)
        events = found.counts.total().events[0]  # (K,)
        names = [name for name, n in zip(found.names, events, strict=True) if n > 0]
        return Side(lay_over(names, answers, history, view), answers)

    return with_noise(compare(side(halves.first), side(halves.second)))


def _settled(project: Project, version: Version) -> Json:
    """The version's settings, without forgetting by which rules behaviours were called what since."""
    known = with_rules(project, rules_of(version.as_project(project))).settings.get("rules_before")
    return {**version.settings, "rules_before": known} if known else version.settings


def _project_id(session: Session) -> str:
    if session.project_id is None:
        raise UnknownRecord("There is no project; open one.")
    return session.project_id


def _side(session: Session, state: str) -> Side | None:
    project = current_project(session)
    if project is None:
        return None
    history = store().history(project.id)
    if state == NOW:
        return side_of_state(project, history)
    version = store().version(state)
    return side_of_state(version.as_project(project), history.first(version.history_length))


def _segments_key(session: Session, log: EventLog, split: Split) -> str:
    project = current_project(session)
    return repr((log.fingerprint, project.model_id if project else None, *asdict(split).values()))


def _discovering(
    logs: tuple[EventLog, EventLog], model: EdgeModel
) -> Callable[[Callable[[Stage], None], Callable[[], bool]], Halves]:
    def work(on_step: Callable[[Stage], None], cancelled: Callable[[], bool]) -> Halves:
        from causalviz.model.threads import one_core
        from causalviz.pipeline import discover

        found: list[Discovery] = []
        with one_core():
            for number, log in enumerate(logs):
                if cancelled():
                    break
                found.append(discover(log, model=model, on_progress=_in_two(on_step, number)))
        return Halves(found[0], found[-1])

    return work


def _in_two(on_step: Callable[[Stage], None], number: int) -> Callable[[str, int, int], None]:
    """The steps of one of two discoveries as steps of both."""
    return lambda stage, done, total: on_step((f"group {number + 1} of 2: {stage}", number * total + done, 2 * total))

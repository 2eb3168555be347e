"""The tab of the Graph page about time and people: versions, what changed, groups of users, and who did what."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from causalviz.ui.components.audit_trail import audit_trail
from causalviz.ui.components.notice import say_told, tell
from causalviz.ui.components.text import file_stem
from causalviz.ui.components.versions_panel import (
    choose_split,
    choose_states,
    comparison_panel,
    segments_progress,
    versions_panel,
)
from causalviz.ui.compute import current_log, current_project
from causalviz.ui.jobs import State
from causalviz.ui.session import get_session
from causalviz.ui.versioning import (
    NOW,
    branch_version,
    compare_segments,
    compare_states,
    current_trail,
    current_versions,
    keep_version,
    restore_version,
    segments_job,
    start_segments,
)

if TYPE_CHECKING:
    from causalviz.events.segments import Split
    from causalviz.graph.comparison import Comparison
    from causalviz.ui.session import Session

VERSIONS, CHANGES, USERS, TRAIL = "Kept", "Changes", "Users", "Trail"
PARTS = (VERSIONS, CHANGES, USERS, TRAIL)
NOTICE, MOVED, POLLED = "versions_notice", "versions_moved", "segments_polled"
POLL_S = 1.0

Select = Callable[[tuple[str, ...]], None]


def versions_tab(session: Session, select: Select) -> Comparison | None:
    """Draws the tab.

    Args:
        session: Whose project.
        select: Told the pair of a chosen row, or (), in a callback.

    Returns:
        What is compared, to be drawn on one layout; None where nothing is.

    Raises:
        CausalVizError: If a compared state cannot be read.
    """
    if st.session_state.pop(MOVED, False):
        st.rerun()  # another project is open; its name stands outside of this tab
    part = st.segmented_control("Part", PARTS, default=VERSIONS, key="versions_part", label_visibility="collapsed")
    say_told(NOTICE)
    if part == CHANGES:
        return _changes(session, select)
    if part == USERS:
        return _users(session, select)
    if part == TRAIL:
        project = current_project(session)
        audit_trail(current_trail(session), file_stem(project.name if project else "", "project"))
        return None
    versions_panel(current_versions(session), _keep, _restore, _branch)
    return None


def _changes(session: Session, select: Select) -> Comparison | None:
    versions = current_versions(session)
    pair = choose_states(versions)
    if pair is None:
        return None
    comparison = compare_states(session, *pair)
    if comparison is None:
        st.caption("One of the two states has no graph yet.")
        return None
    names = {NOW: "now", **{version.id: version.name for version in versions}}
    comparison_panel(comparison, (names[pair.before], names[pair.after]), select, "states_" + "_".join(pair))
    return comparison


def _users(session: Session, select: Select) -> Comparison | None:
    log = current_log(session)
    split = None if log is None else choose_split(log.names)
    if split is None:
        return None
    job = segments_job(session, split)
    if job is not None and job.state is State.DONE and job.result is not None:
        comparison = compare_segments(session, job.result)
        comparison_panel(comparison, split.names, select, f"users_{split.rule.value}_{split.behaviour}")
        return comparison
    if job is None or job.state.is_final:
        segments_progress(job, lambda: _start(split))
        return None
    if time.monotonic() - st.session_state.get(POLLED, 0.0) > 3 * POLL_S:
        st.session_state[POLLED] = time.monotonic()
        st.rerun()  # the browser's clock for a fragment is set by runs of the whole page only
    _follow(split)
    return None


@st.fragment(run_every=POLL_S)
def _follow(split: Split) -> None:
    """Looks again and again until the groups are discovered."""
    st.session_state[POLLED] = time.monotonic()
    job = segments_job(get_session(), split)
    if job is None or job.state.is_final:
        st.rerun()
    segments_progress(job, lambda: _start(split))


def _start(split: Split) -> None:
    tell(NOTICE, lambda: start_segments(get_session(), split) and "")


def _keep(name: str, note: str) -> None:
    def keep() -> str:
        keep_version(get_session(), name, note)
        return f"“{name.strip()}” is kept."

    tell(NOTICE, keep)


def _restore(version_id: str) -> None:
    tell(NOTICE, lambda: restore_version(get_session(), version_id))


def _branch(version_id: str, name: str) -> None:
    def branch() -> str:
        branch_version(get_session(), version_id, name)
        st.session_state[MOVED] = True
        return ""

    tell(NOTICE, branch)

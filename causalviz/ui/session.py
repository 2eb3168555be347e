"""What a visitor has chosen: ids and names, never results.

One frozen ``Session`` lives in the browser's session and, so that a refresh or a restart of the server loses
nothing, in the URL: ``?project=…&cause=…&effect=…&job=…&by=…``. Clicking a navigation link clears the URL, so
every page writes it again. All else is in the store, found by ``project_id``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import streamlit as st

from causalviz.errors import UnknownRecord
from causalviz.ui.components.header import page_header, page_look
from causalviz.ui.compute import store
from causalviz.ui.guards import show_errors
from causalviz.ui.router import enter

KEY = "session"
IN_URL: Mapping[str, str] = {
    "project_id": "project",
    "cause": "cause",
    "effect": "effect",
    "job_id": "job",
    "author": "by",
}
OF_A_PROJECT: Mapping[str, Any] = {
    "cause": None,
    "effect": None,
    "job_id": None,
}  # forgotten when another project is opened


@dataclass(frozen=True, kw_only=True)
class Session:
    """Choices of one visitor.

    Attributes:
        project_id: The open project, or None before a log was chosen.
        cause: Of the selected edge.
        effect: Of the selected edge.
        job_id: The training that this visitor follows.
        author: Who signs the verdicts.
    """

    project_id: str | None = None
    cause: str | None = None
    effect: str | None = None
    job_id: str | None = None
    author: str = "analyst"


def bootstrap(title: str, lead: str = "") -> Session:
    """Every page's first call, so that every page can stand alone: look, session, project, heading.

    Args:
        title: Of the page; shown as its heading, with the project's menu beside it.
        lead: One sentence under the heading.

    Returns:
        The session; its project, if any, exists in the store.
    """
    enter()
    page_look(title)
    with show_errors():
        session = _reattach(get_session())
        choice = page_header(title, lead, store(), session.project_id, session.author)
    if choice is not None:
        update_session(**choice)
        st.rerun()
    return session


def get_session() -> Session:
    """The visitor's session; what the URL says comes first."""
    kept = st.session_state.get(KEY)
    session = kept if isinstance(kept, Session) else Session()
    said: dict[str, Any] = {field: st.query_params[name] for field, name in IN_URL.items() if st.query_params.get(name)}
    if said.get("project_id", session.project_id) != session.project_id:
        said = {**OF_A_PROJECT, **said}
    return replace(session, **said)


def update_session(**changes: Any) -> Session:
    """Changes the session and the URL; opening another project forgets the choices made in the last one.

    Args:
        **changes: New values of ``Session``'s fields.

    Returns:
        The new session. The page goes on with the old one until ``st.rerun()``.
    """
    before = get_session()
    if changes.get("project_id", before.project_id) != before.project_id:
        changes = {**OF_A_PROJECT, **changes}
    session = replace(before, **changes)
    _keep(session)
    return session


def _reattach(session: Session) -> Session:
    """Keeps the session, without a project that the store does not have."""
    if session.project_id is not None:
        try:
            store().project(session.project_id)
        except UnknownRecord:
            st.toast(
                "The project in this address is not in the store of this server; choose another one.",
                icon=":material/error:",
            )
            session = replace(session, project_id=None, **OF_A_PROJECT)
    _keep(session)
    return session


def _keep(session: Session) -> None:
    st.session_state[KEY] = session
    for field in fields(Session):
        name, value = IN_URL[field.name], getattr(session, field.name)
        is_told = value is not None and value != field.default
        if is_told and st.query_params.get(name) != value:
            st.query_params[name] = value
        elif not is_told and name in st.query_params:
            del st.query_params[name]

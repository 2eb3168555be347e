"""What a visitor has chosen: ids and names, never results.

One frozen ``Session`` lives in the browser's session and, so that a refresh or a restart of the server loses
nothing, in the URL: ``?project=…&cause=…&effect=…&job=…&by=…&tour=…&present=1``. Clicking a navigation link clears
the URL, so every page writes it again. All else is in the store, found by ``project_id``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import streamlit as st

from causalviz.errors import UnknownRecord
from causalviz.ui.components.header import page_header, page_look
from causalviz.ui.compute import store
from causalviz.ui.guards import show_errors
from causalviz.ui.router import enter, go_to
from causalviz.ui.tour_steps import STEPS

KEY = "session"
IN_URL: Mapping[str, str] = {
    "project_id": "project",
    "cause": "cause",
    "effect": "effect",
    "job_id": "job",
    "author": "by",
    "tour": "tour",
    "presenting": "present",
}
OF_A_PROJECT: Mapping[str, Any] = {
    "cause": None,
    "effect": None,
    "job_id": None,
}  # forgotten when another project is opened


def _step(text: str) -> int | None:
    """A step of the guided demo; None for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and 1 <= int(text) <= len(STEPS) else None


READ: Mapping[str, Callable[[str], object]] = {  # of those fields that are no text
    "tour": _step,
    "presenting": lambda text: text == "1",
}


@dataclass(frozen=True, kw_only=True)
class Session:
    """Choices of one visitor.

    Attributes:
        project_id: The open project, or None before a log was chosen.
        cause: Of the selected edge.
        effect: Of the selected edge.
        job_id: The training that this visitor follows.
        author: Who signs the verdicts.
        tour: Step of the guided demo, from 1 on, or None outside it.
        presenting: Whether the project is shown and cannot be changed.
    """

    project_id: str | None = None
    cause: str | None = None
    effect: str | None = None
    job_id: str | None = None
    author: str = "analyst"
    tour: int | None = None
    presenting: bool = False


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
        if session.tour is not None:
            _guide(session, title)
        choice = page_header(
            title, "" if session.presenting else lead, store(), session.project_id, session.author,
            presenting=session.presenting, present=lambda wanted: _keep(replace(get_session(), presenting=wanted)),
        )  # fmt: skip
    if choice is not None:
        update_session(**choice)
        if choice.get("project_id", "") is None:
            go_to("data")  # where the next log is chosen
        st.rerun()
    if session.presenting:
        _present(session, title)
    return session


def get_session() -> Session:
    """The visitor's session; what the URL says comes first."""
    kept = st.session_state.get(KEY)
    session = kept if isinstance(kept, Session) else Session()
    said: dict[str, Any] = {field: st.query_params[name] for field, name in IN_URL.items() if st.query_params.get(name)}
    said |= {field: read(said[field]) for field, read in READ.items() if field in said}
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


def _guide(session: Session, title: str) -> None:
    """The bar of the guided demo over the page."""
    from causalviz.ui.tour import guide

    guide(session, title)


def _present(session: Session, title: str) -> None:
    """What stands in a page's place while the project is presented."""
    from causalviz.ui.presenting import present

    present(session, title)


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
        spelled = "1" if value is True else str(value)
        if is_told and st.query_params.get(name) != spelled:
            st.query_params[name] = spelled
        elif not is_told and name in st.query_params:
            del st.query_params[name]

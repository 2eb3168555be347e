"""What stands before a page's work: a log must be there, and expected errors become one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import streamlit as st

from causalviz.errors import CausalVizError
from causalviz.ui.components.text import said
from causalviz.ui.compute import current_log
from causalviz.ui.router import go_to

if TYPE_CHECKING:
    from causalviz.events.log import EventLog
    from causalviz.ui.session import Session
    from causalviz.worlds.demos import Language


def require_log(session: Session) -> EventLog:
    """The project's log; without one the page ends here, with a way to get one."""
    with show_errors():
        log = current_log(session)
    return log if log is not None else _without_log()


def require_project(session: Session) -> None:
    """A project, with a log or sketched by hand; without one the page ends here, with a way to get one."""
    if session.project_id is None:
        _without_log(sketch=True)


def open_shop(language: Language, tour: int | None = None) -> NoReturn:
    """Opens the shop sample.

    Args:
        language: Of its behaviours' names.
        tour: The step of the guided demo to begin with; None for none.
    """
    from causalviz.ui.logs import open_sample
    from causalviz.ui.session import update_session

    with st.spinner("Simulating the shop"):
        project = open_sample("shop", language)
    update_session(project_id=project.id, **({} if tour is None else {"tour": tour}))
    st.rerun()


@contextmanager
def show_errors() -> Iterator[None]:
    """Shows a ``CausalVizError`` as its sentence and ends the page (or fragment) there; bugs go through."""
    try:
        yield
    except CausalVizError as error:
        st.error(said(str(error)), icon=":material/error:")
        st.stop()


def _without_log(*, sketch: bool = False) -> NoReturn:
    with st.container(border=True, horizontal_alignment="center", key="empty_state"):
        st.subheader("No event log yet", anchor=False, text_alignment="center")
        st.markdown(
            "Load a log of who did what, and when. The shop sample shows everything in under a minute.",
            text_alignment="center",
        )
        with st.container(horizontal=True, horizontal_alignment="center"):
            if st.button("Load the shop sample", type="primary", icon=":material/storefront:"):
                open_shop("en")
            if st.button("Choose my own log", icon=":material/upload_file:"):
                go_to("data")
            if sketch and st.button("Draw a graph by hand", icon=":material/draw:"):
                _open_sketch()
    st.stop()


def _open_sketch() -> None:
    from causalviz.ui.logs import open_sketch
    from causalviz.ui.session import update_session

    update_session(project_id=open_sketch().id)
    st.rerun()

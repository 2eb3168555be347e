"""A graph that was drawn elsewhere, taken into the open project: as verdicts, assumed behaviours and places."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from causalviz.errors import GraphError
from causalviz.graph.exchange import edges_to_verdicts, unknown_names
from causalviz.graph.moment import now
from causalviz.ui.compute import current_project, history_of_state, names_of_state, store
from causalviz.ui.contest import retried
from causalviz.ui.curating import see_history
from causalviz.ui.session import get_session
from causalviz.ui.settings import assumed_behaviours, behaviour_notes, with_behaviours
from causalviz.ui.steps import stepped

if TYPE_CHECKING:
    from causalviz.graph.exchange import ImportedGraph
    from causalviz.graph.store import Project

SAID = "taken_in_graph"
ASSUMED = "assumed: the behaviours of an imported graph"


def take_in_graph(imported: ImportedGraph, with_unknown: bool) -> None:
    """Appends what a file says to the project's verdicts, signed by the visitor; call it in a button's callback.

    Args:
        imported: The graph.
        with_unknown: Whether behaviours that the project does not have are added as assumed ones.

    Raises:
        RevisionConflict: If others kept being faster.
    """
    session = get_session()

    def attempt() -> None:
        project = current_project(session)
        if project is None:
            return
        if with_unknown:
            new = unknown_names(imported, names_of_state(project))
            project = store().change_project(
                project.id, lambda there: stepped(there, _assuming(there, new), ASSUMED), session.author
            )
        present, history = names_of_state(project), history_of_state(project, store().history(project.id))
        longer, refused = history, 0
        for verdict in edges_to_verdicts(imported, present, session.author, now(), history):
            try:
                longer = longer.append(verdict)
            except GraphError:  # a rule of the project, or a verdict of another expert, says otherwise
                refused += 1
        store().append_verdicts(project.id, longer, len(history.entries))
        see_history(project.id, len(longer.entries))
        store().save_positions(project.id, {name: at for name, at in imported.places.items() if name in present})
        left = f" {refused:,} were left out: a rule or a verdict of this project says otherwise." if refused else ""
        st.session_state[SAID] = f"{len(longer.entries) - len(history.entries):,} verdicts taken in.{left}"

    retried(attempt)


def say_taken_in() -> None:
    """Tells once what came of the latest import; a callback of a fragment cannot draw it itself."""
    said = st.session_state.pop(SAID, None)
    if said is not None:
        st.toast(said, icon=":material/upload:")


def _assuming(project: Project, new: tuple[str, ...]) -> Project:
    assumed = tuple(dict.fromkeys([*assumed_behaviours(project), *new]))
    return with_behaviours(project, assumed, behaviour_notes(project))

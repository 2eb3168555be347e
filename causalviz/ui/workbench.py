"""The tabs beside the drawing: the edges as a list, and what else an expert does with the graph.

Each tab draws itself into the place where it is called, and may *mark* the drawing: give single edges a meaning, or,
where two states are compared, put the union of both in the graph's place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from causalviz.ui import reporting
from causalviz.ui.components.behaviour_panel import behaviour_panel, choose_behaviour
from causalviz.ui.components.edge_panel import add_edge, edge_panel, time_travel
from causalviz.ui.components.edge_table import edge_table
from causalviz.ui.components.graph_controls import export_menu
from causalviz.ui.components.import_graph import import_graph
from causalviz.ui.components.reading_panel import reading_panel
from causalviz.ui.components.report_menu import report_menu
from causalviz.ui.compute import current_history
from causalviz.ui.curating import (
    arrange_anew,
    behaviour_facts,
    can_put_back,
    can_travel,
    current_looks,
    propose,
    put_back,
    reverse_chance,
    select,
    selected,
)
from causalviz.ui.importing import take_in_graph
from causalviz.ui.knowing_tabs import review_tab, rules_tab
from causalviz.ui.reading import current_checks, reading_of
from causalviz.ui.router import go_to
from causalviz.ui.versions_tab import versions_tab

if TYPE_CHECKING:
    from causalviz.graph.causal_graph import CausalGraph
    from causalviz.graph.store import Project
    from causalviz.ui.curating import Places
    from causalviz.ui.session import Session

MARKED = "marks"  # (project, marks)
TABLE_PX, CHOSEN_TABLE_PX = 452, 284  # so that the right side ends where the drawing does


class Marks(NamedTuple):
    """What a tab does to the drawing.

    Attributes:
        tones: Meaning of single edges, see ``plots.network.Dress``.
        union: Drawn in place of the graph, or None.
    """

    tones: Mapping[tuple[str, str], str] = {}
    union: CausalGraph | None = None


NO_MARKS = Marks()


def show_menus(session: Session, project: Project, drawn: CausalGraph, places: Places) -> None:
    """Draws what is done with the whole drawing: arrange, bring in, take along, report.

    Args:
        session: Whose project.
        project: The project.
        drawn: What is drawn.
        places: Where its boxes stand.
    """
    has_log = project.log_id is not None
    if can_put_back(project.id):  # to the left of what brings it, which then stays under the pointer
        st.button(
            "Put back", icon=":material/undo:", key="put_back", on_click=put_back,
            help="The boxes stand again where they stood before *Arrange*.",
        )  # fmt: skip
    st.button("Arrange", icon=":material/account_tree:", key="arrange", on_click=arrange_anew)
    import_graph(drawn, take_in_graph, has_log=has_log)
    export_menu(drawn, places, current_looks(session).kinds, project.name)
    if has_log:
        ask, write = partial(reporting.ask, project.id), partial(reporting.write_report, session)
        report_menu(project.name, project.id, reporting.question_of(project), ask, write)


def choose_tab() -> str:
    """Draws the tabs; returns the chosen one's name."""
    chosen = st.segmented_control(
        "Beside the drawing", list(TABS), default="Edges", required=True, key="graph_tab", label_visibility="collapsed"
    )
    return chosen if chosen in TABS else "Edges"


def show_tab(name: str, session: Session, whole: CausalGraph, drawn: CausalGraph) -> Marks:
    """Draws one tab.

    Args:
        name: Of the tab.
        session: Whose project.
        whole: The curated graph.
        drawn: The part of it that is drawn.
    """
    return TABS[name](session, whole, drawn)


def marks_of(session: Session) -> Marks:
    """How a tab marked the project's drawing when it was last drawn."""
    project_id, marks = st.session_state.get(MARKED, (None, NO_MARKS))
    return marks if project_id == session.project_id else NO_MARKS


def keep_marks(session: Session, marks: Marks) -> bool:
    """Keeps what a tab does to the drawing; returns whether the drawing, which stands already, must be drawn again.

    The tab may work for seconds, so the drawing does not wait for it.
    """
    before = marks_of(session)
    st.session_state[MARKED] = session.project_id, marks
    return dict(before.tones) != dict(marks.tones) or _pairs(before.union) != _pairs(marks.union)


def _pairs(union: CausalGraph | None) -> list[tuple[str, str]] | None:
    return None if union is None else [edge.pair for edge in union.edges]


def _edges(session: Session, _whole: CausalGraph, drawn: CausalGraph) -> Marks:
    chosen, history = selected(session), current_history(session)
    edge = drawn.edge(*chosen) if len(chosen) == 2 else None
    explain = False
    with st.container(border=True, key="edge_panel"):
        if edge is not None:
            standing = history.standing().get(edge.pair)
            explain = edge_panel(edge, standing, reverse_chance(session, edge), propose)
        elif len(chosen) == 1 and chosen[0] in drawn.behaviours:
            behaviour_panel(behaviour_facts(session, drawn, chosen[0]), drawn.behaviours, propose, select)
        else:
            choose_behaviour(drawn.behaviours, select, propose)
    with st.container(horizontal=True, gap="xsmall"):
        add_edge(drawn.behaviours, propose)
        time_travel(*can_travel(session), propose)
    edge_table(drawn, chosen, select, height_px=TABLE_PX if edge is None else CHOSEN_TABLE_PX)
    if explain:
        go_to("explain")
    return NO_MARKS


def _review(session: Session, _whole: CausalGraph, _drawn: CausalGraph) -> Marks:
    review_tab(session)
    return NO_MARKS


def _rules(session: Session, whole: CausalGraph, _drawn: CausalGraph) -> Marks:
    rules_tab(session, whole.behaviours)
    return NO_MARKS


def _paths(session: Session, whole: CausalGraph, _drawn: CausalGraph) -> Marks:
    marked = reading_panel(
        reading_of(whole),
        whole.behaviours,
        session.project_id or "",
        lambda about: current_checks(session, whole, about),
        selected(session),
    )
    return Marks({pair: tone for tone in ("biasing", "causal") for pair in marked[tone]})  # an edge of both is causal


def _versions(session: Session, _whole: CausalGraph, _drawn: CausalGraph) -> Marks:
    compared = versions_tab(session, select)
    return NO_MARKS if compared is None else Marks(compared.tones, compared.union())


TABS: Mapping[str, Callable[[Session, CausalGraph, CausalGraph], Marks]] = {
    "Edges": _edges,
    "Review": _review,
    "Rules": _rules,
    "Paths": _paths,
    "Versions": _versions,
}

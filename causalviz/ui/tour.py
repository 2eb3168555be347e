"""The guided demo: opening it, walking through its steps, leaving it.

The step stands in the session and in the URL (``?tour=3``), so that a refresh stays where it was. A step opens its
page and chooses the edge that it speaks of; whoever walks elsewhere meanwhile finds the way back in the bar.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import streamlit as st

from causalviz.ui.components.tour_bar import tour_bar
from causalviz.ui.compute import current_graph, current_log, current_project
from causalviz.ui.guards import open_shop
from causalviz.ui.router import PAGES, go_to
from causalviz.ui.session import get_session, update_session
from causalviz.ui.settings import sample_of
from causalviz.ui.tour_steps import STEPS

if TYPE_CHECKING:
    from causalviz.ui.session import Session
    from causalviz.worlds.demos import Language

EXPLAINED, RULED = ("view A", "cart A"), ("coupon", "cart A")  # of the shop, by its English words


def start_tour(language: Language) -> NoReturn:
    """Opens the shop sample and begins with the first step."""
    open_shop(language, tour=1)


def guide(session: Session, title: str) -> None:
    """Draws the bar and goes where the visitor wants.

    Args:
        session: In the middle of the demo.
        title: Of the page that is shown.
    """
    number = session.tour or 1
    step = STEPS[number - 1]
    has_log = (project := current_project(session)) is not None and project.log_id is not None
    lost = "Open the shop sample" if not has_log else "Go there" if PAGES[step.page] != title else ""
    way = tour_bar(step, number, len(STEPS), lost=lost)
    if way == "end":
        update_session(tour=None)
        st.rerun()
    if way == "here" and not has_log:
        start_tour(visitors_language())
    if way is not None:
        go_to_step(number + {"back": -1, "next": 1}.get(way, 0))


def go_to_step(number: int) -> NoReturn:
    """Begins a step: chooses its edge and opens its page."""
    session, step = get_session(), STEPS[number - 1]
    edge = _edge(session, step.edge) if step.edge else None
    if edge is not None:
        update_session(cause=edge[0], effect=edge[1])
        st.session_state[f"explained_edge_{session.project_id}"] = edge
    update_session(tour=number)
    go_to(step.page)
    st.stop()


def visitors_language() -> Language:
    """Chinese for a browser that speaks it, else English."""
    return "zh" if (st.context.locale or "").lower().startswith("zh") else "en"


def _edge(session: Session, what: str) -> tuple[str, str] | None:
    """The edge that a step speaks of: the shop's own, or, in another log, the surest or the least sure of the drawn."""
    pair, log = _of_the_shop(session, EXPLAINED if what == "explained" else RULED), current_log(session)
    if pair is not None and log is not None and set(pair) <= set(log.names):
        return pair
    graph = current_graph(session)
    drawn = [edge for edge in (graph.edges if graph else ()) if not edge.denied]
    return None if not drawn else (drawn[0] if what == "explained" else drawn[-1]).pair


def _of_the_shop(session: Session, pair: tuple[str, str]) -> tuple[str, str] | None:
    """A pair of the shop in the words of its sample; None for another log."""
    from causalviz.worlds.demos import STORIES

    project = current_project(session)
    sample = None if project is None else sample_of(project)
    if sample is None or sample[0] != "shop":
        return None
    words = STORIES["shop"].words if sample[1] == "zh" else {}
    cause, effect = (" ".join((words.get(word, word), *item)) for name in pair for word, *item in [name.split(" ")])
    return cause, effect

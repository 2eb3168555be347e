"""Presentation mode: what is shown, what is hidden, and that nothing can be changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_project import NASTY, open_small_project
from streamlit.testing.v1 import AppTest

from causalviz.ui import compute
from causalviz.ui.curating import PRESENTING
from causalviz.ui.session import KEY

PAGES = Path(__file__).resolve().parents[2] / "pages"

pytestmark = pytest.mark.usefixtures("own_home")


def visit(name: str, **query: str) -> AppTest:
    page = AppTest.from_file(str(PAGES / f"{name}.py"), default_timeout=90)
    for key, value in query.items():
        page.query_params[key] = value
    page.run()
    assert not page.exception
    assert not page.error
    return page


def test_the_graph_is_shown_with_its_findings_and_without_an_editor() -> None:
    project_id = open_small_project()
    page = visit("graph", project=project_id, present="1")
    assert "What was found" in {head.value for head in page.subheader}
    assert {button.label for button in page.button} == {"Show", "Explain"}
    assert not page.slider
    assert NASTY not in "".join(block.value for block in page.markdown)
    assert compute.store().positions(project_id) == {}
    page.button(key="show_0").click().run()
    assert not page.exception
    assert page.button(key="show_0").label == "All edges"
    assert page.session_state[KEY].cause is not None


def test_the_explanations_stay_and_all_else_gives_way() -> None:
    project_id = open_small_project()
    assert visit("explain", project=project_id, present="1").metric
    page = visit("data", project=project_id, present="1")
    assert page.subheader[0].value == "Presentation mode is on"
    assert not page.metric
    page.button(key="present_off").click().run()
    assert not page.exception
    assert "present" not in page.query_params
    assert page.metric


def test_the_projects_menu_turns_it_on_and_offers_nothing_else_then() -> None:
    page = visit("data", project=open_small_project())
    assert page.text_input(key="author_name")
    page.toggle(key="presentation_mode").set_value(True).run()
    assert not page.exception
    assert page.query_params["present"] == "1"
    assert not page.text_input
    page.toggle(key="presentation_mode").set_value(False).run()
    assert "present" not in page.query_params


def test_what_is_proposed_all_the_same_is_refused_in_one_sentence() -> None:
    project_id = open_small_project()

    def take(project_id: str) -> None:
        import streamlit as st

        from causalviz.graph.causal_graph import View
        from causalviz.ui.curating import change_view, propose, take_in
        from causalviz.ui.graph_editor import Kind, Operation
        from causalviz.ui.session import update_session

        update_session(project_id=project_id, presenting=True)
        propose(Operation(Kind.ADD, ("watch", "search")))
        change_view(lambda _: View(threshold=0.9))
        st.session_state["said"] = take_in("editor").notices

    page = AppTest.from_function(take, args=(project_id,), default_timeout=60).run()
    assert not page.exception
    assert page.session_state["said"] == (PRESENTING,)
    assert compute.store().history_length(project_id) == 0
    assert "view" not in compute.store().project(project_id).settings

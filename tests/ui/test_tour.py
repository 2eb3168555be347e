"""The guided demo: its steps, its bar over the pages, and its place in session and address."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_project import open_small_project
from streamlit.testing.v1 import AppTest

from causalviz.ui import compute, tour
from causalviz.ui.logs import open_sample
from causalviz.ui.router import PAGES
from causalviz.ui.session import KEY, Session
from causalviz.ui.tour_steps import STEPS

PAGE = Path(__file__).resolve().parents[2] / "pages" / "data.py"

pytestmark = pytest.mark.usefixtures("own_home")


def visit(**query: str) -> AppTest:
    page = AppTest.from_file(str(PAGE), default_timeout=60)
    for name, value in query.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def bar(page: AppTest) -> str:
    return next((block.value for block in page.markdown if " of 6 · " in block.value), "")


def test_the_steps_are_on_pages_that_exist() -> None:
    assert [step.page for step in STEPS] == ["data", "graph", "explain", "graph", "evaluate", "graph"]
    assert {step.page for step in STEPS} <= set(PAGES)


def test_one_button_opens_the_shop_in_the_chosen_language_at_the_first_step() -> None:
    page = visit()
    assert bar(page) == ""
    page.segmented_control[0].set_value("zh").run()
    page.button(key="start_tour").click().run()
    assert not page.exception
    assert [project.name for project in compute.store().projects()] == ["Shop sample (中文)"]
    assert page.query_params["tour"] == "1"
    assert bar(page).startswith("**1 of 6 · The log.**")
    assert [button.label for button in page.button if (button.key or "").startswith("tour_")] == ["Next", "End"]


def test_the_step_is_in_the_address_and_its_end_takes_it_out() -> None:
    page = visit(project=open_small_project(), tour="3")
    assert bar(page).startswith("**3 of 6")
    assert page.session_state[KEY].tour == 3
    assert page.button(key="tour_here").label == "Go there"
    page.button(key="tour_end").click().run()
    assert not page.exception
    assert "tour" not in page.query_params
    assert page.session_state[KEY].tour is None
    assert bar(page) == ""


@pytest.mark.parametrize("step", ["0", "7", "-1", "x", "٣"])
def test_a_step_that_is_none_is_passed_over(step: str) -> None:
    page = visit(tour=step)
    assert bar(page) == ""
    assert "tour" not in page.query_params


def test_a_tour_without_a_log_offers_the_shop() -> None:
    page = visit(tour="4")
    page.button(key="tour_here").click().run()
    assert not page.exception
    assert [project.name for project in compute.store().projects()] == ["Shop sample"]
    assert page.query_params["tour"] == "1"


@pytest.mark.parametrize(("language", "pair"), [("en", ("view A", "cart A")), ("zh", ("浏览 A", "加购 A"))])
def test_the_edge_of_a_step_has_the_names_of_the_sample(language: str, pair: tuple[str, str]) -> None:
    session = Session(project_id=open_sample("shop", language).id)  # type: ignore[arg-type]
    assert tour._edge(session, "explained") == pair


def test_in_another_log_the_surest_and_the_least_sure_edge_are_spoken_of() -> None:
    session = Session(project_id=open_small_project())
    graph = compute.current_graph(session)
    assert graph is not None
    assert graph.edges
    assert tour._edge(session, "explained") == graph.edges[0].pair
    assert tour._edge(session, "ruled") == graph.edges[-1].pair

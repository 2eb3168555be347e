"""The project's menu: renamed, moved to the bin, and taken out of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from causalviz.ui import compute

PAGE = Path(__file__).resolve().parents[2] / "pages" / "data.py"

pytestmark = pytest.mark.usefixtures("own_home")


def visit(project_id: str) -> AppTest:
    page = AppTest.from_file(str(PAGE), default_timeout=60)
    page.query_params["project"] = project_id
    page.query_params["by"] = "Ada"
    page.run()
    assert not page.exception
    return page


def rename(page: AppTest, project_id: str, name: str, to: str) -> AppTest:
    page.text_input(key=f"rename_{project_id}_{name}").set_value(to).run()
    return page.button(key="rename_project").click().run()


def test_a_project_is_renamed() -> None:
    project = compute.store().create_project("Shop")
    page = rename(visit(project.id), project.id, "Shop", "*春*")
    assert not page.exception
    assert not page.error
    assert compute.store().project(project.id).name == "*春*"
    assert compute.store().deeds(project.id)[-1].author == "Ada"
    assert page.text_input(key=f"rename_{project.id}_*春*").value == "*春*"


def test_a_name_that_is_taken_is_a_sentence_and_the_page_goes_on() -> None:
    compute.store().create_project("Video")
    project = compute.store().create_project("Shop")
    page = rename(visit(project.id), project.id, "Shop", "Video")
    assert not page.exception
    assert "“Video” already" in page.error[0].value
    assert page.button(key="bin_project")
    assert not page.run().error


def test_the_bin_takes_a_project_and_gives_it_back() -> None:
    project = compute.store().create_project("Shop")
    page = visit(project.id)
    page.button(key="bin_project").click().run()
    assert not page.exception
    assert compute.store().projects() == ()
    assert "project" not in page.query_params
    page.button(key=f"return_{project.id}").click().run()
    assert not page.exception
    assert compute.store().projects() == (project,)
    assert page.query_params["project"] == project.id


def test_a_tab_whose_project_was_binned_elsewhere_says_so() -> None:
    project = compute.store().create_project("Shop")
    page = visit(project.id)
    compute.store().bin_project(project.id, "Bob")
    page.run()
    assert not page.exception
    assert "project" not in page.query_params
    assert page.toast

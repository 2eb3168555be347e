"""A stranger's graph taken into a project: verdicts, assumed behaviours, places."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from graph_projects import add_project
from streamlit.testing.v1 import AppTest

from causalviz.ui import compute
from causalviz.ui.settings import assumed_behaviours

FILE = "cause,effect\nview,buy\nweather,buy\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("CAUSALVIZ_HOME", str(tmp_path))
    yield
    compute.store().close()


def taken_in(project_id: str, with_unknown: bool) -> None:
    def page(text: str, with_unknown: bool) -> None:
        from causalviz.graph.exchange import read_graph
        from causalviz.ui.importing import take_in_graph

        take_in_graph(read_graph(text, "graph.csv"), with_unknown)

    app = AppTest.from_function(page, args=(FILE, with_unknown))
    app.query_params["project"] = project_id
    assert not app.run().exception


@pytest.mark.usefixtures("home")
def test_edges_between_known_behaviours_become_verdicts_and_come_once() -> None:
    project = add_project(compute.store())
    taken_in(project.id, with_unknown=False)
    taken_in(project.id, with_unknown=False)
    assert {pair: said.ruling.value for pair, said in compute.store().history(project.id).standing().items()} == {
        ("view", "buy"): "added"
    }
    assert len(compute.store().history(project.id).entries) == 1


@pytest.mark.usefixtures("home")
def test_unknown_behaviours_can_be_assumed() -> None:
    project = add_project(compute.store())
    taken_in(project.id, with_unknown=True)
    assert assumed_behaviours(compute.store().project(project.id)) == ("weather",)
    assert set(compute.store().history(project.id).standing()) == {("view", "buy"), ("weather", "buy")}


@pytest.mark.usefixtures("home")
def test_a_graph_without_a_log_becomes_a_sketch() -> None:
    project = compute.store().create_project("Sketch")
    taken_in(project.id, with_unknown=True)
    assert set(assumed_behaviours(compute.store().project(project.id))) == {"view", "buy", "weather"}

"""A stranger's graph taken into a project: verdicts, assumed behaviours, places."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from graph_projects import add_project
from streamlit.testing.v1 import AppTest

from causalviz.events.rules import renamed
from causalviz.graph.knowledge import Knowledge
from causalviz.graph.verdicts import Act, History, Verdict
from causalviz.ui import compute
from causalviz.ui.settings import assumed_behaviours, rules_of, with_knowledge, with_rules

FILE = "cause,effect\nview,buy\nweather,buy\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("CAUSALVIZ_HOME", str(tmp_path))
    yield
    compute.store().close()


def taken_in(project_id: str, with_unknown: bool, text: str = FILE) -> None:
    def page(text: str, with_unknown: bool) -> None:
        from causalviz.graph.exchange import read_graph
        from causalviz.ui.importing import take_in_graph

        take_in_graph(read_graph(text, "graph.csv"), with_unknown)

    app = AppTest.from_function(page, args=(text, with_unknown))
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
def test_what_stands_under_a_former_name_is_not_said_again_and_rules_are_kept() -> None:
    project, store = add_project(compute.store()), compute.store()
    said = History().append(Verdict(Act.ADD, "view", "buy", "Ada", "2026-01-01T00:00:00+00:00"))
    store.append_verdicts(project.id, said, 0)
    store.change_project(project.id, lambda there: with_rules(there, renamed(rules_of(there), "view", "look")))
    store.change_project(project.id, lambda there: with_knowledge(there, Knowledge(forbidden=(("cart", "look"),))))
    taken_in(project.id, with_unknown=False, text="cause,effect\nlook,buy\ncart,look\n")
    assert store.history(project.id).entries == said.entries


@pytest.mark.usefixtures("home")
def test_a_graph_without_a_log_becomes_a_sketch() -> None:
    project = compute.store().create_project("Sketch")
    taken_in(project.id, with_unknown=True)
    assert set(assumed_behaviours(compute.store().project(project.id))) == {"view", "buy", "weather"}


@pytest.mark.usefixtures("home")
def test_a_files_probabilities_are_in_the_store() -> None:
    project = compute.store().create_project("Sketch")
    taken_in(project.id, with_unknown=True, text="cause,effect,probability\nview,buy,0.25\n")
    assert [entry.probability for entry in compute.store().history(project.id).entries] == [0.25]

"""What a page asks for many times is read and replayed once, and anew as soon as anything was said or set."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from graph_projects import add_dense_sketch

from causalviz.graph.causal_graph import View
from causalviz.graph.store import Project
from causalviz.graph.verdicts import Act, Verdict
from causalviz.ui import compute
from causalviz.ui.session import Session
from causalviz.ui.settings import with_view


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    monkeypatch.setenv("CAUSALVIZ_HOME", str(tmp_path))
    yield add_dense_sketch(compute.store(), "Dense", 4)
    compute.store().close()


def test_history_and_graph_are_kept_until_something_is_said_or_set(project: Project) -> None:
    session = Session(project_id=project.id)
    said, drawn = compute.current_history(session), compute.current_graph(session)
    assert compute.current_history(session) is said
    assert compute.current_graph(session) is drawn
    assert drawn is not None
    assert len(drawn.edges) == 6

    longer = said.append(Verdict(Act.REJECT, "step 0", "step 1", "Ada", "2026-11-02T10:00:00+00:00"))
    compute.store().append_verdicts(project.id, longer, len(said.entries))
    assert compute.current_history(session).entries == longer.entries
    rejected = compute.current_graph(session)
    assert rejected is not None
    assert [edge.pair for edge in rejected.edges if edge.denied] == [("step 0", "step 1")]

    compute.store().change_project(project.id, lambda there: with_view(there, View(show_rejected=False)))
    shown = compute.current_graph(session)
    assert shown is not None
    assert len(shown.edges) == 5

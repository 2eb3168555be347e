"""Claims are tested once for each graph and log, and only those that the log can speak about."""

from __future__ import annotations

import pytest
from graph_projects import NAMES, add_project

from causalviz.graph.causal_graph import CausalGraph, Edge
from causalviz.ui import compute
from causalviz.ui.reading import current_checks, reading_of
from causalviz.ui.session import Session

pytestmark = pytest.mark.usefixtures("own_home")

GRAPH = CausalGraph(
    (*NAMES, "assumed"), (Edge("view", "cart", 0.9), Edge("cart", "buy", 0.9), Edge("assumed", "buy")), 6
)


def test_without_a_log_nothing_is_tested() -> None:
    assert current_checks(Session(), GRAPH) is None


def test_claims_are_tested_against_the_projects_log() -> None:
    session = Session(project_id=add_project(compute.store()).id)
    checked = current_checks(session, GRAPH, ("view", "buy"))
    assert checked is not None
    claims = reading_of(GRAPH).independencies()
    assert {result.claim for result in checked.tested} == {
        claim for claim in claims if "assumed" not in (claim.cause, claim.effect, *claim.given)
    }
    assert (checked.left, checked.unknown) == (0, len(claims) - len(checked.tested))
    again = current_checks(session, GRAPH, ("cart",))
    assert again is not None
    assert again.tested is checked.tested


def test_another_verdict_is_another_graph() -> None:
    other = CausalGraph(GRAPH.behaviours, (*GRAPH.edges[:2], Edge("buy", "view", 0.5)), 6)
    assert reading_of(GRAPH) is reading_of(
        CausalGraph(*(getattr(GRAPH, name) for name in ("behaviours", "edges", "total")))
    )
    assert reading_of(other).set_aside != reading_of(GRAPH).set_aside

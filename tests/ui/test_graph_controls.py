"""The menu of exports says what a format cannot hold."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def page() -> None:
    from causalviz.graph.causal_graph import CausalGraph, Edge
    from causalviz.ui.components.graph_controls import export_menu

    ring = CausalGraph(("a", "b"), (Edge("a", "b", 0.9), Edge("b", "a", 0.6)), 2)
    export_menu(ring, {"a": (0.0, 0.0), "b": (0.0, 90.0)}, {}, "Shop")


def test_the_menu_says_that_dagitty_gets_no_cycles() -> None:
    menu = AppTest.from_function(page)
    menu.session_state["export"] = True  # open
    shown = menu.run()
    assert not shown.exception
    labels = [button.label for button in shown.get("download_button")]
    assert "DAGitty – adjustment sets (acyclic: 1 least sure edge of cycles left out)" in labels
    assert sum("left out" in label for label in labels) == 1

"""The menu of exports says what a format cannot hold; a graph of few edges offers what may be ones."""

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


def sparse_page() -> None:
    import streamlit as st

    from causalviz.graph.causal_graph import Estimate, View, lay_over
    from causalviz.graph.verdicts import History
    from causalviz.ui.components.graph_controls import few_edges_notice, view_controls

    view = st.session_state.setdefault("view", View())
    chances = {("a", "b"): 0.9, ("b", "c"): 0.4, ("c", "d"): 0.2, ("d", "e"): 0.1}
    told = [Estimate(*pair, p, 1.0, 1.0, 1.0, 1.0) for pair, p in chances.items() if p not in st.session_state["less"]]

    def change(how) -> None:  # type: ignore[no-untyped-def]
        st.session_state["view"] = how(st.session_state["view"])

    few_edges_notice(lay_over(tuple("abcde"), told, History(), view), view, "p", change)
    view_controls(view, "p", change)


def test_few_edges_offer_what_may_be_ones() -> None:
    page = AppTest.from_function(sparse_page)
    page.session_state["less"] = ()
    page.run()
    assert "**1** of 4 pairs reach 0.50. **2** more have a probability of 0.20 or more" in page.markdown[0].value
    page.button(key="show_hypotheses").click().run()
    assert not page.exception
    assert page.slider[0].value == page.session_state["view"].threshold == 0.2
    assert not page.button
    quiet = AppTest.from_function(sparse_page)
    quiet.session_state["less"] = (0.4, 0.2)
    assert not quiet.run().button

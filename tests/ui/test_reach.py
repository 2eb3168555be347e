"""The line on direct and total effects, on a page of its own."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def reach_page() -> None:
    import numpy as np

    from causalviz.graph.causal_graph import CausalGraph, Edge
    from causalviz.graph.verdicts import Ruling
    from causalviz.ui.components.reach import edge_reach

    edges = (Edge("view", "c*rt"), Edge("c*rt", "buy"), Edge("view", "buy", ruling=Ruling.REJECTED))
    offspring = np.array([[0.9, 0.5, 0.3], [0.0, 0.9, 0.5], [0.1, 0.1, 0.9]])
    edge_reach(CausalGraph(("view", "c*rt", "buy"), edges, 6), offspring, "view", "buy")
    edge_reach(None, offspring, "view", "buy")


def test_only_edges_that_stand_carry_an_effect_and_names_are_text() -> None:
    page = AppTest.from_function(reach_page).run()
    assert not page.exception
    assert [caption.value for caption in page.caption] == [
        "One “view” sets off no “buy” directly\\, and sets off 0\\.25 in all\\, repeats not counted\\; most comes by "
        "view → c\\*rt → buy \\(100 \\% of it\\)\\."
    ]

"""What was read of a graph file is said in plain sentences, and goes to the page as a value."""

from __future__ import annotations

from exchange_samples import CYTOSCAPE, DAGITTY
from streamlit.testing.v1 import AppTest

from causalviz.graph.exchange import read_graph
from causalviz.ui.components.import_graph import summary


def test_the_summary_counts_and_names() -> None:
    graph = read_graph(DAGITTY, "model.txt")
    assert summary(graph, ["taste"]) == [
        "Read as DAGitty: 4 behaviours, 4 edges, 4 places.",
        "1 name unknown in this log: “taste”.",
        "1 edge without a direction was left out.",
    ]
    assert summary(read_graph(CYTOSCAPE, "g"), ["a", "b", "c", "d"])[:3] == [
        "Read as GraphML: 3 behaviours, 2 edges.",
        "4 names unknown in this log: “a”, “b”, “c” and others.",
        "2 probabilities, shown where no log gives one.",
    ]


def import_page() -> None:
    import streamlit as st

    from causalviz.graph.causal_graph import CausalGraph, Edge
    from causalviz.ui.components.import_graph import import_graph

    def take_in(graph: object, with_unknown: bool) -> None:
        st.session_state["taken"] = (len(graph.edges), with_unknown)  # type: ignore[attr-defined]

    drawn = CausalGraph(("view", "cart"), (Edge("view", "cart", 0.91234, 2.0, 1.5, 3.0, 60.0),), 2)
    import_graph(drawn, take_in, has_log=st.session_state.get("has_log", True))


def uploaded(content: str, **state: object) -> AppTest:
    page = AppTest.from_function(import_page)
    for key, value in state.items():
        page.session_state[key] = value
    page.run()
    page.file_uploader[0].set_value(("edges.csv", content.encode(), "text/csv")).run()
    assert not page.exception
    return page


def test_known_edges_are_taken_in_and_the_upload_is_empty_again() -> None:
    page = uploaded("cause,effect\nview,cart\ncart,elsewh*re\n")
    assert "“elsewh\\*re”" in page.markdown[1].value
    assert page.button(key="import_graph_take").label == "Take in 1 edge"
    page.checkbox(key="import_unknown_0").check().run()
    assert page.button(key="import_graph_take").label == "Take in 2 edges"
    page.button(key="import_graph_take").click().run()
    assert page.session_state["taken"] == (2, True)
    assert not page.button


def test_without_a_log_all_names_are_taken_in() -> None:
    page = uploaded("cause,effect\na,b\n", has_log=False)
    assert not page.checkbox
    page.button(key="import_graph_take").click().run()
    assert page.session_state["taken"] == (1, True)


def test_a_broken_file_is_one_sentence() -> None:
    page = uploaded("cause,effect\na,\n")
    assert page.error[0].value == "edges\\.csv\\, line 2 has no effect\\; write both names\\, or remove the row\\."

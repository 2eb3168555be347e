"""What we write comes back as it went, whatever the names; and other programs' own readers take it."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable, Mapping

import networkx as nx
import pydot
import pytest
from exchange_samples import PLACES, RUDE, SHOP
from graph_strategies import causal_graphs
from hypothesis import given, settings
from hypothesis import strategies as st

from causalviz.graph.causal_graph import CausalGraph, Edge
from causalviz.graph.exchange import (
    read_graph,
    write_csv,
    write_dagitty,
    write_dot,
    write_gexf,
    write_graphml,
    write_json,
    write_node_link,
)
from causalviz.graph.layout import Place

Write = Callable[[CausalGraph, Mapping[str, Place]], str]
LOSSLESS: dict[str, Write] = {
    "JSON of CausalViz": write_json,
    "GraphML": write_graphml,
    "GEXF": write_gexf,
    "DOT": write_dot,
    "node-link JSON": write_node_link,
}
numbers = st.floats(-5000, 5000).map(lambda x: round(x, 1))


def told(edges: tuple[Edge, ...]) -> set[str]:
    return {repr(edge) for edge in edges}  # repr, because NaN differs from itself


@pytest.mark.parametrize("form", LOSSLESS)
@settings(max_examples=40, deadline=None)  # five formats share them
@given(graph=causal_graphs(), data=st.data())
def test_nothing_is_lost(form: str, graph: CausalGraph, data: st.DataObject) -> None:
    some = data.draw(st.lists(st.sampled_from(graph.behaviours), unique=True))
    places = {name: (data.draw(numbers), data.draw(numbers)) for name in graph.behaviours if name in some}
    read = read_graph(LOSSLESS[form](graph, places).encode(), "graph")
    assert (read.form, read.behaviours, dict(read.places), read.remarks) == (form, graph.behaviours, places, ())
    assert told(read.edges) == told(graph.edges)


@pytest.mark.parametrize("form", LOSSLESS)
def test_rules_come_back(form: str) -> None:
    graph = CausalGraph(
        ("a", "b"),
        (
            Edge("a", "b", 0.3, math.inf, -math.inf, 1.0, by_rule="required", rule=" “a” is\nrequired "),
            Edge("b", "a", 0.9, by_rule="forbidden", rule="tiers"),
        ),
        2,
    )
    assert told(read_graph(LOSSLESS[form](graph, {}), "graph").edges) == told(graph.edges)


@given(causal_graphs())
def test_csv_brings_every_shown_edge_back(graph: CausalGraph) -> None:
    def plain_in_a_cell(edge: Edge) -> bool:
        texts = (*edge.pair, edge.note or "-")
        numbers = (edge.effect_size, edge.low, edge.high, edge.delay_s)
        whole = all(text and text == " ".join(text.split()) and "\x00" not in text for text in texts)
        return whole and not any(map(math.isinf, numbers))

    plain = tuple(filter(plain_in_a_cell, graph.edges))
    if plain:
        read = read_graph(write_csv(CausalGraph(graph.behaviours, plain, graph.total)), "edges.csv")
        assert told(read.edges) == told(plain)


def test_dagitty_keeps_what_it_can_say() -> None:
    read = read_graph(write_dagitty(SHOP, {"view": (-120.0, 30.0), "buy": (310.0, 44.1)}), "model")
    assert read.behaviours == ("view", "_img src_x onerror_alert_1__ __N_ _ 加购", "buy")
    assert [edge.pair for edge in read.edges] == [read.behaviours[:2], read.behaviours[1:]]
    assert read.places == {"view": (-120.0, 30.0), "buy": (310.0, 44.1)}


def test_networkx_reads_our_graphml() -> None:
    graph = nx.read_graphml(io.BytesIO(write_graphml(SHOP, PLACES).encode()))
    assert [data["label"] for _, data in graph.nodes(data=True)] == list(SHOP.behaviours)
    assert set(graph.edges) == {("n0", "n1"), ("n1", "n2")}
    assert graph.edges["n1", "n2"]["note"] == "sure"
    assert graph.edges["n0", "n1"]["probability"] == 0.9
    assert (graph.nodes["n1"]["x"], graph.nodes["n1"]["y"]) == PLACES[RUDE]


def test_networkx_reads_our_gexf() -> None:
    graph = nx.read_gexf(io.BytesIO(write_gexf(SHOP, PLACES).encode()))
    assert [data["label"] for _, data in graph.nodes(data=True)] == list(SHOP.behaviours)
    assert graph.edges["n0", "n1"]["delay_s"] == 60.0
    assert graph.nodes["n1"]["viz"]["position"]["y"] == 33.3  # upwards there


def test_networkx_reads_our_node_link() -> None:
    graph = nx.node_link_graph(json.loads(write_node_link(SHOP, PLACES)), edges="links")
    assert graph.is_directed()
    assert graph.nodes["n1"]["label"] == RUDE
    assert graph.edges["n1", "n2"]["ruling"] == "accepted"


@pytest.mark.filterwarnings("ignore")  # its use of its own parser is deprecated there
def test_pydot_reads_our_dot() -> None:
    (graph,) = pydot.graph_from_dot_data(write_dot(SHOP, PLACES))
    assert [(edge.get_source(), edge.get_destination()) for edge in graph.get_edges()] == [("n0", "n1"), ("n1", "n2")]
    assert graph.get_node("n2")[0].get("label") == '"buy"'


@pytest.mark.parametrize(
    ("write", "form"),
    [(nx.generate_graphml, "GraphML"), (nx.generate_gexf, "GEXF")],
)
def test_we_read_what_networkx_writes(write: Callable[[nx.DiGraph], list[str]], form: str) -> None:
    graph = nx.DiGraph([("view", "加购"), ("加购", "buy")])
    graph.edges["view", "加购"]["probability"] = 0.25
    read = read_graph("\n".join(write(graph)).encode(), "graph")
    assert read.form == form
    assert [(edge.pair, edge.probability) for edge in read.edges if edge.probability == 0.25] == [
        (("view", "加购"), 0.25)
    ]
    assert len(read.edges) == 2
    assert not read.places

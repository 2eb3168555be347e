"""Of each cycle the least sure edge is left out, and no other."""

from __future__ import annotations

import networkx as nx
from exchange_samples import SHOP
from graph_strategies import causal_graphs
from hypothesis import given

from causalviz.graph.acyclic import acyclic_part, left_out
from causalviz.graph.causal_graph import CausalGraph, Edge
from causalviz.graph.exchange import write_dagitty
from causalviz.graph.verdicts import Ruling

RING = CausalGraph(
    ("a", "b", "c"),
    (
        Edge("a", "b", 0.9),
        Edge("b", "c", 0.8),
        Edge("c", "a", 0.7),
        Edge("b", "a", 0.6, ruling=Ruling.ACCEPTED),
        Edge("a", "c", 0.2),
        Edge("c", "b", ruling=Ruling.REJECTED),
    ),
    6,
)


def test_dagitty_gets_no_cycles() -> None:
    assert [edge.pair for edge in left_out(RING)] == [("a", "b"), ("a", "c")]  # an expert's word counts more
    assert write_dagitty(RING).splitlines()[4:-1] == ['"b" -> "c"', '"c" -> "a"', '"b" -> "a"']
    assert left_out(SHOP) == ()


@given(causal_graphs())
def test_of_each_cycle_only_an_edge_is_left_out(graph: CausalGraph) -> None:
    missing = left_out(graph)
    kept = nx.DiGraph([edge.pair for edge in graph.edges if not edge.denied and edge not in missing])
    assert nx.is_directed_acyclic_graph(kept)
    assert all(nx.has_path(kept, edge.effect, edge.cause) for edge in missing)
    assert nx.utils.edges_equal(acyclic_part(graph, left_out(graph)).edges, kept.edges, directed=True)


def test_a_required_edge_is_the_surest() -> None:
    ring = CausalGraph(("a", "b"), (Edge("a", "b", 0.9), Edge("b", "a", 0.1, by_rule="required")), 2)
    assert [edge.pair for edge in left_out(ring)] == [("a", "b")]
    assert acyclic_part(ring, left_out(ring)).edges["b", "a"]["sure"] == 1.0

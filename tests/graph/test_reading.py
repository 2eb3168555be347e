"""Chain, fork, collider and their like, read as the textbooks do; laws on random graphs."""

from __future__ import annotations

import itertools

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causalviz.errors import GraphError, UnknownBehaviour
from causalviz.graph.causal_graph import CausalGraph, Edge
from causalviz.graph.reading import (
    MAX_PATHS,
    GraphReading,
    Independence,
    adjustment_sentence,
    set_aside_sentence,
)
from causalviz.graph.verdicts import Ruling


def graph(arrows: str, **probability: float) -> CausalGraph:
    """A graph from words like ``ab bc``; behaviours in the order of the alphabet."""
    edges = tuple(Edge(*pair, probability.get(pair, 0.5)) for pair in arrows.split())
    return CausalGraph(tuple(sorted({*arrows} - {" "})), edges, 0)


def test_relatives() -> None:
    around = GraphReading(graph("ab bc cd ec")).relatives("c")
    assert around == (("b", "e"), ("d",), ("a", "b", "e"), ("d",))


def test_a_chain_needs_nothing_held_fixed() -> None:
    read = GraphReading(graph("ab bc", ab=0.9, bc=0.8)).pair("a", "c")
    assert read.mediators == ("b",)
    assert [(path.text, path.edges) for path in read.causal.listed] == [("a → b → c", (("a", "b"), ("b", "c")))]
    assert read.causal.listed[0].sure == pytest.approx(0.72)
    assert read.biasing.listed == ()
    assert read.adjustment == ()
    assert adjustment_sentence(read) == "To compare users with and without “a” fairly, nothing needs to be held fixed."


def test_a_fork_biases() -> None:
    read = GraphReading(graph("za zb ab")).pair("a", "b")
    assert [path.text for path in read.biasing.listed] == ["a ← z → b"]
    assert read.biasing.edges == (("z", "a"), ("z", "b"))
    assert read.adjustment == ("z",)
    assert adjustment_sentence(read) == "To compare users with and without “a” fairly, hold “z” fixed."


def test_a_collider_does_not() -> None:
    read = GraphReading(graph("ac bc ab")).pair("a", "b")
    assert read.biasing.listed == ()
    assert read.adjustment == ()


def test_the_butterfly_needs_more_than_its_middle() -> None:
    """m is a common cause of a and b, and a collider of u and w: holding it fixed alone opens a way."""
    read = GraphReading(graph("ua um wm wb ma mb ab")).pair("a", "b")
    assert read.adjustment is not None
    assert "m" in read.adjustment
    assert len(read.adjustment) == 2
    assert {path.text for path in read.biasing.listed} == {"a ← m → b", "a ← u → m → b", "a ← m ← w → b"}


def test_a_cause_of_the_cause_is_no_goal() -> None:
    read = GraphReading(graph("ba")).pair("a", "b")
    assert (read.causal.listed, read.adjustment) == ((), None)
    assert [path.text for path in read.biasing.listed] == ["a ← b"]
    assert adjustment_sentence(read) == "No comparison of users with and without “a” is fair: “b” itself leads to “a”."


def test_where_nothing_leads_the_graph_says_so() -> None:
    read = GraphReading(graph("za zb")).pair("a", "b")
    assert (
        adjustment_sentence(read)
        == "The graph says that “a” does nothing to “b”; to see that in the data, hold “z” fixed."
    )


def test_a_child_is_held_fixed_by_nobody() -> None:
    read = GraphReading(graph("ab ac cb za zc")).pair("a", "b")
    assert read.adjustment == ("z",)
    assert read.mediators == ("c",)


def test_cycles_lose_their_least_sure_edge() -> None:
    reading = GraphReading(graph("ab bc ca", ab=0.9, bc=0.8, ca=0.7))
    assert [edge.pair for edge in reading.set_aside] == [("c", "a")]
    assert reading.relatives("a").parents == ()
    assert set_aside_sentence(reading.set_aside) == (
        "The graph has cycles, so this reading sets the least sure edge of each aside: “c” → “a”."
    )
    assert set_aside_sentence(()) == ""
    assert adjustment_sentence(reading.pair("c", "a")) == (
        "The edge “c” → “a” closes a cycle and is set aside here. Without it the graph says that “c” does nothing to "
        "“a”; to see that in the data, hold “b” fixed."
    )
    assert not reading.pair("a", "b").is_set_aside
    assert set_aside_sentence(reading.set_aside * 5).endswith("“c” → “a” and 2 more.")


def test_rejected_edges_are_no_ways() -> None:
    rejected = CausalGraph(("a", "b"), (Edge("a", "b", 0.9, ruling=Ruling.REJECTED),), 2)
    assert GraphReading(rejected).pair("a", "b").causal.listed == ()


def test_the_surest_path_comes_first() -> None:
    read = GraphReading(graph("ab bd ac cd ad", ab=0.9, bd=0.9, ac=0.5, cd=0.5, ad=0.1)).pair("a", "d")
    assert [path.text for path in read.causal.listed] == ["a → b → d", "a → c → d", "a → d"]


def test_a_dense_graph_is_cut() -> None:
    names = tuple("abcdefghijklmnop")
    dense = CausalGraph(names, tuple(Edge(x, y, 0.5) for x, y in itertools.combinations(names, 2)), 0)
    read = GraphReading(dense).pair("h", "p")
    assert len(read.causal.listed) == len(read.biasing.listed) == MAX_PATHS
    assert read.causal.cut
    assert read.biasing.cut
    assert read.adjustment == names[:7]


def test_independencies_are_the_pairs_without_an_edge() -> None:
    assert GraphReading(graph("ab bc cd")).independencies() == (
        Independence("a", "c", ("b",)),
        Independence("a", "d", ("c",)),
        Independence("b", "d", ("c",)),
    )
    ring = GraphReading(graph("ab ba bc", ba=0.4))
    assert ring.independencies() == (Independence("a", "c", ("b",)),)


def test_strangers_are_refused() -> None:
    reading = GraphReading(graph("ab"))
    with pytest.raises(UnknownBehaviour, match="no behaviour “x”"):
        reading.relatives("x")
    with pytest.raises(UnknownBehaviour):
        reading.pair("a", "x")
    with pytest.raises(GraphError, match="two different behaviours"):
        reading.pair("a", "a")


@st.composite
def acyclic_graphs(draw: st.DrawFn) -> CausalGraph:
    names = tuple("abcdef")
    pairs = draw(st.lists(st.sampled_from(list(itertools.combinations(names, 2))), unique=True))
    return CausalGraph(names, tuple(Edge(*pair, draw(st.sampled_from([0.5, 0.9]))) for pair in pairs), 0)


@settings(max_examples=60, deadline=None)
@given(acyclic_graphs(), st.permutations("abcdef"))
def test_the_adjustment_set_separates_and_every_part_is_needed(drawn: CausalGraph, order: list[str]) -> None:
    cause, goal = order[:2]
    read, whole = GraphReading(drawn).pair(cause, goal), drawn.to_networkx()
    back_door = whole.copy()
    steps = [step for step in whole.successors(cause) if step == goal or nx.has_path(whole, step, goal)]
    back_door.remove_edges_from([(cause, step) for step in steps])
    if read.adjustment is None:
        assert nx.has_path(whole, goal, cause)
        return
    held = set(read.adjustment)
    assert nx.is_d_separator(back_door, cause, goal, held)
    assert not any(nx.is_d_separator(back_door, cause, goal, held - {name}) for name in held)
    assert not any(name in nx.descendants(whole, step) | {step} for step in steps for name in held)
    assert bool(read.biasing.listed) == (not nx.is_d_separator(back_door, cause, goal, set()))


@settings(max_examples=60, deadline=None)
@given(acyclic_graphs(), st.permutations("abcdef"))
def test_paths_are_all_there_or_said_to_be_cut(drawn: CausalGraph, order: list[str]) -> None:
    cause, goal = order[:2]
    read, whole = GraphReading(drawn).pair(cause, goal), drawn.to_networkx()
    ways = {tuple(way) for way in nx.all_simple_paths(whole, cause, goal)}
    found = [path.behaviours for path in read.causal.listed]
    assert set(found) <= ways
    assert len(set(found)) == len(found)
    assert read.causal.cut or set(found) == ways
    assert set(read.mediators) == {name for way in ways for name in way[1:-1]}
    sure = [path.sure for path in read.causal.listed]
    assert sure == sorted(sure, reverse=True)
    skeleton = whole.to_undirected()
    open_ways = {
        tuple(way) for way in nx.all_simple_paths(skeleton, cause, goal)
        if whole.has_edge(way[1], cause) and not any(
            whole.has_edge(a, b) and whole.has_edge(c, b) for a, b, c in zip(way, way[1:], way[2:], strict=False)
        )
    }  # fmt: skip
    biasing = {path.behaviours for path in read.biasing.listed}
    assert biasing <= open_ways
    assert read.biasing.cut or biasing == open_ways


@settings(max_examples=60, deadline=None)
@given(acyclic_graphs())
def test_the_graph_does_imply_its_independencies(drawn: CausalGraph) -> None:
    whole = drawn.to_networkx()
    for claim in GraphReading(drawn).independencies():
        assert nx.is_d_separator(whole, claim.cause, claim.effect, set(claim.given))

"""Exports, read back by other programs' own readers where there are any."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import xml.etree.ElementTree as ET

import networkx as nx
import pytest
from graph_strategies import causal_graphs
from hypothesis import given

from causalviz.errors import UnreadableGraph
from causalviz.graph.causal_graph import CausalGraph, Edge
from causalviz.graph.exchange import (
    left_out,
    read_json,
    write_csv,
    write_dagitty,
    write_dot,
    write_gexf,
    write_graphml,
    write_json,
)
from causalviz.graph.verdicts import Ruling

RUDE = '<img src=x onerror=alert(1)> "\\N" & 加购'
SHOP = CausalGraph(
    ("view", RUDE, "buy"),
    (
        Edge("view", RUDE, 0.9, 2.0, 1.5, 2.5, 60.0),
        Edge(RUDE, "buy", 0.8, 0.5, 0.4, 0.6, 9.0, Ruling.ACCEPTED, "sure"),
        Edge("buy", "view", ruling=Ruling.REJECTED),
    ),
    6,
)
DOT_STRING = re.compile(r'"(?:[^"\\]|\\["\\])*"')


@given(causal_graphs())
def test_json_comes_back_as_it_went(graph: CausalGraph) -> None:
    assert repr(read_json(write_json(graph))) == repr(graph)  # repr, because NaN differs from itself


def test_json_is_strict_and_plain() -> None:
    written = json.loads(write_json(SHOP), parse_constant=lambda word: pytest.fail(word))
    assert written["edges"][0]["probability"] == 0.9
    assert written["edges"][2]["probability"] is None
    assert written["total"] == 6


def spoiled(**parts: object) -> str:
    """The shop's file with some parts replaced."""
    return json.dumps({**json.loads(write_json(SHOP)), **parts})


def with_edges(*changes: dict[str, object]) -> str:
    edges = json.loads(write_json(SHOP))["edges"]
    return spoiled(edges=[{**edge, **change} for edge, change in zip(edges, changes, strict=False)])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("not json", "no JSON (line 1, column 1: Expecting value)"),
        ("[" * 100_000, "nested too deeply"),
        (write_json(SHOP).replace('"total": 6', '"total": ' + "9" * 5000), "thousands of digits"),
        ("[]", "no graph of CausalViz"),
        ("{}", "no graph of CausalViz"),
        ('{"format": "causalviz-graph", "form": 2}', "its form 1"),
        ('{"format": "causalviz-graph", "form": 1}', "the graph has no “behaviours”"),
        (spoiled(behaviours=[1]), "behaviour 1 is no text"),
        (spoiled(behaviours="view"), "“behaviours” is no list"),
        (spoiled(behaviours=["a", "b", "a"]), "behaviour 3 is listed twice"),
        (spoiled(behaviours=["a", "\ud800"]), "behaviour 2 holds half a character"),
        (spoiled(edges={}), "“edges” is no list"),
        (spoiled(edges=[5]), "edge 1 is no object"),
        (spoiled(total=-1), "“total” is no number of pairs"),
        (spoiled(total=True), "“total” is no number of pairs"),
        (spoiled(total=10**400), "“total” is no number of pairs"),
        (write_json(SHOP).replace('"total": 6', '"total": 1e999'), "“total” is no number of pairs"),
        (write_json(SHOP).replace('"effect":', '"affect":'), "edge 1 has no “effect”"),
        (with_edges({"ruling": "perhaps"}), "“ruling” of edge 1 is none of none, accepted"),
        (with_edges({"probability": "high"}), "“probability” of edge 1 is no number"),
        (with_edges({}, {"probability": 1.01}), "“probability” of edge 2 is not between 0 and 1"),
        (with_edges({"probability": "inf"}), "“probability” of edge 1 is not between 0 and 1"),
        (with_edges({"probability": math.nan}), "“probability” of edge 1 is no number"),
        (with_edges({"probability": 10**400}), "“probability” of edge 1 is too large"),
        (with_edges({"cause": "elsewhere"}), "edge 1 names “elsewhere”"),
        (with_edges({"cause": ["view"]}), "“cause” of edge 1 is no text"),
        (with_edges({"cause": RUDE}), "edge 1 makes a behaviour its own cause"),
        (with_edges({}, {"cause": "view", "effect": RUDE}), "edge 2 is there twice"),
    ],
    ids=range(28),
)
def test_a_broken_file_is_one_sentence(text: str, why: str) -> None:
    with pytest.raises(UnreadableGraph) as refusal:
        read_json(text)
    assert why in str(refusal.value)
    assert str(refusal.value).endswith(".")
    assert len(str(refusal.value)) < 250


def test_networkx_reads_our_graphml() -> None:
    graph = nx.read_graphml(io.BytesIO(write_graphml(SHOP).encode()))
    assert [data["label"] for _, data in graph.nodes(data=True)] == list(SHOP.behaviours)
    assert set(graph.edges) == {("n0", "n1"), ("n1", "n2")}
    assert graph.edges["n1", "n2"]["note"] == "sure"
    assert graph.edges["n0", "n1"]["probability"] == 0.9


def test_networkx_reads_our_gexf() -> None:
    graph = nx.read_gexf(io.BytesIO(write_gexf(SHOP).encode()))
    assert [data["label"] for _, data in graph.nodes(data=True)] == list(SHOP.behaviours)
    assert graph.edges["n0", "n1"]["delay_s"] == 60.0


@given(causal_graphs())
def test_xml_holds_any_name(graph: CausalGraph) -> None:
    for text in (write_graphml(graph), write_gexf(graph)):
        root = ET.fromstring(text.encode())
        assert len(root.findall(".//{*}node")) == len(graph.behaviours)
        assert len(root.findall(".//{*}edge")) == sum(not edge.denied for edge in graph.edges)


def test_dot_says_what_the_drawing_says() -> None:
    lines = write_dot(SHOP).splitlines()
    assert lines[0] == "digraph causes {"
    assert '  n1 [label="<img src=x onerror=alert(1)> \\"\\\\N\\" & 加购"];' in lines
    assert any(line.startswith('  n0 -> n1 [label="0.90", penwidth=3.70, arrowhead=normal') for line in lines)
    assert any(line.startswith('  n1 -> n2 [label="0.80", penwidth=3.40, arrowhead=tee') for line in lines)
    assert not any("n2 -> n0" in line for line in lines)


@given(causal_graphs())
def test_dot_quotes_any_name(graph: CausalGraph) -> None:
    text = write_dot(graph)
    assert len(text.splitlines()) == 3 + len(graph.behaviours) + sum(not edge.denied for edge in graph.edges)
    bare = DOT_STRING.sub("", text)
    assert '"' not in bare
    assert "\\" not in bare


def test_dagitty_gets_names_that_it_can_quote() -> None:
    assert write_dagitty(SHOP).splitlines() == [
        "dag {",
        '"view"',
        '"_img src_x onerror_alert_1__ __N_ _ 加购"',
        '"buy"',
        '"view" -> "_img src_x onerror_alert_1__ __N_ _ 加购"',
        '"_img src_x onerror_alert_1__ __N_ _ 加购" -> "buy"',
        "}",
    ]


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


def test_dagitty_has_words_of_its_own() -> None:
    assert write_dagitty(CausalGraph(("node", "graph", "node 2"), (), 6)).splitlines()[1:-1] == [
        '"node 2"',
        '"graph 2"',
        '"node 2 2"',
    ]


@given(causal_graphs())
def test_dagitty_keeps_names_apart(graph: CausalGraph) -> None:
    lines = write_dagitty(graph).splitlines()
    names = lines[1 : 1 + len(graph.behaviours)]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r'"[^"\\\n]+"', name) for name in names)


def test_csv_has_every_shown_edge_and_no_formula() -> None:
    graph = CausalGraph(
        ("=1+1", "b\n"), (Edge("=1+1", "b\n", 0.5, note="@x"), Edge("b\n", "=1+1", ruling=Ruling.REJECTED)), 2
    )
    rows = list(csv.DictReader(io.StringIO(write_csv(graph), newline="")))
    assert [(row["cause"], row["effect"], row["probability"], row["ruling"], row["note"]) for row in rows] == [
        ("'=1+1", "b\n", "0.5", "none", "'@x"),
        ("b\n", "'=1+1", "", "rejected", ""),
    ]


@pytest.mark.parametrize("sign", [*"=+-@\t\r\n＝＋－＠"])
def test_csv_disarms_each_sign_that_starts_a_formula(sign: str) -> None:
    name = f"{sign}cmd"
    text = write_csv(CausalGraph((name, "b"), (Edge(name, "b", 0.5),), 2))
    assert next(csv.DictReader(io.StringIO(text, newline="")))["cause"] == f"'{name}"


@given(causal_graphs())
def test_csv_keeps_its_rows(graph: CausalGraph) -> None:
    rows = list(csv.reader(io.StringIO(write_csv(graph), newline="")))
    assert len(rows) == 1 + len(graph.edges)
    assert {len(row) for row in rows} == {9}

"""Exports, read back by other programs' own readers where there are any."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ET

import networkx as nx
import pytest
from graph_strategies import causal_graphs
from hypothesis import given

from causalviz.errors import UnreadableGraph
from causalviz.graph.causal_graph import CausalGraph, Edge
from causalviz.graph.exchange import (
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


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "[]",
        "{}",
        '{"format": "causalviz-graph", "form": 2}',
        '{"format": "causalviz-graph", "form": 1}',
        '{"format": "causalviz-graph", "form": 1, "behaviours": [1], "edges": [], "total": 0}',
        write_json(SHOP).replace('"accepted"', '"perhaps"'),
        write_json(SHOP).replace("0.9", '"high"'),
        write_json(SHOP).replace('"cause": "view"', '"cause": "elsewhere"'),
    ],
)
def test_a_broken_file_is_one_sentence(text: str) -> None:
    with pytest.raises(UnreadableGraph) as refusal:
        read_json(text)
    assert str(refusal.value).endswith(".")


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


@given(causal_graphs())
def test_csv_keeps_its_rows(graph: CausalGraph) -> None:
    rows = list(csv.reader(io.StringIO(write_csv(graph), newline="")))
    assert len(rows) == 1 + len(graph.edges)
    assert {len(row) for row in rows} == {9}

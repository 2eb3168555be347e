"""What is written for each program says what the drawing says, and quotes any name."""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ET

import networkx as nx
import numpy as np
import pytest
from exchange_samples import SHOP
from graph_strategies import causal_graphs
from hypothesis import given

from causalviz.graph.causal_graph import CausalGraph, Edge
from causalviz.graph.exchange import (
    write_adjacency_csv,
    write_adjacency_npz,
    write_csv,
    write_dagitty,
    write_dot,
    write_gexf,
    write_graphml,
)
from causalviz.graph.verdicts import Ruling

DOT_STRING = re.compile(r'"(?:[^"\\]|\\["\\])*"')


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
    assert any(line.startswith('  n0 -> n1 [label="0.90", penwidth="3.70", arrowhead="normal"') for line in lines)
    assert any(line.startswith('  n1 -> n2 [label="0.80", penwidth="3.40", arrowhead="tee"') for line in lines)
    assert not any("n2 -> n0" in line for line in lines)


@given(causal_graphs())
def test_dot_quotes_any_name(graph: CausalGraph) -> None:
    text = write_dot(graph)
    assert len(text.splitlines()) == 4 + len(graph.behaviours) + sum(not edge.denied for edge in graph.edges)
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
    assert {len(row) for row in rows} == {11}


def test_the_adjacency_matrices_are_the_graph() -> None:
    rows = list(csv.reader(io.StringIO(write_adjacency_csv(SHOP), newline="")))
    assert rows[0][1:] == [row[0] for row in rows[1:]] == list(SHOP.behaviours)
    assert [row[1:] for row in rows[1:]] == [["0", "0.9", "0"], ["0", "0", "0.8"], ["0", "0", "0"]]
    archive = np.load(io.BytesIO(write_adjacency_npz(SHOP)), allow_pickle=False)
    assert archive["names"].tolist() == list(SHOP.behaviours)
    graph = nx.from_numpy_array(archive["edge"], create_using=nx.DiGraph)
    assert set(graph.edges) == {(0, 1), (1, 2)}
    assert archive["probability"][0, 1] == 0.9
    assert np.isnan(archive["probability"]).sum() == 7


@given(causal_graphs())
def test_every_matrix_has_its_names(graph: CausalGraph) -> None:
    rows = list(csv.reader(io.StringIO(write_adjacency_csv(graph), newline="")))
    assert {len(row) for row in rows} == {1 + len(graph.behaviours)}
    archive = np.load(io.BytesIO(write_adjacency_npz(graph)), allow_pickle=False)
    assert archive["edge"].sum() == sum(not edge.denied for edge in graph.edges)

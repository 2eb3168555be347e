"""Files of other programs open, and broken or hostile ones are one sentence."""

from __future__ import annotations

import json
import math
import time
from contextlib import suppress

import pytest
from exchange_samples import CYTOSCAPE, DAGITTY, DOT, GEPHI_GEXF, GEPHI_GRAPHML, YED
from hypothesis import given, settings
from hypothesis import strategies as st

from causalviz.errors import UnreadableGraph
from causalviz.graph.causal_graph import CausalGraph, Edge
from causalviz.graph.exchange import ImportedGraph, read_graph, write_graphml, write_json
from causalviz.graph.layout import box_size


def pairs(graph: ImportedGraph) -> list[tuple[str, str]]:
    return [edge.pair for edge in graph.edges]


def test_yed() -> None:
    graph = read_graph(YED.encode(), "shop.graphml")
    assert (graph.form, graph.behaviours) == ("GraphML", ("浏览商品", "buy"))  # a group is no behaviour
    assert pairs(graph) == [("浏览商品", "buy")]
    assert graph.edges[0].note == "seen <often>"
    assert graph.places == {"浏览商品": (160.0, 65.0), "buy": (460.0, 65.0)}  # centres, not corners


def test_what_was_moved_or_renamed_in_yed_counts() -> None:
    text = write_graphml(
        CausalGraph(("view ", "buy"), (Edge("view ", "buy", 0.9),), 2), {"view ": (0.0, 0.0), "buy": (300.0, 7.5)}
    )
    assert read_graph(text, "g").places == {"view ": (0.0, 0.0), "buy": (300.0, 7.5)}
    corner = 'x="258.00" y="-12.00"'
    assert corner in text
    moved = text.replace(corner, 'x="500.00" y="80.50"').replace("<y:NodeLabel>view </", "<y:NodeLabel>浏览</")
    assert read_graph(moved, "g").places == {"浏览": (0.0, 0.0), "buy": (542.0, 100.0)}


def test_cytoscape() -> None:
    graph = read_graph(CYTOSCAPE.encode(), "shop.graphml")
    assert graph.behaviours == ("view", "buy", "buy (2)")
    assert [(edge.pair, edge.probability) for edge in graph.edges] == [
        (("view", "buy"), 0.75),
        (("view", "buy (2)"), 0.5),  # the declared default
    ]
    assert graph.remarks == ("1 name stood for several nodes and got a number.",)


def test_gephi() -> None:
    graph = read_graph(GEPHI_GRAPHML.encode(), "shop.graphml")
    assert pairs(graph) == [("view", "buy")]
    assert graph.places == {"view": (-300.0, -200.0), "buy": (300.0, 200.0)}  # its y grows upwards
    assert graph.remarks == ("1 edge from a behaviour to itself was left out.",)
    graph = read_graph(GEPHI_GEXF.encode("utf-16"), "shop.gexf")
    assert graph.behaviours == ("view", "加购", "buy")
    assert [(edge.pair, edge.probability) for edge in graph.edges] == [(("view", "加购"), 0.7)]
    assert graph.places == {"view": (-300.0, -200.0), "加购": (300.0, 200.0)}
    assert graph.remarks == ("1 edge without a direction was left out.",)


def test_dot() -> None:
    graph = read_graph(DOT, "shop.dot")
    assert graph.form == "DOT"
    assert graph.behaviours == ('view "item"', "加购", "buy", "review", "HTML & more")
    assert [(edge.pair, edge.probability, edge.note) for edge in graph.edges[:3]] == [
        (('view "item"', "加购"), 0.8, "clear"),
        (("加购", "buy"), 0.8, "clear"),
        (("加购", "review"), 0.8, "clear"),
    ]
    assert pairs(graph)[3:] == [('view "item"', "HTML & more")]
    assert graph.places == {'view "item"': (36.0, -120.0), "加购": (400.0, -120.0)}  # points from the bottom


def test_dagitty() -> None:
    graph = read_graph(DAGITTY.encode("gb18030"), "model.txt")
    assert graph.form == "DAGitty"
    assert graph.behaviours == ("view item", "buy", "cart", "taste")
    assert pairs(graph) == [("view item", "cart"), ("cart", "buy"), ("taste", "view item"), ("taste", "buy")]
    assert graph.remarks == ("1 edge without a direction was left out.",)
    assert graph.places["buy"][0] > graph.places["cart"][0] > graph.places["view item"][0]


@pytest.mark.parametrize("links", ["links", "edges"])
def test_node_link(links: str) -> None:
    text = json.dumps(
        {
            "nodes": [{"id": "view"}, {"id": 7, "name": "加购"}],
            links: [{"source": "view", "target": 7, "probability": 0.25}],
        }
    )
    graph = read_graph(text, "graph.json")
    assert [(edge.pair, edge.probability) for edge in graph.edges] == [(("view", "加购"), 0.25)]
    by_place = json.dumps(
        {"nodes": [{"name": "view"}, {"name": "buy"}], "links": [{"source": 0, "target": 1, "value": 3}]}
    )
    assert pairs(read_graph(by_place, "miserables.json")) == [("view", "buy")]


@pytest.mark.parametrize(
    ("text", "edges"),
    [
        ("cause,effect\nview,buy\n", [("view", "buy", math.nan)]),
        ("view,buy\nbuy,review,0.5\n", [("view", "buy", math.nan), ("buy", "review", 0.5)]),
        ("Source;Target;Prob\r\nview;buy;0.5\r\n", [("view", "buy", 0.5)]),
        ("note\tto\tfrom\nwhy\tbuy\tview\n", [("view", "buy", math.nan)]),
        ('原因,结果\n"浏览,商品",加购\n\n', [("浏览,商品", "加购", math.nan)]),
        ("cause,effect\n'=1+1,''-x\n", [("=1+1", "'-x", math.nan)]),
    ],
)
def test_csv(text: str, edges: list[tuple[str, str, float]]) -> None:
    graph = read_graph(text.encode("gb18030"), "edges.csv")
    assert repr([(*edge.pair, edge.probability) for edge in graph.edges]) == repr(edges)


def test_a_table_of_all_pairs_draws_only_the_likely_ones() -> None:
    graph = read_graph("cause,effect,probability,scored\na,b,0.9,True\nb,a,0.01,True\na,c,0.2,False\n", "edges.csv")
    assert (graph.behaviours, pairs(graph)) == (("a", "b", "c"), [("a", "b")])
    assert graph.remarks == ("2 below 0.5 left out.",)
    none = read_graph("cause,effect,probability,scored\na,b,0.1,True\n", "edges.csv")
    assert (none.behaviours, none.edges) == (("a", "b"), ())


def test_boxes_of_another_unit_do_not_cover_each_other() -> None:
    graph = read_graph('dag { a [pos="0,0"] b [pos="0.1,0"] c [pos="0,0.1"] a -> b -> c }', "model")
    (ax, ay), (bx, _), (_, cy) = (graph.places[name] for name in "abc")
    assert bx - ax > box_size("a")[0]
    assert cy - ay > box_size("a")[1]
    assert bx - ax == pytest.approx(cy - ay)  # the shape is kept


BOMB = """<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>
<graphml><graph edgedefault="directed"><node id="&b;"/></graph></graphml>"""


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "g is empty; choose"),
        (b"  \n", "g is empty; choose"),
        (b"\x1f\x8b\x08\x00", "g is packed with gzip; unpack it first."),
        (b"%PDF-1.7", "g is a PDF"),
        (b"a\x00\x00\xff" * 20, "binary data"),
        (BOMB, "g has a DOCTYPE at line 1, which no graph needs"),
        (BOMB.replace("graphml", "gexf"), "g has a DOCTYPE at line 1"),
        ("<graphml>", "g is damaged XML at line 1 (no element found)"),
        ("<html></html>", "g is XML but holds no graph"),
        ("<graphml><graph/></graphml>", "g holds no behaviours"),
        ("<a>" * 100 + "</a>" * 100, "nested too deeply"),
        ('<graphml><graph><node id="a"/>\n<node id="a"/></graph></graphml>', "the node “a” a second time at line 2"),
        ('<graphml><graph><node id="a"/>\n<edge source="a" target="b"/></graph></graphml>',
         "an edge at line 2 whose end “b”"),
        (YED.replace("<![CDATA[seen <often>]]>", "</oops>"), "damaged XML at line"),
        (CYTOSCAPE.replace("0.75", "1.5"), "g, line 12: the probability 1.5 of “view” → “buy” is not between 0 and 1"),
        (CYTOSCAPE.replace("0.75", "often"), "the probability “often” of “view” → “buy” is no number"),
        (CYTOSCAPE.replace("0.75", "nan"), "the probability “nan” of “view” → “buy” is no number"),
        ("digraph {\n a -> }", "breaks the grammar of DOT at line 2: a name should stand where “}” is"),
        ("digraph { a -> b", "a name should stand where the end of the file is"),
        ("digraph { a ? b }", "“?” means nothing there"),
        ("digraph { a [label=<b] }", "opens “<” at line 1 and never closes it"),
        ("digraph {" + "{" * 100 + "}" * 101, "fewer braces inside braces"),
        ("digraph {}", "g holds no behaviours"),
        ('digraph { a [label="' + "x" * 301 + '"] }', "a name of 301 characters at line 1"),
        ("dag { a -> b [pos=] }", "breaks the grammar of DAGitty at line 1: a name should stand where “]” is"),
        ("{", "The file is no JSON"),
        ("[1]", "g is JSON without the lists “nodes” and “links”"),
        ('{"nodes": [null], "links": []}', "node 1 that is neither a name nor an object"),
        ('{"nodes": ["a"], "links": [{"source": "a"}]}', "link 1 without “source” and “target”"),
        (write_json(CausalGraph(("a",), (), 0)).replace('"total"', '"places": [[1, 2]], "total"'), "place 1 is no"),
        ("nothing at all", "no graph that is known here; choose GraphML"),
        ("cause,effect\na,\n", "g, line 2 has no effect; write both names"),
        ("cause,effect,probability\na,b,80%\n", "g, line 2: the probability “80%” of “a” → “b” is no number"),
        ("cause,effect,probability\na,b,80\n", "g, line 2: the probability 80 of “a” → “b” is not between 0 and 1"),
        ("cause,effect,ruling\na,b,perhaps\n", "the ruling “perhaps” of “a” → “b” is none of"),
        ("cause,probability\na,0.5\n", "g has a column for causes only in line 1"),
        ("a,b,c,d\n1,2,3,4\n", "no columns “cause” and “effect” in line 1"),
        ("cause,effect\na,a\n", "g lists no edges"),
        ("cause,effect\n" + "a" * 301 + ",b\n", "line 2 has a name of more than 300 characters"),
    ],
    ids=range(39),
)  # fmt: skip
def test_a_broken_file_is_one_sentence(data: bytes | str, why: str) -> None:
    with pytest.raises(UnreadableGraph) as refusal:
        read_graph(data, "g")
    assert why in str(refusal.value)
    assert str(refusal.value).endswith(".")
    assert len(str(refusal.value)) < 260


def test_too_much_is_refused() -> None:
    edges = "".join(f"a{number},b{number}\n" for number in range(1_001))
    with pytest.raises(UnreadableGraph, match="more than 2,000 behaviours"):
        read_graph(edges, "g")
    with pytest.raises(UnreadableGraph, match="more than 20,000 edges"):
        read_graph("digraph {" + " ".join(f"a -> b{number % 50}" for number in range(20_001)) + "}", "g")
    with pytest.raises(UnreadableGraph, match="larger than 20 MB"):
        read_graph(b"x" * (20 * 2**20 + 1), "g")


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([YED, CYTOSCAPE, GEPHI_GEXF, DOT, DAGITTY]), st.data())
def test_damage_is_never_a_crash(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    spoiled = text[:start] + data.draw(st.text(max_size=5)) + text[end:]
    with suppress(UnreadableGraph):
        graph = read_graph(spoiled, "g")
        assert len(set(graph.behaviours)) == len(graph.behaviours)
        assert {name for edge in graph.edges for name in edge.pair} <= set(graph.behaviours)


@pytest.mark.parametrize(
    "text",
    [
        " \n" * 200_000 + "x",
        "/*" * 100_000,
        "digraph { a [label=" + "<" * 100_000,
        "digraph {" + "a [label=<b>];" * 20_000,
        'digraph { "' + "\\\\" * 200_000,
        "<graphml><graph><node id='" + "x" * 500_000,
        "<graphml><graph><node id='a'>" + "y&#10;" * 200_000 + "</node></graph></graphml>",
        "a," * 200_000,
        "{" * 100_000,
    ],
    ids=range(9),
)
def test_traps_cost_little(text: str) -> None:
    started = time.process_time()
    with suppress(UnreadableGraph):
        read_graph(text, "g")
    assert time.process_time() - started < 5

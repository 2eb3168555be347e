"""What other tools write opens: networkx and pandas live, the others as they wrote it, shortened."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable

import networkx as nx
import pytest
from networkx.readwrite import json_graph

from causalviz.errors import UnreadableGraph
from causalviz.graph.causal_graph import CausalGraph, Edge
from causalviz.graph.exchange import ImportedGraph, read_graph, write_adjacency_csv

SAID = [("view item", "加购", 0.8), ("加购", "buy <b>", math.nan)]


def told(graph: ImportedGraph) -> str:
    """(cause, effect, probability) of the edges, comparable although NaN is not."""
    return repr([(*edge.pair, edge.probability) for edge in graph.edges])


def shop() -> nx.DiGraph:
    graph = nx.DiGraph(name="shop")
    graph.add_edge("view item", "加购", weight=2.5, probability=0.8)
    graph.add_edge("加购", "buy <b>", weight=1.0)
    return graph


def written(write: Callable[..., None], graph: nx.DiGraph, **how: object) -> str:
    out = io.BytesIO()
    write(graph, out, **how)
    return out.getvalue().decode()


WRITERS: dict[str, Callable[[nx.DiGraph], str]] = {
    "graphml": lambda graph: written(nx.write_graphml_xml, graph),
    "gexf 1.2": lambda graph: written(nx.write_gexf, graph),
    "gexf 1.1": lambda graph: written(nx.write_gexf, graph, version="1.1draft"),
    "dot": lambda graph: nx.nx_pydot.to_pydot(graph).to_string(),
    "node-link": lambda graph: json.dumps(json_graph.node_link_data(graph, edges="edges")),
    "node-link, links": lambda graph: json.dumps(json_graph.node_link_data(graph, edges="links")),
    "node-link, from and to": lambda graph: json.dumps(
        json_graph.node_link_data(graph, edges="edges", source="from", target="to")
    ),
    "adjacency": lambda graph: json.dumps(json_graph.adjacency_data(graph)),
    "cytoscape": lambda graph: json.dumps(json_graph.cytoscape_data(graph)),
    "pandas": lambda graph: nx.to_pandas_edgelist(graph).to_csv(),
    "pandas, semicolons": lambda graph: nx.to_pandas_edgelist(graph).to_csv(sep=";", decimal=",", index=False),
    "pandas, tabs": lambda graph: "\ufeff" + nx.to_pandas_edgelist(graph, "from", "to").to_csv(sep="\t", index=False),
    "pandas, records": lambda graph: nx.to_pandas_edgelist(graph).to_json(orient="records"),
}


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("kind", [nx.DiGraph, nx.MultiDiGraph])
def test_networkx_and_pandas(form: str, kind: type[nx.DiGraph]) -> None:
    graph = read_graph(WRITERS[form](kind(shop())).encode(), "shop")
    assert graph.behaviours == ("view item", "加购", "buy <b>")
    assert told(graph) == repr(SAID)


@pytest.mark.parametrize(
    ("text", "edges"),
    [
        ("0 1 {'weight': 0.5}\n1 2 {}\n", [("0", "1", math.nan), ("1", "2", math.nan)]),
        ("a b {'probability': 0.5, 'note': 'x'}\n", [("a", "b", 0.5)]),
        ("# by networkx\na b 0.5\nb c 1\n", [("a", "b", 0.5), ("b", "c", 1.0)]),
        ("from to\na b\n", [("a", "b", math.nan)]),
        ("from\tto\na\tb\n", [("a", "b", math.nan)]),
        ("a,b,2.5\nb,c,0.5\n", [("a", "b", math.nan), ("b", "c", math.nan)]),
        ('"","from","to","prob"\n"1","view","buy",0.5\n"2","buy","pay",NA\n',
         [("view", "buy", 0.5), ("buy", "pay", math.nan)]),
        ("Source,Target,Type,Id,Label,timeset,Weight\na,b,Directed,0,,,1.0\nb,c,Undirected,1,,,2.0\n",
         [("a", "b", math.nan)]),
        ("src,dst\na,b\n", [("a", "b", math.nan)]),
        (",a,b,c\na,0.0,0.25,0\nb,,0,1\nc,0,NaN,0\n", [("a", "b", 0.25), ("b", "c", 1.0)]),
        (";a;b\na;0;1\nb;0;0\n", [("a", "b", math.nan)]),
    ],
)  # fmt: skip
def test_tables(text: str, edges: list[tuple[str, str, float]]) -> None:
    assert told(read_graph(text, "edges")) == repr(edges)


def test_a_list_of_neighbours_is_not_taken_for_edges_with_numbers() -> None:
    with pytest.raises(UnreadableGraph, match="no graph that is known here"):
        read_graph("0 1 4\n1 3\n", "shop.adjlist")


def test_our_own_matrix_comes_back() -> None:
    graph = CausalGraph(("=view", "buy", "alone"), (Edge("=view", "buy", 0.25),), 6)
    read = read_graph(write_adjacency_csv(graph), "matrix.csv")
    assert (read.behaviours, told(read)) == (graph.behaviours, repr([("=view", "buy", 0.25)]))


IGRAPH_GRAPHML = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns"
         xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
         xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns
         http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">
<!-- Created by igraph -->
  <key id="v_name" for="node" attr.name="name" attr.type="string"/>
  <key id="e_probability" for="edge" attr.name="probability" attr.type="double"/>
  <graph id="G" edgedefault="directed">
    <node id="n0">
      <data key="v_name">view item</data>
    </node>
    <node id="n1">
      <data key="v_name">加购</data>
    </node>
    <node id="n2">
      <data key="v_name">buy &lt;b&gt;</data>
    </node>
    <edge source="n0" target="n1">
      <data key="e_probability">0.8</data>
    </edge>
    <edge source="n1" target="n2">
    </edge>
  </graph>
</graphml>
"""
IGRAPH_DOT = """/* Created by igraph 1.0.0 */
digraph {
  0 [
    name="view item"
    size=1.5
  ];
  1 [
    name="加购"
  ];
  2 [
    name="buy <b>"
  ];

  0 -> 1 [
    probability=0.8
  ];
  1 -> 2;
}
"""


@pytest.mark.parametrize("text", [IGRAPH_GRAPHML, IGRAPH_DOT])
def test_igraph(text: str) -> None:
    graph = read_graph(text, "shop")
    assert (graph.behaviours, told(graph)) == (("view item", "加购", "buy <b>"), repr(SAID))


GRAPHVIZ = r"""strict digraph "shop graph" {
	graph [bb="0,0,1419,291",
		rankdir=LR
	];
	node [label="\N",
		shape=box,
		style="filled,rounded"
	];
	edge [color=gray];
	{
		graph [rank=same];
		buy	[height=0.5,
			pos="1386.5,156",
			width=0.75];
	}
	subgraph cluster_0 {
		graph [bb="1038.5,84,1284.5,159",
			label="A \"quoted\" group",
			lp="1161.5,147.5"
		];
		view	[label="view item",
			pos="1089.5,110"];
		cart	[label=<<b>add</b> to<br/>cart>,
			pos="1244.5,110"];
		view -> cart	[label=0.8,
			pos="e,1212.1,110 1132.7,110 1154.3,110 1180.5,110 1202,110",
			probability=0.8];
	}
	view -> buy	[dir=both];
	rec	[label="{<f0> left|<f1> right \| wrong}",
		rects="1198,185,1239,221 1239,185,1291,221",
		shape=record];
	rec:f0 -> buy:n	[dir=back];
	html	[label=<<table><tr><td port="p1">cell &amp; one</td></tr></table>>];
	html:p1:e -> cart	[dir=none];
	"multi\nline" -> view	[note="a \"b\" c"];
	-2 -> "back\\slash";
	"long long long \
name" -> view;
}
"""


def test_graphviz_as_it_lays_out() -> None:
    graph = read_graph(GRAPHVIZ, "shop.dot")
    assert graph.behaviours == (
        "buy", "view item", "add to cart", "left right | wrong", "cell & one", "multi line", "-2", "back\\slash",
        "long long long name",
    )  # fmt: skip
    assert told(graph) == repr(
        [
            ("view item", "add to cart", 0.8),
            ("view item", "buy", math.nan),
            ("buy", "view item", math.nan),  # drawn with two tips
            ("buy", "left right | wrong", math.nan),  # drawn backwards
            ("multi line", "view item", math.nan),
            ("-2", "back\\slash", math.nan),
            ("long long long name", "view item", math.nan),
        ]
    )
    assert graph.edges[4].note == 'a "b" c'
    assert set(graph.places) == {"buy", "view item", "add to cart"}
    assert graph.remarks == ("1 edge without a direction was left out.",)


YED_ARROWS = """<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:y="http://www.yworks.com/xml/graphml">
  <key for="node" id="d6" yfiles.type="nodegraphics"/>
  <key for="edge" id="d10" yfiles.type="edgegraphics"/>
  <graph edgedefault="directed" id="G">
    <node id="n0"><data key="d6"><y:ShapeNode><y:NodeLabel alignment="center" hasText="true">view
item<y:LabelModel><y:SmartNodeLabelModel distance="4.0"/></y:LabelModel></y:NodeLabel></y:ShapeNode></data></node>
    <node id="n1"><data key="d6"><y:GenericNode configuration="x"><y:NodeLabel>cart</y:NodeLabel></y:GenericNode>
    </data></node>
    <node id="n2" yfiles.foldertype="group"><data key="d6"><y:ProxyAutoBoundsNode><y:Realizers active="0"><y:GroupNode>
        <y:NodeLabel>checkout</y:NodeLabel></y:GroupNode></y:Realizers></y:ProxyAutoBoundsNode></data>
      <graph edgedefault="directed" id="n2:"><node id="n2::n0"/></graph>
    </node>
    <edge id="e0" source="n0" target="n1"><data key="d10"><y:PolyLineEdge>
      <y:Path sx="0.0" sy="0.0" tx="0.0" ty="0.0"><y:Point x="1.0" y="2.0"/></y:Path>
      <y:LineStyle color="#000000" type="line" width="1.0"/><y:Arrows source="none" target="delta"/>
      <y:EdgeLabel alignment="center">0.8</y:EdgeLabel></y:PolyLineEdge></data></edge>
    <edge id="e1" source="n2" target="n1"><data key="d10"><y:BezierEdge><y:Arrows source="standard" target="none"/>
      <y:EdgeLabel>often</y:EdgeLabel></y:BezierEdge></data></edge>
    <edge id="e2" source="n0" target="n2"><data key="d10"><y:ArcEdge><y:Arrows source="none" target="none"/>
      </y:ArcEdge></data></edge>
  </graph>
</graphml>
"""


def test_yed_arrows_point_where_they_are_drawn_and_carry_their_labels() -> None:
    graph = read_graph(YED_ARROWS, "shop.graphml")
    assert graph.behaviours == ("view item", "cart", "checkout", "n2::n0")  # a group counts where an edge ends at it
    assert told(graph) == repr([("view item", "cart", 0.8), ("cart", "checkout", math.nan)])
    assert graph.edges[1].note == "often"
    assert graph.remarks == ("1 edge without a direction was left out.",)


GEPHI_12 = """<?xml version="1.0" encoding="UTF-8"?>
<gexf xmlns="http://www.gexf.net/1.2draft" version="1.2" xmlns:viz="http://www.gexf.net/1.2draft/viz"
      xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <meta lastmodifieddate="2026-01-01"><creator>Gephi 0.9</creator><description></description></meta>
  <graph defaultedgetype="directed" timeformat="double" mode="dynamic">
    <attributes class="node" mode="static"><attribute id="modularity_class" title="Modularity Class" type="integer">
      <default>0</default></attribute></attributes>
    <attributes class="edge" mode="static"><attribute id="0" title="probability" type="double">
      <default>0.5</default></attribute></attributes>
    <nodes>
      <node id="a" label="view"><attvalues><attvalue for="modularity_class" value="1"></attvalue></attvalues>
        <viz:size value="10.0"></viz:size><viz:position x="-300.0" y="200.0"></viz:position>
        <viz:color r="1" g="2" b="3"></viz:color>
        <nodes><node id="b" label="zoom"/></nodes><edges><edge source="a" target="b"/></edges></node>
      <node id="c" label="buy"/>
    </nodes>
    <edges>
      <edge id="1" source="b" target="c" type="mutual" weight="2.0">
        <attvalues><attvalue for="0" value="0.7"></attvalue></attvalues></edge>
      <edge id="2" source="a" target="c" type="undirected"/>
    </edges>
  </graph>
</gexf>
"""


def test_gephi_defaults_nested_nodes_and_mutual_edges() -> None:
    graph = read_graph(GEPHI_12, "shop.gexf")
    assert graph.behaviours == ("view", "zoom", "buy")
    assert told(graph) == repr([("view", "zoom", 0.5), ("zoom", "buy", 0.7), ("buy", "zoom", 0.7)])
    assert graph.places == {"view": (-300.0, -200.0)}
    assert graph.remarks == ("1 edge without a direction was left out.",)


DAGITTY_NET = """dag {
bb="0,0,1,1"
"Body Mass" [exposure,pos="0.2,0.1"]
A [adjusted,pos="0.5,0.2"]
D [outcome,pos="0.8,0.3"]
U [latent,pos="0.5,0.6"]
"Body Mass" -> A [pos="0.3,0.4",beta="0.25"]
A -> D -> {E F}
U -> A
U -> D
D <-> "Body Mass"
}
"""


def test_dagitty_models() -> None:
    graph = read_graph(DAGITTY_NET, "model.txt")
    assert graph.behaviours == ("Body Mass", "A", "D", "U", "E", "F")
    assert [edge.pair for edge in graph.edges] == [
        ("Body Mass", "A"), ("A", "D"), ("D", "E"), ("D", "F"), ("U", "A"), ("U", "D")
    ]  # fmt: skip
    assert set(graph.places) == {"Body Mass", "A", "D", "U"}


CYTOSCAPE_JS = {
    "elements": [
        {"group": "nodes", "data": {"id": "n1", "label": "view item"}, "position": {"x": 0, "y": 0}},
        {"data": {"id": "n2", "label": "加购"}, "position": {"x": 300, "y": 90}},
        {"data": {"id": "e1", "source": "n1", "target": "n2", "probability": 0.8}},
    ],
    "style": [],
}
JSON_GRAPH = {
    "graph": {
        "directed": True,
        "nodes": {"n1": {"label": "view item"}, "n2": {"label": "加购", "metadata": {"x": 300, "y": 90}}},
        "edges": [
            {"source": "n1", "target": "n2", "metadata": {"probability": 0.8}},
            {"source": "n2", "target": "n1", "directed": False},
        ],
    }
}


@pytest.mark.parametrize("shape", [CYTOSCAPE_JS, JSON_GRAPH])
def test_json_of_other_shapes(shape: dict[str, object]) -> None:
    graph = read_graph(json.dumps(shape), "graph.json")
    assert told(graph) == repr(SAID[:1])
    assert graph.places["加购"] == (300.0, 90.0)

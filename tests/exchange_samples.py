"""Graph files as other programs write them, made by hand and kept small, and one graph of ours with all its parts."""

from __future__ import annotations

from causalviz.graph.causal_graph import CausalGraph, Edge
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
PLACES = {"view": (-120.5, 0.0), RUDE: (80.0, -33.3), "buy": (310.0, 44.1)}

YED = """<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:y="http://www.yworks.com/xml/graphml">
  <!--Created by yEd 3.23-->
  <key attr.name="Description" attr.type="string" for="graph" id="d0"/>
  <key for="port" id="d1" yfiles.type="portgraphics"/>
  <key attr.name="url" attr.type="string" for="node" id="d4"/>
  <key attr.name="description" attr.type="string" for="node" id="d5"/>
  <key for="node" id="d6" yfiles.type="nodegraphics"/>
  <key attr.name="description" attr.type="string" for="edge" id="d9"/>
  <key for="edge" id="d10" yfiles.type="edgegraphics"/>
  <graph edgedefault="directed" id="G">
    <data key="d0" xml:space="preserve"/>
    <node id="n0">
      <data key="d6">
        <y:ShapeNode>
          <y:Geometry height="30.0" width="120.0" x="100.0" y="50.0"/>
          <y:Fill color="#FFCC00" transparent="false"/>
          <y:NodeLabel alignment="center" visible="true">浏览商品</y:NodeLabel>
          <y:Shape type="roundrectangle"/>
        </y:ShapeNode>
      </data>
    </node>
    <node id="n1" yfiles.foldertype="group">
      <data key="d6"><y:ProxyAutoBoundsNode><y:Realizers active="0"><y:GroupNode>
        <y:Geometry height="90.0" width="200.0" x="0.0" y="100.0"/><y:NodeLabel>Group 1</y:NodeLabel>
      </y:GroupNode></y:Realizers></y:ProxyAutoBoundsNode></data>
      <graph edgedefault="directed" id="n1:">
        <node id="n1::n0">
          <data key="d6"><y:ShapeNode>
            <y:Geometry height="30.0" width="120.0" x="400.0" y="50.0"/><y:NodeLabel>buy</y:NodeLabel>
          </y:ShapeNode></data>
        </node>
      </graph>
    </node>
    <edge id="e0" source="n0" target="n1::n0">
      <data key="d9"><![CDATA[seen <often>]]></data>
      <data key="d10"><y:PolyLineEdge><y:Arrows source="none" target="standard"/></y:PolyLineEdge></data>
    </edge>
  </graph>
  <data key="d7"><y:Resources/></data>
</graphml>
"""
CYTOSCAPE = """<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key attr.name="name" attr.type="string" for="node" id="name"/>
  <key attr.name="shared name" attr.type="string" for="node" id="shared name"/>
  <key attr.name="selected" attr.type="boolean" for="node" id="selected"/>
  <key attr.name="interaction" attr.type="string" for="edge" id="interaction"/>
  <key attr.name="probability" attr.type="double" for="edge" id="probability"><default>0.5</default></key>
  <graph edgedefault="directed" id="Shop">
    <node id="62"><data key="name">view</data><data key="shared name">view</data></node>
    <node id="64"><data key="name">buy</data><data key="shared name">buy</data></node>
    <node id="66"><data key="name">buy</data><data key="shared name">buy</data></node>
    <edge id="70" source="62" target="64"><data key="interaction">pp</data><data key="probability">0.75</data></edge>
    <edge id="72" source="62" target="66"/>
  </graph>
</graphml>
"""
GEPHI_GRAPHML = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key attr.name="label" attr.type="string" for="node" id="label"/>
<key attr.name="Edge Label" attr.type="string" for="edge" id="edgelabel"/>
<key attr.name="weight" attr.type="double" for="edge" id="weight"/>
<key attr.name="r" attr.type="int" for="node" id="r"/>
<key attr.name="g" attr.type="int" for="node" id="g"/>
<key attr.name="b" attr.type="int" for="node" id="b"/>
<key attr.name="x" attr.type="float" for="node" id="x"/>
<key attr.name="y" attr.type="float" for="node" id="y"/>
<graph edgedefault="directed">
<node id="a"><data key="label">view</data><data key="x">-300.0</data><data key="y">200.0</data></node>
<node id="b"><data key="label">buy</data><data key="x">300.0</data><data key="y">-200.0</data></node>
<edge id="0" source="a" target="b"><data key="weight">1.0</data></edge>
<edge id="1" source="a" target="a"><data key="weight">1.0</data></edge>
</graph>
</graphml>
"""
GEPHI_GEXF = """<?xml version='1.0' encoding='UTF-8'?>
<gexf xmlns="http://gexf.net/1.3" version="1.3" xmlns:viz="http://gexf.net/1.3/viz">
  <meta lastmodifieddate="2026-01-01"><creator>Gephi 0.10.1</creator></meta>
  <graph defaultedgetype="undirected" mode="static">
    <attributes class="edge" mode="static"><attribute id="p" title="Probability" type="double"/></attributes>
    <nodes>
      <node id="0" label="view"><viz:size value="10.0"/><viz:position x="-300.0" y="200.0" z="0.0"/></node>
      <node id="1" label="加购"><viz:position x="300.0" y="-200.0"/></node>
      <node id="2" label="buy"/>
    </nodes>
    <edges>
      <edge id="0" source="0" target="1" type="directed" weight="3.0">
        <attvalues><attvalue for="p" value="0.7"/></attvalues>
      </edge>
      <edge id="1" source="1" target="2"/>
    </edges>
  </graph>
</gexf>
"""
DOT = r"""
// drawn by hand
strict digraph "my shop" {
  graph [rankdir=LR, label="Shop\nflow"];
  node [shape=box fontname="Noto Sans CJK SC"]
  view [label="view \"item\"", pos="27,90"];
  加购 [pos="300,90!"]
  subgraph cluster_0 { label = "end"; buy; "re" + "view" }
  view:e -> 加购 -> { buy review } [probability=0.8, comment="clear"]
  view -> html_one /* skipped */
  html_one [label=<<b>HTML</b> &amp; more>]
}
"""
DAGITTY = """dag {
bb="-2.5,-1.5,2.5,1.5"
"view item" [exposure,pos="-1.500,0.000"]
buy [outcome,pos="1.500,0.000"]
cart [pos="0.000,-0.700"]
taste [latent,pos="0.000,1.000"]
"view item" -> cart [beta=0.4]
buy <- cart
taste -> { "view item" buy }
cart <-> taste
}
"""

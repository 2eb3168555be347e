"""GraphML: networkx, yEd, Cytoscape, Gephi.

Ours has the behaviours' names as labels, ``n0, n1, …`` as ids and places as ``x`` and ``y`` (px, y downwards), and
beside them yEd's own drawing of each node and edge, because yEd reads names and places nowhere else. Where somebody
moved or renamed them in yEd, its drawing counts. Others' names are looked for where their programs put them: in an
attribute ``label`` or ``name``, in yEd's drawing, or else in the id. Nodes in groups count, the groups do not.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

import networkx as nx
from networkx.readwrite.graphml import GraphMLWriter

from causalviz.graph.causal_graph import CausalGraph
from causalviz.graph.exchange.attributes import EXACT, FORM_MARK, asserted_edges, edge_attributes, ids, node_attributes
from causalviz.graph.exchange.imported import ImportedGraph, RawEdge, RawGraph, RawNode, assembled, check_size, place_of
from causalviz.graph.exchange.tags import Tag, graph_in, read_tags
from causalviz.graph.layout import Place, box_size

FORM = "form"
YED = "http://www.yworks.com/xml/graphml"
SAME_PX = 1.0  # yEd rounds places
GEPHI = frozenset({"r", "g", "b"})  # Gephi's columns; its y grows upwards


class _Key(NamedTuple):
    """A declared attribute: of nodes, edges, the graph or "all"."""

    name: str
    of: str
    default: str


def write_graphml(graph: CausalGraph, places: Mapping[str, Place] | None = None) -> str:
    """GraphML with the causal graph proper; denied edges are kept in an attribute of their causes.

    Args:
        graph: What is shown.
        places: Centres of boxes, px, y downwards; None leaves them out.
    """
    written = to_networkx(graph)
    written.graph[FORM] = FORM_MARK
    for name, node in ids(graph).items():
        if places is not None and name in places:
            written.nodes[node].update(x=float(places[name][0]), y=float(places[name][1]))
    writer = GraphMLWriter(encoding="utf-8")
    writer.add_graph_element(written)
    _draw_for_yed(writer.xml, written)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{writer}\n'


def read_graphml(text: str, title: str) -> ImportedGraph:
    """Reads anybody's GraphML.

    Raises:
        UnreadableGraph: If it is no GraphML, damaged, unsafe or no graph that can be drawn.
    """
    root = read_tags(text, title)
    graph = graph_in(root, "graphml", title)
    keys = {
        key.attributes.get("id", ""): _Key(
            key.attributes.get("attr.name", key.attributes.get("id", "")),
            key.attributes.get("for", "all"),
            next((default.text for default in key.all("default")), ""),
        )
        for key in root.all("key")
    }
    own = any(keys[data.attributes["key"]].name == FORM and data.text == FORM_MARK for data in _data(graph, keys))
    upwards = {key.name for key in keys.values()} >= GEPHI
    arrows = list(_edges(graph))
    ends = {tag.attributes.get(end, "") for tag, _ in arrows for end in ("source", "target")}
    tags = list(_nodes(graph, ends))
    check_size(len(tags), len(arrows), title)
    nodes = [_node(tag, keys, upwards) for tag in tags]
    return assembled(
        RawGraph("GraphML", nodes, [edge for arrow in arrows for edge in _edges_of(*arrow, keys)], own), title
    )


def to_networkx(graph: CausalGraph) -> nx.DiGraph:
    """The graph with ids for nodes, names as labels, and nothing in it that XML cannot hold."""
    names, known = ids(graph), node_attributes(graph)
    named = nx.DiGraph()
    for name in graph.behaviours:
        named.add_node(names[name], **known[name])
    for edge in asserted_edges(graph):
        named.add_edge(names[edge.cause], names[edge.effect], **edge_attributes(edge))
    return named


def _draw_for_yed(root: ET.Element, graph: nx.DiGraph) -> None:
    """Puts yEd's drawing first into each node and edge, so that readers who know ours as well end with ours."""
    root.set("xmlns:y", YED)
    for place, (id_, of) in enumerate((("yed_node", "node"), ("yed_edge", "edge"))):
        root.insert(place, ET.Element("key", {"id": id_, "for": of, "yfiles.type": f"{of}graphics"}))
    for node in root.iter("node"):
        known = graph.nodes[node.get("id")]
        data = ET.Element("data", {"key": "yed_node"})
        shape = ET.SubElement(data, "y:ShapeNode")
        width, height = box_size(known["label"])
        corner = {"x": f"{known['x'] - width / 2:.2f}", "y": f"{known['y'] - height / 2:.2f}"} if "x" in known else {}
        ET.SubElement(shape, "y:Geometry", {**corner, "width": f"{width:.2f}", "height": f"{height:.2f}"})
        ET.SubElement(shape, "y:Fill", {"color": "#eaf1f8", "transparent": "false"})
        ET.SubElement(shape, "y:BorderStyle", {"color": "#4477aa", "type": "line", "width": "1.5"})
        ET.SubElement(shape, "y:NodeLabel").text = known["label"]
        ET.SubElement(shape, "y:Shape", {"type": "roundrectangle"})
        node.insert(0, data)
    for edge in root.iter("edge"):
        known = graph.edges[edge.get("source"), edge.get("target")]
        data = ET.Element("data", {"key": "yed_edge"})
        line = ET.SubElement(data, "y:PolyLineEdge")
        width = 1 + 3 * known.get("probability", 0.0)
        ET.SubElement(line, "y:LineStyle", {"color": "#3580bc", "type": "line", "width": f"{width:.2f}"})
        tip = "t_shape" if known.get("effect_size", 1.0) < 1 else "standard"
        ET.SubElement(line, "y:Arrows", {"source": "none", "target": tip})
        edge.insert(0, data)


def _data(tag: Tag, keys: Mapping[str, _Key]) -> Iterator[Tag]:
    return (data for data in tag.all("data") if data.attributes.get("key", "") in keys)


def _attributes(tag: Tag, keys: Mapping[str, _Key], of: str) -> dict[str, str]:
    found = {key.name: key.default for key in keys.values() if key.default and key.of in (of, "all")}
    return found | {keys[data.attributes["key"]].name: data.text for data in _data(tag, keys)}


def _nodes(graph: Tag, ends: Collection[str]) -> Iterator[Tag]:
    """Nodes that are no groups, and groups at which an edge ends; a group holds a graph of its own."""
    for tag in graph.all("node"):
        inner = list(tag.all("graph"))
        if not inner or tag.attributes.get("id", "") in ends:
            yield tag
        for group in inner:
            yield from _nodes(group, ends)


def _edges(graph: Tag) -> Iterator[tuple[Tag, bool]]:
    """Edges with whether the graph in which they stand is directed."""
    directed = graph.attributes.get("edgedefault", "directed") != "undirected"
    for tag in graph.all("edge"):
        yield tag, directed
    for node in graph.all("node"):
        for group in node.all("graph"):
            yield from _edges(group)


def _node(tag: Tag, keys: Mapping[str, _Key], upwards: bool) -> RawNode:
    attributes = _attributes(tag, keys, "node")
    place = place_of(attributes.get("x"), attributes.get("y"))
    if place is not None and upwards:
        place = place[0], 0.0 - place[1]
    drawn = [data for data in tag.all("data") if data.children]
    label = _label(drawn, "NodeLabel")
    if label and label != " ".join(attributes.get("label", "").split()):
        attributes = {**attributes, "label": label}
        attributes.pop(EXACT, None)
    for shape in (shape for data in drawn for shape in data.deep("Geometry")):
        corner = place_of(shape.attributes.get("x"), shape.attributes.get("y"))
        size = place_of(shape.attributes.get("width", 0), shape.attributes.get("height", 0)) or (0.0, 0.0)
        if corner is not None:
            centre = corner[0] + size[0] / 2, corner[1] + size[1] / 2
            moved = place is None or max(abs(centre[0] - place[0]), abs(centre[1] - place[1])) > SAME_PX
            place = centre if moved else place
    return RawNode(tag.attributes.get("id", ""), attributes, tag.where, place)


def _edges_of(tag: Tag, directed: bool, keys: Mapping[str, _Key]) -> list[RawEdge]:
    """An edge as the file says, or as yEd draws it: with a tip at its beginning, at both ends, or at none."""
    told = tag.attributes.get("directed", "").lower()
    directed = directed if told == "" else told in ("true", "1")
    attributes = _attributes(tag, keys, "edge")
    drawn = [data for data in tag.all("data") if data.children]
    label = _label(drawn, "EdgeLabel")
    if label:
        attributes.setdefault("probability" if _is_chance(label) else "note", label)
    ends = tag.attributes.get("source", ""), tag.attributes.get("target", "")
    tips = next((arrows.attributes for data in drawn for arrows in data.deep("Arrows")), {})
    begins, ends_there = (tips.get(end, other) != "none" for end, other in (("source", "none"), ("target", "standard")))
    ways = ([ends] if ends_there or not begins else []) + ([ends[::-1]] if begins else [])
    return [RawEdge(*way, directed and (begins or ends_there), attributes, tag.where) for way in ways]


def _label(drawn: Sequence[Tag], kind: str) -> str:
    """The first label that yEd shows, in one line."""
    texts = (" ".join(label.text.split()) for data in drawn for label in data.deep(kind))
    return next(filter(None, texts), "")


def _is_chance(text: str) -> bool:
    try:
        return 0 <= float(text) <= 1
    except ValueError:
        return False

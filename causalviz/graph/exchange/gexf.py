"""GEXF, the format of Gephi: names as labels, places as its own ``position``, whose y grows upwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import networkx as nx

from causalviz.graph.causal_graph import CausalGraph
from causalviz.graph.exchange.attributes import FORM_MARK, ids
from causalviz.graph.exchange.graphml import to_networkx
from causalviz.graph.exchange.imported import ImportedGraph, RawEdge, RawGraph, RawNode, assembled, check_size, place_of
from causalviz.graph.exchange.tags import Tag, graph_in, read_tags
from causalviz.graph.layout import Place


class _Attribute(NamedTuple):
    """A declared attribute: its name, and what it is where nothing is said."""

    title: str
    default: str


def write_gexf(graph: CausalGraph, places: Mapping[str, Place] | None = None) -> str:
    """GEXF 1.2 with the causal graph proper; denied edges are kept in an attribute of their causes.

    Args:
        graph: What is shown.
        places: Centres of boxes, px, y downwards; None leaves them out.
    """
    written = to_networkx(graph)
    written.graph["name"] = FORM_MARK
    for name, node in ids(graph).items():
        if places is not None and name in places:
            x, y = places[name]
            written.nodes[node]["viz"] = {"position": {"x": float(x), "y": 0.0 - float(y), "z": 0.0}}
    lines: list[str] = list(nx.generate_gexf(written, encoding="utf-8", version="1.2draft"))
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + "\n".join(lines) + "\n"


def read_gexf(text: str, title: str) -> ImportedGraph:
    """Reads anybody's GEXF.

    Raises:
        UnreadableGraph: If it is no GEXF, damaged, unsafe or no graph that can be drawn.
    """
    graph = graph_in(read_tags(text, title), "gexf", title)
    declared = {kind: _declared(graph, kind) for kind in ("node", "edge")}
    tags = [tag for table in graph.all("nodes") for tag in table.deep("node")]
    arrows = [tag for table in graph.deep("edges") for tag in table.all("edge")]
    check_size(len(tags), len(arrows), title)
    nodes = [_node(tag, declared["node"]) for tag in tags]
    default = graph.attributes.get("defaultedgetype", "undirected")
    edges = [edge for tag in arrows for edge in _edges(tag, default, declared["edge"])]
    own = graph.attributes.get("name") == FORM_MARK
    return assembled(RawGraph("GEXF", nodes, edges, own), title)


def _declared(graph: Tag, kind: str) -> dict[str, _Attribute]:
    """The attributes of nodes or of edges, by their ids."""
    return {
        tag.attributes.get("id", ""): _Attribute(
            tag.attributes.get("title", ""), next((default.text.strip() for default in tag.all("default")), "")
        )
        for table in graph.all("attributes")
        if table.attributes.get("class") == kind
        for tag in table.all("attribute")
    }


def _values(tag: Tag, declared: Mapping[str, _Attribute]) -> dict[str, str]:
    found = {title: default for title, default in declared.values() if default}
    for value in (value for table in tag.all("attvalues") for value in table.all("attvalue")):
        key = value.attributes.get("for", value.attributes.get("id", ""))
        found[declared[key].title if key in declared else key] = value.attributes.get("value", "")
    return found


def _edges(tag: Tag, default: str, declared: Mapping[str, _Attribute]) -> list[RawEdge]:
    """One edge, or two where it is mutual."""
    kind = tag.attributes.get("type", default).lower()
    ends = tag.attributes.get("source", ""), tag.attributes.get("target", "")
    ways = [ends, ends[::-1]] if kind == "mutual" else [ends]
    known = _values(tag, declared)
    return [RawEdge(*way, kind in ("directed", "mutual"), known, tag.where) for way in ways]


def _node(tag: Tag, declared: Mapping[str, _Attribute]) -> RawNode:
    attributes = _values(tag, declared) | ({"label": tag.attributes["label"]} if "label" in tag.attributes else {})
    spot = next(tag.all("position"), None)
    place = place_of(spot.attributes.get("x"), spot.attributes.get("y")) if spot is not None else None
    return RawNode(tag.attributes.get("id", ""), attributes, tag.where, place and (place[0], 0.0 - place[1]))

"""GEXF, the format of Gephi: names as labels, places as its own ``position``, whose y grows upwards."""

from __future__ import annotations

from collections.abc import Mapping

import networkx as nx

from causalviz.graph.causal_graph import CausalGraph
from causalviz.graph.exchange.attributes import FORM_MARK, ids
from causalviz.graph.exchange.graphml import to_networkx
from causalviz.graph.exchange.imported import ImportedGraph, RawEdge, RawGraph, RawNode, assembled, check_size, place_of
from causalviz.graph.exchange.tags import Tag, graph_in, read_tags
from causalviz.graph.layout import Place


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
    names = {
        kind: {
            declared.attributes.get("id", ""): declared.attributes.get("title", "")
            for table in graph.all("attributes")
            if table.attributes.get("class") == kind
            for declared in table.all("attribute")
        }
        for kind in ("node", "edge")
    }
    tags = [tag for table in graph.all("nodes") for tag in table.deep("node")]
    arrows = [tag for table in graph.all("edges") for tag in table.all("edge")]
    check_size(len(tags), len(arrows), title)
    nodes = [_node(tag, names["node"]) for tag in tags]
    default = graph.attributes.get("defaultedgetype", "undirected")
    edges = [
        RawEdge(
            tag.attributes.get("source", ""), tag.attributes.get("target", ""),
            tag.attributes.get("type", default).lower() == "directed", _values(tag, names["edge"]), tag.where,
        )
        for tag in arrows
    ]  # fmt: skip
    own = graph.attributes.get("name") == FORM_MARK
    return assembled(RawGraph("GEXF", nodes, edges, own), title)


def _values(tag: Tag, names: Mapping[str, str]) -> dict[str, str]:
    values = (value for table in tag.all("attvalues") for value in table.all("attvalue"))
    return {
        names.get(key, key): value.attributes.get("value", "")
        for value in values
        for key in [value.attributes.get("for", value.attributes.get("id", ""))]
    }


def _node(tag: Tag, names: Mapping[str, str]) -> RawNode:
    attributes = _values(tag, names) | ({"label": tag.attributes["label"]} if "label" in tag.attributes else {})
    spot = next(tag.all("position"), None)
    place = place_of(spot.attributes.get("x"), spot.attributes.get("y")) if spot is not None else None
    return RawNode(tag.attributes.get("id", ""), attributes, tag.where, place and (place[0], 0.0 - place[1]))

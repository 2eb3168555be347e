"""Graphs in other shapes of JSON, brought into the node-link one.

node-link   {"nodes": [{"id"}], "links" or "edges": [{"source", "target"}]}       networkx, D3; vis-network: from, to
Cytoscape   {"elements": {"nodes": [{"data", "position"}], "edges": [{"data"}]}}  or one list of all elements
adjacency   {"nodes": [{"id"}], "adjacency": [[{"id"}]]}                          networkx; one list for each node
JSON Graph  {"graph": {"nodes": {id: {"label"}}, "edges": [{"source", "target"}]}}
Graphviz    {"objects": [{"_gvid", "name"}], "edges": [{"tail", "head"}]}         groups are objects with nodes
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

LINKS = ("links", "edges")
ENDS = (("source", "target"), ("from", "to"))


class NodeLink(NamedTuple):
    """Nodes and links as they stand in the file, of any JSON type, and whether the links have a direction."""

    nodes: list[object]
    links: list[object]
    directed: bool


def node_link_in(written: object) -> NodeLink | None:
    """The nodes and links of a parsed file; None where it has none of the known shapes."""
    if isinstance(written, list):
        return _of_records(written)
    parts = written if isinstance(written, dict) else {}
    directed = parts.get("directed", True) is not False
    elements = parts.get("elements")
    if isinstance(elements, dict | list):
        return _of_cytoscape(elements, directed)
    inner = parts.get("graph")
    if "nodes" not in parts and isinstance(inner, dict) and inner.get("nodes") is not None:
        return _of_json_graph(inner)
    nodes = parts.get("nodes")
    if isinstance(nodes, list) and isinstance(parts.get("adjacency"), list):
        return _of_adjacency(nodes, parts["adjacency"], directed)
    links = next((parts[key] for key in LINKS if isinstance(parts.get(key), list)), None)
    return NodeLink(nodes, links, directed) if isinstance(nodes, list) and links is not None else None


def with_ends(link: Mapping[str, object]) -> tuple[object, object] | None:
    """The two ends of a link, under whichever names; None where it has none."""
    return next(((link[source], link[target]) for source, target in ENDS if {source, target} <= link.keys()), None)


def _of_cytoscape(elements: dict[str, object] | list[object], directed: bool) -> NodeLink:
    listed = [elements] if isinstance(elements, list) else [elements.get(key) for key in ("nodes", "edges")]
    nodes: list[object] = []
    links: list[object] = []
    for entry in (entry for part in listed if isinstance(part, list) for entry in part):
        flat = _flat(entry, "data", "position")
        (links if isinstance(flat, dict) and with_ends(flat) else nodes).append(flat)
    return NodeLink(nodes, links, directed)


def _of_json_graph(graph: dict[str, object]) -> NodeLink:
    nodes, links = graph.get("nodes"), graph.get("edges")
    if isinstance(nodes, dict):
        nodes = [{"id": key, **(value if isinstance(value, dict) else {})} for key, value in nodes.items()]
    flat = [[_flat(entry, "metadata") for entry in part] if isinstance(part, list) else [] for part in (nodes, links)]
    return NodeLink(flat[0], flat[1], graph.get("directed", True) is not False)


def _of_records(records: list[object]) -> NodeLink | None:
    pairs = [with_ends(record) if isinstance(record, dict) else None for record in records]
    ends = dict.fromkeys(end for pair in pairs if pair for end in pair if isinstance(end, str | int))
    return NodeLink(list(ends), records, directed=True) if records and all(pairs) else None


def _of_adjacency(nodes: list[object], rows: list[object], directed: bool) -> NodeLink:
    links: list[object] = [
        {**entry, "source": node["id"], "target": entry["id"]}
        for node, row in zip(nodes, rows, strict=False)
        if isinstance(node, dict) and "id" in node and isinstance(row, list)
        for entry in row
        if isinstance(entry, dict) and "id" in entry
    ]
    return NodeLink(nodes, links, directed)


def _flat(entry: object, *inner: str) -> object:
    """An object with what stands in its inner objects beside its own parts."""
    if not isinstance(entry, dict):
        return entry
    return {
        **entry,
        **{key: value for name in inner if isinstance(entry.get(name), dict) for key, value in entry[name].items()},
    }

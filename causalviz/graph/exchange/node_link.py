"""Node-link JSON: lists of nodes and links, as networkx, D3 and many others write them; its cousins are read too."""

from __future__ import annotations

import json
from collections.abc import Mapping

import networkx as nx

from causalviz.errors import UnreadableGraph
from causalviz.graph.causal_graph import CausalGraph
from causalviz.graph.exchange.attributes import FORM_MARK, ids
from causalviz.graph.exchange.graphml import to_networkx
from causalviz.graph.exchange.imported import ImportedGraph, RawEdge, RawGraph, RawNode, assembled, check_size, place_of
from causalviz.graph.exchange.json_forms import node_link_in, with_ends
from causalviz.graph.layout import Place


def write_node_link(graph: CausalGraph, places: Mapping[str, Place] | None = None) -> str:
    """Node-link JSON with the causal graph proper; denied edges are kept in an attribute of their causes.

    Args:
        graph: What is shown.
        places: Centres of boxes, px, y downwards, as ``x`` and ``y``; None leaves them out.
    """
    written = to_networkx(graph)
    written.graph["form"] = FORM_MARK
    for name, node in ids(graph).items():
        if places is not None and name in places:
            written.nodes[node].update(x=places[name][0], y=places[name][1])
    return json.dumps(nx.node_link_data(written, edges="links"), ensure_ascii=True, allow_nan=False, indent=1)


def read_node_link(written: object, title: str) -> ImportedGraph:
    """Reads anybody's node-link JSON.

    Args:
        written: The parsed file.
        title: The file's name, for messages.

    Raises:
        UnreadableGraph: If it has no lists of nodes and links, or is no graph that can be drawn.
    """
    found = node_link_in(written)
    if found is None:
        raise UnreadableGraph(
            f"{title} is JSON without the lists “nodes” and “links”; export the graph as node-link JSON or GraphML."
        )
    check_size(len(found.nodes), len(found.links), title)
    nodes = [_node(entry, row, title) for row, entry in enumerate(found.nodes)]
    known = {node.id for node in nodes}
    edges = [_edge(entry, row, found.directed, nodes, known, title) for row, entry in enumerate(found.links)]
    told = written.get("graph") if isinstance(written, dict) else None
    own = isinstance(told, dict) and told.get("form") == FORM_MARK
    return assembled(RawGraph("node-link JSON", nodes, edges, own), title)


def _node(entry: object, row: int, title: str) -> RawNode:
    where = f"node {row + 1}"
    if not isinstance(entry, dict):
        if not isinstance(entry, str | int):
            raise UnreadableGraph(f"{title} has {where} that is neither a name nor an object; export it again.")
        return RawNode(str(entry), {}, where)
    id_ = entry.get("id", entry.get("name", row))
    return RawNode(_end(id_), _texts(entry), where, place_of(entry.get("x"), entry.get("y")))


def _edge(entry: object, row: int, directed: bool, nodes: list[RawNode], known: set[str], title: str) -> RawEdge:
    where = f"link {row + 1}"
    pair = with_ends(entry) if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or pair is None:
        raise UnreadableGraph(f"{title} has {where} without “source” and “target”; export it again.")
    ends = []
    for end in pair:
        end = end.get("id", end.get("name", "")) if isinstance(end, dict) else end  # D3 puts the whole node there
        by_place = isinstance(end, int) and str(end) not in known and 0 <= end < len(nodes)
        ends.append(nodes[end].id if by_place and isinstance(end, int) else _end(end))
    directed = directed if entry.get("directed") is None else entry["directed"] is not False
    return RawEdge(ends[0], ends[1], directed, _texts(entry), where)


def _end(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _texts(entry: Mapping[str, object]) -> dict[str, str]:
    """The attributes that are texts or numbers; others say nothing that is read."""
    told = ((key, value) for key, value in entry.items() if isinstance(value, str | int | float))
    return {key: str(value) for key, value in told if not isinstance(value, bool)}

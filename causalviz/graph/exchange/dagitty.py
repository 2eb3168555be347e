"""DAGitty's model code: names, arrows, places.

It wants acyclic graphs, so the edges that ``left_out`` names are missing from ours, and its language has no comments to
say so in. Names keep letters, digits and blanks; what it cannot quote becomes ``_``. One of its units of length is
100 px here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from causalviz.graph.acyclic import left_out
from causalviz.graph.causal_graph import CausalGraph
from causalviz.graph.exchange.attributes import asserted_edges
from causalviz.graph.exchange.brackets import Arrow, read_statements
from causalviz.graph.exchange.imported import ImportedGraph, RawEdge, RawGraph, RawNode, assembled, place_of
from causalviz.graph.layout import Place

UNIT_PX = 100.0
_WORDS = frozenset({"graph", "node", "edge"})  # which no variable may be called
_SPOT = re.compile(r"\s*([-+\d.eE]+)\s*,\s*([-+\d.eE]+)\s*$")


def write_dagitty(graph: CausalGraph, places: Mapping[str, Place] | None = None) -> str:
    """DAGitty's model code, without the edges that ``left_out`` names.

    Args:
        graph: What is shown.
        places: Centres of boxes, px, y downwards; None leaves them out.
    """
    names, missing = _names(graph), {edge.pair for edge in left_out(graph)}
    lines = ["dag {"]
    for name in graph.behaviours:
        at = (places or {}).get(name)
        spot = "" if at is None else f' [pos="{at[0] / UNIT_PX:.3f},{at[1] / UNIT_PX:.3f}"]'
        lines.append(f'"{names[name]}"{spot}')
    lines += [
        f'"{names[edge.cause]}" -> "{names[edge.effect]}"' for edge in asserted_edges(graph) if edge.pair not in missing
    ]
    return "\n".join([*lines, "}", ""])


def read_dagitty(text: str, title: str) -> ImportedGraph:
    """Reads DAGitty's model code, of whichever kind of graph; only plain arrows have a direction.

    Raises:
        UnreadableGraph: If it breaks the grammar, or is no graph that can be drawn.
    """
    found = read_statements(text, title, "DAGitty")
    nodes = [
        RawNode(name, {}, f"line {found.lines.get(name, 1)}", _place(attributes))
        for name, attributes in found.nodes.items()
    ]
    edges = [_edge(arrow) for arrow in found.arrows]
    return assembled(RawGraph("DAGitty", nodes, edges), title)


def _edge(arrow: Arrow) -> RawEdge:
    ends = (arrow.target, arrow.source) if arrow.kind == "<-" else (arrow.source, arrow.target)
    return RawEdge(*ends, arrow.kind in ("->", "<-"), arrow.attributes, f"line {arrow.line}")


def _place(attributes: Mapping[str, str]) -> Place | None:
    spot = _SPOT.match(attributes.get("pos", ""))
    at = place_of(spot[1], spot[2]) if spot else None
    return None if at is None else (round(at[0] * UNIT_PX, 1), round(at[1] * UNIT_PX, 1))


def _names(graph: CausalGraph) -> dict[str, str]:
    """Distinct names without quotes, backslashes, brackets or line breaks."""
    taken = set(_WORDS)
    names: dict[str, str] = {}
    for name in graph.behaviours:
        plain = "".join(sign if sign.isalnum() or sign in " .-_" else "_" for sign in name).strip() or "_"
        number = 2
        unique = plain
        while unique in taken:
            unique, number = f"{plain} {number}", number + 1
        taken.add(unique)
        names[name] = unique
    return names

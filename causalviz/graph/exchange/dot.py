r"""DOT, the language of Graphviz.

The width of an arrow's line grows with its probability, a ``tee`` tip says that it inhibits. Places are points from the
bottom left, as ``neato -n`` reads them, and px in attributes of our own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from causalviz.graph.causal_graph import CausalGraph
from causalviz.graph.exchange.attributes import FORM_MARK, asserted_edges, edge_attributes, ids, node_attributes, plain
from causalviz.graph.exchange.brackets import Arrow, read_statements
from causalviz.graph.exchange.imported import ImportedGraph, RawEdge, RawGraph, RawNode, assembled, place_of
from causalviz.graph.layout import Place

POINTS_PER_PX = 0.75
_RECORD = re.compile(r"\\([<>{}| ])|<[^<>]*>|[{}|]")  # ports and the bounds of fields; a backslash keeps the sign
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_SPOT = re.compile(r"\s*([-+\d.eE]+)\s*,\s*([-+\d.eE]+)")


def write_dot(graph: CausalGraph, places: Mapping[str, Place] | None = None) -> str:
    """DOT with the causal graph proper; denied edges are kept in an attribute of their causes.

    Args:
        graph: What is shown.
        places: Centres of boxes, px, y downwards; None leaves them out.
    """
    names, known = ids(graph), node_attributes(graph)
    lines = ["digraph causes {", f'  form="{FORM_MARK}";', "  node [shape=box, style=rounded];"]
    for name in graph.behaviours:
        attributes = dict(known[name])
        if places is not None and name in places:
            x, y = places[name]
            spot = f"{x * POINTS_PER_PX:.2f},{0.0 - y * POINTS_PER_PX:.2f}!"
            attributes |= {"pos": spot, "x": repr(float(x)), "y": repr(float(y))}
        lines.append(f"  {names[name]} [{_listed(attributes)}];")
    for edge in asserted_edges(graph):
        values = edge_attributes(edge)
        chance = values.get("probability")
        looks = {
            "label": f"{chance:.2f}" if isinstance(chance, float) else edge.ruling.value,
            "penwidth": f"{1 + 3 * chance:.2f}" if isinstance(chance, float) else "1.00",
            "arrowhead": "tee" if edge.effect_size < 1 else "normal",
        }
        told = looks | {key: str(value) for key, value in values.items()}
        lines.append(f"  {names[edge.cause]} -> {names[edge.effect]} [{_listed(told)}];")
    return "\n".join([*lines, "}", ""])


def read_dot(text: str, title: str) -> ImportedGraph:
    """Reads anybody's DOT.

    Raises:
        UnreadableGraph: If it breaks the grammar, or is no graph that can be drawn.
    """
    found = read_statements(text, title, "DOT")
    own = found.graph.get("form") == FORM_MARK
    nodes = [
        RawNode(name, _told(name, attributes), f"line {found.lines.get(name, 1)}", _place(attributes, own))
        for name, attributes in found.nodes.items()
    ]
    edges = [edge for arrow in found.arrows for edge in _edges(arrow)]
    return assembled(RawGraph("DOT", nodes, edges, own), title)


def _edges(arrow: Arrow) -> list[RawEdge]:
    """As they are drawn: ``dir`` turns an arrow around, gives it a second tip, or takes both away."""
    drawn = arrow.attributes.get("dir", "forward").lower()
    ways = [(arrow.source, arrow.target)] if drawn != "back" else []
    if drawn in ("back", "both"):
        ways.append((arrow.target, arrow.source))
    directed = arrow.kind == "->" and drawn != "none"
    return [RawEdge(*way, directed, _shown(arrow.attributes, ""), f"line {arrow.line}") for way in ways]


def _told(name: str, attributes: Mapping[str, str]) -> dict[str, str]:
    """A node's attributes, with its name as the last choice for what to call it; of a record only the words."""
    if "record" in attributes.get("shape", "").lower() and "label" in attributes:
        words = _RECORD.sub(lambda found: found[1] or " ", attributes["label"])
        attributes = {**attributes, "label": " ".join(words.split())}
    return _shown({"title": "\\N", **attributes}, _shown({"title": name}, "")["title"])


def _listed(attributes: Mapping[str, str]) -> str:
    return ", ".join(f"{key}={_quoted(value)}" for key, value in attributes.items())


def _quoted(text: str) -> str:
    r"""A quoted DOT string: ``"`` and ``\`` escaped, so that ``\N`` and the like mean themselves."""
    line = " ".join(plain(text).split())
    return '"' + line.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _shown(attributes: Mapping[str, str], name: str) -> dict[str, str]:
    r"""The attributes with their escapes resolved: ``\N`` is the node's name, ``\n``, ``\l`` and ``\r`` end a line."""
    ends = {"N": name, "n": " ", "l": " ", "r": " "}
    return {
        key: _ESCAPE.sub(lambda found: ends.get(found[1], found[1]), value).strip() for key, value in attributes.items()
    }


def _place(attributes: Mapping[str, str], own: bool) -> Place | None:
    if own:
        return place_of(attributes.get("x"), attributes.get("y"))
    spot = _SPOT.match(attributes.get("pos", ""))
    at = place_of(spot[1], spot[2]) if spot else None
    return None if at is None else (at[0] / POINTS_PER_PX, 0.0 - at[1] / POINTS_PER_PX)

"""The graph in the languages of other programs, as text.

JSON and CSV carry everything that is shown, denied edges and their rulings included; JSON alone is read back. GraphML
(networkx, yEd, Cytoscape), GEXF (Gephi), DOT (Graphviz) and DAGitty carry the causal graph proper: all behaviours and
the edges that no expert denied. DAGitty wants acyclic graphs; a graph with cycles is written as it is, and DAGitty
names the cycles.

Names come from strangers. Each language has its own way to quote them, and none of it is ever left to chance: what a
language cannot hold at all (control characters in XML) is replaced by U+FFFD.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from dataclasses import asdict, fields
from typing import Any

import networkx as nx

from causalviz.errors import UnreadableGraph
from causalviz.graph.causal_graph import COLUMNS, CausalGraph, Edge, known_attributes
from causalviz.graph.verdicts import Ruling

FORMAT, FORM = "causalviz-graph", 1
CSV_COLUMNS = (*COLUMNS, "ruling", "note")
NUMBERS = {"probability", "effect_size", "low", "high", "delay_s"}
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run


def write_json(graph: CausalGraph) -> str:
    """Everything that is shown; ``read_json`` gives it back. Unknown numbers are ``null``."""
    written = {
        "format": FORMAT,
        "form": FORM,
        "behaviours": list(graph.behaviours),
        "total": graph.total,
        "edges": [
            {name: _number_out(value) if name in NUMBERS else value for name, value in asdict(edge).items()}
            for edge in graph.edges
        ],
    }
    return json.dumps(written, ensure_ascii=True, allow_nan=False, indent=1)


def read_json(text: str) -> CausalGraph:
    """Reads what ``write_json`` wrote.

    Raises:
        UnreadableGraph: If it is no JSON, of another form, or names a behaviour that it does not list.
    """
    try:
        written = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise UnreadableGraph(f"The file is no JSON ({error}); choose one that CausalViz exported.") from error
    if not isinstance(written, dict) or (written.get("format"), written.get("form")) != (FORMAT, FORM):
        raise UnreadableGraph(f"The file is no graph of CausalViz (its format must be {FORMAT!r}, form {FORM}).")
    try:
        graph = CausalGraph(
            behaviours=tuple(_text(name) for name in written["behaviours"]),
            edges=tuple(_edge_in(edge) for edge in written["edges"]),
            total=int(written["total"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableGraph(f"A part of the graph is missing or of the wrong kind ({error!r}).") from error
    strangers = {name for edge in graph.edges for name in edge.pair} - set(graph.behaviours)
    if strangers:
        raise UnreadableGraph(f"The edges name “{min(strangers)}”, which is not among the behaviours; add it there.")
    return graph


def write_csv(graph: CausalGraph) -> str:
    """One row per shown edge; cells that a spreadsheet would take for a formula get an apostrophe in front."""
    out = io.StringIO(newline="")
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(CSV_COLUMNS)
    for edge in graph.edges:
        known = known_attributes(edge)
        texts = (_cell(edge.cause), _cell(edge.effect))
        numbers = (known.get(column, "") for column in CSV_COLUMNS[2:-1])
        table.writerow((*texts, *numbers, _cell(edge.note)))
    return out.getvalue()


def write_graphml(graph: CausalGraph) -> str:
    """GraphML with the behaviours' names as labels and ``n0, n1, …`` as ids."""
    lines: list[str] = list(nx.generate_graphml(_for_xml(graph), encoding="utf-8"))
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + "\n".join(lines) + "\n"


def write_gexf(graph: CausalGraph) -> str:
    """GEXF 1.2 with the behaviours' names as labels."""
    lines: list[str] = list(nx.generate_gexf(_for_xml(graph), encoding="utf-8", version="1.2draft"))
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + "\n".join(lines) + "\n"


def write_dot(graph: CausalGraph) -> str:
    """Graphviz; the width of an arrow's line grows with its probability, a ``tee`` tip says that it inhibits."""
    ids = _ids(graph)
    lines = ["digraph causes {", "  node [shape=box, style=rounded];"]
    lines += [f"  {ids[name]} [label={_dot(name)}];" for name in graph.behaviours]
    for edge in _edges(graph):
        known = known_attributes(edge)
        chance = known.get("probability")
        looks = {
            "label": _dot(f"{chance:.2f}" if isinstance(chance, float) else edge.ruling.value),
            "penwidth": f"{1 + 3 * chance:.2f}" if isinstance(chance, float) else "1.00",
            "arrowhead": "tee" if edge.effect_size < 1 else "normal",
            **{name: _dot(str(value)) for name, value in known.items()},
        }
        listed = ", ".join(f"{name}={value}" for name, value in looks.items())
        lines.append(f"  {ids[edge.cause]} -> {ids[edge.effect]} [{listed}];")
    return "\n".join([*lines, "}", ""])


def write_dagitty(graph: CausalGraph) -> str:
    """DAGitty's model code. Names keep letters, digits and blanks; what it cannot quote becomes ``_``."""
    names = _dagitty_names(graph)
    lines = ["dag {", *(f'"{names[name]}"' for name in graph.behaviours)]
    lines += [f'"{names[edge.cause]}" -> "{names[edge.effect]}"' for edge in _edges(graph)]
    return "\n".join([*lines, "}", ""])


def _edges(graph: CausalGraph) -> tuple[Edge, ...]:
    return tuple(edge for edge in graph.edges if not edge.denied)


def _ids(graph: CausalGraph) -> dict[str, str]:
    return {name: f"n{row}" for row, name in enumerate(graph.behaviours)}


def _for_xml(graph: CausalGraph) -> nx.DiGraph:
    """The graph with ids for nodes, names as labels, and nothing in it that XML cannot hold."""
    ids = _ids(graph)
    named = nx.DiGraph()
    for name in graph.behaviours:
        named.add_node(ids[name], label=_xml(name))
    for edge in _edges(graph):
        known = {key: _xml(value) if isinstance(value, str) else value for key, value in known_attributes(edge).items()}
        named.add_edge(ids[edge.cause], ids[edge.effect], **known)
    return named


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


def _dot(text: str) -> str:
    r"""A quoted DOT string: ``"`` and ``\`` escaped, so that ``\N`` and the like mean themselves."""
    line = " ".join(_xml(text).split())
    return '"' + line.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _dagitty_names(graph: CausalGraph) -> dict[str, str]:
    """Distinct names without quotes, backslashes, brackets or line breaks."""
    taken: set[str] = set()
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


def _cell(text: str) -> str:
    return "'" + text if text.startswith(_FORMULA) else text


def _number_out(value: float) -> float | str | None:
    """JSON knows no infinity and no NaN; the first is written as a word, the second as null."""
    if math.isnan(value):
        return None
    return value if math.isfinite(value) else ("inf" if value > 0 else "-inf")


def _number_in(value: object) -> float:
    if value is None:
        return math.nan
    if value in ("inf", "-inf") or (isinstance(value, int | float) and not isinstance(value, bool)):
        return float(value)
    raise TypeError(f"{value!r} is no number")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _edge_in(written: dict[str, Any]) -> Edge:
    values: dict[str, Any] = {
        field.name: _number_in(written[field.name]) if field.name in NUMBERS else _text(written[field.name])
        for field in fields(Edge)
    }
    return Edge(**{**values, "ruling": Ruling(values["ruling"])})

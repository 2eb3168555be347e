"""The graph in the languages of other programs, as text.

JSON and CSV carry everything that is shown, denied edges and their rulings included; JSON alone is read back. GraphML
(networkx, yEd, Cytoscape), GEXF (Gephi), DOT (Graphviz) and DAGitty carry the causal graph proper: all behaviours and
the edges that no expert denied. DAGitty wants acyclic graphs, so some edges of cycles are left out for it; its
language has no comments to say so in, and ``left_out`` tells which they are.

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
from causalviz.graph.verdicts import ASSERTED, Ruling

FORMAT, FORM = "causalviz-graph", 1
CSV_COLUMNS = (*COLUMNS, "ruling", "note")
NUMBERS = {"probability", "effect_size", "low", "high", "delay_s"}
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FORMULA = (*"=+-@\t\r\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # what a spreadsheet would run, also full-width
_SURROGATE = re.compile("[\ud800-\udfff]")
_END_OF_TOTAL = 2**53  # beyond it other programs' JSON cannot count
_DAGITTY_WORDS = frozenset({"graph", "node"})  # which no variable may be called


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
        UnreadableGraph: If it is no JSON, of another form, or holds what no graph can: numbers out of their range,
            behaviours or edges that are there twice, edges from a behaviour to itself or to one that is not listed.
    """
    written = _parsed(text)
    if not isinstance(written, dict) or (written.get("format"), written.get("form")) != (FORMAT, FORM):
        raise UnreadableGraph(f"The file is no graph of CausalViz; its format must be “{FORMAT}” and its form {FORM}.")
    behaviours = _behaviours_in(written)
    edges = tuple(_edge_in(edge, f"edge {number}") for number, edge in enumerate(_list_in(written, "edges"), 1))
    _check_pairs(edges, frozenset(behaviours))
    total = _part(written, "total", "the graph")
    if not isinstance(total, int) or isinstance(total, bool) or not 0 <= total < _END_OF_TOTAL:
        raise _broken("“total” is no number of pairs")
    return CausalGraph(behaviours, edges, total)


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
    """DAGitty's model code, without the edges that ``left_out`` names.

    Names keep letters, digits and blanks; what it cannot quote becomes ``_``.
    """
    names, missing = _dagitty_names(graph), {edge.pair for edge in left_out(graph)}
    lines = ["dag {", *(f'"{names[name]}"' for name in graph.behaviours)]
    lines += [f'"{names[edge.cause]}" -> "{names[edge.effect]}"' for edge in _edges(graph) if edge.pair not in missing]
    return "\n".join([*lines, "}", ""])


def left_out(graph: CausalGraph) -> tuple[Edge, ...]:
    """The edges without which the graph has no cycle: of each cycle the least sure one.

    Edges are taken in from the surest on: experts' ones before all others, then by probability, then in their order.
    One that would close a cycle with those before it is left out.

    Returns:
        The edges that are left out, the surest first; none for an acyclic graph.
    """
    row = {name: at for at, name in enumerate(graph.behaviours)}
    reached = [1 << at for at in range(len(row))]  # bit j of i: there is a way from i to j
    missing: list[Edge] = []
    for edge in sorted(_edges(graph), key=_doubt):
        cause, effect = row[edge.cause], row[edge.effect]
        if reached[effect] >> cause & 1:
            missing.append(edge)
            continue
        reached = [ways | reached[effect] if ways >> cause & 1 else ways for ways in reached]
    return tuple(missing)


def _doubt(edge: Edge) -> tuple[bool, float]:
    return edge.ruling not in ASSERTED, 0.0 if math.isnan(edge.probability) else -edge.probability


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
    taken = set(_DAGITTY_WORDS)
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


def _parsed(text: str) -> object:
    try:
        parsed: object = json.loads(text)
    except json.JSONDecodeError as error:
        why = f"line {error.lineno}, column {error.colno}: {error.msg}"
    except RecursionError:
        why = "its brackets are nested too deeply"
    except ValueError:
        why = "a number in it has thousands of digits"
    else:
        return parsed
    raise UnreadableGraph(f"The file is no JSON ({why}); choose one that CausalViz exported.")


def _broken(what: str) -> UnreadableGraph:
    return UnreadableGraph(f"The file is no whole graph: {what}; export it from CausalViz anew.")


def _part(written: dict[str, Any], name: str, owner: str) -> object:
    if name not in written:
        raise _broken(f"{owner} has no “{name}”")
    part: object = written[name]
    return part


def _list_in(written: dict[str, Any], name: str) -> list[object]:
    part = _part(written, name, "the graph")
    if not isinstance(part, list):
        raise _broken(f"“{name}” is no list")
    return part


def _behaviours_in(written: dict[str, Any]) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for number, value in enumerate(_list_in(written, "behaviours"), 1):
        name = _text_in(value, f"behaviour {number}")
        if name in names:
            raise _broken(f"behaviour {number} is listed twice")
        names[name] = None
    return tuple(names)


def _check_pairs(edges: tuple[Edge, ...], behaviours: frozenset[str]) -> None:
    seen: set[tuple[str, str]] = set()
    for number, edge in enumerate(edges, 1):
        strangers = [f"{end:.60}" for end in edge.pair if end not in behaviours]
        if strangers:
            raise _broken(f"edge {number} names “{strangers[0]}”, which is not among the behaviours")
        if edge.cause == edge.effect:
            raise _broken(f"edge {number} makes a behaviour its own cause")
        if edge.pair in seen:
            raise _broken(f"edge {number} is there twice")
        seen.add(edge.pair)


def _edge_in(written: object, owner: str) -> Edge:
    if not isinstance(written, dict):
        raise _broken(f"{owner} is no object with named parts")
    values: dict[str, Any] = {}
    for name in (field.name for field in fields(Edge)):
        part, place = _part(written, name, owner), f"“{name}” of {owner}"
        values[name] = _number_in(part, place) if name in NUMBERS else _text_in(part, place)
    if not (math.isnan(values["probability"]) or 0 <= values["probability"] <= 1):
        raise _broken(f"“probability” of {owner} is not between 0 and 1")
    if values["ruling"] not in set(Ruling):
        raise _broken(f"“ruling” of {owner} is none of {', '.join(Ruling)}")
    return Edge(**{**values, "ruling": Ruling(values["ruling"])})


def _number_in(value: object, place: str) -> float:
    """The reverse of ``_number_out``."""
    if value is None:
        return math.nan
    if isinstance(value, str) and value in {"inf", "-inf"}:
        return float(value)
    if not isinstance(value, int | float) or isinstance(value, bool) or value != value:
        raise _broken(f"{place} is no number")
    try:
        return float(value)
    except OverflowError:
        raise _broken(f"{place} is too large") from None


def _text_in(value: object, place: str) -> str:
    if not isinstance(value, str):
        raise _broken(f"{place} is no text")
    if _SURROGATE.search(value):
        raise _broken(f"{place} holds half a character")
    return value

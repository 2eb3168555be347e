"""Our own JSON: everything that is shown, denied edges and their rulings included, and the places of the boxes."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from causalviz.errors import UnreadableGraph
from causalviz.graph.causal_graph import FORBIDDEN, REQUIRED, CausalGraph, Edge
from causalviz.graph.exchange.imported import ImportedGraph, check_size, place_of
from causalviz.graph.layout import Place
from causalviz.graph.verdicts import Ruling

FORMAT, FORM = "causalviz-graph", 1
SINCE_RULES = {"by_rule", "rule"}  # parts that files of earlier versions lack
WRITTEN = [field.name for field in fields(Edge) if field.name != "imported"]  # whoever reads it imports all of it
NUMBERS = {"probability", "effect_size", "low", "high", "delay_s"}
_SURROGATE = re.compile("[\ud800-\udfff]")
_END_OF_TOTAL = 2**53  # beyond it other programs' JSON cannot count


def write_json(graph: CausalGraph, places: Mapping[str, Place] | None = None) -> str:
    """Everything that is shown; ``read_json`` gives it back. Unknown numbers are ``null``.

    Args:
        graph: What is shown.
        places: Centres of boxes, px, y downwards; None leaves them out.
    """
    written = {
        "format": FORMAT,
        "form": FORM,
        "behaviours": list(graph.behaviours),
        "total": graph.total,
        "edges": [
            {name: _number_out(value) if name in NUMBERS else value for name, value in _parts(edge)}
            for edge in graph.edges
        ],
    }
    if places is not None:
        written["places"] = [[name, *places[name]] for name in graph.behaviours if name in places]
    return json.dumps(written, ensure_ascii=True, allow_nan=False, indent=1)


def read_json(text: str) -> CausalGraph:
    """Reads what ``write_json`` wrote.

    Raises:
        UnreadableGraph: If it is no JSON, of another form, or holds what no graph can: numbers out of their range,
            behaviours or edges that are there twice, edges from a behaviour to itself or to one that is not listed.
    """
    return _graph_in(parsed(text))


def import_json(written: object, title: str) -> ImportedGraph:
    """The same as an imported graph, with its places.

    Args:
        written: The parsed file.
        title: The file's name, for messages.

    Raises:
        UnreadableGraph: As ``read_json``, or if it is too large.
    """
    graph = _graph_in(written)
    check_size(len(graph.behaviours), len(graph.edges), title)
    known, places = set(graph.behaviours), {}
    listed = _list_in(written, "places") if isinstance(written, dict) and "places" in written else []
    for number, entry in enumerate(listed, 1):
        name, *at = entry if isinstance(entry, list) and len(entry) == 3 else ("", None, None)
        place = place_of(*at)
        if not isinstance(name, str) or name not in known or place is None:
            raise _broken(f"place {number} is no name with two numbers")
        places[name] = place
    return ImportedGraph("JSON of CausalViz", graph.behaviours, graph.edges, places)


def _graph_in(written: object) -> CausalGraph:
    if not isinstance(written, dict) or (written.get("format"), written.get("form")) != (FORMAT, FORM):
        raise UnreadableGraph(f"The file is no graph of CausalViz; its format must be “{FORMAT}” and its form {FORM}.")
    behaviours = _behaviours_in(written)
    edges = tuple(_edge_in(edge, f"edge {number}") for number, edge in enumerate(_list_in(written, "edges"), 1))
    _check_pairs(edges, frozenset(behaviours))
    total = _part(written, "total", "the graph")
    if not isinstance(total, int) or isinstance(total, bool) or not 0 <= total < _END_OF_TOTAL:
        raise _broken("“total” is no number of pairs")
    return CausalGraph(behaviours, edges, total)


def _parts(edge: Edge) -> list[tuple[str, Any]]:
    return [(name, getattr(edge, name)) for name in WRITTEN]


def _number_out(value: float) -> float | str | None:
    """JSON knows no infinity and no NaN; the first is written as a word, the second as null."""
    if math.isnan(value):
        return None
    return value if math.isfinite(value) else ("inf" if value > 0 else "-inf")


def parsed(text: str) -> object:
    """The file's JSON.

    Raises:
        UnreadableGraph: If it is none.
    """
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
    for name in (part for part in WRITTEN if part in written or part not in SINCE_RULES):
        part, place = _part(written, name, owner), f"“{name}” of {owner}"
        values[name] = _number_in(part, place) if name in NUMBERS else _text_in(part, place)
    if not (math.isnan(values["probability"]) or 0 <= values["probability"] <= 1):
        raise _broken(f"“probability” of {owner} is not between 0 and 1")
    if values.get("by_rule", "") not in {"", REQUIRED, FORBIDDEN}:
        raise _broken(f"“by_rule” of {owner} is neither {REQUIRED} nor {FORBIDDEN}")
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

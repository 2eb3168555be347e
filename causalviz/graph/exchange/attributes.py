"""The attributes of an edge or a node as text, out and in again.

Numbers and rulings go by their own names. What a format cannot hold in them (infinity, which other programs read in
many ways or not at all; control characters; white space that XML changes) is kept in an attribute of its own, so that
our own files come back as they went while other programs' readers find nothing strange.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping

from causalviz.errors import UnreadableGraph
from causalviz.graph.causal_graph import FORBIDDEN, REQUIRED, CausalGraph, Edge, known_attributes
from causalviz.graph.verdicts import Ruling

EXACT = "exact"  # a name or note as a JSON string, where the plain one had to be changed
DENIED_EDGES = "denied"  # of a node: its denied edges, JSON [[id of the effect, attributes], ...]
INFINITE = "infinite"  # of an edge: which of its numbers are, each with its sign
FORM_MARK = "causalviz-graph 1"
NUMBERS = ("probability", "effect_size", "effect_low", "effect_high", "delay_s")
ALIASES: Mapping[str, tuple[str, ...]] = {  # folded, the first that is there counts
    "probability": ("probability", "prob", "confidence"),
    "note": ("note", "notes", "comment", "description"),
}
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def ids(graph: CausalGraph) -> dict[str, str]:
    """The id of each behaviour in files that need plain ones: ``n0, n1, …``."""
    return {name: f"n{row}" for row, name in enumerate(graph.behaviours)}


def asserted_edges(graph: CausalGraph) -> tuple[Edge, ...]:
    """The edges that no expert denied."""
    return tuple(edge for edge in graph.edges if not edge.denied)


def edge_attributes(edge: Edge) -> dict[str, float | str]:
    """Everything that is known about an edge, ready for XML and DOT."""
    known = known_attributes(edge)
    infinite = " ".join(
        f"{'-' if value < 0 else '+'}{name}"
        for name, value in zip(NUMBERS, _numbers(edge), strict=True)
        if math.isinf(value)
    )
    if edge.note:
        known |= {"note": plain(edge.note)} | exact(edge.note, "exact_note")
    if edge.by_rule:
        known |= {"by_rule": edge.by_rule, "rule": plain(edge.rule)} | exact(edge.rule, "exact_rule")
    return known | ({INFINITE: infinite} if infinite else {})


def node_attributes(graph: CausalGraph) -> dict[str, dict[str, str]]:
    """Of each behaviour its label, and what else it takes to bring everything back."""
    names = ids(graph)
    attributes = {name: {"label": plain(name)} | exact(name, EXACT) for name in graph.behaviours}
    denied: dict[str, list[object]] = {}
    for edge in graph.edges:
        if edge.denied:
            denied.setdefault(edge.cause, []).append([names[edge.effect], edge_attributes(edge)])
    return {
        name: known | ({DENIED_EDGES: json.dumps(denied[name])} if name in denied else {})
        for name, known in attributes.items()
    }


def plain(text: str) -> str:
    """The text with what XML cannot hold replaced by U+FFFD."""
    return _NOT_XML.sub("\ufffd", text)


def exact(text: str, key: str) -> dict[str, str]:
    """The text as a JSON string under ``key``, where it would not come back from a file by itself."""
    changes = text != plain(text) or " ".join(text.split()) != text or not text
    return {key: json.dumps(text)} if changes else {}


def restored_text(written: str, where: str) -> str:
    """The reverse of ``exact``.

    Raises:
        UnreadableGraph: If it is no JSON string.
    """
    try:
        text = json.loads(written)
    except (ValueError, RecursionError):
        text = None
    if not isinstance(text, str) or _SURROGATE.search(text):
        raise UnreadableGraph(f"The file has a broken “{EXACT}” text at {where}; export it from CausalViz anew.")
    return text


def folded(attributes: Mapping[str, str]) -> dict[str, str]:
    """The attributes under their names without case, blanks and dashes: programs differ in these only."""
    return {re.sub(r"[\s_\-]", "", name).lower(): value for name, value in reversed(list(attributes.items()))}


def edge_of(pair: tuple[str, str], attributes: Mapping[str, str], where: str) -> Edge:
    """An edge with what its attributes say.

    Args:
        pair: (cause, effect).
        attributes: By name, as text; unknown ones are passed over.
        where: File and place, for messages.

    Raises:
        UnreadableGraph: If a number is none or lies outside its range, or the ruling is unknown.
    """
    known = folded(attributes)
    values = {name: _number(_found(known, name), name, pair, where) for name in NUMBERS}
    infinite = known.get("infinite", "").split()
    values |= {name[1:]: math.copysign(math.inf, -(name[0] == "-")) for name in infinite if name[1:] in NUMBERS[1:]}
    if not (math.isnan(values["probability"]) or 0 <= values["probability"] <= 1):
        raise UnreadableGraph(
            f"{where}: the probability {_found(known, 'probability'):.40} of {_named(pair)} is not between 0 and 1; "
            "correct it or leave it out."
        )
    ruling = known.get("ruling", "").strip().lower() or Ruling.NONE.value
    if ruling not in set(Ruling):
        raise UnreadableGraph(
            f"{where}: the ruling “{ruling:.40}” of {_named(pair)} is none of {', '.join(Ruling)}; correct it."
        )
    by_rule = known.get("byrule", "")
    if by_rule not in {"", REQUIRED, FORBIDDEN}:
        raise UnreadableGraph(
            f"{where}: {_named(pair)} is “{by_rule:.40}” by rule, neither {REQUIRED} nor {FORBIDDEN}; correct it."
        )
    rule = _text(known, "rule", where) if by_rule else ""
    probability, size, low, high, delay_s = (values[name] for name in NUMBERS)
    note = _text(known, "note", where)
    return Edge(*pair, probability, size, low, high, delay_s, Ruling(ruling), note, by_rule, rule)


def _numbers(edge: Edge) -> tuple[float, ...]:
    return edge.probability, edge.effect_size, edge.low, edge.high, edge.delay_s


def _text(known: Mapping[str, str], name: str, where: str) -> str:
    exactly = known.get(f"exact{name}")
    return _found(known, name).strip() if exactly is None else restored_text(exactly, where)


def _found(known: Mapping[str, str], name: str) -> str:
    choices = ALIASES.get(name, (name.replace("_", ""),))
    return next((known[choice] for choice in choices if known.get(choice, "").strip()), "")


def _number(text: str, name: str, pair: tuple[str, str], where: str) -> float:
    if not text.strip():
        return math.nan
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UnreadableGraph(
            f"{where}: the {name.replace('_', ' ')} “{text:.40}” of {_named(pair)} is no number; correct it or leave "
            "it out."
        )
    return value


def _named(pair: tuple[str, str]) -> str:
    return f"“{pair[0]:.60}” → “{pair[1]:.60}”"

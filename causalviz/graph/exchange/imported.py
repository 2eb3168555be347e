"""What was read from a stranger's file: a graph as a frozen value, and how a reader's finds become one.

A reader of a format gives *raw* nodes and edges: ids, labels and attributes as they stand in the file, each with its
place for messages. ``assembled`` makes the graph of them: names that are distinct, edges between known behaviours with
numbers in their ranges, boxes that do not cover each other. What a causal graph cannot hold (an edge without a
direction, of a behaviour to itself, twice the same one) is left out, and said; what is plainly wrong is refused.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from causalviz.errors import UnreadableGraph
from causalviz.graph.causal_graph import Edge
from causalviz.graph.exchange.attributes import DENIED_EDGES, EXACT, edge_of, folded, restored_text
from causalviz.graph.layout import GAP_PX, Place, box_size

MAX_BEHAVIOURS = 2_000
MAX_EDGES = 20_000
MAX_NAME = 300  # characters; longer ones are texts, not names
MOST_APART = 0.95  # share of boxes that are stretched free of each other; some files have boxes over boxes
MAX_STRETCH = 1e4  # of places whose unit is not known
NAMES = ("label", "name", "sharedname", "title")  # attributes that programs keep a node's name in


@dataclass(frozen=True)
class ImportedGraph:
    """A graph that somebody drew elsewhere.

    Attributes:
        form: The format that it was read from, for people.
        behaviours: Names, distinct, in the file's order.
        edges: With what the file says about them, NaN and empty where it says nothing; denied ones among them, if
            the file is one of ours.
        places: Centres of boxes, px, y downwards, of those behaviours for which the file has them.
        remarks: Sentences on what was left out or changed.
    """

    form: str
    behaviours: tuple[str, ...]
    edges: tuple[Edge, ...]
    places: Mapping[str, Place]
    remarks: tuple[str, ...] = ()


class RawNode(NamedTuple):
    """A node as it stands in the file; ``place`` in px, y downwards; ``where`` as in "line 12"."""

    id: str
    attributes: Mapping[str, str]
    where: str
    place: Place | None = None


class RawEdge(NamedTuple):
    """An edge as it stands in the file."""

    source: str
    target: str
    directed: bool
    attributes: Mapping[str, str]
    where: str


class RawGraph(NamedTuple):
    """A file's content; ``own`` where this program wrote it, so that its places need no stretching."""

    form: str
    nodes: Sequence[RawNode]
    edges: Sequence[RawEdge]
    own: bool = False


def assembled(raw: RawGraph, title: str) -> ImportedGraph:
    """Makes the graph.

    Args:
        raw: What a reader found.
        title: The file's name, for messages.

    Raises:
        UnreadableGraph: If nodes are there twice, ends are missing, numbers are out of their range, or there is
            nothing or too much.
    """
    check_size(len(raw.nodes), len(raw.edges), title)
    if not raw.nodes:
        raise UnreadableGraph(f"{title} holds no behaviours; choose a file with at least one node or edge.")
    names, renamed = _named(raw.nodes, title)
    remarks = [
        _counted(
            renamed, "name stood for several nodes and got a number", "names stood for several nodes and got numbers"
        )
    ]
    edges: dict[tuple[str, str], Edge] = {}
    without_direction = loops = doubles = 0
    for edge in raw.edges:
        for end in (edge.source, edge.target):
            if end not in names:
                raise UnreadableGraph(
                    f"{title} has an edge at {edge.where} whose end “{_short(end)}” is no node; add the node or remove "
                    "the edge."
                )
        pair = names[edge.source], names[edge.target]
        without_direction += not edge.directed
        loops += edge.directed and pair[0] == pair[1]
        doubles += edge.directed and pair in edges
        if edge.directed and pair[0] != pair[1] and pair not in edges:
            edges[pair] = edge_of(pair, edge.attributes, f"{title}, {edge.where}")
    for node in raw.nodes:
        for denied in _denied(node, names, title):
            edges.setdefault(denied.pair, denied)
    remarks += [
        _counted(without_direction, "edge without a direction was left out", "edges without a direction were left out"),
        _counted(
            loops, "edge from a behaviour to itself was left out", "edges from a behaviour to itself were left out"
        ),
        _counted(doubles, "edge was there twice and was taken once", "edges were there twice and were taken once"),
    ]
    places = {names[node.id]: node.place for node in raw.nodes if node.place is not None}
    if not raw.own:
        places = _stretched(places)
    found = tuple(names[node.id] for node in raw.nodes)
    return ImportedGraph(raw.form, found, tuple(edges.values()), places, tuple(filter(None, remarks)))


def check_size(nodes: int, edges: int, title: str) -> None:
    """Refuses what no screen could show.

    Raises:
        UnreadableGraph: If there are too many.
    """
    for count, most, what in ((nodes, MAX_BEHAVIOURS, "behaviours"), (edges, MAX_EDGES, "edges")):
        if count > most:
            raise UnreadableGraph(f"{title} has more than {most:,} {what}; choose the part of the graph that matters.")


def _named(nodes: Sequence[RawNode], title: str) -> tuple[dict[str, str], int]:
    """The behaviour of each node id, and how many had to be told apart by a number."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    renamed = 0
    for node in nodes:
        if node.id in names:
            raise UnreadableGraph(
                f"{title} has the node “{_short(node.id)}” a second time at {node.where}; give each an id of its own."
            )
        name = _name_of(node)
        if len(name) > MAX_NAME:
            raise UnreadableGraph(
                f"{title} has a name of {len(name):,} characters at {node.where} (“{_short(name)}”); shorten it to "
                f"{MAX_NAME}."
            )
        unique, number = name, 2
        while unique in taken:
            unique, number = f"{name} ({number})", number + 1
        renamed += unique != name
        taken.add(unique)
        names[node.id] = unique
    return names, renamed


def _name_of(node: RawNode) -> str:
    if EXACT in node.attributes:
        return restored_text(node.attributes[EXACT], node.where)
    known = folded(node.attributes)
    given = (known[name].strip() for name in NAMES if known.get(name, "").strip())
    return next(given, node.id)


def _denied(node: RawNode, names: Mapping[str, str], title: str) -> list[Edge]:
    """The denied edges that our own files keep beside their causes, away from the edges that others read."""
    if DENIED_EDGES not in node.attributes:
        return []
    try:
        listed = json.loads(node.attributes[DENIED_EDGES])
        pairs = [(names[node.id], names[effect]) for effect, _ in listed]
        attributes = [{str(key): str(value) for key, value in known.items()} for _, known in listed]
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
        raise UnreadableGraph(
            f"{title} lists rejected edges in a broken way at {node.where}; export the graph anew."
        ) from None
    return [edge_of(pair, known, f"{title}, {node.where}") for pair, known in zip(pairs, attributes, strict=True)]


def _stretched(places: Mapping[str, Place]) -> dict[str, Place]:
    """The places, drawn apart as far as nearly all boxes need it: others' units and box sizes are not ours."""
    at = np.array(list(places.values()), dtype=np.float64).reshape(-1, 2)  # (K, 2)
    sizes = np.array([box_size(name) for name in places], dtype=np.float64).reshape(-1, 2)
    worst = np.zeros(len(at))  # of each box, the stretch that frees it of all others
    for row in range(len(at)):
        offset = np.maximum(np.abs(at - at[row]), 1e-12)  # (K, 2)
        apart = ((sizes + sizes[row] + GAP_PX) / 2 / offset).min(axis=1)
        apart[(offset <= 1e-12).all(axis=1)] = 0.0  # itself, and what no stretch frees of it
        worst[row] = apart.max()
    factor = float(np.clip(np.quantile(worst, MOST_APART), 1.0, MAX_STRETCH)) if len(at) else 1.0
    return {name: (round(x * factor, 1), round(y * factor, 1)) for name, (x, y) in places.items()}


def place_of(x: object, y: object) -> Place | None:
    """Two numbers as a place; None where they are none."""
    try:
        at = float(str(x)), float(str(y))
    except ValueError:
        return None
    return at if all(math.isfinite(value) and abs(value) < 1e7 for value in at) else None


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}." if count else ""


def _short(text: str) -> str:
    return f"{text:.60}" + ("…" if len(text) > 60 else "")

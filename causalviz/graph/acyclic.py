"""The acyclic part of a graph: what is left when of each cycle the least sure edge is set aside.

Behaviours often answer each other, so their graphs have cycles. Reading a graph by d-separation, and DAGitty's
language, want none; both take this part and say which edges are missing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import networkx as nx

from causalviz.graph.causal_graph import CausalGraph, Edge
from causalviz.graph.verdicts import ASSERTED


def left_out(graph: CausalGraph) -> tuple[Edge, ...]:
    """The edges without which the graph has no cycle: of each cycle the least sure one.

    Edges are taken in from the surest on: experts' and required ones before all others, then by probability, then in
    their order. One that would close a cycle with those before it is left out.

    Returns:
        The edges that are left out, the surest first; none for an acyclic graph.
    """
    row = {name: at for at, name in enumerate(graph.behaviours)}
    reached = [1 << at for at in range(len(row))]  # bit j of i: there is a way from i to j
    missing: list[Edge] = []
    for edge in sorted((edge for edge in graph.edges if not edge.denied), key=_doubt):
        cause, effect = row[edge.cause], row[edge.effect]
        if reached[effect] >> cause & 1:
            missing.append(edge)
            continue
        reached = [ways | reached[effect] if ways >> cause & 1 else ways for ways in reached]
    return tuple(missing)


def acyclic_part(graph: CausalGraph, set_aside: Iterable[Edge]) -> nx.DiGraph:
    """All behaviours and the edges that are neither denied nor left out; ``sure`` is each edge's probability.

    What an expert or a rule asserted, and what nobody scored, has the probability 1.

    Args:
        graph: The graph.
        set_aside: What ``left_out`` found in it.
    """
    missing = {edge.pair for edge in set_aside}
    part = nx.DiGraph()
    part.add_nodes_from(graph.behaviours)
    for edge in graph.edges:
        if not edge.denied and edge.pair not in missing:
            certain = _asserted(edge) or math.isnan(edge.probability)
            part.add_edge(*edge.pair, sure=1.0 if certain else edge.probability)
    return part


def _asserted(edge: Edge) -> bool:
    return edge.required or edge.ruling in ASSERTED


def _doubt(edge: Edge) -> tuple[bool, float]:
    return not _asserted(edge), 0.0 if math.isnan(edge.probability) else -edge.probability

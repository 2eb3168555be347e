"""The drawn graph as a mask: which influences a recommendation may use."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from causalviz.events.log import Behaviour
from causalviz.graph.causal_graph import DOUBTFUL, FAINT, CausalGraph


def drawn_mask(graph: CausalGraph) -> NDArray[np.bool_]:
    """(K, K) True where the graph has an edge that nobody denied, [cause, effect]."""
    code = {name: place for place, name in enumerate(graph.behaviours)}
    drawn = np.zeros((len(code), len(code)), dtype=bool)
    for edge in graph.edges:
        if not edge.denied:
            drawn[code[edge.cause], code[edge.effect]] = True
    return drawn


def doubtful_chances(graph: CausalGraph, least: float = DOUBTFUL) -> NDArray[np.float64]:
    """(K, K) probability of each pair that is too unsure to be drawn, [cause, effect]; 0 elsewhere, and below least."""
    code = {name: place for place, name in enumerate(graph.behaviours)}
    chance = np.zeros((len(code), len(code)))
    for answer in graph.doubtful:
        if answer.probability >= least:
            chance[code[answer.cause], code[answer.effect]] = answer.probability
    return chance


def edge_chances(graph: CausalGraph) -> NDArray[np.float64]:
    """(K, K) what a rate may use: 1 where an edge is drawn, a chance where a pair is too unsure to be drawn, else 0."""
    return np.where(drawn_mask(graph), 1.0, doubtful_chances(graph, FAINT))


def kind_mask(graph: CausalGraph, behaviours: Sequence[Behaviour], kinds: Sequence[str]) -> NDArray[np.bool_]:
    """(T, T) True where the graph leads from one event type to another, whatever the items, [cause, effect].

    Args:
        graph: Over behaviours.
        behaviours: What the graph's names stand for.
        kinds: T event types; those that no behaviour is made of have no edges.
    """
    place = {name: code for code, name in enumerate(kinds)}
    kind_of = {one.name: one.kind for one in behaviours}
    kind = np.array([place.get(kind_of.get(name, ""), -1) for name in graph.behaviours], np.int64)
    cause, effect = (kind[codes] for codes in np.nonzero(drawn_mask(graph)))
    found = np.zeros((len(kinds), len(kinds)), dtype=bool)
    known = (cause >= 0) & (effect >= 0)
    found[cause[known], effect[known]] = True
    return found

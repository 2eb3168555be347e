"""The drawn graph as a mask: which influences a recommendation may use."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from causalviz.graph.causal_graph import CausalGraph


def drawn_mask(graph: CausalGraph) -> NDArray[np.bool_]:
    """(K, K) True where the graph has an edge that nobody denied, [cause, effect]."""
    code = {name: place for place, name in enumerate(graph.behaviours)}
    drawn = np.zeros((len(code), len(code)), dtype=bool)
    for edge in graph.edges:
        if not edge.denied:
            drawn[code[edge.cause], code[edge.effect]] = True
    return drawn

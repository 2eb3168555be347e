"""How far an influence reaches: one pair's direct effect beside its total along the drawn graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from causalviz.ui.components.text import plain

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from causalviz.graph.causal_graph import CausalGraph


def edge_reach(graph: CausalGraph | None, offspring: NDArray[np.float64], cause: str, effect: str) -> None:
    """A line under the pair's figures.

    Args:
        graph: The drawn one; without it nothing is shown.
        offspring: (K, K) expected further effects per cause, in the graph's order of behaviours.
        cause: Name.
        effect: Name.
    """
    if graph is None:
        return
    from causalviz.explain.sentences import total_sentence
    from causalviz.graph.total_effects import drawn_offspring, total_effect

    code = {name: place for place, name in enumerate(graph.behaviours)}
    drawn = [(code[edge.cause], code[edge.effect]) for edge in graph.edges if not edge.denied]
    found = total_effect(drawn_offspring(offspring, drawn), code[cause], code[effect])
    st.caption(plain(total_sentence(found, graph.behaviours, cause, effect)))

"""What the judgements on all pairs rest on, or those on a group of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import streamlit as st

from causalviz.explain.columns import feature_words
from causalviz.explain.shapley import READ_BY, importance_among
from causalviz.plots.beeswarm import beeswarm_data, beeswarm_figure, beeswarm_table
from causalviz.plots.contrast import contrast_data, contrast_figure
from causalviz.plots.dependence import dependence_data, dependence_figure
from causalviz.plots.importance import importance_data, importance_figure
from causalviz.ui.components.figure import show_figure
from causalviz.ui.components.text import plain

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from causalviz.explain.shapley import Importance
    from causalviz.graph.verdicts import Pair

ALL, INTO, OUT_OF, DRAWN, RULED = (
    "All pairs", "Into one effect", "Out of one cause", "Drawn or not", "Accepted or rejected",
)  # fmt: skip


class Group(NamedTuple):
    """Which pairs are looked at, and in words; with ``beside``, the pairs that they are set against.

    Attributes:
        name: In words.
        chosen: (E,) which of the explained pairs.
        beside: Name and (E,) pairs of the other group; None without one.
    """

    name: str
    chosen: NDArray[np.bool_]
    beside: tuple[str, NDArray[np.bool_]] | None = None


def choose_group(
    importance: Importance, drawn: frozenset[Pair], ruled: tuple[frozenset[Pair], frozenset[Pair]]
) -> Group:
    """Draws the choice of the pairs that the charts speak of.

    Args:
        importance: Of all of them.
        drawn: The drawn edges.
        ruled: The pairs that an expert asserted, and those that one denied.
    """
    everyone = np.ones(len(importance.edges), dtype=bool)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="explained_group"):
        kind = st.segmented_control(
            "Pairs", [ALL, INTO, OUT_OF, DRAWN, RULED], default=ALL, required=True, key="explained_pairs"
        )
        if kind in (INTO, OUT_OF):
            side = 1 if kind == INTO else 0
            names = sorted({edge[side] for edge in importance.edges})
            name = st.selectbox("Behaviour", names, key=f"explained_behaviour_{side}", width=260)
            of_it = np.array([edge[side] == name for edge in importance.edges], dtype=bool)
            return Group(f"{'into' if side else 'out of'} {name}", of_it)
    if kind == DRAWN:
        shown = _among(importance, drawn)
        return Group("drawn", shown, ("not drawn", ~shown))
    if kind == RULED:
        asserted, denied = (_among(importance, pairs) for pairs in ruled)
        return Group("accepted", asserted, ("rejected", denied))
    return Group("all pairs", everyone)


def importance_overview(importance: Importance, group: Group, lag_ends_s: Sequence[float]) -> None:
    """Mean strength of the arguments, each argument on each pair, and how weight depends on strength.

    Args:
        importance: Of all pairs.
        group: Which of them to look at.
        lag_ends_s: Upper ends of the lag bins, seconds.
    """
    chosen = group.chosen | group.beside[1] if group.beside else group.chosen
    looked_at = importance_among(importance, chosen)
    left, right = st.columns([2, 3], gap="large")
    with left:
        if group.beside is None:
            st.subheader("Which arguments weigh most", anchor=False)
            st.caption(f"How far each moves the log-odds, on average over {len(looked_at.edges):,} pairs.")
            bars = importance_data(looked_at)
            show_figure(importance_figure(bars), "importance", "Mean weight of each argument", bars)
        else:
            _contrast(importance, group, group.beside)
    with right:
        st.subheader("What each argument does to each pair", anchor=False)
        st.caption("A dot is a pair. To the right the argument speaks for an edge; blue dots have much of it.")
        swarm = beeswarm_data(looked_at)
        alt = "Weight of each argument on each pair"
        show_figure(beeswarm_figure(swarm), "beeswarm", alt, beeswarm_table(swarm))
    _dependence(looked_at, lag_ends_s)


def _contrast(importance: Importance, group: Group, beside: tuple[str, NDArray[np.bool_]]) -> None:
    """Both groups side by side."""
    first, second = importance_among(importance, group.chosen), importance_among(importance, beside[1])
    st.subheader("Where the two groups differ", anchor=False)
    st.caption(f"{len(first.edges):,} pairs {plain(group.name)}, {len(second.edges):,} {plain(beside[0])}.")
    data = contrast_data(first, second)
    alt = f"Mean weight of each argument on pairs {group.name} and {beside[0]}"
    show_figure(contrast_figure(data, (group.name, beside[0])), "contrast", alt, data)


def _dependence(importance: Importance, lag_ends_s: Sequence[float]) -> None:
    """One argument's weight over its strength."""
    st.subheader("How an argument's weight depends on its strength", anchor=False)
    labels: Mapping[str, str] = dict(zip(importance.groups, importance.labels, strict=True))
    weight = np.abs(importance.shap).sum(axis=0)  # (g,)
    by_weight = [importance.groups[k] for k in np.argsort(-weight, kind="stable")]
    group = st.selectbox("Argument", by_weight, format_func=labels.__getitem__, key="dependence_of", width=420)
    unit = feature_words(READ_BY[group], lag_ends_s)
    data = dependence_data(importance, group)
    alt = f"Weight of the argument {labels[group]} over {unit}, one point per pair"
    show_figure(dependence_figure(data, f"{unit}; log scale"), "dependence", alt, data)


def _among(importance: Importance, pairs: frozenset[Pair]) -> NDArray[np.bool_]:
    return np.array([pair in pairs for pair in importance.edges], dtype=bool)

"""Hypothesis strategies for graphs: histories that obey the rules, estimates, and names as strangers write them."""

from __future__ import annotations

import math

from hypothesis import strategies as st

from causalviz.errors import GraphError
from causalviz.graph.causal_graph import CausalGraph, Edge, Estimate
from causalviz.graph.verdicts import Act, History, Ruling, Verdict

NAMES = ("view", "cart", "buy")
AT = "2026-01-01T12:00:00+00:00"

rude_names = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    [
        "<img src=x onerror=alert(1)>",
        '"quoted"\\',
        "浏览商品",
        "=1+1",
        "a\nb",
        "]]>",
        "</script>",
        "\u2028",
        "&amp;",
        "\x00",
    ]
)
probabilities = st.floats(0, 1) | st.just(math.nan)
sizes = st.floats(0, 1e6) | st.sampled_from([math.nan, math.inf])


@st.composite
def verdicts(draw: st.DrawFn, names: tuple[str, ...] = NAMES) -> Verdict:
    """Any entry, self edges included; whether it is allowed is the history's to say."""
    act = draw(st.sampled_from(list(Act)))
    note = draw(st.sampled_from(["", "because"]))
    chance = draw(st.none() | st.floats(0, 1))
    return Verdict(act, draw(st.sampled_from(names)), draw(st.sampled_from(names)), "Ada", AT, note, probability=chance)


@st.composite
def histories(draw: st.DrawFn, names: tuple[str, ...] = NAMES, *, acyclic: bool = False) -> History:
    """Histories that came about as they do in life: what is refused leaves no trace."""
    history = History(acyclic=acyclic)
    for verdict in draw(st.lists(verdicts(names), max_size=12)):
        try:
            history = history.append(verdict)
        except GraphError:
            continue
    return history


@st.composite
def estimates(draw: st.DrawFn, names: tuple[str, ...] = NAMES) -> tuple[Estimate, ...]:
    """An answer for some of the ordered pairs."""
    pairs = [(cause, effect) for cause in names for effect in names if cause != effect]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True))
    return tuple(
        Estimate(*pair, draw(probabilities), draw(sizes), draw(sizes), draw(sizes), draw(sizes)) for pair in chosen
    )


@st.composite
def causal_graphs(draw: st.DrawFn) -> CausalGraph:
    """Graphs whose names are as rude as can be."""
    names = tuple(draw(st.lists(rude_names, min_size=2, max_size=5, unique=True)))
    pairs = [(cause, effect) for cause in names for effect in names if cause != effect]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=6))
    edges = tuple(
        Edge(
            *pair, draw(probabilities), draw(sizes), draw(sizes), draw(sizes), draw(sizes),
            draw(st.sampled_from(list(Ruling))), draw(rude_names),
        )
        for pair in chosen
    )  # fmt: skip
    return CausalGraph(names, edges, draw(st.integers(len(edges), 100)))

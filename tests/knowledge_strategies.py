"""Hypothesis strategies for rules: any on a few behaviours, clashing ones among them."""

from __future__ import annotations

from graph_strategies import NAMES, rude_names
from hypothesis import strategies as st

from causalviz.graph.knowledge import Knowledge, Rule, RuleKind, knowledge_of

spoken_names = rude_names.map(lambda name: name.strip() or "x").filter(lambda name: "\x00" not in name)


@st.composite
def rules(draw: st.DrawFn, names: st.SearchStrategy[str]) -> Rule:
    """One rule of any kind; never of a behaviour on itself."""
    kind, behaviour = draw(st.sampled_from(list(RuleKind))), draw(names)
    if kind in {RuleKind.REQUIRED, RuleKind.FORBIDDEN}:
        return Rule(kind, behaviour, draw(names.filter(lambda other: other != behaviour)))
    return Rule(kind, behaviour, tier=draw(st.integers(1, 4)) if kind is RuleKind.TIER else 0)


@st.composite
def knowledges(draw: st.DrawFn, names: tuple[str, ...] = NAMES) -> Knowledge:
    """Rules on a few behaviours, each in one tier at most."""
    return draw(_gathered(st.sampled_from(names)))


@st.composite
def rude_knowledges(draw: st.DrawFn) -> Knowledge:
    """Rules on behaviours whose names are as rude as can be."""
    return draw(_gathered(spoken_names))


@st.composite
def _gathered(draw: st.DrawFn, names: st.SearchStrategy[str]) -> Knowledge:
    placed: set[str] = set()
    kept = []
    for rule in draw(st.lists(rules(names), max_size=8)):
        if rule.kind is not RuleKind.TIER or rule.behaviour not in placed:
            kept.append(rule)
        if rule.kind is RuleKind.TIER:
            placed.add(rule.behaviour)
    return knowledge_of(kept, draw(st.sets(st.integers(1, 4))))

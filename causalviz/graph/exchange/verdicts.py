"""What an imported graph says, as verdicts of the one who brought it."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import replace

from causalviz.graph.causal_graph import CausalGraph
from causalviz.graph.exchange.imported import ImportedGraph
from causalviz.graph.verdicts import ASSERTED, DENIED, Act, History, Ruling, Verdict

SAME = 1e-4  # probabilities that differ by no more are one, written with fewer digits


def unknown_names(imported: ImportedGraph, behaviours: Collection[str]) -> tuple[str, ...]:
    """The imported behaviours that a log does not have, in the file's order."""
    known = frozenset(behaviours)
    return tuple(name for name in imported.behaviours if name not in known)


def news_of(imported: ImportedGraph, drawn: CausalGraph) -> ImportedGraph:
    """An imported graph without what a graph here says already: edges nobody ruled on, here or there, equally probable.

    Such edges are estimates of the same log and not what somebody knows; taken in, they would pass for verdicts.
    """
    found = {edge.pair: edge.probability for edge in drawn.edges if edge.ruling is Ruling.NONE and not edge.by_rule}
    new = tuple(
        edge
        for edge in imported.edges
        if edge.ruling is not Ruling.NONE
        or edge.by_rule
        or edge.note
        or not math.isclose(edge.probability, found.get(edge.pair, math.nan), abs_tol=SAME)
    )
    return replace(imported, edges=new)


def edges_to_verdicts(
    imported: ImportedGraph, behaviours: Collection[str], author: str, at: str, history: History | None = None
) -> list[Verdict]:
    """The verdicts that make an imported graph stand.

    Args:
        imported: The graph.
        behaviours: Those of the log; edges of others are passed over, see ``unknown_names``.
        author: Who brought it.
        at: When, ISO 8601.
        history: What stands already is not said again; None for nothing.

    Returns:
        In the file's order: ACCEPT for what was accepted there, REJECT for what was denied, ADD for all other edges;
        notes and probabilities are kept.
    """
    known = frozenset(behaviours)
    standing = history.standing() if history else {}
    verdicts: list[Verdict] = []
    for edge in imported.edges:
        if not set(edge.pair) <= known:
            continue
        stands = standing.get(edge.pair)
        ruling = stands.ruling if stands else Ruling.NONE
        if ruling not in (DENIED if edge.denied else ASSERTED):
            accepted = Act.ACCEPT if edge.ruling is Ruling.ACCEPTED else Act.ADD
            act = Act.REJECT if edge.denied else accepted
            chance = None if math.isnan(edge.probability) else edge.probability
            verdicts.append(Verdict(act, *edge.pair, author, at, edge.note, probability=chance))
        elif edge.note and (stands is None or stands.note != edge.note):
            verdicts.append(Verdict(Act.NOTE, *edge.pair, author, at, edge.note))
    return verdicts

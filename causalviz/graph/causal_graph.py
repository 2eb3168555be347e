"""The causal graph: what the model estimates, with the experts' verdicts laid over it.

An *estimate* is the model's answer for an ordered pair. A *view* says how much of it to show. The graph is computed
from both and the history every time, and is never stored: verdicts survive a new inference, and a new inference
never rewrites a verdict. What an expert asserted is shown whatever the model thinks; what an expert denied is shown
as denied, or not at all; threshold and top k choose among the rest.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import networkx as nx
import pandas as pd

from causalviz.errors import SettingsError
from causalviz.graph.verdicts import ASSERTED, DENIED, History, Pair, Ruling, Standing

COLUMNS = ("cause", "effect", "probability", "effect_size", "effect_low", "effect_high", "delay_s")


@dataclass(frozen=True, slots=True)
class Estimate:
    """The model's answer for one ordered pair; NaN where the log holds too little to say.

    Attributes:
        cause: Name of the first behaviour.
        effect: Name of the second.
        probability: That the first directly influences the second, 0..1.
        effect_size: Rate ratio: by how much the effect's rate changes after the cause; above 1 it excites.
        low: Lower end of the rate ratio's 90 % interval.
        high: Upper end.
        delay_s: Typical delay, seconds.
    """

    cause: str
    effect: str
    probability: float
    effect_size: float
    low: float
    high: float
    delay_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """How much of the graph is shown.

    Attributes:
        threshold: Least probability of an edge on which nobody has ruled; 0.5 is "more likely than not".
        top_k: At most this many causes of each behaviour, the most probable ones; 0 shows all.
        show_rejected: Whether rejected and reversed edges are shown, dashed.

    Raises:
        SettingsError: If a value lies outside its range.
    """

    threshold: float = 0.5
    top_k: int = 0
    show_rejected: bool = True

    def __post_init__(self) -> None:
        if not 0 <= self.threshold <= 1:
            raise SettingsError(f"The threshold is a probability from 0 to 1 (got {self.threshold}).")
        if self.top_k < 0:
            raise SettingsError(f"The number of causes per behaviour cannot be negative (got {self.top_k}).")


@dataclass(frozen=True, slots=True)
class Edge:
    """One shown edge: its estimate (NaN where there is none) and what stands for it."""

    cause: str
    effect: str
    probability: float = math.nan
    effect_size: float = math.nan
    low: float = math.nan
    high: float = math.nan
    delay_s: float = math.nan
    ruling: Ruling = Ruling.NONE
    note: str = ""

    @property
    def pair(self) -> Pair:
        """(cause, effect)."""
        return self.cause, self.effect

    @property
    def denied(self) -> bool:
        """Whether an expert rejected or reversed it; it is shown, but it is no edge."""
        return self.ruling in DENIED


@dataclass(frozen=True)
class CausalGraph:
    """What is shown.

    Attributes:
        behaviours: The K nodes, in the log's order.
        edges: The shown edges, the most probable first; denied ones among them.
        total: How many pairs there were to choose from.
    """

    behaviours: tuple[str, ...]
    edges: tuple[Edge, ...]
    total: int

    def edge(self, cause: str, effect: str) -> Edge | None:
        """The shown edge between two behaviours, or None."""
        return next((edge for edge in self.edges if edge.pair == (cause, effect)), None)

    def to_networkx(self) -> nx.DiGraph:
        """All behaviours and the edges that are not denied, with every attribute that is known."""
        graph = nx.DiGraph()
        graph.add_nodes_from(self.behaviours)
        for edge in self.edges:
            if not edge.denied:
                graph.add_edge(edge.cause, edge.effect, **known_attributes(edge))
        return graph


def known_attributes(edge: Edge) -> dict[str, float | str]:
    """An edge's attributes by name, without those that are unknown or empty."""
    numbers = {
        "probability": edge.probability,
        "effect_size": edge.effect_size,
        "effect_low": edge.low,
        "effect_high": edge.high,
        "delay_s": edge.delay_s,
    }
    known: dict[str, float | str] = {name: number for name, number in numbers.items() if math.isfinite(number)}
    return known | {"ruling": edge.ruling.value} | ({"note": edge.note} if edge.note else {})


def estimates_of(table: pd.DataFrame) -> tuple[Estimate, ...]:
    """Reads the discovery's table.

    Args:
        table: One row per ordered pair, with the columns ``cause, effect, probability, effect_size, effect_low,
            effect_high, delay_s``; others are passed over.

    Raises:
        ValueError: If a column is missing.
    """
    missing = [column for column in COLUMNS if column not in table]
    if missing:
        raise ValueError(f"the table of estimates lacks the column {missing[0]!r}")
    names = [table[column].astype(str).tolist() for column in COLUMNS[:2]]
    numbers = [table[column].astype(float).tolist() for column in COLUMNS[2:]]
    return tuple(Estimate(*row) for row in zip(*names, *numbers, strict=True))


def lay_over(names: Sequence[str], estimates: Iterable[Estimate], history: History, view: View) -> CausalGraph:
    """Lays the verdicts over the estimates.

    Args:
        names: The behaviours; estimates and verdicts that name others are passed over.
        estimates: The model's answers, each pair at most once.
        history: All verdicts.
        view: How much to show.

    Returns:
        Asserted edges always, denied ones if the view wants them, and of the others the probable ones.
    """
    order = {name: row for row, name in enumerate(names)}
    answers = {
        (answer.cause, answer.effect): answer
        for answer in estimates
        if answer.cause in order and answer.effect in order
    }
    standing = {pair: said for pair, said in history.standing().items() if pair[0] in order and pair[1] in order}
    ruled = {pair for pair, said in standing.items() if said.ruling is not Ruling.NONE}
    shown = {pair for pair in ruled if view.show_rejected or standing[pair].ruling in ASSERTED}
    shown |= _probable(answers, ruled, view)
    edges = (_edge(pair, answers.get(pair), standing.get(pair)) for pair in shown)
    total = len(answers.keys() | ruled)
    return CausalGraph(tuple(names), tuple(sorted(edges, key=lambda edge: _rank(edge, order))), total)


def _probable(answers: Mapping[Pair, Estimate], ruled: set[Pair], view: View) -> set[Pair]:
    """The pairs without a ruling that pass the threshold, the top k of each effect."""
    passed = [answer for pair, answer in answers.items() if answer.probability >= view.threshold and pair not in ruled]
    passed.sort(key=lambda answer: (-answer.probability, answer.cause))
    taken: dict[str, int] = {}
    pairs: set[Pair] = set()
    for answer in passed:
        taken[answer.effect] = taken.get(answer.effect, 0) + 1
        if view.top_k == 0 or taken[answer.effect] <= view.top_k:
            pairs.add((answer.cause, answer.effect))
    return pairs


def _edge(pair: Pair, answer: Estimate | None, said: Standing | None) -> Edge:
    ruling, note = (said.ruling, said.note) if said else (Ruling.NONE, "")
    if answer is None:
        return Edge(*pair, ruling=ruling, note=note)
    return Edge(*pair, answer.probability, answer.effect_size, answer.low, answer.high, answer.delay_s, ruling, note)


def _rank(edge: Edge, order: Mapping[str, int]) -> tuple[bool, float, int, int]:
    """The most probable first, the unscored last, then in the behaviours' order."""
    unscored = math.isnan(edge.probability)
    return unscored, 0.0 if unscored else -edge.probability, order[edge.cause], order[edge.effect]

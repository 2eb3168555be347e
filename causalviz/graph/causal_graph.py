"""The causal graph: what the model estimates, with the experts' verdicts laid over it.

An *estimate* is the model's answer for an ordered pair. A *view* says how much of it to show. The graph is computed
from both and the history every time, and is never stored: verdicts survive a new inference, and a new inference
never rewrites a verdict. What an expert asserted is shown whatever the model thinks; what an expert denied is shown
as denied, or not at all; threshold and top k choose among the rest. Rules come before verdicts: a required edge is
always shown, a forbidden one is shown as denied where the data or a verdict would have drawn it, or not at all.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import networkx as nx
import pandas as pd

from causalviz.errors import SettingsError
from causalviz.graph.knowledge import Decision, Knowledge
from causalviz.graph.verdicts import ASSERTED, DENIED, History, Pair, Ruling, Standing

Judged = Literal["all", "judged", "waiting"]

REQUIRED, FORBIDDEN = "required", "forbidden"  # what rules make of an edge
COLUMNS = ("cause", "effect", "probability", "effect_size", "effect_low", "effect_high", "delay_s")


class Estimate(NamedTuple):
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


def attributed_events(table: pd.DataFrame) -> dict[Pair, float]:
    """Events of each effect that are attributed to each cause; 0 where that is unknown.

    Args:
        table: Of the discovery, with the columns ``cause, effect, attributed`` (share) and ``effect_count``.
    """
    events = (table["attributed"] * table["effect_count"]).fillna(0.0).tolist()
    return dict(zip(zip(table["cause"], table["effect"], strict=True), events, strict=True))


class Answers:
    """The model's answers by pair and by probability: a large log has a quarter of a million of them.

    Args:
        estimates: Each pair at most once.

    Attributes:
        by_pair: All of them.
    """

    def __init__(self, estimates: Iterable[Estimate]) -> None:
        self.by_pair: Mapping[Pair, Estimate] = {(answer.cause, answer.effect): answer for answer in estimates}
        known = (answer for answer in self.by_pair.values() if math.isfinite(answer.probability))
        self._ranked = sorted(known, key=lambda answer: (-answer.probability, answer.cause))
        self._names = {name for pair in self.by_pair for name in pair}

    def among(self, names: Collection[str]) -> Answers:
        """Those between some behaviours."""
        if self._names <= set(names):
            return self
        return Answers(a for a in self.by_pair.values() if a.cause in names and a.effect in names)

    def at_least(self, threshold: float) -> Sequence[Estimate]:
        """Those with this probability or a larger one, the most probable first, equal ones by their cause."""
        return self._ranked[: bisect_right(self._ranked, -threshold, key=lambda answer: -answer.probability)]


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """How much of the graph is shown.

    Attributes:
        threshold: Least probability of an edge on which nobody has ruled; 0.5 is "more likely than not".
        top_k: At most this many causes of each behaviour, the most probable ones; 0 shows all.
        show_rejected: Whether rejected, reversed and forbidden edges are shown, dashed.
        judged: Which edges are shown: all, those on which an expert ruled, or those that wait for it.
        kinds: Event types of the shown behaviours; empty for all.
        items: Items of the shown behaviours; empty for all, and those without an item always stay.
        hidden: Behaviours that are not drawn; the log keeps their events.
        follows: Whether what directly follows what is drawn too, as a layer of its own.

    Raises:
        SettingsError: If a value lies outside its range.
    """

    threshold: float = 0.5
    top_k: int = 0
    show_rejected: bool = True
    judged: Judged = "all"
    kinds: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    follows: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.threshold <= 1:
            raise SettingsError(f"The threshold is a probability from 0 to 1 (got {self.threshold}).")
        if self.top_k < 0:
            raise SettingsError(f"The number of causes per behaviour cannot be negative (got {self.top_k}).")
        if self.judged not in get_args(Judged):
            raise SettingsError(f"There is no choice {self.judged!r}; choose among {', '.join(get_args(Judged))}.")


@dataclass(frozen=True, slots=True)
class Edge:
    """One shown edge: its estimate (NaN where there is none), what stands for it, and what the rules decide.

    ``by_rule`` is "required", "forbidden" or empty, ``rule`` the clause that says which rule it is. The probability is
    ``imported`` where no log gives one and the edge was taken from a file that does.
    """

    cause: str
    effect: str
    probability: float = math.nan
    effect_size: float = math.nan
    low: float = math.nan
    high: float = math.nan
    delay_s: float = math.nan
    ruling: Ruling = Ruling.NONE
    note: str = ""
    by_rule: str = ""
    rule: str = ""
    imported: bool = False

    @property
    def pair(self) -> Pair:
        """(cause, effect)."""
        return self.cause, self.effect

    @property
    def denied(self) -> bool:
        """Whether a rule forbids it, or an expert rejected or reversed it; it is shown, but it is no edge."""
        return self.by_rule == FORBIDDEN if self.by_rule else self.ruling in DENIED

    @property
    def required(self) -> bool:
        """Whether a rule says that it is an edge."""
        return self.by_rule == REQUIRED


DOUBTFUL = 0.1  # least probability of a pair that is too unsure to be an edge and yet counted by it in totals
FAINT = 0.02  # the same of a pair from which rates may learn: events, not the probability alone, must speak for it


@dataclass(frozen=True)
class CausalGraph:
    """What is shown.

    Attributes:
        behaviours: The K nodes, in the log's order.
        edges: The shown edges, the most probable first; denied ones among them.
        total: How many pairs there were to choose from.
        doubtful: Pairs that are no edges although they may be ones, with a probability of ``FAINT`` or more, and
            about which neither an expert nor a rule says anything.
    """

    behaviours: tuple[str, ...]
    edges: tuple[Edge, ...]
    total: int
    doubtful: tuple[Estimate, ...] = ()

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
    known |= {"ruling": edge.ruling.value}
    known |= {"note": edge.note} if edge.note else {}
    return known | ({"rule": edge.rule} if edge.by_rule else {})


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
    return tuple(map(Estimate._make, zip(*names, *numbers, strict=True)))


def lay_over(
    names: Sequence[str],
    estimates: Answers | Iterable[Estimate],
    history: History,
    view: View,
    knowledge: Knowledge | None = None,
) -> CausalGraph:
    """Lays the verdicts and the rules over the estimates.

    Args:
        names: The behaviours; estimates, verdicts and rules that name others are passed over.
        estimates: The model's answers, each pair at most once; ``Answers`` where they are looked at many times.
        history: All verdicts.
        view: How much to show.
        knowledge: The rules, which come before the verdicts; None for the history's own.

    Returns:
        Required and asserted edges always, forbidden and denied ones if the view wants them, and of the others the
        probable ones.
    """
    knowledge = history.knowledge if knowledge is None else knowledge
    order = {name: row for row, name in enumerate(names)}
    told = (estimates if isinstance(estimates, Answers) else Answers(estimates)).among(order.keys())
    answers = told.by_pair
    standing = {pair: said for pair, said in history.standing().items() if pair[0] in order and pair[1] in order}
    ruled = {pair for pair, said in standing.items() if said.ruling is not Ruling.NONE}
    required = {pair for pair in knowledge.required if pair[0] in order and pair[1] in order and pair[0] != pair[1]}
    passed = told.at_least(view.threshold)
    looked_at = ruled | required | {(answer.cause, answer.effect) for answer in passed}
    decided = {pair: said for pair in looked_at if (said := knowledge.decision(*pair))}
    shown = required | {pair for pair in ruled if view.show_rejected or standing[pair].ruling in ASSERTED}
    shown |= _probable(passed, ruled | decided.keys(), view)
    forbidden = {pair for pair, said in decided.items() if not said.exists}
    if view.show_rejected:
        shown |= {pair for pair in forbidden & answers.keys() if answers[pair].probability >= view.threshold}
    else:
        shown -= forbidden
    edges = (_edge(pair, answers.get(pair), standing.get(pair), decided.get(pair)) for pair in shown)
    total = len(answers) + sum(pair not in answers for pair in ruled | required)
    known = shown | ruled
    doubtful = tuple(
        answer
        for answer in told.at_least(FAINT)
        if (pair := (answer.cause, answer.effect)) not in known and knowledge.decision(*pair) is None
    )
    return CausalGraph(tuple(names), tuple(sorted(edges, key=lambda edge: _rank(edge, order))), total, doubtful)


def narrowed(
    graph: CausalGraph, view: View, kinds: Mapping[str, str] | None = None, items: Mapping[str, str] | None = None
) -> CausalGraph:
    """The part of a graph that is drawn: without what the view hides or filters out.

    Args:
        graph: The whole curated graph.
        view: What to draw.
        kinds: Event type of each behaviour; those without one stay.
        items: Item of each behaviour; those without one stay.

    Returns:
        Fewer behaviours and edges in the same order; ``total`` still counts all pairs.
    """
    kind, item = kinds or {}, items or {}
    stay = [
        name
        for name in graph.behaviours
        if name not in view.hidden
        and (not view.kinds or kind.get(name) is None or kind[name] in view.kinds)
        and (not view.items or not item.get(name) or item[name] in view.items)
    ]
    known = set(stay)
    edges = (edge for edge in graph.edges if edge.cause in known and edge.effect in known)
    wanted = {"all": (True, False), "judged": (True,), "waiting": (False,)}[view.judged]
    shown = tuple(e for e in edges if (e.ruling is not Ruling.NONE or e.by_rule != "") in wanted)
    doubtful = tuple(one for one in graph.doubtful if one.cause in known and one.effect in known)
    return CausalGraph(tuple(stay), shown, graph.total, doubtful)


def _probable(passed: Sequence[Estimate], ruled: set[Pair], view: View) -> set[Pair]:
    """The pairs on which nobody ruled, of those that pass the threshold: the top k of each effect."""
    taken: dict[str, int] = {}
    pairs: set[Pair] = set()
    for answer in passed:
        if (answer.cause, answer.effect) in ruled:
            continue
        taken[answer.effect] = taken.get(answer.effect, 0) + 1
        if view.top_k == 0 or taken[answer.effect] <= view.top_k:
            pairs.add((answer.cause, answer.effect))
    return pairs


def _edge(pair: Pair, answer: Estimate | None, said: Standing | None, decision: Decision | None) -> Edge:
    ruling, note = (said.ruling, said.note) if said else (Ruling.NONE, "")
    by_rule, rule = ((REQUIRED if decision.exists else FORBIDDEN), decision.reason) if decision else ("", "")
    if answer is not None:
        return Edge(*answer, ruling, note, by_rule, rule)
    chance = said.probability if said else None
    if chance is None:
        return Edge(*pair, ruling=ruling, note=note, by_rule=by_rule, rule=rule)
    return Edge(*pair, chance, ruling=ruling, note=note, by_rule=by_rule, rule=rule, imported=True)


def _rank(edge: Edge, order: Mapping[str, int]) -> tuple[bool, float, int, int]:
    """The most probable first, the unscored last, then in the behaviours' order."""
    unscored = math.isnan(edge.probability)
    return unscored, 0.0 if unscored else -edge.probability, order[edge.cause], order[edge.effect]

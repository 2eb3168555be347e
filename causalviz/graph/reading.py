"""Reading a causal graph: who leads to whom, along which ways, and what a fair comparison must hold fixed.

For a chosen cause x and goal y, on the acyclic part of the graph (``acyclic``):

    causal path      x -> ... -> y: what x does to y comes along these
    biasing path     x <- ... <- z -> ... -> y, an open back-door path: x and y move together though x does nothing
    adjustment set   behaviours that block every biasing path and lie on no causal one: with them held fixed, users
                     with and without x differ in what x does (Shpitser, VanderWeele & Robins 2010)
    independence     a pair without an edge: the later one in causal order does not follow the earlier one, once the
                     later one's causes are known. One for each such pair: a basis of all that the graph implies
                     (Pearl 1988)

Paths are asked for from the surest on and only so many, because a dense graph has more than anyone can count; what is
left is said to be left.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import networkx as nx

from causalviz.errors import GraphError, UnknownBehaviour
from causalviz.graph.acyclic import acyclic_part, left_out
from causalviz.graph.causal_graph import CausalGraph, Edge
from causalviz.graph.verdicts import Pair

MAX_PATHS = 8  # of each kind; more are no reading any more
MAX_STEPS = 7  # edges of a path; longer ones carry next to nothing
MAX_LOOKED = 60  # candidates for them, so that a dense graph cannot take forever
STEP_COST = 1e-6  # of two equally sure paths the shorter comes first
LEAST_SURE = 1e-9  # a probability of 0 would be infinitely far away

_UP, _DOWN = "against the arrows", "along the arrows"
_Halt = tuple[str, str]  # a behaviour, and in which direction a path leaves it


class GraphPath(NamedTuple):
    """One way between two behaviours.

    Attributes:
        behaviours: From the cause to the goal.
        edges: The edges that it takes, each as (cause, effect); on a biasing path some are taken against the arrow.
        sure: Product of their probabilities, 0..1; an expert's edge counts 1.
    """

    behaviours: tuple[str, ...]
    edges: tuple[Pair, ...]
    sure: float

    @property
    def text(self) -> str:
        """The way with its arrows: ``a → b ← c``."""
        steps = zip(itertools.pairwise(self.behaviours), self.edges, strict=True)
        return self.behaviours[0] + "".join(f" {'→' if step == edge else '←'} {step[1]}" for step, edge in steps)


class Paths(NamedTuple):
    """The surest paths, and whether there are more (or longer ones) than are listed."""

    listed: tuple[GraphPath, ...]
    cut: bool

    @property
    def edges(self) -> tuple[Pair, ...]:
        """The edges of all listed paths, each once."""
        return tuple(dict.fromkeys(edge for path in self.listed for edge in path.edges))


class Relatives(NamedTuple):
    """Who stands around a behaviour, in the graph's order: directly (parents, children) and at any distance."""

    parents: tuple[str, ...]
    children: tuple[str, ...]
    ancestors: tuple[str, ...]
    descendants: tuple[str, ...]


class PairReading(NamedTuple):
    """What the graph says about a cause and a goal.

    Attributes:
        cause: Name.
        goal: Name.
        mediators: Behaviours on causal paths between the two, in the graph's order.
        causal: Causal paths.
        biasing: Open back-door paths.
        adjustment: A minimal adjustment set, empty where nothing biases; None where none exists, because the goal
            leads to the cause.
        is_set_aside: Whether the edge between the two is drawn, but set aside because it closes a cycle.
    """

    cause: str
    goal: str
    mediators: tuple[str, ...]
    causal: Paths
    biasing: Paths
    adjustment: tuple[str, ...] | None
    is_set_aside: bool = False


class Independence(NamedTuple):
    """A claim of the graph: ``effect`` does not follow ``cause`` once its causes ``given`` are known."""

    cause: str
    effect: str
    given: tuple[str, ...]


class GraphReading:
    """A graph made ready to be read; the acyclic part is found once.

    Attributes:
        set_aside: The edges of cycles that the reading passes over, the surest first.
    """

    def __init__(self, graph: CausalGraph) -> None:
        self.set_aside: tuple[Edge, ...] = left_out(graph)
        self._drawn = graph.to_networkx()
        self._part = acyclic_part(graph, self.set_aside)
        self._row = {name: row for row, name in enumerate(graph.behaviours)}

    def relatives(self, behaviour: str) -> Relatives:
        """Parents, children, ancestors and descendants of a behaviour.

        Raises:
            UnknownBehaviour: If the graph does not have it.
        """
        self._check(behaviour)
        part = self._part
        return Relatives(
            self._ordered(part.predecessors(behaviour)),
            self._ordered(part.successors(behaviour)),
            self._ordered(nx.ancestors(part, behaviour)),
            self._ordered(nx.descendants(part, behaviour)),
        )

    def pair(self, cause: str, goal: str) -> PairReading:
        """Paths, mediators and adjustment set of a pair.

        Raises:
            UnknownBehaviour: If the graph does not have one of them.
            GraphError: If both are the same.
        """
        self._check(cause)
        self._check(goal)
        if cause == goal:
            raise GraphError(f"“{cause}” was chosen as cause and as goal; choose two different behaviours.")
        between = nx.descendants(self._part, cause) & nx.ancestors(self._part, goal)
        return PairReading(
            cause, goal, self._ordered(between), self._causal(cause, goal, between), self._biasing(cause, goal),
            self._adjustment(cause, goal, between), (cause, goal) in {edge.pair for edge in self.set_aside},
        )  # fmt: skip

    def independencies(self) -> tuple[Independence, ...]:
        """What the graph claims about each pair without an edge either way.

        The causes that are held fixed are all drawn ones, those of edges that were set aside too.
        """
        order = list(nx.lexicographical_topological_sort(self._part, key=self._row.__getitem__))
        return tuple(
            Independence(earlier, later, self._ordered(self._drawn.predecessors(later)))
            for earlier, later in itertools.combinations(order, 2)
            if not self._drawn.has_edge(earlier, later) and not self._drawn.has_edge(later, earlier)
        )

    def _check(self, behaviour: str) -> None:
        if behaviour not in self._row:
            raise UnknownBehaviour(f"The graph has no behaviour “{behaviour}”; choose one that is drawn.")

    def _ordered(self, behaviours: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(behaviours, key=self._row.__getitem__))

    def _causal(self, cause: str, goal: str, between: set[str]) -> Paths:
        ways = nx.DiGraph()
        for start, end, sure in self._part.subgraph({cause, goal, *between}).edges(data="sure"):
            ways.add_edge((start, _DOWN), (end, _DOWN), cost=_cost(sure))
        return self._surest(ways, (cause, _DOWN), (goal, _DOWN))

    def _biasing(self, cause: str, goal: str) -> Paths:
        """Back-door paths: up from the cause to a common cause, which may be the goal, and down to the goal."""
        ways = nx.DiGraph()
        ways.add_edge((goal, _UP), (goal, _DOWN), cost=0.0)
        for start, end, sure in self._part.edges(data="sure"):
            if cause != start and goal != end:
                ways.add_edge((end, _UP), (start, _UP), cost=_cost(sure))
            if goal != start and cause not in (start, end):
                ways.add_edge((start, _DOWN), (end, _DOWN), cost=_cost(sure))
                ways.add_edge((start, _UP), (end, _DOWN), cost=_cost(sure))
        return self._surest(ways, (cause, _UP), (goal, _DOWN))

    def _surest(self, ways: nx.DiGraph, start: _Halt, end: _Halt) -> Paths:
        if start not in ways or end not in ways or not nx.has_path(ways, start, end):
            return Paths((), False)
        found: list[GraphPath] = []
        candidates = _candidates(ways, start, end)
        for behaviours in itertools.islice(candidates, MAX_LOOKED):
            if len(set(behaviours)) < len(behaviours):
                continue  # up and down through the same behaviour is no path
            if len(found) == MAX_PATHS or len(behaviours) > MAX_STEPS + 1:
                return Paths(tuple(found), True)
            found.append(self._path(behaviours))
        return Paths(tuple(found), next(candidates, None) is not None)

    def _path(self, behaviours: tuple[str, ...]) -> GraphPath:
        edges = tuple(
            (start, end) if self._part.has_edge(start, end) else (end, start)
            for start, end in itertools.pairwise(behaviours)
        )
        return GraphPath(behaviours, edges, math.prod(self._part.edges[edge]["sure"] for edge in edges))

    def _adjustment(self, cause: str, goal: str, between: set[str]) -> tuple[str, ...] | None:
        """The set that separates the two when the first steps of the causal paths are taken away."""
        back_door = self._part.copy()
        back_door.remove_edges_from([(cause, step) for step in (*between, goal) if back_door.has_edge(cause, step)])
        forbidden = {cause, goal}.union(*nx.bfs_layers(self._part, [*between, goal]))  # and all that they lead to
        allowed = set(self._part) - (forbidden if nx.has_path(self._part, cause, goal) else {cause, goal})
        found = nx.find_minimal_d_separator(back_door, cause, goal, restricted=allowed)
        return None if found is None else self._ordered(found)


def adjustment_sentence(reading: PairReading) -> str:
    """What an analyst has to hold fixed, in one sentence."""
    cause, goal = f"“{reading.cause}”", f"“{reading.goal}”"
    aside = f"The edge {cause} → {goal} closes a cycle and is set aside here. " if reading.is_set_aside else ""
    if reading.adjustment is None:
        return f"{aside}No comparison of users with and without {cause} is fair: {goal} itself leads to {cause}."
    rest = "Without it the graph" if aside else "The graph"
    compared = f"{rest} says that {cause} does nothing to {goal}; to see that in the data"
    if reading.causal.listed:
        compared = f"To compare users with and without {cause} fairly"
    if not reading.adjustment:
        return f"{aside}{compared}, nothing needs to be held fixed."
    return f"{aside}{compared}, hold {_listed([f'“{name}”' for name in reading.adjustment])} fixed."


def set_aside_sentence(set_aside: Sequence[Edge], most: int = 3) -> str:
    """Which edges the reading passes over; empty for an acyclic graph."""
    if not set_aside:
        return ""
    named = [f"“{edge.cause}” → “{edge.effect}”" for edge in set_aside[:most]]
    more = len(set_aside) - len(named)
    edges = _listed([*named, *([f"{more:,} more"] if more else [])])
    return f"The graph has cycles, so this reading sets the least sure edge of each aside: {edges}."


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _cost(sure: float) -> float:
    return -math.log(max(sure, LEAST_SURE)) + STEP_COST


def _candidates(ways: nx.DiGraph, start: _Halt, end: _Halt) -> Iterator[tuple[str, ...]]:
    """Paths from the surest on; the goal, where it is the common cause itself, comes once."""
    for halts in nx.shortest_simple_paths(ways, start, end, weight="cost"):
        yield tuple(name for name, _ in itertools.groupby(behaviour for behaviour, _ in halts))

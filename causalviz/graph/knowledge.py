"""What an expert knows before any data are looked at: rules about behaviours.

A *rule* is one of

    required            “a” causes “b”, whatever the log says
    forbidden           “a” does not cause “b”
    tier                behaviours stand in an order of groups; a later group never causes an earlier one. Of a *closed*
                        tier, nothing causes anything else within it
    causes nothing      a behaviour that never causes another one
    caused by nothing   a behaviour that no other one causes
    goal                what the analysis is about: it causes nothing but other goals

*Knowledge* is all rules of a project. It *decides* a pair that must be or cannot be an edge: decided pairs are told to
the network, so that they inform their neighbours, and no verdict is taken on them. A behaviour in no tier is bound by
none. Rules that contradict each other *clash*; ``check_rules`` says which two. A rule may name behaviours that the log
does not have: it waits for them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

import networkx as nx

from causalviz.errors import KnowledgeConflict, SettingsError

Pair = tuple[str, str]


class RuleKind(StrEnum):
    """What a rule says; the value is its word in the table that experts write."""

    REQUIRED = "required"
    FORBIDDEN = "forbidden"
    TIER = "tier"
    CAUSES_NOTHING = "causes nothing"
    CAUSED_BY_NOTHING = "caused by nothing"
    GOAL = "goal"


ON_PAIRS = frozenset({RuleKind.REQUIRED, RuleKind.FORBIDDEN})


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Attributes:
        kind: What it says.
        behaviour: Of whom; the cause of a pair.
        other: The effect of a pair; empty for the other kinds.
        tier: Which tier, counting from 1; 0 for the other kinds.

    Raises:
        SettingsError: If a name is blank, or the parts do not fit the kind.
    """

    kind: RuleKind
    behaviour: str
    other: str = ""
    tier: int = 0

    def __post_init__(self) -> None:
        if not self.behaviour.strip() or (self.kind in ON_PAIRS) != bool(self.other.strip()):
            wanted = "a cause and an effect" if self.kind in ON_PAIRS else "one behaviour"
            got = ", ".join(f"“{name}”" for name in (self.behaviour, self.other) if name.strip()) or "none"
            raise SettingsError(f"The rule “{self.kind.value}” needs {wanted} (got {got}).")
        if (self.kind is RuleKind.TIER) != (self.tier >= 1):
            raise SettingsError(f"Tiers count from 1, and only tiers have a number (got {self.tier}).")

    @property
    def pair(self) -> Pair:
        """(cause, effect) of a rule on a pair."""
        return self.behaviour, self.other

    @property
    def words(self) -> str:
        """The rule as a clause."""
        if self.kind in ON_PAIRS:
            return f"“{self.behaviour}” → “{self.other}” is {self.kind.value}"
        return {
            RuleKind.TIER: f"“{self.behaviour}” is in tier {self.tier}",
            RuleKind.CAUSES_NOTHING: f"“{self.behaviour}” causes nothing",
            RuleKind.CAUSED_BY_NOTHING: f"nothing causes “{self.behaviour}”",
            RuleKind.GOAL: f"“{self.behaviour}” is the goal",
        }[self.kind]


@dataclass(frozen=True, slots=True)
class Tier:
    """One group of the order; ``closed`` where nothing causes anything else within it."""

    behaviours: tuple[str, ...]
    closed: bool = False


class Decision(NamedTuple):
    """What the rules say of one pair: whether it exists, and by which rule, as a clause."""

    exists: bool
    reason: str


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """All rules of a project.

    Attributes:
        required: Pairs (cause, effect) that are edges.
        forbidden: Pairs that are none.
        tiers: Groups of behaviours, the earliest first.
        causes_nothing: Behaviours that never cause another one.
        caused_by_nothing: Behaviours that no other one causes.
        goals: What the analysis is about.

    Example:
        >>> known = Knowledge(required=(("view", "cart"),), goals=("buy",))
        >>> known.decision("view", "cart").exists, known.decision("buy", "view").exists
        (True, False)
    """

    required: tuple[Pair, ...] = ()
    forbidden: tuple[Pair, ...] = ()
    tiers: tuple[Tier, ...] = ()
    causes_nothing: tuple[str, ...] = ()
    caused_by_nothing: tuple[str, ...] = ()
    goals: tuple[str, ...] = ()

    def rules(self) -> tuple[Rule, ...]:
        """Every rule, one after the other."""
        tiers = ((number, name) for number, tier in enumerate(self.tiers, 1) for name in tier.behaviours)
        return (
            *(Rule(RuleKind.REQUIRED, *pair) for pair in self.required),
            *(Rule(RuleKind.FORBIDDEN, *pair) for pair in self.forbidden),
            *(Rule(RuleKind.TIER, name, tier=number) for number, name in tiers),
            *(Rule(RuleKind.CAUSES_NOTHING, name) for name in self.causes_nothing),
            *(Rule(RuleKind.CAUSED_BY_NOTHING, name) for name in self.caused_by_nothing),
            *(Rule(RuleKind.GOAL, name) for name in self.goals),
        )

    def decision(self, cause: str, effect: str) -> Decision | None:
        """What the rules say of a pair; None where they leave it open."""
        pair, index = (cause, effect), self._index
        if cause == effect:
            return None
        if pair in index.required:
            return Decision(True, f"required by the rule “{cause}” → “{effect}”")
        reason = self._why_not(pair)
        return Decision(False, f"forbidden by the rule that {reason}") if reason else None

    def _why_not(self, pair: Pair) -> str:
        """The rule that forbids a pair, as a clause; empty where none does."""
        (cause, effect), index = pair, self._index
        if pair in index.forbidden:
            return f"“{cause}” does not cause “{effect}”"
        if cause in index.causes_nothing:
            return f"“{cause}” causes nothing"
        if effect in index.caused_by_nothing:
            return f"nothing causes “{effect}”"
        if cause in index.goals and effect not in index.goals:
            return f"the goal “{cause}” causes nothing but goals"
        first, second = index.tier.get(cause), index.tier.get(effect)
        if first is None or second is None or first < second:
            return ""
        if first > second:
            return f"tier {first} (“{cause}”) never causes tier {second} (“{effect}”)"
        return f"nothing in tier {first} causes anything else in it" if self.tiers[first - 1].closed else ""

    def known_pairs(self, names: Sequence[str]) -> tuple[tuple[str, str, bool], ...]:
        """(cause, effect, whether it exists) of every decided pair of these behaviours."""
        if not self:
            return ()
        decided = ((cause, effect, self.decision(cause, effect)) for cause in names for effect in names)
        return tuple((cause, effect, said.exists) for cause, effect, said in decided if said is not None)

    def strangers(self, names: Collection[str]) -> tuple[str, ...]:
        """Behaviours that a rule names and the log does not have, each once."""
        known = frozenset(names)
        told = (name for rule in self.rules() for name in (rule.behaviour, rule.other) if name)
        return tuple(dict.fromkeys(name for name in told if name not in known))

    def __bool__(self) -> bool:
        return self != Knowledge()

    @cached_property
    def _index(self) -> _Index:
        tier = {name: number for number, group in enumerate(self.tiers, 1) for name in group.behaviours}
        return _Index(
            frozenset(self.required),
            frozenset(self.forbidden),
            frozenset(self.causes_nothing),
            frozenset(self.caused_by_nothing),
            frozenset(self.goals),
            tier,
        )


NO_KNOWLEDGE = Knowledge()


class _Index(NamedTuple):
    """The rules for looking up."""

    required: frozenset[Pair]
    forbidden: frozenset[Pair]
    causes_nothing: frozenset[str]
    caused_by_nothing: frozenset[str]
    goals: frozenset[str]
    tier: Mapping[str, int]


def knowledge_of(rules: Iterable[Rule], closed: Collection[int] = ()) -> Knowledge:
    """Gathers rules; a rule that is said twice counts once.

    Args:
        rules: In any order. Only the order of the tiers' numbers counts: 1, 2, 5 are the tiers 1, 2, 3.
        closed: Numbers of the tiers within which nothing causes anything.
    """
    found: dict[RuleKind, dict[Rule, None]] = {kind: {} for kind in RuleKind}
    for rule in rules:
        found[rule.kind][rule] = None
    tiers: dict[int, list[str]] = {}
    for rule in found[RuleKind.TIER]:
        tiers.setdefault(rule.tier, []).append(rule.behaviour)

    def alone(kind: RuleKind) -> tuple[str, ...]:
        return tuple(rule.behaviour for rule in found[kind])

    return Knowledge(
        required=tuple(rule.pair for rule in found[RuleKind.REQUIRED]),
        forbidden=tuple(rule.pair for rule in found[RuleKind.FORBIDDEN]),
        tiers=tuple(Tier(tuple(tiers[number]), number in closed) for number in sorted(tiers)),
        causes_nothing=alone(RuleKind.CAUSES_NOTHING),
        caused_by_nothing=alone(RuleKind.CAUSED_BY_NOTHING),
        goals=alone(RuleKind.GOAL),
    )


def with_rules(knowledge: Knowledge, added: Iterable[Rule], closed: Collection[int] = ()) -> Knowledge:
    """The knowledge with more rules, and perhaps more tiers closed; nothing is checked."""
    return knowledge_of([*knowledge.rules(), *added], _closed(knowledge) | frozenset(closed))


def without_rules(knowledge: Knowledge, removed: Collection[Rule]) -> Knowledge:
    """The knowledge without some of its rules; a tier that becomes empty is gone, the later ones move up."""
    return knowledge_of([rule for rule in knowledge.rules() if rule not in removed], _closed(knowledge))


def with_closed(knowledge: Knowledge, number: int, closed: bool) -> Knowledge:
    """The knowledge with one tier closed or opened; a number that no tier has changes nothing."""
    tiers = tuple(replace(t, closed=closed) if n == number else t for n, t in enumerate(knowledge.tiers, 1))
    return replace(knowledge, tiers=tiers)


def mapped(knowledge: Knowledge, name: Callable[[str], str]) -> Knowledge:
    """The same rules on behaviours of other names; ones that become rules of a behaviour on itself are left alone."""

    def moved(rule: Rule) -> Rule:
        other = name(rule.other) if rule.other else ""
        there = replace(rule, behaviour=name(rule.behaviour), other=other)
        return rule if rule.other and there.behaviour == there.other else there

    return knowledge_of(map(moved, knowledge.rules()), _closed(knowledge))


def check_rules(knowledge: Knowledge, *, acyclic: bool = False, asserted: Collection[Pair] = ()) -> None:
    """Finds rules that contradict each other.

    Args:
        knowledge: The rules.
        acyclic: Whether the project wants no cycles.
        asserted: Edges that verdicts assert; they may close a cycle with required ones.

    Raises:
        KnowledgeConflict: With the sentence that names the two rules, or the cycle.
    """
    clash = next(_clashes(knowledge), "") or (_cycle(knowledge, asserted) if acyclic else "")
    if clash:
        raise KnowledgeConflict(clash)


def knowledge_json(knowledge: Knowledge) -> dict[str, object]:
    """The rules as JSON."""
    return {
        "required": [list(pair) for pair in knowledge.required],
        "forbidden": [list(pair) for pair in knowledge.forbidden],
        "tiers": [{"behaviours": list(tier.behaviours), "closed": tier.closed} for tier in knowledge.tiers],
        "causes_nothing": list(knowledge.causes_nothing),
        "caused_by_nothing": list(knowledge.caused_by_nothing),
        "goals": list(knowledge.goals),
    }


def knowledge_from_json(written: object) -> Knowledge:
    """Reads what ``knowledge_json`` wrote; fields of a later version are passed over, nothing written is no rules.

    Raises:
        SettingsError: If it is of another form.
    """
    if written is None:
        return Knowledge()
    try:
        return _read_json(written)
    except (TypeError, ValueError, AttributeError, KeyError) as error:
        raise SettingsError(
            f"The rules of this project are damaged ({error}); restore a version, or import the rules' CSV anew."
        ) from error


def _read_json(written: object) -> Knowledge:
    if not isinstance(written, Mapping):
        raise TypeError(f"an object was expected, got {type(written).__name__}")

    def names(values: object) -> tuple[str, ...]:
        if not isinstance(values, list | tuple) or not all(isinstance(value, str) for value in values):
            raise TypeError(f"a list of names was expected, got {values!r}"[:120])
        return tuple(values)

    def pairs(field: str) -> tuple[Pair, ...]:
        told = [names(pair) for pair in written.get(field, ())]
        return tuple((cause, effect) for cause, effect in told)

    return Knowledge(
        required=pairs("required"),
        forbidden=pairs("forbidden"),
        tiers=tuple(Tier(names(tier["behaviours"]), bool(tier.get("closed"))) for tier in written.get("tiers", ())),
        causes_nothing=names(written.get("causes_nothing", ())),
        caused_by_nothing=names(written.get("caused_by_nothing", ())),
        goals=names(written.get("goals", ())),
    )


def _closed(knowledge: Knowledge) -> frozenset[int]:
    return frozenset(number for number, tier in enumerate(knowledge.tiers, 1) if tier.closed)


def _clashes(knowledge: Knowledge) -> Iterator[str]:
    """Each contradiction as a sentence."""
    end = "take one of the two rules back."
    for cause, effect in (*knowledge.required, *knowledge.forbidden):
        if cause == effect:
            yield f"“{cause}” cannot be its own cause; choose two different behaviours."
    for cause, effect in knowledge.required:
        reason = knowledge._why_not((cause, effect))
        if reason:
            yield f"“{cause}” → “{effect}” is required, but another rule says that {reason}; {end}"
    seen: dict[str, int] = {}
    for number, tier in enumerate(knowledge.tiers, 1):
        for name in tier.behaviours:
            if seen.setdefault(name, number) != number:
                yield f"“{name}” is in tier {seen[name]} and cannot be in tier {number} too; {end}"
    for name in knowledge.goals:
        if name in knowledge._index.caused_by_nothing:
            yield f"“{name}” is the goal, but another rule says that nothing causes it; {end}"


def cycle_through(edges: nx.DiGraph, cause: str, effect: str) -> str:
    """A cycle that an edge lies on, as the names on it with arrows between; empty where there is none."""
    if not nx.has_path(edges, effect, cause):
        return ""
    return " → ".join(f"“{name}”" for name in [cause, *nx.shortest_path(edges, effect, cause)])


def _cycle(knowledge: Knowledge, asserted: Collection[Pair]) -> str:
    """The first cycle that a required edge lies on, as a sentence; empty where there is none."""
    edges = nx.DiGraph([*asserted, *knowledge.required])
    way = next(filter(None, (cycle_through(edges, *pair) for pair in knowledge.required)), "")
    verdict = " and verdicts" if len(set(asserted) - set(knowledge.required)) else ""
    return (
        f"The required edges{verdict} form the cycle {way}, and this project wants none; take one of them back."
        if way
        else ""
    )

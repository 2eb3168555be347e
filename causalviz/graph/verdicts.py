"""What experts say about edges, and what therefore stands.

A *verdict* is one thing an expert said about an ordered pair (cause, effect). The *history* of a project is all its
verdicts in order and only ever grows: to undo is to append an entry that says so. What *stands* for a pair is a
replay of the history, so nothing is stored that could contradict it.

    ADD, ACCEPT    the edge exists: drawn by hand, or suggested by the data and confirmed
    REJECT         the edge does not exist
    REVERSE        it points the wrong way: (a, b) is taken back and (b, a) exists
    CLEAR          what was said is withdrawn; the data decide again
    NOTE           words on the edge; the ruling stays
    RESTORE        what stood after the first entries of the history stands again, whatever was said since
    UNDO, REDO     of the latest verdict that is in force, and of the latest undone one
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType

import networkx as nx

from causalviz.errors import GraphError, VerdictConflict
from causalviz.graph.knowledge import NO_KNOWLEDGE, Knowledge, cycle_through
from causalviz.graph.moment import now


class Act(StrEnum):
    """What a history's entry does."""

    ADD = "add"
    ACCEPT = "accept"
    REJECT = "reject"
    REVERSE = "reverse"
    CLEAR = "clear"
    NOTE = "note"
    RESTORE = "restore"
    UNDO = "undo"
    REDO = "redo"


class Ruling(StrEnum):
    """What stands for a pair."""

    NONE = "none"
    ACCEPTED = "accepted"
    ADDED = "added"
    REJECTED = "rejected"
    REVERSED = "reversed"


ASSERTED = frozenset({Ruling.ACCEPTED, Ruling.ADDED})
DENIED = frozenset({Ruling.REJECTED, Ruling.REVERSED})

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One entry of a history.

    Attributes:
        act: What was done.
        cause: Of the edge; for UNDO and REDO, of the edge whose verdict was undone or redone; empty for RESTORE.
        effect: Of the same edge.
        author: Who did it.
        at: When, ISO 8601.
        note: Why, in the author's words; for RESTORE, the name of the version.
        length: For RESTORE, after how many entries of the history stood what stands again; 0 for all others.
        probability: That the file from which the edge was taken gave it; None where none did.

    Raises:
        ValueError: If ``at`` is no ISO 8601 time, the length is negative, or the probability is none.
    """

    act: Act
    cause: str
    effect: str
    author: str
    at: str
    note: str = ""
    length: int = 0
    probability: float | None = None

    def __post_init__(self) -> None:
        datetime.fromisoformat(self.at)
        if self.length < 0:
            raise ValueError(f"a history has no {self.length} entries")
        if self.probability is not None and not 0 <= self.probability <= 1:
            raise ValueError(f"a probability is from 0 to 1 (got {self.probability})")


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands for a pair, and who said so when; a note may stand without a ruling.

    ``probability`` is what an imported file gave the pair, None where none did.
    """

    ruling: Ruling
    author: str
    at: str
    note: str = ""
    probability: float | None = None


@dataclass(frozen=True)
class History:
    """Verdicts in the order in which they were given.

    Attributes:
        entries: All of them, undone ones and the undoing itself included.
        acyclic: Whether a verdict that closes a cycle of accepted and added edges is refused.
        knowledge: Rules of the project; a verdict on a pair that they decide is refused.

    Example:
        >>> said = History().append(Verdict(Act.ADD, "view", "cart", "Ada", "2026-01-01T00:00:00+00:00"))
        >>> said.standing()["view", "cart"].ruling.value
        'added'
    """

    entries: tuple[Verdict, ...] = ()
    acyclic: bool = False
    knowledge: Knowledge = NO_KNOWLEDGE

    def append(self, verdict: Verdict) -> History:
        """The history with one more verdict.

        Raises:
            VerdictConflict: If it contradicts what stands or a rule, or closes a cycle where none is wanted.
        """
        if verdict.act is Act.UNDO:
            return self.undo(verdict.author, verdict.at)
        if verdict.act is Act.REDO:
            return self.redo(verdict.author, verdict.at)
        if verdict.act is Act.RESTORE:
            return self._restored(verdict)
        refusal = _refusal(verdict, self.standing()) or _against_rules(verdict, self.knowledge)
        if refusal:
            raise VerdictConflict(refusal)
        longer = self._ruled(verdict)
        if self.acyclic:
            _check_acyclic(self.standing(), longer.standing(), self.knowledge)
        return longer

    def undo(self, author: str, at: str) -> History:
        """The history with an entry that takes back the latest verdict in force.

        Raises:
            GraphError: If none is in force.
        """
        if not self.can_undo:
            raise GraphError("There is no verdict to undo; nothing was changed.")
        last = self._in_force[-1]
        return self._with(Verdict(Act.UNDO, last.cause, last.effect, author, at))

    def redo(self, author: str, at: str) -> History:
        """The history with an entry that brings back the latest undone verdict.

        Raises:
            GraphError: If none was undone since the last new verdict.
        """
        if not self.can_redo:
            raise GraphError("There is no undone verdict to redo; nothing was changed.")
        last = self._undone[-1]
        return self._with(Verdict(Act.REDO, last.cause, last.effect, author, at))

    def first(self, length: int) -> History:
        """The history as it was after its first ``length`` entries."""
        return replace(self, entries=self.entries[:length])

    def standing(self) -> Mapping[Pair, Standing]:
        """What stands for each pair that something stands for."""
        return self._standing

    @classmethod
    def of_table(cls, known: Iterable[tuple[str, str, bool]]) -> History:
        """What a table says, (cause, effect, whether it is an edge), as if it had been ruled on the graph now."""
        at, history = now(), cls()
        for cause, effect, exists in known:
            history = history.append(Verdict(Act.ACCEPT if exists else Act.REJECT, cause, effect, "table", at))
        return history

    def rulings(self) -> dict[Pair, bool]:
        """Whether each pair on which a ruling stands is an edge, by that ruling."""
        return {
            pair: said.ruling in ASSERTED for pair, said in self.standing().items() if said.ruling is not Ruling.NONE
        }

    @property
    def can_undo(self) -> bool:
        """Whether a verdict is in force."""
        return bool(self._in_force)

    @property
    def can_redo(self) -> bool:
        """Whether a verdict was undone since the last new one."""
        return bool(self._undone)

    @property
    def latest(self) -> Verdict | None:
        """The latest verdict in force, which ``undo`` takes back; None without one."""
        return self._in_force[-1] if self._in_force else None

    @property
    def latest_undone(self) -> Verdict | None:
        """The undone verdict that ``redo`` brings back; None without one."""
        return self._undone[-1] if self._undone else None

    def _with(self, verdict: Verdict) -> History:
        return replace(self, entries=(*self.entries, verdict))

    def _ruled(self, verdict: Verdict) -> History:
        """The history with one more ruling or note; what stands is carried on, so that many need no replay each."""
        longer, standing = self._with(verdict), dict(self._standing)
        _enforce(standing, verdict)
        vars(longer)["_standing"] = MappingProxyType(standing)
        return longer

    def _restored(self, verdict: Verdict) -> History:
        """What stood once may stand again, cycles that were refused since included."""
        if verdict.length > len(self.entries):
            raise GraphError(
                f"The history has {len(self.entries)} entries and not {verdict.length}; restore a version of this "
                "project."
            )
        return self._with(verdict)

    @property
    def _in_force(self) -> tuple[Verdict, ...]:
        return self._stacks[0]

    @property
    def _undone(self) -> tuple[Verdict, ...]:
        return self._stacks[1]

    @cached_property
    def _stacks(self) -> tuple[tuple[Verdict, ...], tuple[Verdict, ...]]:
        """Verdicts in force and undone ones, the latest last."""
        in_force: list[Verdict] = []
        undone: list[Verdict] = []
        for entry in self.entries:
            if entry.act is Act.UNDO:
                undone.append(in_force.pop())
            elif entry.act is Act.REDO:
                in_force.append(undone.pop())
            else:
                in_force.append(entry)
                undone.clear()
        return tuple(in_force), tuple(undone)

    @cached_property
    def _standing(self) -> Mapping[Pair, Standing]:
        standing: dict[Pair, Standing] = {}
        for verdict in self._effective:
            _enforce(standing, verdict)
        return MappingProxyType(standing)

    @property
    def _effective(self) -> tuple[Verdict, ...]:
        """The verdicts in force, each RESTORE replaced by those that were in force then."""
        later: tuple[Verdict, ...] = ()
        in_force = self._in_force
        while restored := [row for row, verdict in enumerate(in_force) if verdict.act is Act.RESTORE]:
            last = in_force[restored[-1]]
            if last.length > self.entries.index(last):
                raise ValueError("an entry restores what came after it")
            later = (*in_force[restored[-1] + 1 :], *later)
            in_force = self.first(last.length)._in_force
        return (*in_force, *later)


def _ruling(standing: Mapping[Pair, Standing], pair: Pair) -> Ruling:
    return standing[pair].ruling if pair in standing else Ruling.NONE


def _refusal(verdict: Verdict, standing: Mapping[Pair, Standing]) -> str:
    """Why the verdict contradicts what stands; empty where it does not."""
    cause, effect = verdict.cause, verdict.effect
    edge, ruling = f"“{cause}” → “{effect}”", _ruling(standing, (cause, effect))
    if cause == effect:
        return f"“{cause}” cannot be its own cause; choose two different behaviours."
    if verdict.act in {Act.ADD, Act.ACCEPT} and ruling in ASSERTED:
        return f"{edge} stands {ruling.value} already; nothing was changed."
    if verdict.act is Act.REJECT and ruling in DENIED:
        return f"{edge} stands {ruling.value} already; nothing was changed."
    if verdict.act is Act.REVERSE and ruling in DENIED:
        return f"{edge} stands {ruling.value}, so there is no edge to reverse; accept it first."
    if verdict.act is Act.CLEAR and (cause, effect) not in standing:
        return f"Nobody has said anything about {edge}; there is nothing to withdraw."
    return ""


def _against_rules(verdict: Verdict, knowledge: Knowledge) -> str:
    """Why a rule leaves nothing to rule on; empty where none does. Withdrawing and words are always welcome."""
    pairs = [(verdict.cause, verdict.effect)]
    if verdict.act is Act.REVERSE:
        pairs.append((verdict.effect, verdict.cause))
    if verdict.act in {Act.CLEAR, Act.NOTE}:
        return ""
    for cause, effect in pairs:
        said = knowledge.decision(cause, effect)
        if said is not None:
            return f"“{cause}” → “{effect}” is {said.reason}; change that rule first if it is wrong."
    return ""


def _enforce(standing: dict[Pair, Standing], verdict: Verdict) -> None:
    """Changes what stands as the verdict says; every state that ``_refusal`` lets through is handled.

    Behaviours that were merged since can leave a verdict on a behaviour and itself, which says nothing, and one that
    withdraws what was withdrawn under the other name.
    """
    if verdict.cause == verdict.effect:
        return
    pair, opposite = (verdict.cause, verdict.effect), (verdict.effect, verdict.cause)
    before = standing.get(pair, Standing(Ruling.NONE, verdict.author, verdict.at))

    def stand(at: Pair, ruling: Ruling) -> None:
        known = standing.get(at)
        note = (verdict.note if at == pair else "") or (known.note if known else "")
        chance = verdict.probability if at == pair else None
        chance = known.probability if chance is None and known else chance
        standing[at] = Standing(ruling, verdict.author, verdict.at, note, chance)

    if verdict.act is Act.NOTE:
        standing[pair] = replace(before, note=verdict.note)
        if before.ruling is Ruling.NONE and not verdict.note:
            del standing[pair]
    elif verdict.act is Act.CLEAR:
        standing.pop(pair, None)
    elif verdict.act is Act.REVERSE:
        was = _ruling(standing, opposite)
        stand(pair, Ruling.REVERSED)
        if was not in ASSERTED:
            stand(opposite, Ruling.ACCEPTED if was is Ruling.REVERSED else Ruling.ADDED)
    else:
        rulings = {Act.ADD: Ruling.ADDED, Act.ACCEPT: Ruling.ACCEPTED, Act.REJECT: Ruling.REJECTED}
        stand(pair, rulings[verdict.act])
    if _ruling(standing, opposite) is Ruling.REVERSED and _ruling(standing, pair) not in ASSERTED:
        standing[opposite] = replace(standing[opposite], ruling=Ruling.REJECTED)  # nothing is left in its stead


def _check_acyclic(before: Mapping[Pair, Standing], after: Mapping[Pair, Standing], knowledge: Knowledge) -> None:
    """Raises where a newly asserted edge lies on a cycle of asserted and required edges."""
    asserted = {pair for pair, standing in after.items() if standing.ruling in ASSERTED}
    edges = nx.DiGraph([*asserted, *knowledge.required])
    for pair in asserted:
        if _ruling(before, pair) not in ASSERTED and (way := cycle_through(edges, *pair)):
            raise VerdictConflict(
                f"This would close the cycle {way}, and this project wants none; reject one of its edges first."
            )

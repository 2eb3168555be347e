"""Two people, or two tabs, on one project: what both did counts, and where they met somebody is asked.

A tab has *seen* so many entries of the history: those that stood when it was last drawn. Whatever was appended since is
by others. Operations on other pairs than theirs are applied on top of theirs, so both count. One that would overrule
what another has just said is *held* and becomes a *contest*: who said what when, and a choice. The same holds for undo
and redo, which would take back the other's verdict instead of one's own. Whoever wants what stands already is not
asked.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from causalviz.errors import RevisionConflict
from causalviz.graph.verdicts import ASSERTED, DENIED, Act, History, Pair, Ruling, Standing, Verdict
from causalviz.ui.graph_editor import Acked, Applied, Kind, Operation

if TYPE_CHECKING:
    from causalviz.graph.store import Store

TRIES = 8  # how often others may be faster before we give up

WANTED = {  # what an operation would do, after "you wanted to"
    Kind.ADD: "add {edge}",
    Kind.ACCEPT: "accept {edge}",
    Kind.REJECT: "reject {edge}",
    Kind.REVERSE: "reverse {edge}",
    Kind.DELETE: "delete {edge}",
    Kind.NOTE: "write a note on {edge}",
    Kind.RETARGET: "move {edge}",
    Kind.UNDO: "undo the latest verdict",
    Kind.REDO: "redo a verdict",
}
DID = {  # what an entry did, after its author's name
    Act.ADD: "added {edge}",
    Act.ACCEPT: "accepted {edge}",
    Act.REJECT: "rejected {edge}",
    Act.REVERSE: "reversed {edge}",
    Act.CLEAR: "withdrew the verdict on {edge}",
    Act.NOTE: "wrote a note on {edge}",
    Act.RESTORE: "restored the version “{note}”",
    Act.UNDO: "took back the verdict on {edge}",
    Act.REDO: "brought back the verdict on {edge}",
}
AGREES = {Kind.ADD: ASSERTED, Kind.ACCEPT: ASSERTED, Kind.REJECT: DENIED, Kind.DELETE: DENIED}

Outcome = TypeVar("Outcome")


@dataclass(frozen=True, slots=True)
class Contest:
    """An operation that was held, and the entry of another that it would overrule."""

    operation: Operation
    said: Verdict


class Parted(NamedTuple):
    """Operations that may be applied, and those that somebody must decide on; both in their order."""

    free: tuple[Operation, ...]
    held: tuple[Contest, ...]


class Written(NamedTuple):
    """What was applied and is in the store, and what is held."""

    applied: Applied
    held: tuple[Contest, ...]


class Waiting:
    """What waits for a decision, by project and author: a refresh of the page, or another tab, finds it again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[tuple[str, str], tuple[Contest, ...]] = {}

    def of(self, project_id: str, author: str) -> tuple[Contest, ...]:
        """Contests, the oldest first."""
        with self._lock:
            return self._held.get((project_id, author), ())

    def add(self, project_id: str, author: str, held: Iterable[Contest]) -> None:
        """Puts contests behind those that wait already; the same one waits once."""
        with self._lock:
            for contest in held:
                before = self._held.get((project_id, author), ())
                if contest not in before:
                    self._held[project_id, author] = (*before, contest)

    def take(self, project_id: str, author: str, contest: Contest) -> bool:
        """Takes a contest out; returns whether it was still waiting."""
        with self._lock:
            before = self._held.pop((project_id, author), ())
            left = tuple(other for other in before if other != contest)
            if left:
                self._held[project_id, author] = left
            return len(left) < len(before)


def write_operations(
    store: Store,
    project_id: str,
    operations: Iterable[Operation],
    apply: Callable[[History, tuple[Operation, ...]], Applied],
    *,
    seen: int | None,
    acked: Acked | None = None,
    read: Callable[[History], History] = lambda history: history,
) -> Written:
    """Applies operations to the history as it is now and writes it, however many others do the same.

    Args:
        store: Where the history is.
        project_id: Whose.
        operations: What was done, oldest first.
        apply: From a history and operations to the longer history.
        seen: How many entries stood when the operations were done; None where that is not known: nothing is held.
        acked: What the editor may forget once all is written.
        read: From the history as it is written to the one that the operations speak of: with today's names, entry by
            entry.

    Returns:
        What was applied, and what is held.

    Raises:
        RevisionConflict: If others kept being faster.
    """
    told, acked = tuple(operations), acked or Acked()

    def attempt() -> Written:
        history = read(store.history(project_id))
        length = len(history.entries)
        parted = part(told, history, length if seen is None else seen)
        applied = apply(history, parted.free)
        store.append_verdicts(project_id, applied.history, length, client=acked.client, client_seq=acked.seq)
        return Written(applied, parted.held)

    return retried(attempt)


def part(operations: Iterable[Operation], history: History, seen: int) -> Parted:
    """Tells the operations that overrule what others have said since from all others.

    Args:
        operations: What was done, oldest first.
        history: All verdicts.
        seen: How many of them stood when the operations were done.
    """
    told, since = tuple(operations), history.entries[seen:]
    if not since:
        return Parted(told, ())
    before, after = history.first(seen).standing(), history.standing()
    free: list[Operation] = []
    held: list[Contest] = []
    for operation in told:
        if operation.kind in {Kind.UNDO, Kind.REDO}:
            held.append(Contest(operation, since[-1]))
            continue
        met = [pair for pair in _touched(operation) if _overrules(operation.kind, before.get(pair), after.get(pair))]
        if met:
            held.append(Contest(operation, _last_on(met[0], since)))
        else:
            free.append(operation)
    return Parted(tuple(free), tuple(held))


def contest_sentence(contest: Contest, author: str) -> str:
    """Who said what when, and what was wanted; plain text with the names as they are.

    Args:
        contest: What is held.
        author: Who is asked.
    """
    said, operation = contest.said, contest.operation
    who = f"{said.author}, in another tab," if said.author == author else said.author
    did = DID[said.act].format(edge=_arrow((said.cause, said.effect)), note=said.note)
    moment = f"on {said.at[:10]} at {said.at[11:16]} UTC"
    wanted = WANTED[operation.kind].format(edge=_edges(operation))
    return f"{who} {did} {moment}, after this page was drawn; you wanted to {wanted}."


def retried(attempt: Callable[[], Outcome]) -> Outcome:
    """Tries again where somebody else saved in between; the last conflict goes through."""
    for _ in range(TRIES - 1):
        try:
            return attempt()
        except RevisionConflict:
            continue
    return attempt()


def _touched(operation: Operation) -> tuple[Pair, ...]:
    """The pairs on which an operation rules; a reversal rules on both directions."""
    if operation.kind not in WANTED:
        return ()
    turned = tuple((effect, cause) for cause, effect in operation.pairs) if operation.kind is Kind.REVERSE else ()
    return operation.pairs + turned


def _overrules(kind: Kind, before: Standing | None, after: Standing | None) -> bool:
    """Whether others changed what an operation of this kind rules on, to something else than what it wants."""
    said = _says(after, kind)
    return said != _says(before, kind) and said not in AGREES.get(kind, frozenset())


def _says(standing: Standing | None, kind: Kind) -> Ruling | str:
    """What an operation of this kind would overrule: the words for a note, the ruling for all others."""
    if kind is Kind.NOTE:
        return standing.note if standing is not None else ""
    return standing.ruling if standing is not None else Ruling.NONE


def _last_on(pair: Pair, since: tuple[Verdict, ...]) -> Verdict:
    """The latest entry that speaks of a pair in either direction, or of all pairs."""
    either = {pair, pair[::-1]}
    speaking = (entry for entry in reversed(since) if (entry.cause, entry.effect) in either or entry.act is Act.RESTORE)
    return next(speaking, since[-1])


def _edges(operation: Operation) -> str:
    if not operation.pairs:
        return ""
    more = len(operation.pairs) - 1
    behind = f" and {more} more" if more and operation.kind is not Kind.RETARGET else ""
    return _arrow(operation.pairs[0]) + behind


def _arrow(pair: Pair) -> str:
    return f"“{pair[0]}” → “{pair[1]}”"

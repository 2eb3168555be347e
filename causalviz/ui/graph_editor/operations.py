"""What an expert does to the graph in the browser, and what becomes of it.

The browser proposes operations; ``apply_operations`` decides. Editing operations become verdicts, appended to the
history; one that contradicts the history is refused with a sentence and the others still count. An operation on
several edges is one *gesture*: its verdicts carry the same time, and are undone and redone together. Operations on
behaviours (hide, rename, merge, assume, describe) change the project and no verdict; they are checked and handed on.
Moving boxes and selecting change positions and the selection only.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from causalviz.errors import GraphError
from causalviz.graph.verdicts import Act, History, Pair, Ruling, Verdict


class Kind(StrEnum):
    """What is done: to edges, to the history, to the picture, to behaviours."""

    ADD = "add"
    ACCEPT = "accept"
    REJECT = "reject"
    REVERSE = "reverse"
    DELETE = "delete"
    NOTE = "note"
    RETARGET = "retarget"
    UNDO = "undo"
    REDO = "redo"
    SELECT = "select"
    MOVE = "move"
    HIDE = "hide"
    RENAME = "rename"
    MERGE = "merge"
    ASSUME = "assume"
    DESCRIBE = "describe"


EDITS = {
    Kind.ADD: Act.ADD,
    Kind.ACCEPT: Act.ACCEPT,
    Kind.REJECT: Act.REJECT,
    Kind.REVERSE: Act.REVERSE,
    Kind.NOTE: Act.NOTE,
}
ON_EDGES = frozenset({*EDITS, Kind.DELETE})
LEAST_NAMES = {Kind.HIDE: 1, Kind.RENAME: 1, Kind.MERGE: 2, Kind.ASSUME: 0, Kind.DESCRIBE: 1}  # of behaviours
WITH_A_NAME = frozenset({Kind.RENAME, Kind.MERGE, Kind.ASSUME})
MAX_NEW_NAME = 200  # characters


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing done by hand.

    Attributes:
        kind: What is done.
        names: Edges one after the other (cause, effect, cause, effect, …); for RETARGET the old edge and the new one;
            for SELECT (cause, effect), (behaviour,) or nothing; behaviours for HIDE, RENAME, MERGE and DESCRIBE.
        places: (behaviour, x, y) in px: new places of a MOVE, or where an assumed behaviour is to stand.
        note: Words on the edges or the behaviour; the new name for RENAME, MERGE and ASSUME.
        seq: Number that its browser gave it, counting from 1; 0 where it came from a button of the page.

    Raises:
        ValueError: If the parts do not fit the kind.
    """

    kind: Kind
    names: tuple[str, ...] = ()
    places: tuple[tuple[str, float, float], ...] = ()
    note: str = ""
    seq: int = 0

    def __post_init__(self) -> None:
        if self.kind in ON_EDGES and (len(self.names) < 2 or len(self.names) % 2):
            raise ValueError(f"{self.kind.value} needs a cause and an effect (got {self.names!r})")
        if self.kind is Kind.RETARGET and len(self.names) != 4:
            raise ValueError(f"an edge and its new ends are four names (got {self.names!r})")
        if self.kind is Kind.SELECT and len(self.names) > 2:
            raise ValueError(f"at most one edge can be selected (got {self.names!r})")
        if len(self.names) < LEAST_NAMES.get(self.kind, 0):
            raise ValueError(f"{self.kind.value} needs {LEAST_NAMES[self.kind]} behaviours (got {self.names!r})")
        if self.kind in WITH_A_NAME and not 0 < len(self.note.strip()) <= MAX_NEW_NAME:
            raise ValueError(f"a new name has 1 to {MAX_NEW_NAME} characters (got {len(self.note.strip())})")
        if not all(math.isfinite(x) and math.isfinite(y) for _, x, y in self.places):
            raise ValueError(f"positions must be finite (got {self.places!r})")

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """The edges that the names list."""
        return tuple(zip(self.names[::2], self.names[1::2], strict=True))


class Applied(NamedTuple):
    """The outcome of some operations; ``selected`` is unchanged where none of them selected anything.

    ``edits`` are the operations on behaviours, in their order, for whoever keeps the project.
    """

    history: History
    messages: tuple[str, ...]
    moved: Mapping[str, tuple[float, float]]
    selected: tuple[str, ...]
    edits: tuple[Operation, ...] = ()


@dataclass
class _Desk:
    """Running state while a batch is applied."""

    history: History
    selected: tuple[str, ...]
    suggested: Collection[Pair]
    messages: list[str] = field(default_factory=list)
    moved: dict[str, tuple[float, float]] = field(default_factory=dict)
    edits: list[Operation] = field(default_factory=list)


def apply_operations(
    history: History,
    operations: Iterable[Operation],
    *,
    behaviours: Iterable[str],
    author: str,
    at: str,
    selected: tuple[str, ...] = (),
    suggested: Collection[Pair] = (),
) -> Applied:
    """Applies operations in their order; the headless twin of the editor.

    Args:
        history: The verdicts so far.
        operations: What was done, oldest first.
        behaviours: The names that the graph has; anything else is refused.
        author: Who did it.
        at: When, ISO 8601 in UTC; each further operation counts as a microsecond later.
        selected: What was selected before.
        suggested: Pairs that are drawn because the data suggest them: adding one accepts it, and deleting one
            rejects it, because withdrawing a verdict would leave it where it is.

    Returns:
        The longer history, one sentence per refused operation, the moved boxes, the selection, and the operations
        on behaviours.
    """
    known = set(behaviours)
    desk = _Desk(history, selected, suggested)
    for number, operation in enumerate(operations):
        strangers = [name for name in _named(operation) if name not in known]
        if strangers:
            desk.messages.append(f"“{strangers[0]}” is not a behaviour of this graph; nothing was changed.")
            continue
        if operation.kind is Kind.ASSUME:
            known.add(operation.note.strip())
        try:
            _apply(desk, operation, author, _moment(at, number))
        except GraphError as refusal:
            desk.messages.append(str(refusal))
    return Applied(desk.history, tuple(desk.messages), desk.moved, desk.selected, tuple(desk.edits))


def _moment(at: str, number: int) -> str:
    """A time of its own for each operation, so that what one gesture did is told from what the next one did."""
    return at if number == 0 else (datetime.fromisoformat(at) + timedelta(microseconds=number)).isoformat()


def _named(operation: Operation) -> tuple[str, ...]:
    placed = () if operation.kind is Kind.ASSUME else tuple(name for name, _, _ in operation.places)
    return operation.names + placed


def _apply(desk: _Desk, operation: Operation, author: str, at: str) -> None:
    kind = operation.kind
    if kind is Kind.MOVE:
        desk.moved.update({name: (x, y) for name, x, y in operation.places})
    elif kind is Kind.SELECT:
        desk.selected = operation.names
    elif kind in {Kind.UNDO, Kind.REDO}:
        desk.history = _undone(desk.history, author, at) if kind is Kind.UNDO else _redone(desk.history, author, at)
        last = desk.history.entries[-1]
        desk.selected = (last.cause, last.effect) if last.cause else ()
    elif kind in LEAST_NAMES:
        desk.edits.append(operation)
        desk.moved.update({name: (x, y) for name, x, y in operation.places})
    elif kind is Kind.RETARGET:
        _retarget(desk, operation, author, at)
    else:
        _rule(desk, operation, author, at)


def _rule(desk: _Desk, operation: Operation, author: str, at: str) -> None:
    """One verdict per edge; of several edges, those that contradict the history are left as they are."""
    refusals: list[GraphError] = []
    for cause, effect in operation.pairs:
        verdict = Verdict(_act(desk, operation.kind, cause, effect), cause, effect, author, at, operation.note)
        try:
            desk.history = desk.history.append(verdict)
        except GraphError as refusal:
            refusals.append(refusal)
    if len(refusals) == len(operation.pairs):
        raise refusals[0]
    if len(operation.pairs) == 1:
        desk.selected = _selection_after(operation.kind, *operation.pairs[0])


def _retarget(desk: _Desk, operation: Operation, author: str, at: str) -> None:
    """The old edge goes and the new one comes, or neither."""
    old, new = operation.pairs
    if old == new:
        return
    standing = desk.history.standing().get(old)
    history = desk.history
    if standing is None or standing.ruling not in {Ruling.REJECTED, Ruling.REVERSED}:
        history = history.append(Verdict(_act(desk, Kind.DELETE, *old), *old, author, at, operation.note))
    asserted = history.standing().get(new)
    if asserted is None or asserted.ruling not in {Ruling.ACCEPTED, Ruling.ADDED}:
        history = history.append(Verdict(_act(desk, Kind.ADD, *new), *new, author, at, operation.note))
    desk.history, desk.selected = history, new


def _undone(history: History, author: str, at: str) -> History:
    """Takes back the latest gesture: the verdicts that its author gave at the same time."""
    last = history.latest
    history = history.undo(author, at)
    while last is not None and history.latest is not None and _same_gesture(history.latest, last):
        history = history.undo(author, at)
    return history


def _redone(history: History, author: str, at: str) -> History:
    """Brings back the latest undone gesture."""
    next_ = history.latest_undone
    history = history.redo(author, at)
    while next_ is not None and history.latest_undone is not None and _same_gesture(history.latest_undone, next_):
        history = history.redo(author, at)
    return history


def _same_gesture(one: Verdict, other: Verdict) -> bool:
    return (one.author, one.at) == (other.author, other.at)


def _act(desk: _Desk, kind: Kind, cause: str, effect: str) -> Act:
    """The verdict that an edit means: deleting takes back what an expert added, and rejects what the data suggest."""
    standing = desk.history.standing().get((cause, effect))
    ruling = standing.ruling if standing is not None else Ruling.NONE
    suggested = (cause, effect) in desk.suggested
    if kind is Kind.DELETE:
        return Act.CLEAR if ruling is Ruling.ADDED and not suggested else Act.REJECT
    if kind is Kind.ADD and ruling is Ruling.NONE and suggested:
        return Act.ACCEPT
    return EDITS[kind]


def _selection_after(kind: Kind, cause: str, effect: str) -> tuple[str, ...]:
    if kind is Kind.REVERSE:
        return (effect, cause)
    return () if kind is Kind.DELETE else (cause, effect)

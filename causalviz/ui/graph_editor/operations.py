"""What an expert does to the graph in the browser, and what becomes of it.

The browser proposes operations; ``apply_operations`` decides. Editing operations become verdicts, appended to
the history one by one; one that contradicts the history is refused with a sentence and the others still
count. Moving boxes and selecting are no verdicts: they change positions and the selection only.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from causalviz.errors import GraphError
from causalviz.graph.verdicts import Act, History, Ruling, Verdict


class Kind(StrEnum):
    """What is done; the first six name an edge (cause, effect)."""

    ADD = "add"
    ACCEPT = "accept"
    REJECT = "reject"
    REVERSE = "reverse"
    DELETE = "delete"
    NOTE = "note"
    UNDO = "undo"
    REDO = "redo"
    SELECT = "select"
    MOVE = "move"


EDITS = {
    Kind.ADD: Act.ADD,
    Kind.ACCEPT: Act.ACCEPT,
    Kind.REJECT: Act.REJECT,
    Kind.REVERSE: Act.REVERSE,
    Kind.NOTE: Act.NOTE,
}


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing done by hand.

    Attributes:
        kind: What is done.
        names: (cause, effect) of the edge, or what is selected: (cause, effect), (behaviour,) or nothing.
        places: For a move, the new (behaviour, x, y) in px.
        note: Words on the edge.
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
        on_edge = self.kind in EDITS or self.kind is Kind.DELETE
        if on_edge and len(self.names) != 2:
            raise ValueError(f"{self.kind.value} needs a cause and an effect (got {self.names!r})")
        if len(self.names) > 2:
            raise ValueError(f"at most one edge can be selected (got {self.names!r})")
        if not all(math.isfinite(x) and math.isfinite(y) for _, x, y in self.places):
            raise ValueError(f"positions must be finite (got {self.places!r})")


class Applied(NamedTuple):
    """The outcome of some operations; ``selected`` is unchanged where none of them selected anything."""

    history: History
    messages: tuple[str, ...]
    moved: Mapping[str, tuple[float, float]]
    selected: tuple[str, ...]


@dataclass
class _Desk:
    """Running state while a batch is applied."""

    history: History
    selected: tuple[str, ...]
    suggested: Collection[tuple[str, str]]
    messages: list[str] = field(default_factory=list)
    moved: dict[str, tuple[float, float]] = field(default_factory=dict)


def apply_operations(
    history: History,
    operations: Iterable[Operation],
    *,
    behaviours: Iterable[str],
    author: str,
    at: str,
    selected: tuple[str, ...] = (),
    suggested: Collection[tuple[str, str]] = (),
) -> Applied:
    """Applies operations in their order; the headless twin of the editor.

    Args:
        history: The verdicts so far.
        operations: What was done, oldest first.
        behaviours: The names that the graph has; anything else is refused.
        author: Who did it.
        at: When, ISO 8601 in UTC.
        selected: What was selected before.
        suggested: Pairs that are drawn because the data suggest them: adding one accepts it, and deleting one
            rejects it, because withdrawing a verdict would leave it where it is.

    Returns:
        The longer history, one sentence per refused operation, the moved boxes and the selection.
    """
    known = frozenset(behaviours)
    desk = _Desk(history, selected, suggested)
    for operation in operations:
        strangers = [name for name in _named(operation) if name not in known]
        if strangers:
            desk.messages.append(f"“{strangers[0]}” is not a behaviour of this graph; nothing was changed.")
            continue
        try:
            _apply(desk, operation, author, at)
        except GraphError as refusal:
            desk.messages.append(str(refusal))
    return Applied(desk.history, tuple(desk.messages), desk.moved, desk.selected)


def _named(operation: Operation) -> tuple[str, ...]:
    return operation.names + tuple(name for name, _, _ in operation.places)


def _apply(desk: _Desk, operation: Operation, author: str, at: str) -> None:
    kind = operation.kind
    if kind is Kind.MOVE:
        desk.moved.update({name: (x, y) for name, x, y in operation.places})
    elif kind is Kind.SELECT:
        desk.selected = operation.names
    elif kind in {Kind.UNDO, Kind.REDO}:
        desk.history = desk.history.undo(author, at) if kind is Kind.UNDO else desk.history.redo(author, at)
        desk.selected = desk.history.entries[-1].cause, desk.history.entries[-1].effect
    else:
        cause, effect = operation.names
        act = _act(desk, kind, cause, effect)
        verdict = Verdict(act, cause, effect, author, at, operation.note)
        desk.history = desk.history.append(verdict)
        desk.selected = _selection_after(kind, cause, effect)


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

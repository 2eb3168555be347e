"""The wire between the editor in the browser and Python.

Upwards goes the *outbox*, one persistent value ``{client, revision, ops}``. It holds every operation that
Python has not acknowledged yet, so an operation may be seen many times and must be applied once: those with a
number above the acknowledged one. Downwards goes the drawing, whole or as changes against the *revision* (a
content hash) that the browser said it holds, because a graph of thousands of edges is a megabyte.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from causalviz.ui.graph_editor.operations import Kind, Operation

KEPT_REVISIONS = 8  # documents that a browser may still be on; an older one gets the whole drawing again
MAX_ITEMS = 10_000  # operations of an outbox, or boxes of a move
MAX_NAME = 10_000  # characters
MAX_CLIENT = 64  # characters, as wide as the store's column
MAX_PX = 1e6
END_OF_SEQ = 2**53  # beyond it a browser cannot count
_SURROGATE = re.compile("[\ud800-\udfff]")

Document = Mapping[str, Any]


class Acked(NamedTuple):
    """Up to which number a client's operations have been applied."""

    client: str = ""
    seq: int = 0


@dataclass(frozen=True)
class EditorAnswer:
    """What the browser sent.

    Attributes:
        client: Random name of one mounted editor; its numbers start at 1.
        revision: The drawing that it holds, or None.
        operations: All that it has not yet seen acknowledged, oldest first.
    """

    client: str = ""
    revision: str | None = None
    operations: tuple[Operation, ...] = ()

    def since(self, acked: Acked) -> tuple[Operation, ...]:
        """The operations that have not been applied yet."""
        applied = acked.seq if acked.client == self.client else 0
        return tuple(operation for operation in self.operations if operation.seq > applied)

    def acknowledge(self, acked: Acked) -> Acked:
        """What is acknowledged once all of them have been applied."""
        if not self.client:
            return acked
        before = acked.seq if acked.client == self.client else 0
        return Acked(self.client, max([before, *(operation.seq for operation in self.operations)]))


def read_answer(outbox: object) -> EditorAnswer:
    """Reads the outbox as the browser published it.

    Args:
        outbox: The component's state value; None before the browser has said anything.

    Raises:
        ValueError: If it is not of the agreed form.
    """
    if outbox is None:
        return EditorAnswer()
    try:
        return _answer(outbox)
    except (KeyError, TypeError, AttributeError, OverflowError) as broken:
        raise ValueError(f"the editor's outbox breaks its own form (got {type(broken).__name__}: {broken})") from broken


def _answer(outbox: Any) -> EditorAnswer:
    client, revision, items = outbox["client"], outbox.get("revision"), _list(outbox["ops"], MAX_ITEMS)
    if not (isinstance(client, str) and 0 < len(client) <= MAX_CLIENT and client.isascii() and client.isprintable()):
        raise ValueError(
            f"the editor's name must be 1 to {MAX_CLIENT} printable ASCII characters (got {_short(client)})"
        )
    if revision is not None and not isinstance(revision, str):
        raise ValueError(f"the editor's revision must be a text or null (got {_short(revision)})")
    return EditorAnswer(client, revision, tuple(_operation(dict(item)) for item in items))


def _operation(item: Mapping[str, Any]) -> Operation:
    return Operation(
        kind=Kind(_name(item["kind"])),
        names=tuple(_name(name) for name in _list(item.get("names", ()), MAX_ITEMS)),
        places=tuple((_name(name), _px(x), _px(y)) for name, x, y in _list(item.get("places", ()), MAX_ITEMS)),
        note=_name(item.get("note", "")),
        seq=_seq(item["seq"]),
    )


def _list(value: object, at_most: int) -> Sequence[Any]:
    if not isinstance(value, list | tuple) or len(value) > at_most:
        raise ValueError(f"the editor must send lists of at most {at_most} items (got {_short(value)})")
    return value


def _name(value: object) -> str:
    if not isinstance(value, str) or len(value) > MAX_NAME or _SURROGATE.search(value):
        raise ValueError(f"names must be whole texts of at most {MAX_NAME} characters (got {_short(value)})")
    return value


def _seq(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < END_OF_SEQ:
        raise ValueError(f"operations must be numbered from 1 and below 2**53 (got {_short(value)})")
    return value


def _px(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) < MAX_PX:
        raise ValueError(f"positions must be numbers below {MAX_PX:.0f} px in size (got {_short(value)})")
    return float(value)


def _short(value: object) -> str:
    """What is wrong, in a log's line: what browsers send may be a megabyte, or a number too long to write out."""
    if isinstance(value, str):
        return f"{value[:40]!a}, {len(value)} characters"
    if isinstance(value, list | tuple):
        return f"{len(value)} items"
    return f"{value:.6g}" if isinstance(value, float) else f"a value of type {type(value).__name__}"


def revision_of(document: Document) -> str:
    """Content hash of a drawing."""
    text = json.dumps(document, sort_keys=True, default=dict)
    return hashlib.blake2b(text.encode(), digest_size=9).hexdigest()


def remember(known: Mapping[str, Document], document: Document) -> dict[str, Document]:
    """The known drawings with one more, as the newest; the oldest fall out."""
    revision = revision_of(document)
    others = {key: value for key, value in known.items() if key != revision}
    return dict(list({**others, revision: document}.items())[-KEPT_REVISIONS:])


def message(known: Mapping[str, Document], held: str | None) -> dict[str, Any]:
    """What to send so that a browser comes to show the newest drawing.

    Args:
        known: Drawings by revision, the newest last, with ``nodes`` and ``edges`` as lists of items that have an
            ``id``.
        held: The revision that the browser says it holds, or None.

    Returns:
        ``revision``; ``base``, the revision on which ``document`` builds, or None where it is whole.
    """
    revision = list(known)[-1]
    newest = known[revision]
    if held is None or held not in known:
        return {"revision": revision, "base": None, "document": newest}
    return {"revision": revision, "base": held, "document": changes(known[held], newest)}


def changes(before: Document, after: Document) -> dict[str, Any]:
    """What turns one drawing into another: changed fields, new or changed items, removed ids."""
    lists = ("nodes", "edges")
    fields = {key: value for key, value in after.items() if key not in lists and before.get(key) != value}
    return {"fields": fields, **{key: _changed_items(before[key], after[key]) for key in lists}}


def _changed_items(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    old = {item["id"]: item for item in before}
    new = {item["id"]: item for item in after}
    return {
        "items": [item for key, item in new.items() if old.get(key) != item],
        "removed": [key for key in old if key not in new],
    }

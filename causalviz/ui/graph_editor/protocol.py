"""The wire between the editor in the browser and Python.

Upwards goes the *outbox*, one persistent value ``{client, revision, ops}``. It holds every operation that
Python has not acknowledged yet, so an operation may be seen many times and must be applied once: those with a
number above the acknowledged one. Downwards goes the drawing, whole or as changes against the *revision* (a
content hash) that the browser said it holds, because a graph of thousands of edges is a megabyte.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from causalviz.ui.graph_editor.operations import Kind, Operation

KEPT_REVISIONS = 8  # documents that a browser may still be on; an older one gets the whole drawing again

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
    except (KeyError, TypeError, AttributeError) as broken:
        raise ValueError(f"the editor's outbox breaks its own form (got {outbox!r:.200})") from broken


def _answer(outbox: Any) -> EditorAnswer:
    operations = tuple(_operation(dict(item)) for item in outbox["ops"])
    return EditorAnswer(str(outbox["client"]), outbox.get("revision"), operations)


def _operation(item: Mapping[str, Any]) -> Operation:
    return Operation(
        kind=Kind(item["kind"]),
        names=tuple(str(name) for name in item.get("names", ())),
        places=tuple((str(name), float(x), float(y)) for name, x, y in item.get("places", ())),
        seq=int(item["seq"]),
    )


def revision_of(document: Document) -> str:
    """Content hash of a drawing."""
    text = json.dumps(document, sort_keys=True, default=dict)
    return hashlib.blake2b(text.encode(), digest_size=9).hexdigest()


def remember(known: Mapping[str, Document], document: Document) -> dict[str, Document]:
    """The known drawings with one more, as the newest; the oldest fall out."""
    revision = revision_of(document)
    others = {key: value for key, value in known.items() if key != revision}
    return dict(list({**others, revision: document}.items())[-KEPT_REVISIONS:])


def message(document: Document, held: str | None, known: Mapping[str, Document]) -> dict[str, Any]:
    """What to send so that a browser comes to show ``document``.

    Args:
        document: The drawing, with ``nodes`` and ``edges`` as lists of items that have an ``id``.
        held: The revision that the browser says it holds, or None.
        known: Drawings by revision.

    Returns:
        ``revision``; ``base``, the revision on which ``document`` builds, or None where it is whole.
    """
    revision = revision_of(document)
    if held is None or held not in known:
        return {"revision": revision, "base": None, "document": document}
    return {"revision": revision, "base": held, "document": changes(known[held], document)}


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

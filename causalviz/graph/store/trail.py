"""The audit trail: everything that was ever said about a project's edges or done to it as a whole, in order of time."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from causalviz.graph.formulas import disarmed
from causalviz.graph.store.records import Deed
from causalviz.graph.verdicts import Act, History

COLUMNS = ("when", "who", "what", "cause", "effect", "subject", "note")


class TrailEntry(NamedTuple):
    """One line of the trail.

    Attributes:
        at: When, ISO 8601.
        author: Who; empty where nobody said.
        what: The verdict's act or the deed's kind.
        cause: Of the edge; empty for what was done to the project as a whole.
        effect: Of the same edge.
        subject: The project's or version's name; empty for verdicts on edges.
        note: The author's words, or anything else.
    """

    at: str
    author: str
    what: str
    cause: str
    effect: str
    subject: str
    note: str


def trail_of(history: History, deeds: Iterable[Deed]) -> tuple[TrailEntry, ...]:
    """Puts verdicts and deeds into one order, the latest first; those of one moment in the order of their writing.

    A restored version is there once: as the deed, which is written in any case.
    """
    said = [
        TrailEntry(entry.at, entry.author, entry.act.value, entry.cause, entry.effect, "", entry.note)
        for entry in history.entries
        if entry.act is not Act.RESTORE
    ]
    done = [TrailEntry(deed.at, deed.author, deed.kind.value, "", "", deed.subject, deed.note) for deed in deeds]
    earliest_first = sorted([*done, *said], key=_moment)
    return tuple(earliest_first[::-1])


def narrowed_trail(
    trail: Iterable[TrailEntry], author: str | None = None, behaviour: str | None = None
) -> tuple[TrailEntry, ...]:
    """The lines of one author, and those that speak of one behaviour; None lets all through."""
    return tuple(
        entry
        for entry in trail
        if (author is None or entry.author == author)
        and (behaviour is None or behaviour in (entry.cause, entry.effect))
    )


def write_trail_csv(trail: Iterable[TrailEntry]) -> str:
    """The trail as CSV; cells that a spreadsheet would take for a formula get an apostrophe in front."""
    out = io.StringIO(newline="")
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(COLUMNS)
    table.writerows([disarmed(text) for text in entry] for entry in trail)
    return out.getvalue()


def _moment(entry: TrailEntry) -> datetime:
    """When; a time without a zone is taken for UTC."""
    at = datetime.fromisoformat(entry.at)
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)

"""The account of a reading: what a file was, what was kept, what was dropped and why."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Final

from causalviz.events.mapping import Roles

BROKEN_ROW: Final = "a broken row"  # all rows that are not well formed count under it


@dataclass(frozen=True)
class OffendingRow:
    """A row that was dropped.

    Attributes:
        row: Its number in the file as an editor shows it.
        column: In which the fault is.
        value: What stands there.
        reason: What is wrong with it.
    """

    row: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True)
class ReadReport:
    """What happened when a file was read.

    Attributes:
        file: Its name.
        format: In words.
        rows: In the file.
        events: Kept.
        dropped: How many rows were dropped, by reason.
        first_offending: The first of them.
        duplicates: Kept events that repeat another's user, time, behaviour and item.
        out_of_order: Events that stood after a later one of the same user; sorting mended them.
        time_unit: How the time column was read, in words.
        roles: Which column played which role.
        furthest_back_s: How much later the later one was at most, seconds.
        time_doubts: What had to be assumed to read the times, a sentence each.
    """

    file: str
    format: str
    rows: int
    events: int
    dropped: dict[str, int]
    first_offending: tuple[OffendingRow, ...]
    duplicates: int
    out_of_order: int
    time_unit: str
    roles: Roles
    furthest_back_s: float = 0.0
    time_doubts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "time_doubts", tuple(self.time_doubts))  # JSON has lists

    @property
    def fingerprint(self) -> str:
        """Equal for equal accounts."""
        return hashlib.blake2b(self.to_json().encode(), digest_size=8).hexdigest()

    def to_json(self) -> str:
        """As text that ``from_json`` reads."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_json(cls, text: str) -> ReadReport:
        """Reads what ``to_json`` wrote."""
        told = json.loads(text)
        rows = tuple(OffendingRow(**row) for row in told["first_offending"])
        return cls(**{**told, "first_offending": rows, "roles": Roles(**told["roles"])})

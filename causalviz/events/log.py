"""The event log: who did what, when.

A log holds the M events of U users over K behaviours as three parallel columns, sorted by (user, time),
so that one user's *history* is one slice. Time is counted in whole milliseconds (``TICKS_PER_S`` ticks a
second), because integers make every count that follows exact and additive.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from causalviz.errors import UnusableLog

TICKS_PER_S = 1000


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One node of the graph: an event type, or an event type done to an item (or category).

    Attributes:
        name: What is shown; unique in its log ("view A").
        kind: The event type ("view").
        item: The item or category ("A"), or None where the type alone is the behaviour.
    """

    name: str
    kind: str
    item: str | None = None


class Batch(NamedTuple):
    """Whole users' events: ``user`` int32, ``time`` int64 ticks, ``behaviour`` int32, each (m,)."""

    user: NDArray[np.int32]
    time: NDArray[np.int64]
    behaviour: NDArray[np.int32]


class Histories(Protocol):
    """Whole users' events over K behaviours, wherever they lie: an ``EventLog`` in memory, or a prepared file."""

    @property
    def behaviours(self) -> tuple[Behaviour, ...]: ...
    @property
    def user_names(self) -> tuple[str, ...]: ...
    @property
    def names(self) -> tuple[str, ...]: ...
    @property
    def n_events(self) -> int: ...
    @property
    def n_users(self) -> int: ...
    @property
    def n_behaviours(self) -> int: ...
    @property
    def sizes(self) -> NDArray[np.int64]: ...
    @property
    def fingerprint(self) -> str: ...
    def batches(self) -> Iterator[Batch]: ...
    def take_users(self, users: NDArray[np.intp]) -> EventLog: ...


class Named:
    """What has behaviours has their names."""

    behaviours: tuple[Behaviour, ...]

    @property
    def n_behaviours(self) -> int:
        """K."""
        return len(self.behaviours)

    @property
    def names(self) -> tuple[str, ...]:
        """The K behaviour names, in code order."""
        return tuple(behaviour.name for behaviour in self.behaviours)


@dataclass(frozen=True, eq=False)
class EventLog(Named):
    """M events of U users over K behaviours, sorted by (user, time, behaviour).

    Attributes:
        user: (M,) int32, codes 0..U-1, nondecreasing.
        time: (M,) int64, ticks since 1970-01-01 UTC (or since the log's own zero), nondecreasing per user.
        behaviour: (M,) int32, codes 0..K-1 into ``behaviours``.
        behaviours: The K behaviours, names unique.
        user_names: The U user ids as text.

    Raises:
        UnusableLog: If there are no events.
        ValueError: If the columns differ in length, are unsorted, or hold codes out of range.
    """

    user: NDArray[np.int32]
    time: NDArray[np.int64]
    behaviour: NDArray[np.int32]
    behaviours: tuple[Behaviour, ...]
    user_names: tuple[str, ...]

    def __post_init__(self) -> None:
        for field, dtype in (("user", np.int32), ("time", np.int64), ("behaviour", np.int32)):
            column = np.ascontiguousarray(getattr(self, field), dtype=dtype)
            if column.ndim != 1:
                raise ValueError(f"{field} must be one-dimensional (got shape {column.shape})")
            column = column.view()
            column.flags.writeable = False
            object.__setattr__(self, field, column)
        if not len(self.user) == len(self.time) == len(self.behaviour):
            raise ValueError(
                f"columns differ in length (got {len(self.user)}, {len(self.time)}, {len(self.behaviour)})"
            )
        if len(self.user) == 0:
            raise UnusableLog("The log has no events; choose a file with at least two behaviours.")
        if len({behaviour.name for behaviour in self.behaviours}) != len(self.behaviours):
            raise ValueError("behaviour names must be unique")
        step = np.diff(self.user)
        if step.min(initial=0) < 0 or np.any((step == 0) & (np.diff(self.time) < 0)):
            raise ValueError("events must be sorted by (user, time)")
        if self.user[0] < 0 or self.user[-1] >= self.n_users:
            raise ValueError("user codes must lie in 0..U-1")
        if self.behaviour.min() < 0 or self.behaviour.max() >= self.n_behaviours:
            raise ValueError("behaviour codes must lie in 0..K-1")

    @classmethod
    def from_columns(
        cls,
        user: NDArray[np.int32],
        time: NDArray[np.int64],
        behaviour: NDArray[np.int32],
        behaviours: Sequence[Behaviour | str],
        user_names: Sequence[str] | None = None,
    ) -> EventLog:
        """Sorts unsorted columns into a log; plain strings become behaviours without an item."""
        order = np.lexsort((behaviour, time, user))
        named = tuple(b if isinstance(b, Behaviour) else Behaviour(b, b) for b in behaviours)
        if user_names is None:
            user_names = [str(code) for code in range(int(np.max(user, initial=-1)) + 1)]
        return cls(user[order], time[order], behaviour[order], named, tuple(user_names))

    @property
    def n_events(self) -> int:
        return len(self.user)

    @property
    def n_users(self) -> int:
        return len(self.user_names)

    @cached_property
    def offsets(self) -> NDArray[np.int64]:
        """(U+1,) int64: user u's history is the slice ``offsets[u]:offsets[u + 1]``."""
        return np.searchsorted(self.user, np.arange(self.n_users + 1)).astype(np.int64)

    @property
    def sizes(self) -> NDArray[np.int64]:
        """(U,) int64: events of each user."""
        return np.diff(self.offsets)

    @cached_property
    def fingerprint(self) -> str:
        """Hex digest of the content; equal for equal logs, whatever file they came from."""
        digest = hashlib.blake2b(names_bytes(self.behaviours, self.user_names), digest_size=16)
        for column in (self.user, self.time, self.behaviour):
            digest.update(column.data)
        return digest.hexdigest()

    def batches(self, max_events: int = 1_000_000) -> Iterator[Batch]:
        """Yields whole users' events, about ``max_events`` at a time (one larger history stays whole)."""
        for users in cut_users(self.offsets, max_events):
            rows = slice(self.offsets[users.start], self.offsets[users.stop])
            yield Batch(self.user[rows], self.time[rows], self.behaviour[rows])

    def take_users(self, users: NDArray[np.intp]) -> EventLog:
        """The log of some users only, recoded 0..len(users)-1 in the given order; behaviours unchanged.

        A user may be named more than once (resampling with replacement).
        """
        pieces = [np.arange(self.offsets[u], self.offsets[u + 1]) for u in users]
        index = np.concatenate(pieces) if pieces else np.empty(0, dtype=np.int64)
        codes = np.repeat(np.arange(len(users), dtype=np.int32), [len(piece) for piece in pieces])
        return EventLog(
            codes,
            self.time[index],
            self.behaviour[index],
            self.behaviours,
            tuple(self.user_names[u] for u in users),
        )

    def take_events(self, kept: NDArray[np.bool_]) -> EventLog:
        """The log of the events where ``kept`` (M,) is True, with all users and behaviours.

        Raises:
            UnusableLog: If there are none.
        """
        return EventLog(self.user[kept], self.time[kept], self.behaviour[kept], self.behaviours, self.user_names)


def cut_users(offsets: NDArray[np.int64], max_events: int) -> Iterator[slice]:
    """Slices of users with about ``max_events`` events (one larger history stays whole), none without events.

    Args:
        offsets: (U + 1,) where each user's events begin.
        max_events: Of a slice.
    """
    start = 0
    while start < len(offsets) - 1:
        stop = max(start + 1, int(np.searchsorted(offsets, offsets[start] + max_events, side="right")) - 1)
        if offsets[stop] > offsets[start]:
            yield slice(start, stop)
        start = stop


def names_bytes(behaviours: Sequence[Behaviour], user_names: Sequence[str]) -> bytes:
    """What a log's fingerprint begins with, before its columns."""
    told = "".join(repr((behaviour.name, behaviour.kind, behaviour.item)) for behaviour in behaviours)
    return (told + "\x1f".join(user_names)).encode()

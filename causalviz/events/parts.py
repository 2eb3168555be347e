"""Parts: rows go out to files of their own, so that all rows of a user come back together.

A part holds neighbouring users, about ``PART_EVENTS`` events of them. Each row bears its number in the log, because an
engine with several threads does not always pass the rows on as they stand, and what stood out of order is to be told.
One part at a time comes back into memory and is sorted there; how large the log is does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from causalviz.events.sorting import count_backwards, count_repeats, order_by_user, sort_histories

Ints = NDArray[np.int64]

PART_EVENTS: Final = 2_000_000
MOST_PARTS: Final = 200  # files that are open at once; of larger logs the parts are larger
ROW: Final = np.dtype([("row", "<i8"), ("user", "<i4"), ("time", "<i8"), ("kind", "<i8")])


class Part(NamedTuple):
    """Whole users' events, sorted by (user, time, kind).

    Attributes:
        first: Code of the first user.
        offsets: (u + 1,) where the events of each begin.
        time: (m,) ticks.
        kind: (m,).
        backwards: How many stood after a later one of their user.
        furthest: By how many ticks at most.
        repeats: How many repeat the one before.
    """

    first: int
    offsets: Ints
    time: Ints
    kind: Ints
    backwards: int
    furthest: int
    repeats: int


class Parts:
    """Open files that take rows and give them back sorted.

    Args:
        folder: For the files; is made.
        events: (U,) about how many events each user has.
    """

    def __init__(self, folder: Path, events: Ints) -> None:
        size = max(PART_EVENTS, int(events.sum()) // MOST_PARTS + 1)
        self._part_of = (np.maximum(np.cumsum(events) - 1, 0) // size).astype(np.int16)  # (U,) nondecreasing
        self._part_of = np.unique(self._part_of, return_inverse=True)[1].astype(np.int16)  # a bot may fill several
        self._ends = np.searchsorted(self._part_of, np.arange(self._part_of[-1] + 2))  # first user of each part, and U
        folder.mkdir()
        self._paths = [folder / f"part-{k:05d}" for k in range(len(self._ends) - 1)]
        self._files: list[BinaryIO] = [path.open("wb") for path in self._paths]
        self.events = np.zeros(len(events), dtype=np.int64)

    def __enter__(self) -> Parts:
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._files:
            file.close()

    def add(self, row: Ints, user: NDArray[np.int32], time: Ints, kind: Ints) -> None:
        """Takes some rows, each column (n,)."""
        part = self._part_of[user]
        order = np.argsort(part, kind="stable")
        rows = np.zeros(len(user), ROW)
        rows["row"], rows["user"], rows["time"], rows["kind"] = row[order], user[order], time[order], kind[order]
        cuts = np.searchsorted(part[order], np.arange(len(self._files) + 1))
        for file, low, high in zip(self._files, cuts[:-1], cuts[1:], strict=True):
            if high > low:
                file.write(rows[low:high].data)
        self.events += np.bincount(user, minlength=len(self.events))

    def kinds(self) -> Iterator[Ints]:
        """The kinds of all rows, part by part, unsorted."""
        for path in self._written():
            yield np.ascontiguousarray(np.fromfile(path, ROW)["kind"])

    def sorted(self) -> Iterator[Part]:
        """The parts in order; the file of each is gone afterwards."""
        for path, first, end in zip(self._written(), self._ends[:-1], self._ends[1:], strict=True):
            rows = np.fromfile(path, ROW)
            path.unlink()
            if len(rows):
                yield _sorted(rows, int(first), self.events[first:end])

    def _written(self) -> list[Path]:
        for file in self._files:
            file.flush()
        return self._paths


def _sorted(rows: NDArray[np.void], first: int, events: Ints) -> Part:
    offsets = np.concatenate([[0], np.cumsum(events)])
    order = order_by_user(rows["user"] - np.int32(first), offsets)
    if count_backwards(rows["row"][order], offsets)[0]:
        order = np.lexsort((rows["row"], rows["user"]))
    time, kind = rows["time"][order], rows["kind"][order]
    backwards, furthest = count_backwards(time, offsets)
    sort_histories(time, kind, offsets)
    return Part(first, offsets, time, kind, backwards, furthest, count_repeats(time, kind, offsets))

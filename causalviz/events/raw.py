"""Raw events: a log as it was read, before anybody said what counts as a behaviour.

Five parallel columns of codes into sorted names, sorted by (user, time, event, item, category), so that equal logs
are equal bit for bit however their files were ordered. Saved as plain Parquet that any tool can read.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from causalviz.errors import UnreadableLog, UnusableLog
from causalviz.events.log import EventLog

NO_CODE: Final = -1  # where an event has no item or category
Integers: TypeAlias = NDArray[np.int32] | NDArray[np.int64]

NAMED: Final = ("user", "event", "item", "category")


@dataclass(frozen=True, eq=False)
class RawEvents:
    """M events as they were read.

    Attributes:
        user: (M,) int32 codes into ``user_names``.
        time: (M,) int64 ticks, see ``causalviz.events.log``.
        event: (M,) int32 codes into ``event_names``, the event types.
        user_names: Sorted; each has events.
        event_names: Sorted; each has events.
        item: (M,) int32 codes into ``item_names`` or -1; None if the log has no items.
        item_names: Sorted.
        category: (M,) int32 codes into ``category_names`` or -1; None if the log has no categories.
        category_names: Sorted.

    Raises:
        UnusableLog: If there are no events.
        ValueError: If columns differ in length, are unsorted, or names are unsorted.
    """

    user: NDArray[np.int32]
    time: NDArray[np.int64]
    event: NDArray[np.int32]
    user_names: tuple[str, ...]
    event_names: tuple[str, ...]
    item: NDArray[np.int32] | None = None
    item_names: tuple[str, ...] = ()
    category: NDArray[np.int32] | None = None
    category_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for field in ("user", "time", "event", "item", "category"):
            values = getattr(self, field)
            if values is not None:
                column = np.ascontiguousarray(values, dtype=np.int64 if field == "time" else np.int32).view()
                column.flags.writeable = False
                object.__setattr__(self, field, column)
        columns = self._columns()
        if len({len(column) for column in columns}) != 1:
            raise ValueError(f"columns differ in length (got {[len(column) for column in columns]})")
        if not len(self.user):
            raise UnusableLog("The log has no events; choose a file with at least two behaviours.")
        for names in (self.user_names, self.event_names, self.item_names, self.category_names):
            if any(a >= b for a, b in itertools.pairwise(names)):
                raise ValueError("names must be sorted and unique")
        if not _is_sorted(columns):
            raise ValueError("events must be sorted by user, time, event, item, category")

    @classmethod
    def from_names(
        cls,
        user: Sequence[str] | NDArray[np.object_],
        time: NDArray[np.int64],
        event: Sequence[str] | NDArray[np.object_],
        item: Sequence[str | None] | NDArray[np.object_] | None = None,
        category: Sequence[str | None] | NDArray[np.object_] | None = None,
    ) -> RawEvents:
        """Sorts and encodes columns of names; None stands for no item or category."""
        columns = {"user": user, "event": event, "item": item, "category": category}
        encoded = {
            name: pa.array(values, pa.string()).dictionary_encode()
            for name, values in columns.items()
            if values is not None
        }
        return _from_dictionaries(encoded, np.asarray(time, dtype=np.int64))

    @classmethod
    def from_log(cls, log: EventLog) -> RawEvents:
        """The raw events of which a log's behaviours are made: event types, and items where they have one."""
        kinds = [b.name if b.item is None else b.kind for b in log.behaviours]
        items = [b.item for b in log.behaviours]
        codes = pa.array(log.behaviour)
        encoded = {
            "user": pa.DictionaryArray.from_arrays(pa.array(log.user), pa.array(log.user_names, pa.string())),
            "event": pa.array(kinds, pa.string()).take(codes).dictionary_encode(),
        }
        if any(item is not None for item in items):
            encoded["item"] = pa.array(items, pa.string()).take(codes).dictionary_encode()
        return _from_dictionaries(encoded, log.time)

    @classmethod
    def load(cls, path: Path) -> RawEvents:
        """Reads what ``save`` wrote.

        Raises:
            UnreadableLog: If the file is damaged or something else.
        """
        try:
            table = pq.read_table(path, read_dictionary=list(NAMED)).unify_dictionaries().combine_chunks()
            encoded = {name: _one_chunk(table[name]) for name in NAMED if name in table.column_names}
            return _from_dictionaries(encoded, table["time"].to_numpy())
        except (pa.ArrowException, OSError, KeyError) as error:
            reason = str(error).partition("\n")[0]
            raise UnreadableLog(
                f"The stored events {path.name} cannot be read ({reason}); open the log again."
            ) from None

    def save(self, path: Path) -> None:
        """Writes Parquet: user, time (ticks), event, item and category as text.

        Raises:
            UnreadableLog: If the disk does not take it; nothing is left of it then.
        """
        named = {
            "user": (self.user, self.user_names),
            "event": (self.event, self.event_names),
            "item": (self.item, self.item_names),
            "category": (self.category, self.category_names),
        }
        columns = {
            name: pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes == NO_CODE), pa.array(names, pa.string()))
            for name, (codes, names) in named.items()
            if codes is not None
        }
        try:
            pq.write_table(pa.table({**columns, "time": pa.array(self.time)}), path, compression="zstd")
        except OSError as error:
            path.unlink(missing_ok=True)
            reason = error.strerror or str(error).partition("\n")[0]
            raise UnreadableLog(
                f"The events cannot be kept in {path.name} ({reason}); free some disk space and open the log again."
            ) from error

    @property
    def n_events(self) -> int:
        return len(self.user)

    @cached_property
    def repeats(self) -> NDArray[np.bool_]:
        """(M,) True where an event repeats the user, time, event and item of the one before it."""
        columns: list[Integers] = [self.user, self.time, self.event]
        columns += [] if self.item is None else [self.item]
        same = np.ones(self.n_events - 1, dtype=bool)
        for column in columns:
            same &= column[1:] == column[:-1]
        return np.concatenate([[False], same])

    @cached_property
    def fingerprint(self) -> str:
        """Hex digest of the content; equal for equal logs, whatever file they came from."""
        digest = hashlib.blake2b(digest_size=16)
        for names in (self.user_names, self.event_names, self.item_names, self.category_names):
            digest.update("\x1f".join(names).encode())
            digest.update(b"\x1e")
        for column in self._columns():
            digest.update(column.data)
        return digest.hexdigest()

    def _columns(self) -> list[Integers]:
        """The columns in the order of sorting."""
        optional = [column for column in (self.item, self.category) if column is not None]
        return [self.user, self.time, self.event, *optional]


def _is_sorted(columns: Sequence[Integers]) -> bool:
    undecided = np.ones(len(columns[0]) - 1, dtype=bool)  # neighbours that were equal so far
    for column in columns:
        if np.any(undecided & (column[1:] < column[:-1])):
            return False
        undecided &= column[1:] == column[:-1]
    return True


def _one_chunk(column: pa.ChunkedArray) -> pa.DictionaryArray:
    combined = column.combine_chunks()
    array: pa.DictionaryArray = combined
    return array if isinstance(array, pa.DictionaryArray) else array.cast(pa.string()).dictionary_encode()


def _from_dictionaries(encoded: dict[str, pa.DictionaryArray], time: NDArray[np.int64]) -> RawEvents:
    """Codes into sorted names that are in use, rows in order."""
    codes: dict[str, NDArray[np.int32]] = {}
    names: dict[str, tuple[str, ...]] = {}
    for name, array in encoded.items():
        codes[name], names[name] = _canonical(array)
    kept = [name for name in NAMED if name in codes and (names[name] or name in ("user", "event"))]
    keys: list[Integers] = [codes["user"], time, *(codes[name] for name in kept[1:])]
    if len(time) and not _is_sorted(keys):
        order = np.lexsort(keys[::-1])
        time = time[order]
        codes = {name: column[order] for name, column in codes.items()}
    return RawEvents(
        codes["user"],
        time,
        codes["event"],
        names["user"],
        names["event"],
        codes["item"] if "item" in kept else None,
        names.get("item", ()),
        codes["category"] if "category" in kept else None,
        names.get("category", ()),
    )


def _canonical(array: pa.DictionaryArray) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    told = array.dictionary.to_pylist()
    index = array.indices.fill_null(NO_CODE).to_numpy(zero_copy_only=False).astype(np.int32)
    used = np.unique(index[index >= 0])
    names = sorted({told[k] for k in used})
    place = {name: code for code, name in enumerate(names)}
    recode = np.full(len(told) + 1, NO_CODE, dtype=np.int32)  # the last entry is for NO_CODE itself
    for k in used:
        recode[k] = place[told[k]]
    return recode[index], tuple(names)

"""A prepared log: cleaned, encoded, sorted by (user, time, behaviour), on the disk, read a batch of users at a time.

    events.parquet   user (int32), time (int64 ticks), behaviour (int32); each row group holds whole users
    users.parquet    name and number of events of each user, in code order
    card.json        behaviours, the account of the reading, the fingerprint of the same log in memory

It answers as an ``EventLog`` does, event for event, but holds only names and numbers of users in memory.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from causalviz.errors import UnreadableLog
from causalviz.events.log import Batch, Behaviour, EventLog, Named, names_bytes
from causalviz.events.report import ReadReport

FORMAT: Final = 1  # of the folder and of how a log is read; with another it is prepared anew
EVENTS, USERS, CARD = "events.parquet", "users.parquet", "card.json"
BATCH_EVENTS: Final = 1_000_000  # of a row group; one larger history stays whole
SCHEMA: Final = pa.schema([("user", pa.int32()), ("time", pa.int64()), ("behaviour", pa.int32())])


@dataclass(frozen=True, eq=False)
class PreparedLog(Named):
    """M events of U users over K behaviours in a folder; see ``EventLog`` for what the properties mean.

    Attributes:
        folder: Where it lies.
        behaviours: The K behaviours.
        report: What happened when its file was read.
        fingerprint: That of the same log in memory.
    """

    folder: Path
    behaviours: tuple[Behaviour, ...]
    report: ReadReport
    fingerprint: str

    @classmethod
    def open(cls, folder: Path) -> PreparedLog:
        """Reads the card of a folder and checks that the rest fits.

        Raises:
            UnreadableLog: If files are missing, damaged, or of another format.
        """
        try:
            card = json.loads((folder / CARD).read_text(encoding="utf-8"))
            if card["format"] != FORMAT:
                raise ValueError(f"format {card['format']}")
            behaviours = tuple(Behaviour(name, kind, item) for name, kind, item in card["behaviours"])
            log = cls(folder, behaviours, ReadReport.from_json(card["report"]), card["fingerprint"])
            if not log.n_events == int(log.sizes.sum()) == log.report.events:
                raise ValueError("the numbers of events differ")
        except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
            raise UnreadableLog(
                f"The prepared log {str(folder)!r} is damaged ({str(error).partition(chr(10))[0]}); delete that folder."
            ) from None
        return log

    @property
    def n_events(self) -> int:
        return int(self._file.metadata.num_rows)

    @property
    def n_users(self) -> int:
        return len(self.sizes)

    @cached_property
    def user_names(self) -> tuple[str, ...]:
        return tuple(pq.read_table(self.folder / USERS, columns=["name"])["name"].to_pylist())

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        return pq.read_table(self.folder / USERS, columns=["events"])["events"].to_numpy()

    def batches(self) -> Iterator[Batch]:
        """Yields whole users' events, a row group at a time."""
        for group in range(self._file.num_row_groups):
            yield self._batch(group)

    def take_users(self, users: NDArray[np.intp]) -> EventLog:
        """The log of some users only; of the file, only the row groups that hold them are read."""
        wanted = np.unique(users)
        ends = np.cumsum(self.sizes)  # (U,) where each user's rows end
        rows = [self._file.metadata.row_group(group).num_rows for group in range(self._file.num_row_groups)]
        group_of = np.searchsorted(np.cumsum(rows), ends[wanted])  # the row group that holds each
        held: dict[int, Batch] = {}
        for group in np.unique(group_of):
            batch = self._batch(int(group))
            for user in wanted[group_of == group]:
                low, high = np.searchsorted(batch.user, (user, user + 1))
                held[int(user)] = Batch(
                    batch.user[low:high], batch.time[low:high].copy(), batch.behaviour[low:high].copy()
                )
        pieces = [held[int(user)] for user in users]
        return EventLog(
            np.repeat(np.arange(len(users), dtype=np.int32), [len(piece.user) for piece in pieces]),
            np.concatenate([piece.time for piece in pieces]),
            np.concatenate([piece.behaviour for piece in pieces]),
            self.behaviours,
            tuple(self.user_names[user] for user in users),
        )

    @cached_property
    def _file(self) -> pq.ParquetFile:
        return pq.ParquetFile(self.folder / EVENTS)

    def _batch(self, group: int) -> Batch:
        table = self._file.read_row_group(group)
        user, behaviour = (_column(table, name).astype(np.int32, copy=False) for name in ("user", "behaviour"))
        return Batch(user, _column(table, "time"), behaviour)


def write_prepared(
    folder: Path,
    behaviours: tuple[Behaviour, ...],
    user_names: Sequence[str],
    sizes: NDArray[np.int64],
    batches: Iterable[Batch],
) -> str:
    """Writes users and events; the card comes last, by ``write_card``.

    Args:
        folder: That takes the files.
        behaviours: K.
        user_names: U, each with events.
        sizes: (U,) events of each.
        batches: All events, sorted, in whole users.

    Returns:
        The fingerprint.
    """
    users = pa.table({"name": pa.array(user_names, pa.string()), "events": pa.array(sizes, pa.int64())})
    pq.write_table(users, folder / USERS, compression="zstd")
    with pq.ParquetWriter(
        folder / EVENTS, SCHEMA, compression="lz4", use_dictionary=["behaviour"], write_statistics=False
    ) as writer:
        for batch in batches:
            columns = [pa.array(column, kind) for column, kind in zip(batch, SCHEMA.types, strict=True)]
            writer.write_table(pa.table(columns, schema=SCHEMA), row_group_size=max(1, len(batch.user)))
    return _fingerprint(folder, behaviours, user_names)


def write_card(folder: Path, behaviours: tuple[Behaviour, ...], report: ReadReport, fingerprint: str) -> None:
    """Writes what ``PreparedLog.open`` reads first."""
    card = {
        "format": FORMAT,
        "behaviours": [(b.name, b.kind, b.item) for b in behaviours],
        "report": report.to_json(),
        "fingerprint": fingerprint,
    }
    (folder / CARD).write_text(json.dumps(card), encoding="utf-8")


def _fingerprint(folder: Path, behaviours: tuple[Behaviour, ...], user_names: Sequence[str]) -> str:
    """That of ``EventLog``, a column at a time."""
    digest = hashlib.blake2b(names_bytes(behaviours, user_names), digest_size=16)
    with pq.ParquetFile(folder / EVENTS) as file:
        for name in SCHEMA.names:
            for group in range(file.num_row_groups):
                digest.update(_column(file.read_row_group(group, columns=[name]), name).data)
    return digest.hexdigest()


def _column(table: pa.Table, name: str) -> NDArray[np.int64]:
    return np.ascontiguousarray(table[name].combine_chunks().to_numpy(zero_copy_only=False))

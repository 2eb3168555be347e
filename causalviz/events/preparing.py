"""Preparing: from a file of any size to a prepared log on the disk, in memory that does not grow with the events.

    list      the different texts of each column are collected and cleaned once
    read      the rows pass once, as codes, into parts of neighbouring users
    sort      part by part, histories are put in order and behaviours get their codes

The result equals ``readers.read_events`` and ``rules.apply_rules``, event for event, and so does the account of the
reading. It lies in a folder named by the content of the file and by what was asked for, so that it is made once; two
processes that make it at the same time both do the work, and the first one's folder stays.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyRelation
from numpy.typing import NDArray

from causalviz.errors import UnreadableLog
from causalviz.events import readers
from causalviz.events.faults import (
    FIRST,
    LONGEST_NAME,
    dropped_by_reason,
    first_offending,
    pick,
    read_times,
    refuse_all_dropped,
)
from causalviz.events.folders import sweep, write_folder
from causalviz.events.log import Batch, Behaviour, cut_users
from causalviz.events.mapping import Roles
from causalviz.events.parts import Parts
from causalviz.events.prepared import BATCH_EVENTS, FORMAT, PreparedLog, write_card, write_prepared
from causalviz.events.raw import NO_CODE
from causalviz.events.report import OffendingRow
from causalviz.events.rules import Behaving, Rules, behaviours_of, cells_of, check_items, places_of
from causalviz.events.sorting import sort_histories
from causalviz.events.tables import Table, open_table

OnRows = Callable[[str, int, int], None]  # what is done, rows done, rows in all
Ints = NDArray[np.int64]

CHUNK_ROWS: Final = 1_000_000  # that are in memory together
BLOCK: Final = 1 << 22  # bytes that are hashed together
KEPT_S: Final = 30 * 86_400  # a prepared log that was not used for so long is swept out
ABSENT, TOO_LONG = -1, -2  # codes of a value that is not there, or longer than a name may be


def prepare(path: Path, roles: Roles, rules: Rules, home: Path, *, on_rows: OnRows | None = None) -> PreparedLog:
    """Prepares a file, or finds what was prepared of the same content before.

    Args:
        path: As for ``readers.read_events``.
        roles: Which column is what; the missing ones are detected.
        rules: The level must be "event" or "item", and nothing may be merged, renamed or left out.
        home: Folder of the prepared logs.
        on_rows: Told (what is done, rows done, rows in all).

    Raises:
        LogError: As ``readers.read_events`` and ``rules.apply_rules`` do, or if the disk is full.
        StoreError: If the folder cannot be written.
        ValueError: If the rules do more than tell items apart.
    """
    if rules.level == "category" or rules != Rules(level=rules.level, top_items=rules.top_items):
        raise ValueError(f"only the level of items can be chosen for a log on the disk (got {rules})")
    told = on_rows or (lambda _what, _done, _total: None)
    sweep(home)
    asked = json.dumps([FORMAT, content_digest(path, told), asdict(roles), asdict(rules)])
    key = hashlib.blake2b(asked.encode(), digest_size=20).hexdigest()
    folder = write_folder(home, key, partial(_fill, path, roles, rules, told))
    try:
        log = PreparedLog.open(folder)
    except UnreadableLog:  # somebody else's hand was in it
        shutil.rmtree(folder)
        log = PreparedLog.open(write_folder(home, key, partial(_fill, path, roles, rules, told)))
    os.utime(folder)
    _forget_unused(home, folder)
    return replace(log, report=replace(log.report, file=path.name))


def content_digest(path: Path, told: OnRows) -> str:
    """Of a file, or of all files in a folder, whatever it is called.

    Args:
        path: Of it.
        told: Told (what is done, megabytes done, megabytes in all).

    Raises:
        UnreadableLog: If there is none.
    """
    if not path.exists():
        raise UnreadableLog(f"There is no file {str(path)!r}; check the path.")
    digest = hashlib.blake2b(digest_size=20)
    files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    total, done = sum(file.stat().st_size for file in files), 0
    for file in files:
        digest.update(repr((str(file.relative_to(path)), file.stat().st_size)).encode())
        with file.open("rb") as content:
            while block := content.read(BLOCK):
                digest.update(block)
                done += len(block)
                told("megabytes compared with earlier runs", done >> 20, total >> 20)
    return digest.hexdigest()


def _forget_unused(home: Path, used: Path) -> None:
    for folder in home.iterdir():
        with suppress(FileNotFoundError):  # forgotten by another process
            if folder != used and time.time() - folder.stat().st_mtime > KEPT_S:
                shutil.rmtree(folder, ignore_errors=True)


class _Names(NamedTuple):
    """The values of one column.

    Attributes:
        code: (R + 1,) int32: of each text as it stands in the file, its name, or ``ABSENT`` or ``TOO_LONG``; the last
            entry is for no text at all.
        names: Sorted; of some, all rows may turn out to be unusable.
        rows: (N,) how many rows have each.
    """

    code: NDArray[np.int32]
    names: tuple[str, ...]
    rows: Ints


@dataclass
class _Tally:
    """What is counted while the rows pass: of each column, how many events have each name."""

    of: dict[str, Ints]
    rows: int = 0
    events: int = 0
    faults: dict[int, int] = field(default_factory=dict)
    first_faulty: list[int] = field(default_factory=list)
    spans: list[readers.Span] = field(default_factory=list)

    @property
    def span(self) -> readers.Span:
        firsts, lasts, lates = zip(*self.spans, strict=True)
        return readers.Span(min(firsts), max(lasts), sum(lates))


def _fill(path: Path, roles: Roles, rules: Rules, told: OnRows, folder: Path) -> None:
    """Writes all files of a prepared log."""
    scratch = folder / "scratch"
    scratch.mkdir()
    told("looking at the columns", 0, 0)
    with open_table(path, path.name, scratch) as table:
        columns = readers.choose_columns(table, roles)
        names = _list_all_names(table, columns.roles, told)
        with Parts(scratch / "parts", names["who"].rows) as parts:
            tally = _scatter(table, columns, names, parts, told)
            dropped, offending = _dropped(table, columns, tally)
            refuse_all_dropped(table, dropped, offending)
            what, item, category = (_met(names[key].names, events) for key, events in tally.of.items())
            readers.refuse_useless(table.title, columns, tally.events, tally.span, (what, item, category))
            cells = _Cells.of(names, tally.of["item"], rules)
            behaving = _behaving(cells, parts, names, rules)
            writing = _Writing(parts, cells, behaving.code, tally.events, told)
            users = _met(names["who"].names, parts.events), parts.events[parts.events > 0]
            fingerprint = write_prepared(folder, behaving.behaviours, *users, writing.batches())
        backwards = readers.Backwards(writing.backwards, writing.furthest)
        report = readers.report_of(
            table, columns, dropped, offending, tally.events, tally.span, writing.repeats, backwards
        )
    shutil.rmtree(scratch)
    write_card(folder, behaving.behaviours, report, fingerprint)


def _list_all_names(table: Table, roles: Roles, told: OnRows) -> dict[str, _Names]:
    columns = {"who": roles.user, "what": roles.event, "item": roles.item, "category": roles.category}
    names = {}
    for key, column in columns.items():
        if column is not None:
            told(f"listing the values of {column!r}", 0, 0)
        names[key] = _list_names(table, key, column)
    return names


def _list_names(table: Table, key: str, column: str | None) -> _Names:
    """Lists the values of a column and makes the type ``<key>_texts`` of them."""
    if column is not None:
        c = f"c{table.names.index(column)}"
        met = table.source.filter(f"{c} IS NOT NULL").aggregate(f"{c}, count(*) as events", c)
        met.project(f"{c} as text, {table.value(column)} as clean, events").create(f"{key}_met")
        texts = table.engine.table(f"{key}_met").order("text").to_arrow_table()
    if column is None or not len(texts):
        return _Names(np.array([ABSENT], np.int32), (), np.zeros(0, np.int64))
    table.engine.execute(f"create type {key}_texts as enum (select text from {key}_met order by text)")  # noqa: S608  # our own names
    clean = texts["clean"].to_pylist()
    found = tuple(sorted({name for name in clean if name is not None and len(name) <= LONGEST_NAME}))
    place = {name: code for code, name in enumerate(found)}
    of_text = [ABSENT if name is None else place.get(name, TOO_LONG) for name in clean]
    code = np.array([*of_text, ABSENT], dtype=np.int32)
    rows = np.zeros(len(found), dtype=np.int64)
    usable = code[:-1] >= 0
    np.add.at(rows, code[:-1][usable], texts["events"].to_numpy()[usable])
    return _Names(code, found, rows)


def _scatter(table: Table, columns: readers.Columns, names: dict[str, _Names], parts: Parts, told: OnRows) -> _Tally:
    """Passes all rows on, as codes."""
    tally = _Tally({key: np.zeros(len(listed.names), np.int64) for key, listed in names.items() if key != "who"})
    late_from = readers.future_ticks()
    kinds = len(names["item"].names) + 1
    for rows in _coded(table, columns, names).to_arrow_reader(CHUNK_ROWS):
        code = {key: names[key].code[_ints(rows, key)] for key in names}
        ms, bad_time = _ints(rows, "ms"), _ints(rows, "bad_time")
        fault = _faults(columns.roles, code, bad_time)
        good = fault == NO_CODE
        _count(tally, fault, rows)
        if good.any():
            when = ms[good]
            tally.spans.append(readers.Span(int(when.min()), int(when.max()), int(np.count_nonzero(when > late_from))))
            tally.events += len(when)
            for key, events in tally.of.items():
                events += np.bincount(code[key][good] + 1, minlength=len(events) + 1)[1:]  # without NO_CODE
            kind = code["what"][good].astype(np.int64) * kinds + code["item"][good] + 1
            parts.add(_ints(rows, "row")[good], code["who"][good], when, kind)
        told("rows read", tally.rows, table.rows)
    return tally


def _coded(table: Table, columns: readers.Columns, names: dict[str, _Names]) -> DuckDBPyRelation:
    """The rows in any order: row, a text code per column, ms, what ails the time."""
    roles, chosen = columns.roles, ["row::BIGINT as row"]
    for key, column in {"who": roles.user, "what": roles.event, "item": roles.item, "category": roles.category}.items():
        known = len(names[key].code) > 1 and column is not None
        text = f"enum_code(c{table.names.index(column)}::{key}_texts)::INTEGER" if known and column else "NULL"
        chosen.append(f"coalesce({text}, {NO_CODE})::INTEGER as {key}")
    read = read_times(table, table.source, chosen, roles.time or "", columns.clock)
    ails = "case when ms IS NOT NULL then 0 when told IS NULL then 1 else 2 end::TINYINT as bad_time"
    return read.project(f"* exclude (told) replace (coalesce(ms, 0)::BIGINT as ms), {ails}")


def _ints(rows: pa.RecordBatch, name: str) -> Ints:
    return rows.column(name).to_numpy(zero_copy_only=False)


def _faults(roles: Roles, code: dict[str, NDArray[np.int32]], bad_time: Ints) -> NDArray[np.int8]:
    """(n,) the place of the first of ``faults.REASONS`` that a row has, or ``NO_CODE``."""
    used = {"who": roles.user, "what": roles.event, "item": roles.item, "category": roles.category}
    tests = [code["who"] == ABSENT, code["what"] == ABSENT, bad_time == 1, bad_time == 2]
    tests += [code[key] == TOO_LONG for key, column in used.items() if column is not None]
    fault = np.full(len(bad_time), NO_CODE, dtype=np.int8)
    for k in reversed(range(len(tests))):
        fault[tests[k]] = k
    return fault


def _count(tally: _Tally, fault: NDArray[np.int8], rows: pa.RecordBatch) -> None:
    faulty = np.flatnonzero(fault != NO_CODE)
    for k, count in zip(*np.unique(fault[faulty], return_counts=True), strict=True):
        tally.faults[int(k)] = tally.faults.get(int(k), 0) + int(count)
    tally.first_faulty = sorted([*tally.first_faulty, *_ints(rows, "row")[faulty].tolist()])[:FIRST]
    tally.rows += rows.num_rows


def _dropped(table: Table, columns: readers.Columns, tally: _Tally) -> tuple[dict[str, int], tuple[OffendingRow, ...]]:
    """How many rows were dropped for which reason, and the first of them."""
    rows = table.source
    wanted = ", ".join(map(str, tally.first_faulty))
    pick(table, rows.filter(f"row in ({wanted})") if wanted else rows.limit(0), *columns)
    dropped = dropped_by_reason(columns.roles, tally.faults, table.rejected)
    return dropped, first_offending(table, columns.roles)


def _met(names: tuple[str, ...], events: Ints) -> tuple[str, ...]:
    return tuple(name for name, some in zip(names, events, strict=True) if some)


class _Cells(NamedTuple):
    """Where a kind (type x (items + 1) + item + 1) belongs: type x ``wide`` + place of the item.

    Attributes:
        items: Number of items.
        place: (items + 1,) see ``rules.places_of``; all 0 where items do not count.
        wide: Number of places.
    """

    items: int
    place: Ints
    wide: int

    @classmethod
    def of(cls, names: dict[str, _Names], events: Ints, rules: Rules) -> _Cells:
        """By how many events each item has."""
        items = len(names["item"].names)
        if rules.level == "event":
            return cls(items, np.zeros(items + 1, np.int64), 1)
        check_items(rules.level, bool(events.any()))
        place = places_of(events, rules)
        return cls(items, place, int(place[NO_CODE]) + 1)

    def cell(self, kind: Ints) -> Ints:
        """(m,) of each event."""
        what, item = np.divmod(kind, self.items + 1)
        return what * self.wide + self.place[item - 1]


def _behaving(cells: _Cells, parts: Parts, names: dict[str, _Names], rules: Rules) -> Behaving:
    """What each cell becomes; those without events have ``NO_CODE``."""
    kinds = names["what"].names
    events = np.zeros(len(kinds) * cells.wide, dtype=np.int64)
    for kind in parts.kinds():
        events += np.bincount(cells.cell(kind), minlength=len(events))
    used = np.flatnonzero(events)
    if rules.level == "event":
        met = [Behaviour(kinds[k], kinds[k]) for k in used]
    else:
        met = cells_of(kinds, names["item"].names, cells.place, used)
    code = np.full(len(events), NO_CODE, dtype=np.int32)
    code[used], behaviours = behaviours_of(met, events[used], rules)
    return Behaving(code, behaviours)


class _Writing:
    """Sorted batches on their way to the disk, and what was seen of them."""

    def __init__(self, parts: Parts, cells: _Cells, code: NDArray[np.int32], events: int, told: OnRows) -> None:
        self.backwards = self.repeats = self.furthest = 0
        self._parts, self._cells, self._code, self._events, self._told = parts, cells, code, events, told

    def batches(self) -> Iterator[Batch]:
        """Whole users, about ``BATCH_EVENTS`` events at a time."""
        final = np.cumsum(self._parts.events > 0, dtype=np.int32) - np.int32(1)  # (U,) code among those with events
        done = 0
        for part in self._parts.sorted():
            self.backwards += part.backwards
            self.repeats += part.repeats
            self.furthest = max(self.furthest, part.furthest)
            mark = self._code[self._cells.cell(part.kind)].astype(np.int64)
            sort_histories(part.time, mark, part.offsets)
            for users in cut_users(part.offsets, BATCH_EVENTS):
                low, high = part.offsets[users.start], part.offsets[users.stop]
                codes = final[part.first + users.start : part.first + users.stop]
                user = np.repeat(codes, np.diff(part.offsets[users.start : users.stop + 1]))
                yield Batch(user, part.time[low:high], mark[low:high].astype(np.int32))
                done += high - low
                self._told("events put in order", int(done), self._events)

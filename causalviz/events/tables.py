"""Tables: any supported file as one relation of text columns inside an engine of our own.

The engine is a DuckDB database in memory that spills into a temporary folder, without network and without extensions
from outside. Inside it the table is called ``source`` with columns ``row``, ``c0``, ``c1``, ...: names of files and
columns come from strangers and never become part of a query. What a file is, its content says, not its name.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Final

import duckdb
import pandas as pd
from duckdb import DuckDBPyConnection, DuckDBPyRelation

from causalviz.errors import UnreadableLog
from causalviz.events.columnar import check_foot, check_together, leaves_of, numbering, origin_of
from causalviz.events.delimited import (
    MAX_COLUMNS,
    Dialect,
    editor_lines,
    find_dialect,
    lines_at,
    too_wide,
    unique_names,
)
from causalviz.events.encoding import CHUNK, PARQUET, TITLES, as_utf8, find_encoding
from causalviz.events.excel import write_cells
from causalviz.events.folders import brief_folder, is_full, place_of
from causalviz.events.limits import within
from causalviz.events.nested import write_rows
from causalviz.events.packing import LOG_SUFFIXES, link, unpack
from causalviz.events.times import SAMPLE, Clock, DateOrder, find_clock, settled
from causalviz.events.two_columns import with_moments
from causalviz.events.xes import declared_encoding, write_events

ENGINE: Final = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": "1GB",  # what does not fit goes to the temporary folder
    "threads": str(min(4, os.cpu_count() or 1)),  # each wants its share of the memory
}
FIRST_REJECTS: Final = 5
LONGEST_LINE: Final = 16_000_000  # bytes
LOST_LINES: Final = 10  # that a stray quote may swallow; more would be a log with a hole in it
LOST: Final = "length(trim(csv_line, chr(10))) - length(replace(trim(csv_line, chr(10)), chr(10), ''))"  # such lines
INTERRUPTED: Final = "Query interrupted"
GARBLED: Final = "conversion error"  # of the engine's bindings, for a name or a message that is not UTF-8
PLAIN_YEARS: Final = "1000 and 9999"  # others are written with a sign, an era or fewer digits
SHOWN: Final = 80  # characters of a line in a message
MISSING_WORDS: Final = ("", "NULL", "null", "NaN", "nan", "None", "N/A", "#N/A", "\\N")  # how tools write "no value"
MISSING: Final = "(" + ", ".join(f"'{word}'" for word in MISSING_WORDS) + ")"  # the same in SQL
BLANKS: Final = "' ' || chr(9) || chr(10) || chr(13) || chr(160) || chr(12288)"
BLANK_ENDS: Final = r"'^[\s\x{a0}\x{3000}]|[\s\x{a0}\x{3000}]$'"  # few values have them, and trimming all is slow


@dataclass(frozen=True)
class Reject:
    """A row that is not well formed: its line, its text, what is wrong."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True, eq=False)
class Table:
    """An open file.

    Attributes:
        engine: The connection; ends with the table.
        title: The file's name in messages.
        names: Of its columns; the k-th is called ``c<k>`` inside the engine.
        format: In words, for the user.
        rows: How many well-formed rows.
        rejected: How many rows are not well formed.
        rejects: The first of them.
        path: The plain file, if it is delimited.
        dialect: Its layout, if it is delimited.
        has_lines: Whether the view ``lines`` says on which line of the file each row begins.
        lists: Columns whose values are lists or maps, shown as text.
        moments: Columns that are moments in the file itself; the k-th is in ``n<k>`` as such.
        joined: The column that was made of a date's and a clock time's; empty if none was.
    """

    engine: DuckDBPyConnection
    title: str
    names: tuple[str, ...]
    format: str
    rows: int
    rejected: int = 0
    rejects: tuple[Reject, ...] = ()
    path: Path | None = None
    dialect: Dialect | None = None
    has_lines: bool = False
    lists: frozenset[str] = frozenset()
    moments: frozenset[str] = frozenset()
    joined: str = ""

    @property
    def source(self) -> DuckDBPyRelation:
        """Columns ``row`` and ``c0``, ``c1``, ..., as text."""
        return self.engine.table("source")

    def value(self, name: str) -> str:
        """SQL for a column's text, without blanks around it, NULL where it is missing."""
        column = f"c{self.names.index(name)}"
        trimmed = f"nullif(trim({column}, {BLANKS}), '')"
        trimmed = f"case when regexp_matches({column}, {BLANK_ENDS}) then {trimmed} else {column} end"
        return f"case when {column} not in {MISSING} then {trimmed} end"

    def moment(self, name: str) -> str | None:
        """SQL for the whole milliseconds of a column of moments, NULL in years that its text spells otherwise."""
        if name not in self.moments:
            return None
        native = f"n{self.names.index(name)}"
        return f"case when year({native}) between {PLAIN_YEARS} then epoch_ms({native}) end"

    @cached_property
    def sample(self) -> DuckDBPyRelation:
        """Rows from all over the file, read once."""
        step = max(1, self.rows // SAMPLE)
        self.source.filter(f"row % {step} = 0").create("sampled")
        return self.engine.table("sampled")

    def clock(self, name: str, order: DateOrder | None = None) -> Clock | None:
        """How a column would be read as time, judged by values from all over the file; None if not at all."""
        told = f"{self.value(name)} as told"
        clock = find_clock(self.sample.project(told), order)
        return clock and settled(clock, self.source.project(told))

    def lines(self, rows: Sequence[int]) -> dict[int, int]:
        """Row -> the number that an editor (or, for Parquet, a table) shows for it."""
        if self.has_lines and rows:
            wanted = ", ".join(str(int(row)) for row in rows)
            return dict(self.engine.view("lines").filter(f"row in ({wanted})").fetchall())
        if self.path is None or self.dialect is None or not rows:
            return {row: row for row in rows}
        return editor_lines(self.path, self.dialect, rows)

    def preview(self, rows: int) -> pd.DataFrame:
        """The first rows under their own names."""
        columns = ", ".join(f"c{k}" for k in range(len(self.names)))
        first: pd.DataFrame = self.source.project(columns).limit(rows).df()
        first.columns = pd.Index(self.names)
        return first


@contextmanager
def open_table(path: Path, title: str, scratch: Path | None = None, *, most_rows: int | None = None) -> Iterator[Table]:
    """Opens a file, or a folder of Parquet files, as a table.

    Args:
        path: Of it.
        title: Its name in messages.
        scratch: A folder of the caller's own for what does not fit into memory; None for one that is gone at the end.
        most_rows: Rows that the caller holds; None for any number.

    Raises:
        UnreadableLog: If it cannot be read.
        OversizedLog: If it shows before it is read that it has more rows than that.
    """
    path, files = _one_log(path, title)
    try:
        with _scratch(scratch) as folder, _engine(folder) as engine:
            yield with_moments(_opened(engine, path, files, folder, title, most_rows))
    except RuntimeError as error:
        if str(error) == INTERRUPTED:  # what the engine makes of Ctrl-C
            raise KeyboardInterrupt from None
        if GARBLED in str(error):
            raise UnreadableLog(f"{title} is damaged: a name in it is no text; copy or export it again.") from None
        raise
    except (duckdb.Error, OSError, UnreadableLog) as error:
        gone = next((file for file in files if not file.exists()), None)
        if gone is not None:
            raise UnreadableLog(_gone(gone, path, title)) from None
        if isinstance(error, UnreadableLog):
            raise
        raise UnreadableLog(_failed(title, error, scratch)) from error


@contextmanager
def _scratch(scratch: Path | None) -> Iterator[Path]:
    if scratch is not None:
        yield scratch
        return
    with brief_folder() as folder:
        yield folder


@contextmanager
def _engine(folder: Path) -> Iterator[DuckDBPyConnection]:
    """An engine that spills into a folder, gone at the end."""
    engine = duckdb.connect(":memory:", config={**ENGINE, "temp_directory": str(folder / "spill")})
    try:
        engine.execute("set TimeZone = 'UTC'")
        yield engine
    finally:
        engine.close()


def _gone(file: Path, path: Path, title: str) -> str:
    if file == path:
        return f"{title} was deleted or moved while it was read; choose it again."
    return f"{file.relative_to(path)} in {title} was deleted or moved while it was read; choose the folder again."


def _failed(title: str, error: duckdb.Error | OSError, scratch: Path | None) -> str:
    reason = str(error).partition("\n")[0]
    place = Path(tempfile.gettempdir()) if scratch is None else place_of(scratch)
    if is_full(error):
        return f"The disk is full, so {title} cannot be prepared; free some space in {str(place)!r}."
    if isinstance(error, OSError):
        return f"{title} cannot be read ({error.strerror or reason}); copy it to another place and try again."
    return f"{title} cannot be processed ({reason}); take a part of its rows or columns."


def _one_log(path: Path, title: str) -> tuple[Path, list[Path]]:
    """The path itself, or the only log in a folder that has no Parquet files; and the files that are read for it."""
    if not path.exists():
        raise UnreadableLog(f"There is no file {str(path)!r}; check the path.")
    if not path.is_dir():
        return path, [path]
    if parts := _parts(path):
        return path, parts
    logs = [file for file in sorted(path.iterdir()) if file.is_file() and file.suffix.lower() in LOG_SUFFIXES]
    if len(logs) != 1:
        found = ", ".join(file.name for file in logs[:5]) or "none"
        raise UnreadableLog(f"The folder {title} has no Parquet files and not just one log (found {found}); name one.")
    return logs[0], [logs[0]]


def _parts(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*.parquet") if file.is_file() and not file.name.startswith((".", "_")))


def _opened(
    engine: DuckDBPyConnection, path: Path, files: Sequence[Path], folder: Path, title: str, most_rows: int | None
) -> Table:
    if path.is_dir():
        parts = [link(file, folder, f"part-{k:05d}") for k, file in enumerate(files)]
        check_together(engine, parts, [str(file.relative_to(path)) for file in files], title)
        return _parquet(engine, parts, title, f"{len(parts)} Parquet files")
    plain, packing, is_book = unpack(path, folder, title, most_rows)
    if is_book:
        return _saved(engine, *write_cells(plain, folder, title), title)
    with plain.open("rb") as file:
        head = file.read(len(PARQUET))
    if head == PARQUET:
        check_foot(plain, title)
        return _parquet(engine, [plain], title, f"Parquet{packing}")
    if most_rows is not None and not packing:
        _refuse_long(plain, title, most_rows)
    encoding = declared_encoding(plain) or find_encoding(plain, title)
    text = as_utf8(plain, folder, encoding)
    tail = f", {TITLES[encoding]}{packing}"
    with text.open(encoding="utf-8") as file_of_text:
        first = file_of_text.read(1 << 16).lstrip()[:1]
    if first in {"{", "["}:
        parts, names, form = write_rows(text, folder, title)
        return _saved(engine, parts, names, form + tail, title)
    if first == "<":
        return _saved(engine, *write_events(text, folder, title), f"XES{tail}", title)
    return _delimited(engine, text, title, tail)


def _refuse_long(path: Path, title: str, most_rows: int) -> None:
    """Counts the rows of a text before the engine copies it, if its beginning makes that many likely."""
    with path.open("rb") as file:
        head = file.read(CHUNK)
        if head.count(b"\n") * path.stat().st_size > most_rows * len(head):
            file.seek(0)
            for _ in within(iter(partial(file.read, CHUNK), b""), title, most_rows):
                pass


def _delimited(engine: DuckDBPyConnection, path: Path, title: str, tail: str) -> Table:
    dialect = find_dialect(path, title)
    try:
        _load(engine, path, dialect, strict=not dialect.lines_before)  # strictly, mixed line ends skip everything
    except duckdb.Error:  # mixed line ends and stray quotes are no reason to give up
        try:
            engine.execute("drop table if exists source")
            _load(engine, path, dialect, strict=False)
        except duckdb.Error as error:
            reason = str(error).partition("\n")[0]
            raise UnreadableLog(f"{title} cannot be read as a table ({reason}); save it as plain CSV.") from None
    bad = engine.table("reject_errors")
    count, most = bad.aggregate(f"count(distinct line_byte_position), max({LOST})").fetchall()[0]
    told = bad.aggregate(
        "line_byte_position as place, min(error_type) as reason, min(csv_line) as text", "line_byte_position"
    )
    rejects = told.order("place").limit(FIRST_REJECTS).fetchall()
    if (most or 0) > LOST_LINES:
        _refuse_hole(path, bad, title)
    lines = lines_at(path, [place - 1 + len(text) - len(text.lstrip("\r\n")) for place, _, text in rejects])
    return Table(
        engine,
        title,
        dialect.names,
        dialect.words + tail,
        engine.table("source").aggregate("count(*)").fetchall()[0][0],
        count,
        tuple(
            Reject(line, text.strip()[:200], _why(reason))
            for line, (_, reason, text) in zip(lines, rejects, strict=True)
        ),
        path,
        dialect,
    )


def _refuse_hole(path: Path, bad: DuckDBPyRelation, title: str) -> None:
    """A quote that is not closed takes all lines up to the next one, or the end, for one value."""
    worst = bad.order(f"{LOST} desc").limit(1).project(f"line_byte_position, csv_line, {LOST}")
    place, text, lost = worst.fetchall()[0]
    line = lines_at(path, [place - 1 + len(text) - len(text.lstrip("\r\n"))])[0]
    raise UnreadableLog(
        f"{title} has a quote in line {line} ({text.strip().partition(chr(10))[0][:SHOWN]!r}) that is not closed and "
        f"swallows the {lost:,} lines after it; close or remove it."
    )


def _load(engine: DuckDBPyConnection, path: Path, dialect: Dialect, strict: bool) -> None:
    rows = engine.read_csv(
        str(path),
        header=dialect.has_header,
        columns={f"c{k}": "VARCHAR" for k in range(len(dialect.names))},
        auto_detect=False,
        all_varchar=True,
        sep=dialect.delimiter,
        quotechar=dialect.quote,
        escapechar=dialect.quote,
        skiprows=dialect.lines_before,
        store_rejects=True,
        strict_mode=strict,
        max_line_size=LONGEST_LINE,
    )
    rows.project("row_number() over () as row, *").create("source")


def _why(error_type: str) -> str:
    return {
        "MISSING COLUMNS": "too few columns",
        "TOO MANY COLUMNS": "too many columns",
        "UNQUOTED VALUE": "a quote that is not closed",
    }.get(error_type, error_type.lower().replace("_", " "))


def _saved(engine: DuckDBPyConnection, parts: Sequence[Path], names: Sequence[str], form: str, title: str) -> Table:
    """What was unfolded from JSON, XES or Excel."""
    rows = engine.read_parquet([str(part) for part in parts], union_by_name=True, hive_partitioning=False)
    columns = ", ".join(f"c{k}" for k in range(len(names)))
    rows.project(f"row, {columns}").create_view("source")
    rows.project("row, line").create_view("lines")
    count = rows.aggregate("count(*)").fetchall()[0][0]
    return Table(engine, title, unique_names(names), form, count, has_lines=True)


def _parquet(engine: DuckDBPyConnection, parts: Sequence[Path], title: str, form: str) -> Table:
    try:
        rows = engine.read_parquet([str(part) for part in parts], union_by_name=True, hive_partitioning=False)
        leaves = [
            leaf for k, (name, kind) in enumerate(zip(rows.columns, rows.types, strict=True), start=1)
            for leaf in leaves_of(name, f"#{k}", kind)
        ]  # fmt: skip
        if len(leaves) > MAX_COLUMNS:
            raise UnreadableLog(too_wide(title, len(leaves)))
        columns = ", ".join(f"cast({leaf.place} as VARCHAR) as c{k}" for k, leaf in enumerate(leaves))
        native = "".join(f", {leaf.place} as n{k}" for k, leaf in enumerate(leaves) if leaf.is_moment)
        count, number = numbering(rows)
        rows.project(f"{number} as row, {columns}{native}").create_view("source")
        rows.limit(1).fetchall()
        form = origin_of(engine, parts[0]) or form
    except duckdb.Error:
        raise UnreadableLog(f"{title} is damaged Parquet; copy or export it again.") from None
    names = unique_names([leaf.name for leaf in leaves])
    lists = frozenset(name for name, leaf in zip(names, leaves, strict=True) if leaf.is_list)
    moments = frozenset(name for name, leaf in zip(names, leaves, strict=True) if leaf.is_moment)
    return Table(engine, title, names, form, count, lists=lists, moments=moments)

"""Delimited text: CSV and its kin, with the delimiter, the quotes and the header found by looking.

The engine reads; this module tells it how, and translates its count of rows into the line numbers that an editor
shows, which differ from it where values hold line breaks or lines are empty.
"""

from __future__ import annotations

import csv
import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from causalviz.errors import UnreadableLog

DELIMITERS: Final = {",": "commas", "\t": "tabs", ";": "semicolons", "|": "bars"}
HEAD_CHARACTERS: Final = 1 << 17
HEAD_ROWS: Final = 100
MAX_COLUMNS: Final = 2_000
CHUNK: Final = 1 << 20

QUOTES: Final = {'"': "double quotes", "'": "single quotes"}
SHOWN: Final = 80  # characters of a line in a message

_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")  # as the engine counts them, with their ends
_DECLARED: Final = re.compile(r"\s*sep=(.)\s*")  # how spreadsheets note the delimiter above a table
_VALUE: Final = re.compile(r"[-+]?\d+([.,]\d+)?|\d{4}[-/年.]\d{1,2}.*")  # what stands in rows, not in headers


@dataclass(frozen=True)
class Dialect:
    """How a delimited file is laid out.

    Attributes:
        delimiter: One of ``DELIMITERS``.
        names: Of the columns, unique; made up where the file has no header.
        has_header: Whether the first row holds the names.
        lines_before: How many lines stand before the first row: empty ones, or one that names the delimiter.
        quote: What stands around values that hold a delimiter or a line break.
        is_quoted: Whether any value of the beginning has it.
    """

    delimiter: str
    names: tuple[str, ...]
    has_header: bool
    lines_before: int
    quote: str = '"'
    is_quoted: bool = False

    @property
    def words(self) -> str:
        """For the user."""
        header = "" if self.has_header else ", no header"
        quotes = f", values in {QUOTES[self.quote]}" if self.is_quoted else ""
        return f"CSV divided by {DELIMITERS[self.delimiter]}{quotes}{header}"


def find_dialect(path: Path, title: str) -> Dialect:
    """Looks at the beginning of a file of UTF-8 text.

    Args:
        path: The file.
        title: Its name in messages.

    Raises:
        UnreadableLog: If no delimiter divides its rows.
    """
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        head = file.read(HEAD_CHARACTERS)
    if len(head) == HEAD_CHARACTERS:
        head = head[: head.rfind("\n") + 1] or head
    lines = _LINE.findall(head)
    before = sum(1 for _ in itertools.takewhile(lambda line: not line.strip(), lines))
    declared = _DECLARED.fullmatch(lines[before]) if before < len(lines) else None
    if declared is not None and declared[1] in DELIMITERS:
        before += 1
    body = "".join(lines[before:])
    quote = _quote(body)
    candidates = [declared[1]] if declared is not None and declared[1] in DELIMITERS else list(DELIMITERS)
    delimiter = max(candidates, key=lambda candidate: _fit(body, candidate, quote))
    rows = _rows(body, delimiter, quote)
    if len(rows[0]) < 2:
        first = next((line.strip() for line in lines if line.strip()), "")
        raise UnreadableLog(
            f"{title} has one column only, as no comma, tab, semicolon or bar divides its first line "
            f"({first[:SHOWN]!r}); save the table as CSV."
        )
    if len(rows[0]) > MAX_COLUMNS:
        raise UnreadableLog(too_wide(title, len(rows[0])))
    has_header = is_header(rows[0])
    names = rows[0] if has_header else [""] * len(rows[0])
    is_quoted = re.search(rf"(?:^|{re.escape(delimiter)}){quote}", body, re.MULTILINE) is not None
    return Dialect(delimiter, unique_names(names), has_header, before, quote, is_quoted)


def is_header(cells: Sequence[str]) -> bool:
    """Whether a first row holds names: none of it reads as a number or a date."""
    return not any(_VALUE.fullmatch(cell.strip()) for cell in cells)


def too_wide(title: str, columns: int) -> str:
    """The sentence for a table of more than ``MAX_COLUMNS`` columns."""
    return (
        f"{title} has {columns:,} columns, more than the {MAX_COLUMNS:,} that are read; "
        "keep the ones that say who, what and when."
    )


def unique_names(names: Sequence[str]) -> tuple[str, ...]:
    """Column names without blanks and doubles: an empty one becomes "column 3", a second "a" becomes "a (2)"."""
    taken: dict[str, None] = {}
    for k, name in enumerate(names, start=1):
        base = name.strip() or f"column {k}"
        free = (base if n == 1 else f"{base} ({n})" for n in itertools.count(1))
        taken[next(candidate for candidate in free if candidate not in taken)] = None
    return tuple(taken)


def editor_lines(path: Path, dialect: Dialect, rows: Sequence[int]) -> dict[int, int]:
    """On which line each row begins.

    Args:
        path: The file.
        dialect: Of it.
        rows: Numbers of well-formed rows as the engine counts them, the first row under the header is 1.

    Returns:
        Row number -> line number, counted from 1.
    """
    wanted, found = set(rows), dict[int, int]()
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        reader = csv.reader(file, delimiter=dialect.delimiter, quotechar=dialect.quote)
        row, begins = -1 if dialect.has_header else 0, 1
        try:
            for cells in reader:
                if len(cells) == len(dialect.names):
                    row += 1
                    if row in wanted:
                        found[row] = begins
                begins = reader.line_num + 1
                if len(found) == len(wanted):
                    break
        except csv.Error:  # a value longer than this reader takes: the count of rows has to do
            pass
    return {row: found.get(row, row + dialect.has_header) for row in rows}


def lines_at(path: Path, places: Sequence[int]) -> list[int]:
    """The line on which each place (bytes, counted from 0, ascending) lies, counted from 1."""
    lines: list[int] = []
    read, line = 0, 1
    with path.open("rb") as file:
        for place in places:
            while read < place and (chunk := file.read(min(CHUNK, place - read))):
                read += len(chunk)
                line += chunk.count(b"\n")
            lines.append(line)
    return lines


def _quote(head: str) -> str:
    """Single quotes where values stand in them at every turn and double ones do not; else double quotes."""
    ends = rf"[{re.escape(''.join(DELIMITERS))}\r\n]"
    found = {quote: len(re.findall(rf"(?:^|(?<={ends})){quote}[^{quote}]*{quote}(?={ends})", head)) for quote in QUOTES}
    rows = head.count("\n")
    return "'" if found["'"] >= max(1, rows / 2) and found['"'] == 0 else '"'


def _fit(head: str, delimiter: str, quote: str) -> tuple[float, int]:
    """Share of rows with as many columns as the first, and that number; (0, 0) if it divides nothing."""
    rows = _rows(head, delimiter, quote)
    lengths = Counter(map(len, rows[:HEAD_ROWS]))
    columns = len(rows[0])
    return (lengths[columns] / lengths.total(), columns) if columns > 1 else (0.0, 0)


def _rows(head: str, delimiter: str, quote: str) -> list[list[str]]:
    return [row for row in _parsed(head, delimiter, quote) if row and any(map(str.strip, row))] or [[]]


def _parsed(head: str, delimiter: str, quote: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(_LINE.findall(head), delimiter=delimiter, quotechar=quote)
    except csv.Error:  # a bare return, or a value of the head's whole length: what was parsed must do
        return

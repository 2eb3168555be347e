"""Excel to rows: the sheet of a workbook that holds the most cells, one row per event.

Sheets with the same header go on from one another, as a log of more than a million rows, or of several months, is
stored.

The workbook (.xlsx) is read as a stream of values: formulas are taken by the value that was saved with them and are
never computed, macros and links are not looked at. Dates become text as 2024-03-13 12:00:00; whole numbers lose their
".0", because spreadsheets know no whole numbers and user 7 should not be called "7.0".
"""

from __future__ import annotations

import itertools
import warnings
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from causalviz.errors import UnreadableLog
from causalviz.events.delimited import MAX_COLUMNS, is_header, too_wide, unique_names
from causalviz.events.nested import Row, save_rows

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

Value: TypeAlias = "datetime | date | time | timedelta | bool | int | float | str | None"
Line: TypeAlias = "tuple[int, list[str | None]]"

NAMED: Final = 2  # sheets of one log that are listed
LOOK: Final = 50  # rows of each sheet that are looked at to choose one
EAST_ASIAN_DATES: Final = frozenset({*range(27, 37), *range(50, 59)})  # built-in formats of dates (ECMA-376, 18.8.30)

# what the reader of workbooks answers to one whose parts contradict each other
_DAMAGED: Final = (
    BadZipFile, zlib.error, ParseError, LookupError, ValueError, TypeError, AttributeError, OverflowError, EOFError,
)  # fmt: skip


def write_cells(path: Path, folder: Path, title: str) -> tuple[list[Path], tuple[str, ...], str]:
    """Turns a workbook into Parquet files of text columns.

    Args:
        path: Of the workbook.
        folder: Where the Parquet files go.
        title: The file's name in messages.

    Returns:
        The Parquet files (see ``save_rows``), the columns in their order, and the format in words.

    Raises:
        UnreadableLog: If it cannot be read, or no sheet has a table.
    """
    book = _opened(path, title)
    try:
        sheets = _sheets(book, title)
        sheet = max(sheets, key=lambda candidate: _filled(candidate, title))
        lines = _lines(sheet, title)
        _, cells = next(lines, (0, []))
        if len(cells) < 2:
            raise UnreadableLog(f"{title} has no sheet with a table; it needs one row per event under a header.")
        if len(cells) > MAX_COLUMNS:
            raise UnreadableLog(too_wide(title, len(cells)))
        titled = is_header([cell or "" for cell in cells])
        names = unique_names([(cell or "") if titled else "" for cell in cells])
        log = [sheet]
        if titled:
            log = [one for one in sheets if one is sheet or next(_lines(one, title), (0, []))[1] == cells]
            lines = itertools.chain.from_iterable(itertools.islice(_lines(one, title), 1, None) for one in log)
        else:
            lines = itertools.chain([(1, cells)], lines)
        parts, found = save_rows(_rows(lines, names), folder, title)
        if not found:
            raise UnreadableLog(f"{title} has no rows below its header; choose a file with one row per event.")
        named = " and ".join(repr(one.title) for one in log[:NAMED])
        more = f" and {len(log) - NAMED} more" if len(log) > NAMED else ""
        which = f"sheet{'s' * (len(log) > 1)} {named}{more}"
        return parts, found, f"Excel, {which}{'' if titled else ', no header'}"
    finally:
        book.close()


def _opened(path: Path, title: str) -> Workbook:
    try:
        from openpyxl import load_workbook
        from openpyxl.utils.exceptions import InvalidFileException
    except ImportError:
        raise UnreadableLog(
            f"{title} is an Excel file, which needs openpyxl to be read; run pip install openpyxl, or save the table "
            "as CSV."
        ) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and drawings, which are not read
            return _knowing_dates(load_workbook(path, read_only=True, data_only=True, keep_links=False))
    except (*_DAMAGED, InvalidFileException) as error:
        raise UnreadableLog(_damaged(title, error).replace(str(path), "it")) from None


def _knowing_dates(book: Workbook) -> Workbook:
    """The same; openpyxl takes the dates of Chinese, Japanese and Korean built-in formats for numbers."""
    styles = book._cell_styles  # nothing public says which styles are dates
    book._date_formats |= {k for k, style in enumerate(styles) if style.numFmtId in EAST_ASIAN_DATES}
    return book


def _damaged(title: str, error: Exception) -> str:
    reason = (str(error).partition("\n")[0] or type(error).__name__)[:200].rstrip(". ")
    return f"{title} is a damaged Excel file ({reason}); save it again, or as CSV."


def _sheets(book: Workbook, title: str) -> list[ReadOnlyWorksheet]:
    sheets = [sheet for sheet in book.worksheets if hasattr(sheet, "reset_dimensions")]  # not the charts
    if not sheets:
        raise UnreadableLog(f"{title} has no sheet with a table; it needs one row per event under a header.")
    for sheet in sheets:
        sheet.reset_dimensions()  # what a file says of its size may be millions of empty cells
    return sheets


def _filled(sheet: ReadOnlyWorksheet, title: str) -> int:
    """Cells with a value at the beginning of a sheet."""
    return sum(sum(cell is not None for cell in cells) for _, cells in itertools.islice(_lines(sheet, title), LOOK))


def _lines(sheet: ReadOnlyWorksheet, title: str) -> Iterator[Line]:
    """(number of the row, its cells up to the last with a value), without empty rows."""
    rows = sheet.iter_rows(values_only=True)
    number = 0
    while True:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of dates that no calendar has: they come as errors
                values = next(rows, None)
        except _DAMAGED as error:
            raise UnreadableLog(_damaged(title, error)) from None
        if values is None:
            return
        number += 1
        cells = [_text(value) for value in values]
        while cells and cells[-1] is None:
            cells.pop()
        if cells:
            yield number, cells


def _rows(lines: Iterator[Line], names: tuple[str, ...]) -> Iterator[tuple[int, Row]]:
    """Cells beyond the header stand in columns of their own."""
    for number, cells in lines:
        row: Row = dict.fromkeys(names)
        for k, cell in enumerate(cells):
            row[names[k] if k < len(names) else f"column {k + 1}"] = cell
        yield number, row


def _text(value: Value) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value.total_seconds())
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)

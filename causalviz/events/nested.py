"""JSON to rows: one object per line, or one array of objects; each also with a list of events inside.

An object that holds a list of objects, as in ``{"session": 1, "events": [{"type": "view"}]}``, becomes one row per
element, in columns ``session`` and ``events.type``. Objects inside objects become columns with dots. The rows stream
into Parquet, all as text, batch by batch, each with the columns that it met. In these files the columns are called
``row`` (its number), ``line`` (on which it begins) and ``c0``, ``c1``, ...: keys come from strangers, and the engine
takes "A" and "a" for the same.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, TextIO, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from causalviz.errors import UnreadableLog

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Row: TypeAlias = dict[str, str | None]

BATCH_ROWS: Final = 100_000
CHUNK: Final = 1 << 20
LONGEST: Final = 1 << 26  # characters of one object of an array
MAX_COLUMNS: Final = 1000
SHOWN: Final = 40  # characters of a text in a message

_BETWEEN: Final = re.compile(r"[\s,]*")


def write_rows(path: Path, folder: Path, title: str) -> tuple[list[Path], tuple[str, ...], str]:
    """Turns a JSON file into Parquet files of text columns.

    Args:
        path: UTF-8 text.
        folder: Where the Parquet files go.
        title: The file's name in messages.

    Returns:
        The Parquet files, the columns in order of appearance, and the format in words.

    Raises:
        UnreadableLog: If a line is no JSON object, or the file has no rows or too many columns.
    """
    with path.open(encoding="utf-8") as file:
        is_array = next(iter(file.read(CHUNK).lstrip()), "") == "["
    objects = _array(path, title) if is_array else _lines(path, title)
    parts, names = save_rows(_rows(objects, title), folder, title)
    if not names:
        raise UnreadableLog(f"{title} holds no events; it needs one JSON object per event.")
    return parts, names, "JSON array" if is_array else "JSON lines"


def save_rows(rows: Iterator[tuple[int, Row]], folder: Path, title: str) -> tuple[list[Path], tuple[str, ...]]:
    """Streams rows into Parquet files of text columns, ``BATCH_ROWS`` in memory at a time.

    Args:
        rows: The line on which a row begins, and the row.
        folder: Where the Parquet files go.
        title: The file's name in messages.

    Returns:
        The Parquet files, and the columns in order of appearance; no columns if there are no rows.

    Raises:
        UnreadableLog: If there are too many columns.
    """
    parts: list[Path] = []
    places: dict[str, int] = {}  # of the columns
    saved = 0
    while batch := list(itertools.islice(rows, BATCH_ROWS)):
        met = dict.fromkeys(name for _, row in batch for name in row)
        for name in met:
            places.setdefault(name, len(places))
        if len(places) > MAX_COLUMNS:
            raise UnreadableLog(
                f"{title} has more than {MAX_COLUMNS} different keys; keep one row per event with the same keys."
            )
        table = pa.table(
            {
                "row": pa.array(range(saved + 1, saved + len(batch) + 1), pa.int64()),
                "line": pa.array([line for line, _ in batch], pa.int64()),
            }
            | {f"c{places[name]}": _column([row.get(name) for _, row in batch]) for name in met}
        )
        parts.append(folder / f"rows-{len(parts):05d}.parquet")
        pq.write_table(table, parts[-1])
        saved += len(batch)
    return parts, tuple(_whole(name) for name in places)


def _rows(objects: Iterator[tuple[int, dict[str, Json]]], title: str) -> Iterator[tuple[int, Row]]:
    line = 1
    try:
        for line, item in objects:
            for row in _exploded(item):
                yield line, row
    except RecursionError:  # the parser bears a level or two more than what comes after it
        raise UnreadableLog(
            f"{title} has objects inside objects too deep to read, at line {line}; write one flat object per event."
        ) from None


def _lines(path: Path, title: str) -> Iterator[tuple[int, dict[str, Json]]]:
    """(line number, object) of each line that is not empty."""
    with path.open(encoding="utf-8", newline="\n") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                try:
                    item: Json = json.loads(line)
                except (ValueError, RecursionError) as error:
                    raise UnreadableLog(
                        f"{title} is broken at line {number}: it is no JSON ({_fault(error)}); "
                        "write one object per line, or one array of objects."
                    ) from None
                yield number, _object(item, number, title)


def _fault(error: Exception) -> str:
    """What is wrong and at which character: the parser counts lines of its own."""
    if not isinstance(error, json.JSONDecodeError):
        return str(error)
    return f"{error.msg.removesuffix(' at')}, character {error.pos + 1}"


def _array(path: Path, title: str) -> Iterator[tuple[int, dict[str, Json]]]:
    """(line number, object) of each element of the array, without holding the whole file."""
    decoder = json.JSONDecoder()
    with path.open(encoding="utf-8") as file:
        text = file.read(CHUNK)
        at = text.index("[") + 1
        line = 1 + text.count("\n", 0, at)
        while True:
            begin = at + len(_BETWEEN.match(text, at)[0])  # type: ignore[index]  # it matches the empty text too
            line += text.count("\n", at, begin)
            at = begin
            if text.startswith("]", at):
                behind = _next_array(file, text, at + 1, line, title)
                if behind is None:
                    return
                text, at, line = behind
                continue
            item, end = _decoded(decoder, text, at)
            if end < len(text):
                yield line, _object(item, line, title)
                line += text.count("\n", at, end)
                at = end
                continue
            more = file.read(max(CHUNK, len(text) - at))
            if not more or len(text) - at > LONGEST:
                raise UnreadableLog(
                    f"{title} is broken or cut off in the array element at line {line}; export it again."
                )
            text, at = text[at:] + more, 0


def _next_array(file: TextIO, text: str, at: int, line: int, title: str) -> tuple[str, int, int] | None:
    """The text, the place behind the next array's bracket and the line there; None where no array follows."""
    while True:
        begin = at + len(_BETWEEN.match(text, at)[0])  # type: ignore[index]  # it matches the empty text too
        line += text.count("\n", at, begin)
        if begin < len(text):
            break
        text, at = file.read(CHUNK), 0
        if not text:
            return None
    if text[begin] != "[":
        raise UnreadableLog(
            f"{title} has something behind the end of its array, at line {line} ({text[begin : begin + SHOWN]!r}); "
            "write one array of objects, or one object per line."
        )
    return text, begin + 1, line


def _decoded(decoder: json.JSONDecoder, text: str, at: int) -> tuple[Json, int]:
    """The value at a place and where it ends; the end of the text if it may go on behind it, or is broken."""
    try:
        return decoder.raw_decode(text, at)
    except (ValueError, RecursionError):
        return None, len(text)


def _object(item: Json, line: int, title: str) -> dict[str, Json]:
    if not isinstance(item, dict):
        told = "a list" if isinstance(item, list) else json.dumps(item)[:SHOWN]
        raise UnreadableLog(f"{title} has no JSON object but {told} at line {line}; write one object per event.")
    return item


def _exploded(item: Mapping[str, Json]) -> Iterator[Row]:
    """One row, or one per element of the first list of objects, with the other values repeated."""
    inner = next((key for key, value in item.items() if _is_table(value)), None)
    if inner is None:
        yield dict(_flat(item, ""))
        return
    outer = dict(_flat({key: value for key, value in item.items() if key != inner}, ""))
    elements = item[inner]
    for element in elements if isinstance(elements, list) else []:
        yield outer | dict(_flat(element if isinstance(element, dict) else {"": element}, f"{inner}."))


def _is_table(value: Json) -> bool:
    return isinstance(value, list) and any(isinstance(element, dict) for element in value)


def _flat(item: Mapping[str, Json], prefix: str) -> Iterator[tuple[str, str | None]]:
    for key, value in item.items():
        if value == []:
            continue
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", _text(value)


def _text(value: Json) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _column(values: list[str | None]) -> pa.Array:
    try:
        return pa.array(values, pa.string())
    except UnicodeEncodeError:  # halves of characters, which JSON can write and no file can hold
        return pa.array([value and _whole(value) for value in values], pa.string())


def _whole(text: str) -> str:
    """Text with "?" for the halves of characters in it."""
    return text.encode("utf-8", "replace").decode()

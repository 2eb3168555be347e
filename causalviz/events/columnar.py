"""Parquet, as the engine sees it: whole files, columns inside columns, and the numbers of rows.

The parts of a folder are read as one table. The engine finds types that fit all of them; where none does, as for dates
in one part and numbers in another, it would fail in the middle of the reading, so this is looked at first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, Literal, NamedTuple

import duckdb
from duckdb import DuckDBPyConnection, DuckDBPyRelation
from duckdb.sqltypes import DuckDBPyType

from causalviz.errors import UnreadableLog
from causalviz.events.encoding import PARQUET

MANY: Final = ("list", "array", "map", "union")  # types of columns that hold more than one value
MOMENTS: Final = ("date", "timestamp", "timestamp_s", "timestamp_ms", "timestamp with time zone")
PLACES: Final = {"file_index", "file_row_number"}  # what the engine calls where a row stands
TEXTS: Final = ("varchar", "blob")  # everything but structures can be read as these
ORIGIN: Final = "causalviz_origin"  # the key under which a file of our own says of what it is a copy
LONGEST_ORIGIN: Final = 80  # characters; a stranger may write the key too

Family = Literal["structure", "moment", "text", "number"]


def check_foot(part: Path, title: str) -> None:
    """Refuses a file whose end, which says where everything is, was never written.

    Raises:
        UnreadableLog: If so.
    """
    with part.open("rb") as file:
        end = file.seek(0, 2)
        file.seek(max(0, end - len(PARQUET)))
        if file.read() != PARQUET or end < 3 * len(PARQUET):
            raise UnreadableLog(
                f"{title} is cut off: its Parquet data end without their footer; copy or export it again."
            )


def check_together(engine: DuckDBPyConnection, parts: Sequence[Path], names: Sequence[str], title: str) -> None:
    """Refuses a folder one of whose files is damaged, or does not fit the others.

    Args:
        engine: Reads them.
        parts: The files.
        names: What people call them.
        title: The folder's name in messages.

    Raises:
        UnreadableLog: If so.
    """
    first: dict[str, tuple[str, DuckDBPyType]] = {}  # of each column: the file in which it is first met, and its type
    for part, name in zip(parts, names, strict=True):
        check_foot(part, f"{name} in {title}")
        try:
            rows = engine.read_parquet(str(part), hive_partitioning=False)
        except duckdb.Error:
            raise UnreadableLog(f"{name} in {title} is damaged Parquet; copy or export it again.") from None
        for column, kind in zip(rows.columns, rows.types, strict=True):
            other, before = first.setdefault(column, (name, kind)) if kind.id != "null" else (name, kind)
            if not _fit(before, kind):
                raise UnreadableLog(
                    f"The files in {title} do not belong together: the column {column!r} is {before} in {other}, but "
                    f"{kind} in {name}; write it with one type, or read the files one by one."
                )


def numbering(rows: DuckDBPyRelation) -> tuple[int, str]:
    """How many rows there are, and SQL for the number of each, from 1, in whatever order they come."""
    if PLACES & {column.lower() for column in rows.columns}:  # a stranger's columns hide those of the engine
        return rows.aggregate("count(*)").fetchall()[0][0], "row_number() over ()"
    counts = dict(rows.aggregate("file_index, count(*)", "file_index").fetchall())
    starts = [sum(counts.get(k, 0) for k in range(file)) for file in range(max(counts, default=0) + 1)]
    return sum(counts.values()), f"{starts}[file_index::BIGINT + 1] + file_row_number + 1"


def origin_of(engine: DuckDBPyConnection, part: Path) -> str:
    """Of what a file says that it is a copy, in words; empty if it does not say."""
    asked = "select decode(value) from parquet_kv_metadata(?) where decode(key) = ?"
    told = engine.execute(asked, [str(part), ORIGIN]).fetchall()
    return str(told[0][0])[:LONGEST_ORIGIN] if told else ""


class Leaf(NamedTuple):
    """A column, or a field inside a column: its name with dots, where it stands (SQL), what its values are."""

    name: str
    place: str
    is_list: bool
    is_moment: bool


def leaves_of(name: str, place: str, kind: DuckDBPyType) -> Iterator[Leaf]:
    """A structure becomes one column per field; fields are taken by number, as their names come from strangers."""
    if kind.id != "struct":
        yield Leaf(name, place, kind.id in MANY, str(kind).lower() in MOMENTS)
        return
    for k, (field, inner) in enumerate(kind.children, start=1):
        if isinstance(inner, DuckDBPyType):  # of a structure they all are
            yield from leaves_of(f"{name}.{field}", f"struct_extract_at({place}, {k})", inner)


def _fit(one: DuckDBPyType, other: DuckDBPyType) -> bool:
    families = {_family(one), _family(other)}
    return len(families) == 1 or ("text" in families and "structure" not in families)


def _family(kind: DuckDBPyType) -> Family:
    if kind.id == "struct" or kind.id in MANY:
        return "structure"
    if str(kind).lower().startswith(("date", "timestamp")):
        return "moment"
    return "text" if kind.id in TEXTS else "number"

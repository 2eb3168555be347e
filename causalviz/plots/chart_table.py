"""The numbers behind a chart as a table: one column per field of its data, one row per mark, as CSV.

Works for every ``*_data`` value: what has one entry per mark becomes a column (pairs and arrays become several), what
does not is passed over.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np

from causalviz.graph.formulas import disarmed

Column: TypeAlias = Sequence[object]
Table: TypeAlias = Mapping[str, Column]

PAIR = ("cause", "effect")


@runtime_checkable
class ChartData(Protocol):
    """A NamedTuple of a ``*_data`` function."""

    def _asdict(self) -> dict[str, object]: ...


def columns_of(data: ChartData) -> Table:
    """The columns of a chart's data.

    Example:
        >>> from causalviz.plots.importance import ImportanceData
        >>> dict(columns_of(ImportanceData(("a", "b"), (0.5, 0.2))))
        {'labels': ['a', 'b'], 'strength': [0.5, 0.2]}
    """
    lists = {name: entries for name, value in data._asdict().items() if (entries := _entries(value)) is not None}
    if not lists:
        return {}
    rows = Counter(map(len, lists.values())).most_common(1)[0][0]
    columns: dict[str, Column] = {}
    for name, entries in lists.items():
        if len(entries) == rows:
            columns.update(_spread(name, entries))
    return columns


def has_marks(data: ChartData | Table) -> bool:
    """Whether a chart has anything to tell."""
    return any(map(len, _columns(data).values()))


def csv_of(data: ChartData | Table) -> str:
    """CSV with a heading; names that a spreadsheet would take for a formula get an apostrophe in front.

    Args:
        data: Of a chart, or its columns where their making needs more than ``columns_of`` knows.
    """
    columns = _columns(data)
    out = io.StringIO(newline="")
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(columns)
    table.writerows([_cell(value) for value in row] for row in zip(*columns.values(), strict=True))
    return out.getvalue()


def _columns(data: ChartData | Table) -> Table:
    return columns_of(data) if isinstance(data, ChartData) else data


def _entries(value: object) -> list[object] | None:
    """One for each mark; None for what is one thing for all of them."""
    if isinstance(value, (tuple, list)) or (isinstance(value, np.ndarray) and value.ndim > 0):
        return list(value)
    return None


def _spread(name: str, entries: list[object]) -> Table:
    """One column, or one for each part where every entry has the same number of parts."""
    widths = {len(entry) if isinstance(entry, (tuple, list, np.ndarray)) else 0 for entry in entries}
    width = widths.pop() if len(widths) == 1 else 0
    if not width:
        return {name: entries}
    titles = PAIR if name == "edges" and width == len(PAIR) else [f"{name}_{part + 1}" for part in range(width)]
    return {title: [entry[part] for entry in entries] for part, title in enumerate(titles)}  # type: ignore[index]


def _cell(value: object) -> object:
    if isinstance(value, str):
        return disarmed(value)
    if isinstance(value, np.generic):
        value = value.item()
    return "" if isinstance(value, float) and value != value else value

"""Tables from elsewhere as graphs: lists of edges, and matrices.

A list of edges has the columns cause and effect, under these or similar names or without any, then perhaps a
probability and a note; it is separated by commas, semicolons, tabs or blanks. In ours, cells that a spreadsheet would
take for a formula have an apostrophe in front, which is taken away again. A matrix has the same names in its first
row and its first column, causes as rows.

Our own ``edges.csv`` judges every pair and claims few: those at ``DRAWN`` or more.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from causalviz.errors import UnreadableGraph
from causalviz.graph.causal_graph import Edge
from causalviz.graph.exchange.attributes import NUMBERS, edge_of, folded
from causalviz.graph.exchange.imported import MAX_EDGES, MAX_NAME, ImportedGraph, check_size
from causalviz.graph.formulas import as_meant

CAUSES = ("cause", "source", "from", "parent", "原因", "src", "sourcenode", "fromnode", "node1", "tail", "start", "u")
EFFECTS = ("effect", "target", "to", "child", "结果", "dst", "targetnode", "tonode", "node2", "head", "end", "v")
POSITIONAL = ("cause", "effect", "probability")  # of a table without a head
UNSAID = frozenset({"", "na", "n/a", "nan", "null", "none", "-"})  # cells of numbers that hold none
COMMENT = "#"
JUDGED = "scored"  # the column that tells our table of all pairs from a list of edges
DRAWN = 0.5  # the probability from which on such a pair is drawn
_NUMBERS = frozenset(folded(dict.fromkeys((*NUMBERS, "prob", "confidence"), "")))
_TOLD = re.compile(r"['\"](\w+)['\"]:\s*(?:'([^']*)'|\"([^\"]*)\"|(-?[\d.]+(?:e-?\d+)?))", re.IGNORECASE)
_BLANK_SEPARATED = re.compile(r"(\S+)\s+(\S+)(?:\s+(0|1|[01]?\.\d+(?:e-?\d+)?|\{.*\}))?\s*$", re.IGNORECASE)


class _Row(NamedTuple):
    """A row of the list, by the names of its columns."""

    line: int
    cells: Mapping[str, str]


def read_csv(text: str, title: str) -> ImportedGraph:
    """Reads a list of edges or a matrix.

    Raises:
        UnreadableGraph: If a row has no cause or effect, a number is none, or there are no edges.
    """
    listed = _blank_separated(text)
    if listed is None:
        rows = _rows(text, title)
        matrix = _of_matrix([row for _, row in rows])
        listed = _of_list(rows, title) if matrix is None else matrix
    return _edges_in(listed, title)


class _Listed(NamedTuple):
    """What a table says: its rows, behaviours that have none, and what was passed over."""

    rows: Sequence[_Row]
    behaviours: Sequence[str] = ()
    remarks: Sequence[str] = ()


def _edges_in(listed: _Listed, title: str) -> ImportedGraph:
    edges: dict[tuple[str, str], Edge] = {}
    loops = doubles = without_direction = unlikely = 0
    for line, known in listed.rows:
        pair = known.get("cause", ""), known.get("effect", "")
        where = f"{title}, line {line}"
        if not all(pair):
            missing = "cause" if not pair[0] else "effect"
            raise UnreadableGraph(f"{where} has no {missing}; write both names, or remove the row.")
        if max(map(len, pair)) > MAX_NAME:
            raise UnreadableGraph(f"{where} has a name of more than {MAX_NAME} characters; shorten it.")
        undirected = folded(known).get("type", "").lower() == "undirected"  # Gephi's column
        without_direction += undirected
        loops += pair[0] == pair[1]
        doubles += pair in edges
        if pair[0] != pair[1] and pair not in edges and not undirected:
            edge = edge_of(pair, known, where)
            if JUDGED in known and edge.probability < DRAWN:
                unlikely += 1
            else:
                edges[pair] = edge
    named = (name for row in listed.rows for name in (row.cells["cause"], row.cells["effect"]))
    behaviours = tuple(dict.fromkeys([*listed.behaviours, *named]))
    check_size(len(behaviours), len(edges), title)
    if not edges and not unlikely:
        raise UnreadableGraph(f"{title} lists no edges; write one row “cause,effect” for each.")
    counted = (
        (unlikely, f"below {DRAWN} left out"),
        (loops, "from a behaviour to itself left out"),
        (doubles, "listed again and taken once"),
        (without_direction, "without a direction left out"),
    )
    remarks = [*listed.remarks, *(f"{count:,} {what}." for count, what in counted if count)]
    return ImportedGraph("CSV", behaviours, tuple(edges.values()), {}, tuple(remarks))


def _of_list(rows: Sequence[tuple[int, list[str]]], title: str) -> _Listed:
    head, body = _head(rows, title)
    remarks: tuple[str, ...] = ()
    if head == list(POSITIONAL) and body is rows and not all(_is_chance(row[2]) for _, row in rows if len(row) > 2):
        head = head[:2]
        remarks = ("The third column is no probability and was passed over.",)
    named = (dict(zip(head, (as_meant(cell.strip()) for cell in row), strict=False)) for _, row in body)
    return _Listed(
        [_Row(line, cells) for (line, _), cells in zip(body, map(_numbers_told, named), strict=True)], (), remarks
    )


def _of_matrix(rows: Sequence[Sequence[str]]) -> _Listed | None:
    """The cells that are not 0, if the table is a matrix; they are probabilities unless all are 1, or some above 1."""
    names = [as_meant(cell.strip()) for cell in rows[0][1:]]
    if len(names) < 2 or [as_meant(row[0].strip()) for row in rows[1:]] != names:
        return None
    cells = [
        (row, column, _as_number(cell))
        for row, line in enumerate(rows[1:])
        for column, cell in enumerate(line[1 : len(names) + 1])
    ]
    if any(value is None for _, _, value in cells):
        return None
    drawn = [(row, column, value) for row, column, value in cells if value and not math.isnan(value)]
    chances = all(0 < value <= 1 for _, _, value in drawn) and any(value < 1 for _, _, value in drawn)
    listed = [
        _Row(row + 2, {"cause": names[row], "effect": names[column], "probability": str(value) if chances else ""})
        for row, column, value in drawn
    ]
    return _Listed(listed, names)


def _blank_separated(text: str) -> _Listed | None:
    """A list such as networkx and igraph write, with blanks between and perhaps a number or {attributes} behind."""
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    lines = [(number, line) for number, line in lines if line and not line.startswith(COMMENT)]
    if any("\t" in line for _, line in lines):
        return None
    found = [(number, _BLANK_SEPARATED.match(line)) for number, line in lines[: MAX_EDGES + 1]]
    rows = []
    for number, parts in found:
        if parts is None or ({",", ";"} & set(parts[1] + parts[2])):
            return None
        told = {key.lower(): one or two or three for key, one, two, three in _TOLD.findall(parts[3] or "")}
        chance = {"probability": parts[3]} if parts[3] and not parts[3].startswith("{") else {}
        rows.append(_Row(number, {**told, **chance, "cause": parts[1], "effect": parts[2]}))
    first = rows[0].cells if rows else {}
    headed = first.get("cause", "").lower() in CAUSES and first.get("effect", "").lower() in EFFECTS
    return _Listed(rows[headed:]) if rows else None


def _rows(text: str, title: str) -> list[tuple[int, list[str]]]:
    """The rows that are not blank, each with its line."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[tuple[int, list[str]]] = []
    begin = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append((begin, row))
            begin = reader.line_num + 1
            if len(rows) > MAX_EDGES + 1:
                check_size(0, len(rows), title)
    except csv.Error as error:
        raise UnreadableGraph(
            f"{title} is no table at line {reader.line_num} ({error}); save it as CSV again."
        ) from None
    if not rows or len(rows[0][1]) < 2:
        raise UnreadableGraph(
            f"{title} is no graph that is known here; choose GraphML, GEXF, DOT, DAGitty, JSON, or a CSV with the "
            "columns cause and effect."
        )
    return rows


def _head(rows: Sequence[tuple[int, list[str]]], title: str) -> tuple[list[str], Sequence[tuple[int, list[str]]]]:
    """The columns' names, with cause and effect found, and the rows below."""
    folds = [next(iter(folded({cell.strip(): ""})), "") for cell in rows[0][1]]
    cause = next((folds.index(name) for name in CAUSES if name in folds), None)
    effect = next((folds.index(name) for name in EFFECTS if name in folds), None)
    if cause is None and effect is None:
        if len(rows[0][1]) > len(POSITIONAL):
            raise UnreadableGraph(f"{title} has no columns “cause” and “effect” in line {rows[0][0]}; name them so.")
        return list(POSITIONAL), rows
    if cause is None or effect is None:
        raise UnreadableGraph(
            f"{title} has a column for {'effects' if cause is None else 'causes'} only in line {rows[0][0]}; name both "
            "“cause” and “effect”."
        )
    head = [cell.strip() for cell in rows[0][1]]
    head[cause], head[effect] = "cause", "effect"
    return head, rows[1:]


def _numbers_told(cells: dict[str, str]) -> dict[str, str]:
    """The cells, those of numbers with a point for a decimal comma, and empty where they hold none."""
    told = {}
    for name, cell in cells.items():
        is_number = next(iter(folded({name: ""})), "") in _NUMBERS
        told[name] = ("" if cell.lower() in UNSAID else cell.replace(",", ".")) if is_number else cell
    return told


def _as_number(cell: str) -> float | None:
    """The number in a cell, 0 where it holds none; None where it is no number."""
    text = cell.strip().lower()
    try:
        return 0.0 if text in UNSAID else float(text.replace(",", "."))
    except ValueError:
        return None


def _is_chance(cell: str) -> bool:
    value = _as_number(cell)
    return value is not None and 0 <= value <= 1

"""The graph as tables: a list of edges (CSV), and the adjacency matrix (CSV, NumPy).

A list of edges from elsewhere has the columns cause and effect, under these or similar names or without any, then
perhaps a probability and a note. In ours, cells that a spreadsheet would take for a formula have an apostrophe in
front, which is taken away again.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence

import numpy as np

from causalviz.errors import UnreadableGraph
from causalviz.graph.causal_graph import COLUMNS, CausalGraph, Edge, known_attributes
from causalviz.graph.exchange.attributes import asserted_edges, edge_of, folded
from causalviz.graph.exchange.imported import (
    MAX_EDGES,
    MAX_NAME,
    ImportedGraph,
    check_size,
)
from causalviz.graph.formulas import as_meant, disarmed

CSV_COLUMNS = (*COLUMNS, "ruling", "note", "by_rule", "rule")
CAUSES = ("cause", "source", "from", "parent", "原因")
EFFECTS = ("effect", "target", "to", "child", "结果")
POSITIONAL = ("cause", "effect", "probability")  # of a table without a head


def write_csv(graph: CausalGraph) -> str:
    """One row per shown edge, denied ones and their rulings included."""
    rows = []
    for edge in graph.edges:
        known = known_attributes(edge)
        numbers = [known.get(column, "") for column in COLUMNS[2:]]
        rows.append([edge.cause, edge.effect, *numbers, edge.ruling.value, edge.note, edge.by_rule, edge.rule])
    return _table([list(CSV_COLUMNS), *rows])


def read_csv(text: str, title: str) -> ImportedGraph:
    """Reads a list of edges, separated by commas, semicolons or tabs.

    Raises:
        UnreadableGraph: If a row has no cause or effect, a number is none, or there are no edges.
    """
    rows = _rows(text, title)
    head, body = _head(rows, title)
    edges: dict[tuple[str, str], Edge] = {}
    loops = doubles = 0
    for line, row in body:
        known = dict(zip(head, (as_meant(cell.strip()) for cell in row), strict=False))
        pair = known.get("cause", ""), known.get("effect", "")
        where = f"{title}, line {line}"
        if not all(pair):
            missing = "cause" if not pair[0] else "effect"
            raise UnreadableGraph(f"{where} has no {missing}; write both names, or remove the row.")
        if max(map(len, pair)) > MAX_NAME:
            raise UnreadableGraph(f"{where} has a name of more than {MAX_NAME} characters; shorten it.")
        loops += pair[0] == pair[1]
        doubles += pair in edges
        if pair[0] != pair[1] and pair not in edges:
            edges[pair] = edge_of(pair, known, where)
    behaviours = tuple(dict.fromkeys(name for pair in edges for name in pair))
    check_size(len(behaviours), len(edges), title)
    if not edges:
        raise UnreadableGraph(f"{title} lists no edges; write one row “cause,effect” for each.")
    remarks = [
        f"{count:,} {what}." for count, what in (
            (loops, "from a behaviour to itself left out"), (doubles, "listed again and taken once"),
        ) if count
    ]  # fmt: skip
    return ImportedGraph("CSV", behaviours, tuple(edges.values()), {}, tuple(remarks))


def write_adjacency_csv(graph: CausalGraph) -> str:
    """The matrix, causes as rows and effects as columns: probabilities of edges, 1 where nobody scored one, else 0."""
    matrix = adjacency(graph)
    rows = [[name, *map(_short, matrix[row])] for row, name in enumerate(graph.behaviours)]
    return _table([["cause \\ effect", *graph.behaviours], *rows])


def write_adjacency_npz(graph: CausalGraph) -> bytes:
    """NumPy's archive, to be read without pickle: ``names`` (K,) text, ``probability`` (K, K), ``edge`` (K, K) bool.

    Both matrices are [cause, effect]; ``probability`` is NaN where nothing is drawn or nobody scored the edge.
    """
    place = {name: row for row, name in enumerate(graph.behaviours)}
    K = len(place)
    probability, edge = np.full((K, K), math.nan), np.zeros((K, K), dtype=np.bool_)
    for drawn in asserted_edges(graph):
        at = place[drawn.cause], place[drawn.effect]
        probability[at], edge[at] = drawn.probability, True
    out = io.BytesIO()
    np.savez_compressed(out, names=np.array(graph.behaviours, dtype=np.str_), probability=probability, edge=edge)
    return out.getvalue()


def adjacency(graph: CausalGraph) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """(K, K), [cause, effect]: probabilities of edges, 1 where nobody scored one, 0 without an edge."""
    place = {name: row for row, name in enumerate(graph.behaviours)}
    matrix = np.zeros((len(place), len(place)))
    for edge in asserted_edges(graph):
        matrix[place[edge.cause], place[edge.effect]] = 1.0 if math.isnan(edge.probability) else edge.probability
    return matrix


def _table(rows: Sequence[Sequence[str | float]]) -> str:
    out = io.StringIO(newline="")
    table = csv.writer(out, lineterminator="\r\n")
    table.writerows([[disarmed(cell) if isinstance(cell, str) else cell for cell in row] for row in rows])
    return out.getvalue()


def _short(value: float) -> str:
    return f"{value:.6g}"


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


def _head(rows: list[tuple[int, list[str]]], title: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
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

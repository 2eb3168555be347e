"""The graph as tables: a list of edges (CSV), and the adjacency matrix (CSV, NumPy).

Cells that a spreadsheet would take for a formula get an apostrophe in front.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence

import numpy as np

from causalviz.graph.causal_graph import COLUMNS, CausalGraph, known_attributes
from causalviz.graph.exchange.attributes import asserted_edges
from causalviz.graph.formulas import disarmed

CSV_COLUMNS = (*COLUMNS, "ruling", "note", "by_rule", "rule")


def write_csv(graph: CausalGraph) -> str:
    """One row per shown edge, denied ones and their rulings included."""
    rows = []
    for edge in graph.edges:
        known = known_attributes(edge)
        numbers = [known.get(column, "") for column in COLUMNS[2:]]
        rows.append([edge.cause, edge.effect, *numbers, edge.ruling.value, edge.note, edge.by_rule, edge.rule])
    return _table([list(CSV_COLUMNS), *rows])


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

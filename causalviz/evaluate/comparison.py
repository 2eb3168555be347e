"""Two tables of edges, an answer and the truth, brought to one order of behaviours and scored.

An answer lists ordered pairs with their probability (``edges.csv``), or only the edges that it draws. The truth lists
its edges (``truth.csv``); what it does not list is no edge.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from causalviz.errors import UnknownBehaviour, UnreadableGraph
from causalviz.evaluate.metrics import THRESHOLD, Scores, evaluate

SHOWN = 3  # names in a message


class Matrices(NamedTuple):
    """K names in order; (K, K) probabilities and truth, [cause, effect], the diagonal 0 and False."""

    names: tuple[str, ...]
    probability: NDArray[np.float64]
    truth: NDArray[np.bool_]


def compare_frames(edges: pd.DataFrame, truth: pd.DataFrame, threshold: float = THRESHOLD) -> Scores:
    """Scores a table of edges against a table of true edges; see ``matrices_of`` for their columns and errors."""
    matrices = matrices_of(edges, truth)
    return evaluate(matrices.probability, matrices.truth, threshold)


def matrices_of(edges: pd.DataFrame, truth: pd.DataFrame) -> Matrices:
    """Reads both tables into matrices.

    Args:
        edges: Columns cause, effect and, unless all rows are drawn edges, probability. A pair that is not listed has
            probability 0. The behaviours are all names that occur here.
        truth: Columns cause and effect; one row per true edge. Self-influences are passed over.

    Raises:
        UnreadableGraph: If a column or a name is missing, a pair comes twice, or a probability is none.
        UnknownBehaviour: If the truth has names that the edges never mention.
    """
    found, true = _pairs(edges, "the edges"), _pairs(truth, "the truth")
    names = sorted(set(found["cause"]) | set(found["effect"]))
    if len(names) < 2:
        raise UnreadableGraph("The edges name fewer than two behaviours; give every ordered pair, as discover does.")
    strange = sorted((set(true["cause"]) | set(true["effect"])) - set(names))
    if strange:
        raise UnknownBehaviour(
            f"The truth names {_some(strange)}, which the edges never mention; use the same names in both tables."
        )
    twice = found[found.duplicated(["cause", "effect"])]
    if len(twice):
        pair = twice.iloc[0]
        raise UnreadableGraph(
            f"The edges list {pair['cause']!r} -> {pair['effect']!r} more than once; keep one row per pair."
        )
    code = {name: number for number, name in enumerate(names)}
    K = len(names)
    probability, true_edge = np.zeros((K, K)), np.zeros((K, K), dtype=bool)
    probability[found["cause"].map(code), found["effect"].map(code)] = _probabilities(edges)
    true_edge[true["cause"].map(code), true["effect"].map(code)] = True
    np.fill_diagonal(probability, 0.0)
    np.fill_diagonal(true_edge, False)
    return Matrices(tuple(names), probability, true_edge)


def _pairs(table: pd.DataFrame, what: str) -> pd.DataFrame:
    """Causes and effects as text."""
    missing = [column for column in ("cause", "effect") if column not in table.columns]
    if missing:
        raise UnreadableGraph(
            f"The table of {what} has no column {missing[0]!r} (it has {_some([str(c) for c in table.columns])}); "
            "name its columns cause and effect."
        )
    pairs = table[["cause", "effect"]]
    nameless = np.flatnonzero(pairs.isna().any(axis=1))
    if len(nameless):
        raise UnreadableGraph(f"Row {nameless[0] + 1} of {what} lacks a name; fill in its cause and its effect.")
    return pairs.astype(str).reset_index(drop=True)


def _probabilities(edges: pd.DataFrame) -> NDArray[np.float64]:
    """(rows,) probabilities; 1 for each row of a table without them."""
    if "probability" not in edges.columns:
        return np.ones(len(edges))
    values = pd.to_numeric(edges["probability"], errors="coerce").to_numpy(dtype=np.float64)
    wrong = np.flatnonzero(~((values >= 0) & (values <= 1)))
    if len(wrong):
        given = edges["probability"].iloc[wrong[0]]
        raise UnreadableGraph(
            f"Row {wrong[0] + 1} of the edges has the probability {str(given)!r}; give numbers from 0 to 1."
        )
    return values


def _some(names: list[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:SHOWN])
    more = len(names) - SHOWN
    return shown + (f" and {more} more" if more > 0 else "")

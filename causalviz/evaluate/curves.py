"""What one gets by drawing more and more pairs: the steps behind the ROC and the precision-recall curve.

All pairs with the same score are drawn at once, so a step is a distinct score. With P edges among n pairs, and
h hits among the d pairs drawn after a step,

    recall = h / P,   precision = h / d,   false alarms = (d - h) / (n - P),
    AUROC = area under recall over false alarms, straight between steps (Hanley and McNeil 1982),
    AUPRC = sum over steps of the gain in recall times the precision after it (average precision).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Steps(NamedTuple):
    """S steps, from drawing the surest pairs alone to drawing all.

    Attributes:
        threshold: (S,) the least score that is drawn, decreasing.
        drawn: (S,) pairs drawn.
        hits: (S,) edges among them.
        pairs: n.
        edges: P.
    """

    threshold: Floats
    drawn: Ints
    hits: Ints
    pairs: int
    edges: int

    @property
    def recall(self) -> Floats:
        """(S,) NaN without edges."""
        return self.hits / (self.edges or np.nan)

    @property
    def precision(self) -> Floats:
        """(S,)"""
        return self.hits / self.drawn

    @property
    def false_alarms(self) -> Floats:
        """(S,) share of the pairs without an edge that are drawn; NaN if there are none."""
        return (self.drawn - self.hits) / ((self.pairs - self.edges) or np.nan)


def steps_of(score: Floats, label: NDArray[np.bool_]) -> Steps:
    """Counts what is drawn and hit at each distinct score.

    Args:
        score: (n,) finite, larger is surer.
        label: (n,) True for edges.
    """
    order = np.argsort(-score, kind="stable")
    ranked = score[order]
    last = np.flatnonzero(np.append(np.diff(ranked) != 0, True)) if len(ranked) else np.empty(0, np.int64)
    hits = np.cumsum(label[order])[last]
    return Steps(ranked[last], last + 1, hits.astype(np.int64), len(score), int(label.sum()))


def area_under_roc(steps: Steps) -> float:
    """AUROC; NaN unless there are edges and other pairs."""
    others = steps.pairs - steps.edges
    if not steps.edges or not others:
        return float("nan")
    hits = np.concatenate([[0], steps.hits])  # (S + 1,)
    false = np.concatenate([[0], steps.drawn - steps.hits])
    return float(np.sum(np.diff(false) * (hits[1:] + hits[:-1]))) / (2 * steps.edges * others)


def average_precision(steps: Steps) -> float:
    """AUPRC; NaN without edges."""
    if not steps.edges:
        return float("nan")
    gained = np.diff(steps.hits, prepend=0)
    return float(np.sum(gained * steps.precision)) / steps.edges

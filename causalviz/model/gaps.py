"""Gaps between events, in bins that each hold about as many of them: how a network reads time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAST_S = 1e-3  # a bin of ties alone has no mean of its own


class Gaps(NamedTuple):
    """B bins.

    Attributes:
        edges: (B - 1,) inner edges, seconds, increasing.
        mean: (B,) mean gap in each, seconds.
    """

    edges: Floats
    mean: Floats

    @classmethod
    def of(cls, gap_s: Floats, bins: int) -> Gaps:
        """The bins of some gaps.

        Args:
            gap_s: Gaps, seconds; at least one.
            bins: At most so many; gaps that are often the same leave fewer.
        """
        edges = np.unique(np.quantile(gap_s, np.linspace(0, 1, bins + 1)[1:-1]))
        code = np.searchsorted(edges, gap_s, side="right")
        count = np.bincount(code, minlength=len(edges) + 1)
        total = np.bincount(code, gap_s, len(edges) + 1)
        return cls(edges, np.maximum(total / np.maximum(count, 1), LEAST_S))

    def code(self, gap_s: Floats) -> NDArray[np.int64]:
        """The bin of each gap, in the shape of the gaps."""
        return np.searchsorted(self.edges, gap_s, side="right").astype(np.int64)

"""The lag grid: how far apart two events may lie, cut into bins whose width grows with the lag.

Bin l holds the lags in (edges[l], edges[l + 1]]. A lag of zero, a *tie*, belongs to no bin: it has no direction.
Behaviour answers within seconds or within days, so the bins are spaced evenly on the logarithm, between the
shortest and the longest gaps that the log itself usually shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from causalviz.errors import SettingsError
from causalviz.events.log import TICKS_PER_S, Histories
from causalviz.lags.gaps import gap_quantiles

SHORTEST, LONGEST = 0.05, 0.95  # quantiles of the positive gaps between one user's neighbouring events
NEAREST = 0.1  # of the first edge: where the logarithms of the first bin are taken to begin
REACH = 2.0  # a cause may act across the longest usual gap and once more as far
NO_GAPS = (TICKS_PER_S, 60 * TICKS_PER_S)  # for a log without two moments of one user


@dataclass(frozen=True, slots=True)
class LagGrid:
    """L lag bins.

    Attributes:
        edges: L + 1 whole ticks, increasing from 0.

    Raises:
        SettingsError: If there is no bin, or the edges do not increase from 0.
    """

    edges: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.edges) < 2 or self.edges[0] != 0:
            raise SettingsError(f"A lag grid begins at 0 and needs at least one bin (got {self.edges}).")
        if any(high <= low for low, high in pairwise(self.edges)):
            raise SettingsError(f"The edges of a lag grid must increase (got {self.edges}).")

    @classmethod
    def from_log(cls, log: Histories, n_bins: int = 8) -> LagGrid:
        """The grid that fits a log.

        Args:
            log: M events.
            n_bins: L, at least 2.

        Returns:
            Bins from the ``SHORTEST`` usual gap to ``REACH`` times the ``LONGEST`` one; the first begins at 0.

        Raises:
            SettingsError: If there are fewer than two bins.
        """
        if n_bins < 2:
            raise SettingsError(f"A log needs at least 2 lag bins (got {n_bins}).")
        low, high = gap_quantiles(log, (SHORTEST, LONGEST)) or NO_GAPS
        return cls.from_gaps((float(low), float(high)), n_bins)

    @classmethod
    def from_gaps(cls, gaps: tuple[float, float], n_bins: int) -> LagGrid:
        """The grid between two gaps.

        Args:
            gaps: The ``SHORTEST`` and the ``LONGEST`` usual one, ticks.
            n_bins: L, at least 2.
        """
        low, high = max(gaps[0], 1.0), gaps[1]
        inner = np.geomspace(low, max(REACH * high, 2.0 * low), n_bins)  # (L,)
        edges = [0]
        for edge in inner:
            edges.append(max(edges[-1] + 1, round(edge)))
        return cls(tuple(edges))

    def finer(self, parts: int) -> LagGrid:
        """Every bin cut into ``parts``, evenly on the logarithm, as far as whole ticks allow.

        The first bin, which begins at 0, is cut as if it began at ``NEAREST`` of its end.
        """
        lows = (NEAREST * self.edges[1], *self.edges[1:-1])
        cuts = np.geomspace(lows, self.edges[1:], parts + 1)[1:-1]  # (parts - 1, L)
        return LagGrid(tuple(sorted({*self.edges, *(round(cut) for cut in cuts.ravel())})))

    @property
    def n_bins(self) -> int:
        """L."""
        return len(self.edges) - 1

    @property
    def lows_s(self) -> tuple[float, ...]:
        """L lower ends, seconds."""
        return tuple(edge / TICKS_PER_S for edge in self.edges[:-1])

    @property
    def highs_s(self) -> tuple[float, ...]:
        """L upper ends, seconds."""
        return tuple(edge / TICKS_PER_S for edge in self.edges[1:])

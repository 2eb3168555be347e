"""EventLog -> LagCounts: integer counts of who follows whom at which lag, additive over users."""

from causalviz.lags.counts import EXPECTED_SCALE, LagCounts, count_lags, no_counts
from causalviz.lags.grid import LagGrid

__all__ = ["EXPECTED_SCALE", "LagCounts", "LagGrid", "count_lags", "no_counts"]

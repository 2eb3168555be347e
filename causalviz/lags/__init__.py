"""EventLog -> LagCounts: integer counts of who follows whom at which lag, additive over users."""

from causalviz.lags.counts import EXPECTED_SCALE, LagCounts, count_lags, no_counts
from causalviz.lags.grid import LagGrid
from causalviz.lags.increment import add_day, join_days

__all__ = ["EXPECTED_SCALE", "LagCounts", "LagGrid", "add_day", "count_lags", "join_days", "no_counts"]

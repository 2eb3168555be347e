"""EventLog -> LagCounts: integer counts of who follows whom at which lag, additive over users."""

from causalviz.lags.counts import EXPECTED_SCALE, LagCounts, count_lags, no_counts
from causalviz.lags.grid import LagGrid
from causalviz.lags.increment import Days, add_day

__all__ = ["EXPECTED_SCALE", "Days", "LagCounts", "LagGrid", "add_day", "count_lags", "no_counts"]

"""The grid spans the log's own gaps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import event_logs

from causalviz.errors import SettingsError
from causalviz.events.log import EventLog
from causalviz.lags import LagGrid
from causalviz.lags.gaps import gap_quantiles


def test_bins_reach_from_short_to_long_gaps() -> None:
    gaps = np.array([1_000] * 10 + [60_000] * 80 + [3_600_000] * 10)
    log = EventLog.from_columns(
        np.zeros(101, np.int32), np.concatenate([[0], np.cumsum(gaps)]), np.zeros(101, np.int32), ["a", "b"]
    )
    grid = LagGrid.from_log(log)
    assert grid.n_bins == 8
    assert grid.highs_s[0] == 1.0
    assert grid.highs_s[-1] == 7200.0
    assert grid.lows_s == (0.0, *grid.highs_s[:-1])


@given(event_logs(), st.integers(2, 12))
def test_every_log_has_a_grid_of_the_asked_size(log: EventLog, n_bins: int) -> None:
    grid = LagGrid.from_log(log, n_bins)
    assert grid.n_bins == n_bins
    assert np.all(np.diff(grid.edges) > 0)


@given(event_logs(), st.lists(st.floats(0, 1), min_size=1, max_size=3))
def test_quantiles_of_gaps_are_exact(log: EventLog, shares: list[float]) -> None:
    gaps = np.diff(log.time)[np.diff(log.user) == 0]
    gaps = gaps[gaps > 0]
    assert gap_quantiles(log, shares) == (np.quantile(gaps, shares).tolist() if len(gaps) else [])


def test_quantiles_of_gaps_are_exact_among_many_batches_and_magnitudes() -> None:
    rng = np.random.default_rng(0)
    gaps = np.exp(rng.uniform(0, 25, 5000)).astype(np.int64)
    log = EventLog.from_columns(
        np.repeat(np.arange(50, dtype=np.int32), 100), np.cumsum(gaps), np.zeros(5000, np.int32), ["a", "b"]
    )
    shares = np.linspace(0, 1, 41)
    positive = np.diff(log.time)[np.diff(log.user) == 0]
    positive = positive[positive > 0]
    assert gap_quantiles(log, shares.tolist()) == np.quantile(positive, shares).tolist()


@pytest.mark.parametrize("edges", [(0,), (1, 2), (0, 3, 3), ()])
def test_impossible_grids_are_refused(edges: tuple[int, ...]) -> None:
    with pytest.raises(SettingsError, match="got"):
        LagGrid(edges)


def test_one_bin_is_too_few_for_a_log() -> None:
    log = EventLog.from_columns(np.zeros(2, np.int32), np.array([0, 1]), np.array([0, 1], np.int32), ["a", "b"])
    with pytest.raises(SettingsError, match="at least 2 lag bins"):
        LagGrid.from_log(log, 1)


@given(edges=st.lists(st.integers(1, 10**6), min_size=1, max_size=12, unique=True), parts=st.integers(1, 5))
def test_a_finer_grid_keeps_every_edge_and_cuts_no_bin_into_more_than_its_parts(edges: list[int], parts: int) -> None:
    grid = LagGrid((0, *sorted(edges)))
    finer = grid.finer(parts)
    assert set(grid.edges) <= set(finer.edges)
    within = np.bincount(np.searchsorted(grid.edges, finer.edges[1:]) - 1)
    assert within.max() <= parts
    assert finer.edges[-1] == grid.edges[-1]


def test_a_bin_is_cut_evenly_on_the_logarithm() -> None:
    assert LagGrid((0, 1000, 1_000_000)).finer(3).edges == (0, 215, 464, 1000, 10_000, 100_000, 1_000_000)

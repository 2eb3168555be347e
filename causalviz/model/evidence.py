"""Evidence: what is counted on the whole log and fitted on a sample of it, before anything is judged."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from causalviz.events.log import EventLog, Histories
from causalviz.lags import LagCounts, count_lags
from causalviz.lags.grid import LagGrid
from causalviz.model.exponentials import ExponentialEvidence, fit_exponentials
from causalviz.model.hawkes import HawkesEvidence, fit_hawkes
from causalviz.model.regression import Regression, fit_regressions


class Evidence(NamedTuple):
    """Everything counted and fitted on a log, before it becomes features."""

    counts: LagCounts
    hawkes: HawkesEvidence
    exponentials: ExponentialEvidence
    marks: Regression
    rates: Regression


def gather_evidence(
    log: Histories,
    *,
    lag_bins: int = 8,
    sample_events: int = 200_000,
    seed: int = 0,
    count: Callable[[Histories, LagGrid], LagCounts] = count_lags,
    counts: LagCounts | None = None,
) -> Evidence:
    """Counts the whole log and fits the models on a sample of whole histories.

    Args:
        log: The log.
        lag_bins: L.
        sample_events: About how many events the Hawkes process and the regression read.
        seed: Of the sample, of the shuffled fit and of the moments compared with.
        count: The engine that counts the whole log; all give the same counts.
        counts: Of this log, if it was counted before; their grid is used then.
    """
    sample = sample_histories(log, sample_events, seed)
    return fit_evidence(sample, counts or count(log, LagGrid.from_log(log, lag_bins)), seed)


def fit_evidence(sample: EventLog, counts: LagCounts, seed: int = 0) -> Evidence:
    """Fits the models on a sample of whole histories, beside the counts of the whole log.

    Args:
        sample: Of the log's histories.
        counts: Of the whole log.
        seed: Of the shuffled fit and of the moments compared with.
    """
    with ThreadPoolExecutor(1) as pool:  # neither holds the lock for long; products of matrices use all cores, so last
        exponentials = pool.submit(fit_exponentials, sample, counts.grid)
        fitted = pool.submit(fit_regressions, sample, counts.grid, seed=seed)
        hawkes = fit_hawkes(sample, counts.grid, seed=seed)
        return Evidence(counts, hawkes, exponentials.result(), *fitted.result())


def sample_histories(log: Histories, events: int, seed: int) -> EventLog:
    """The log itself, or whole histories of random users holding about ``events`` events."""
    if log.n_events <= events:
        return log if isinstance(log, EventLog) else log.take_users(np.arange(log.n_users))
    order = np.random.default_rng(seed).permutation(log.n_users)
    sizes = log.sizes[order]
    kept = max(1, int(np.searchsorted(np.cumsum(sizes), events)))
    return log.take_users(np.sort(order[:kept]))

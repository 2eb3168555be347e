"""Evidence is counted on the whole log and fitted on whole histories of it."""

from __future__ import annotations

import numpy as np

from causalviz.lags import LagGrid, count_lags
from causalviz.model.evidence import fit_evidence, gather_evidence, sample_histories
from causalviz.worlds import demo_log


def test_a_sample_holds_whole_histories() -> None:
    log = demo_log("social", users=200).log
    sample = sample_histories(log, 1_000, seed=0)
    sizes = dict(zip(log.user_names, np.diff(log.offsets), strict=True))
    assert 800 <= sample.n_events <= 1_200
    assert all(sizes[n] == size for n, size in zip(sample.user_names, np.diff(sample.offsets), strict=True))
    assert sample_histories(log, 10**6, seed=0) is log


def test_a_log_is_counted_as_a_whole_and_fitted_on_the_sample() -> None:
    log = demo_log("social", users=200).log
    counts = count_lags(log, LagGrid.from_log(log, 8))
    found = gather_evidence(log, sample_events=1_000, seed=3, counts=counts)
    apart = fit_evidence(sample_histories(log, 1_000, 3), counts, seed=3)
    assert found.counts is counts
    assert found.counts.total().events.sum() == log.n_events
    assert found.hawkes.far.background.sum() < 1_200
    for one, other in (
        (found.hawkes.local.blame, apart.hawkes.local.blame),
        (found.marks.t_value, apart.marks.t_value),
    ):
        assert np.array_equal(one, other)

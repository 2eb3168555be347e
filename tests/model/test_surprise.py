"""Residuals of a fitted process tell whether it is the whole story."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import event_logs
from worlds.test_simulator import edge, plan_of

from causalviz.events.log import EventLog
from causalviz.lags import LagGrid
from causalviz.model import surprise as module
from causalviz.model.hawkes import fit_hawkes
from causalviz.model.surprise import QUARTERS, Surprise, surprise
from causalviz.worlds.plan import WorldPlan
from causalviz.worlds.simulator import simulate

EDGES = np.array([0, 3, 9, 30])
SIZES = settings(max_examples=40, deadline=None)


def surprised(plan: WorldPlan) -> Surprise:
    log = simulate(plan, np.random.default_rng(0)).log
    return fit_hawkes(log, LagGrid.from_log(log)).surprise


def beside_steady_rates(plan: WorldPlan) -> Surprise:
    """A log without causes against the process in which each behaviour has its share of every user's events."""
    log = simulate(plan, np.random.default_rng(0)).log
    K = log.n_behaviours
    kernel = np.zeros((K, K * (len(EDGES) - 1) + 1))
    kernel[:, -1] = np.bincount(log.behaviour) / log.n_events
    return surprise(log, EDGES, kernel)


def some_kernel(K: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random((K, K * (len(EDGES) - 1) + 1)) * 0.1


def residuals_slowly(log: EventLog, kernel: np.ndarray) -> np.ndarray:
    """(U, QUARTERS, K) user by user, quarter by quarter, event by event."""
    K, L = log.n_behaviours, len(EDGES) - 1
    found = np.zeros((log.n_users, QUARTERS, K))
    for u in range(log.n_users):
        time, marks = log.time[log.user == u].astype(float), log.behaviour[log.user == u]
        if not len(time):
            continue
        ends = np.linspace(time[0], time[-1], QUARTERS + 1)
        for q in range(QUARTERS):
            whose = np.clip(np.searchsorted(ends, time, side="right") - 1, 0, QUARTERS - 1)
            if ends[0] == ends[-1]:
                whose = np.zeros(len(time), int)
            for j in range(K):
                expected = kernel[j, -1] * len(time) / QUARTERS
                for moment, i in zip(time, marks, strict=True):
                    for b in range(L):
                        low, high = moment + EDGES[b], moment + EDGES[b + 1]
                        expected += kernel[j, i * L + b] * max(0.0, min(high, ends[q + 1]) - max(low, ends[q]))
                found[u, q, j] = np.sum((marks == j) & (whose == q)) - expected
    return found


@given(event_logs(), st.integers(0, 9))
@SIZES
def test_it_equals_its_slow_twin(log: EventLog, seed: int) -> None:
    kernel = some_kernel(log.n_behaviours, seed)
    parts = residuals_slowly(log, kernel)
    r, counts = parts.sum(1), np.maximum(np.bincount(log.behaviour, minlength=log.n_behaviours), 1)
    found = surprise(log, EDGES, kernel)
    assert np.allclose(found.by_user, (r**2).sum(0) / counts, atol=1e-9)
    assert np.allclose(found.in_time, (parts**2).sum((0, 1)) / counts, atol=1e-9)
    together = np.einsum("ui,uj->ij", r, r) / np.sqrt(np.einsum("ui,uj->ij", r**2, r**2))
    assert np.allclose(found.together, together, atol=1e-6)


@given(event_logs(), st.integers(0, 9))
@SIZES
def test_users_read_a_few_at_a_time_are_the_same(log: EventLog, seed: int) -> None:
    kernel = some_kernel(log.n_behaviours, seed)
    with pytest.MonkeyPatch.context() as patch:
        whole = surprise(log, EDGES, kernel)
        patch.setattr(module, "AT_ONCE", 1)
        assert all(np.allclose(a, b) for a, b in zip(whole, surprise(log, EDGES, kernel), strict=True))


NOTHING = plan_of(np.zeros((6, 6)))


def test_a_hawkes_process_surprises_as_much_as_chance() -> None:
    found = surprised(plan_of(edge(6, 0, 1, 0.7) + edge(6, 2, 3, 0.4)))
    assert found.by_user.mean() == pytest.approx(1 - 1 / 6, abs=0.1)
    assert found.in_time.mean() == pytest.approx(1.0, abs=0.1)


def test_users_who_differ_surprise() -> None:
    """Of 6 behaviours the first two are one topic: who likes one likes the other, and neither sets off anything."""
    liking = replace(NOTHING.people, taste=1.0, groups=np.array([0, 0, 1, 2, 3, 4]))
    found = beside_steady_rates(replace(NOTHING, people=liking))
    assert found.by_user.min() > 2.0
    assert found.together[1, 0] > 3.0
    assert all(found.together[i, j] < 0 for i in range(6) for j in range(i) if (i, j) != (1, 0))


def test_what_waxes_and_wanes_surprises_in_time_alone() -> None:
    drifting = replace(NOTHING.people, drift=np.array([0.0, 0.0, 0.0, 0.0, 0.0, -4.0]))
    found = beside_steady_rates(replace(NOTHING, people=drifting))
    assert found.in_time[5] > 2.0
    assert found.by_user[5] < 1.0


def test_counts_that_correct_themselves_surprise_less_than_chance() -> None:
    corrected = surprised(plan_of(np.zeros((3, 3)), correction=0.3 * np.eye(3)))
    assert corrected.by_user.max() < 0.4  # two thirds by chance

"""The EM puts the blame where the simulator put the cause."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from strategies import event_logs
from worlds.test_simulator import edge, plan_of

from causalviz.events.log import TICKS_PER_S, EventLog
from causalviz.lags import LagGrid
from causalviz.model.hawkes import FURTHER, LEAPS, HawkesEvidence, fit_hawkes, lag_exposure
from causalviz.worlds.simulator import simulate


@pytest.fixture(scope="module")
def chain() -> HawkesEvidence:
    """a -> b -> c, each cause setting off 0.7 effects within 20 s."""
    log = simulate(plan_of(edge(3, 0, 1, 0.7) + edge(3, 1, 2, 0.7)), np.random.default_rng(0)).log
    return fit_hawkes(log, LagGrid.from_log(log))


def test_blame_is_about_the_offspring(chain: HawkesEvidence) -> None:
    blame = chain.steady.blame.sum(-1)
    share = blame / (chain.steady.blame.sum((0, 2)) + chain.steady.background)
    assert share[0, 1] == pytest.approx(0.7, abs=0.1)
    assert share[1, 2] == pytest.approx(0.7, abs=0.1)
    assert share[0, 2] < 0.15  # indirect
    assert max(share[1, 0], share[2, 1], share[2, 0]) < 0.05


def test_the_gain_singles_out_the_direct_edges(chain: HawkesEvidence) -> None:
    gain = chain.local.gain
    others = [gain[i, j] for i in range(3) for j in range(3) if i != j and (i, j) not in {(0, 1), (1, 2)}]
    assert min(gain[0, 1], gain[1, 2]) > 10 * max(others)
    assert chain.shuffled.gain[0, 1] < 0.2 * gain[0, 1]


def blamed_slowly(log: EventLog, grid: LagGrid, iterations: int) -> np.ndarray:
    """(K, K, L) blame of the steady fit, event by event."""
    K, L, M = log.n_behaviours, grid.n_bins, log.n_events
    user, time, marks = (x.tolist() for x in (log.user, log.time, log.behaviour))
    parents = [
        [(marks[m], next(b for b in range(L) if time[n] - time[m] <= grid.edges[b + 1])) for m in range(n)
         if user[m] == user[n] and 0 < time[n] - time[m] <= grid.edges[L]]
        for n in range(M)
    ]  # fmt: skip
    exposure = lag_exposure(log.user, log.time, log.behaviour.astype(np.int64), np.asarray(grid.edges), K)
    background = [
        user.count(u) / max(time[M - 1 - user[::-1].index(u)] - time[user.index(u)], 1) for u in user
    ]  # events of each one's user per tick
    n_of = np.bincount(marks, minlength=K)
    base = 0.5 * n_of / max(M, 1)
    kernel = np.broadcast_to((0.5 * n_of)[None, :, None] / (exposure.sum(0) * L), (K, K, L)).copy()
    for _ in range(iterations + 1):
        blame, by_chance = np.zeros((K, K, L)), np.zeros(K)
        for n, j in enumerate(marks):
            rate = base[j] * background[n] + sum(kernel[i, j, b] for i, b in parents[n])
            by_chance[j] += base[j] * background[n] / rate
            for i, b in parents[n]:
                blame[i, j, b] += kernel[i, j, b] / rate
        kernel, base = blame / exposure[:, None], by_chance / max(M, 1)
    return blame


@given(event_logs(max_events=40))
@settings(max_examples=30, deadline=None)
def test_blame_equals_its_slow_twin(log: EventLog) -> None:
    grid = LagGrid((0, 3, 9, 30))
    assert np.allclose(fit_hawkes(log, grid, iterations=2).steady.blame, blamed_slowly(log, grid, 2), atol=1e-9)


@given(event_logs(max_events=40))
@settings(max_examples=30, deadline=None)
def test_every_event_is_blamed_exactly_once(log: EventLog) -> None:
    for fit in fit_hawkes(log, LagGrid((0, 3, 9, 30)))[:4]:
        given_out = fit.blame.sum((0, 2)) + fit.background
        assert np.allclose(given_out, np.bincount(log.behaviour, minlength=log.n_behaviours), atol=1e-6)
        assert fit.gain.min() >= 0


def test_the_far_fit_ends_where_four_hundred_plain_steps_end() -> None:
    plan = plan_of(edge(4, 0, 1, 0.7) + edge(4, 1, 2, 0.7) + edge(4, 3, 2, 0.3), delay_s=300.0)
    log = simulate(plan, np.random.default_rng(0)).log
    grid = LagGrid.from_log(log)
    longer = LagGrid((*grid.edges, *(grid.edges[-1] * 2**n for n in range(1, FURTHER + 1))))
    settled = fit_hawkes(log, grid).far
    plain = fit_hawkes(log, longer, iterations=400).steady
    early = fit_hawkes(log, longer, iterations=3 * LEAPS).steady
    away, before = (np.abs(fit.blame.sum(-1) - plain.blame.sum(-1)).max() for fit in (settled, early))
    assert away < 0.01 * log.n_events
    assert away < 0.5 * before
    assert settled.gain == pytest.approx(plain.gain, rel=0.1, abs=2.0)


def test_only_the_far_fit_sees_what_comes_beyond_the_window() -> None:
    log = simulate(plan_of(edge(3, 0, 1, 0.7), delay_s=3_000.0), np.random.default_rng(0)).log
    evidence = fit_hawkes(log, LagGrid(tuple(edge_s * TICKS_PER_S for edge_s in (0, 100, 300, 1_000))))
    causes = np.bincount(log.behaviour)[0]
    assert evidence.steady.blame[0, 1].sum() < 0.1 * causes
    assert evidence.far.blame[0, 1].sum() > 0.5 * causes


def test_a_storm_of_ties_costs_no_more_than_its_events() -> None:
    """Two hundred thousand events of one moment: visiting every pair of them would take hours."""
    M = 200_000
    log = EventLog.from_columns(
        np.zeros(M, np.int32), np.zeros(M, np.int64), (np.arange(M) % 4).astype(np.int32), "abcd"
    )
    evidence = fit_hawkes(log, LagGrid((0, 10, 100)), iterations=2)
    assert evidence.local.blame.sum() == 0


def test_the_finer_bins_hold_the_same_blame_and_the_median_delay(chain: HawkesEvidence) -> None:
    grid, blame = chain.delays
    coarse = chain.steady.blame[0, 1]
    assert blame[0, 1].sum() == pytest.approx(coarse.sum(), rel=0.1)
    reached = np.cumsum(blame[0, 1])
    middle = int(np.argmax(reached >= reached[-1] / 2))
    assert grid.lows_s[middle] < 10.0 < grid.highs_s[middle]  # the plan's median delay
    assert grid.highs_s[middle] < 1.7 * grid.lows_s[middle]  # a coarse bin ends at 4.3 times its beginning

"""Kernels that fade: the same blame as event by event, found where the simulator put the cause."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from strategies import event_logs
from worlds.test_simulator import edge, plan_of

from causalviz.events.log import EventLog
from causalviz.lags import LagGrid
from causalviz.model import exponentials as module
from causalviz.model.exponentials import FURTHEST, HELD, QUARTERS, RATES, fit_exponentials
from causalviz.model.hawkes import fit_hawkes
from causalviz.worlds.plan import Delay
from causalviz.worlds.simulator import simulate

GRID = LagGrid((0, 3, 9, 30))
SLOW = settings(max_examples=25, deadline=None)


def blamed_slowly(log: EventLog, steps: int, *, own: bool) -> np.ndarray:
    """(K, K, RATES) blame after some plain steps, event by event."""
    K, M = log.n_behaviours, log.n_events
    rates = [1 / t for t in np.geomspace(GRID.edges[1], FURTHEST * GRID.edges[-1], RATES)]
    user, time, marks = (x.tolist() for x in (log.user, log.time, log.behaviour))
    first = {u: time[user.index(u)] for u in user}
    last = {u: time[M - 1 - user[::-1].index(u)] for u in user}
    per_tick = [user.count(u) / max(last[u] - first[u], 1) for u in user]
    quarter = [
        min(QUARTERS - 1, int(QUARTERS * (t - first[u]) / max(last[u] - first[u], 1)))
        for u, t in zip(user, time, strict=True)
    ]
    exposure = np.full((K, RATES), 1e-6)
    for u, t, i in zip(user, time, marks, strict=True):
        exposure[i] += [1 - np.exp(-r * (last[u] - t)) for r in rates]
    half = 0.5 * np.bincount(marks, minlength=K)
    kernel = np.broadcast_to(half[None, :, None] / exposure.sum(), (K, K, RATES)).copy()
    base, liking = half / max(M, 1), np.ones(M)
    blame = np.zeros((K, K, RATES))
    for _ in range(steps + 1):
        blame, chance = np.zeros((K, K, RATES)), np.zeros(M)
        for n, j in enumerate(marks):
            caused = np.zeros((K, RATES))
            for m, i in enumerate(marks):
                if user[m] == user[n] and time[m] < time[n]:
                    caused[i] += [r * np.exp(-r * (time[n] - time[m])) for r in rates]
            caused *= kernel[:, j]
            by_chance = base[j] * liking[n] * per_tick[n]
            rate = by_chance + caused.sum()
            blame[:, j] += caused / rate
            chance[n] = by_chance / rate
        if own:
            places = list(zip(user, quarter, marks, strict=True))
            found = [sum(c for c, other in zip(chance, places, strict=True) if other == place) for place in places]
            usual = [base[j] * user.count(u) / QUARTERS for u, _, j in places]
            liking = (HELD + np.array(found)) / (HELD + np.array(usual))
        kernel = blame / exposure[:, None]
        base = np.bincount(marks, chance, K) / max(M, 1)
    return blame


@pytest.mark.parametrize("own", [False, True])
def test_a_step_equals_its_slow_twin(own: bool) -> None:
    @given(event_logs(max_events=30))
    @SLOW
    def holds(log: EventLog) -> None:
        rates = 1 / np.geomspace(GRID.edges[1], FURTHEST * GRID.edges[-1], RATES)
        exposure = module._exposure(log.offsets, log.time, log.behaviour, rates, log.n_behaviours)
        process = module._Process(log, rates, exposure, module._backgrounds(log)[own])
        blame = process.start()
        for _ in range(2):
            blame = process.step(blame)
        assert np.allclose(process.found(blame).blame, blamed_slowly(log, 2, own=own), atol=1e-9)

    holds()


@given(event_logs(max_events=40))
@SLOW
def test_every_event_is_blamed_exactly_once(log: EventLog) -> None:
    for fit in fit_exponentials(log, GRID):
        given_out = fit.blame.sum((0, 2)) + fit.background
        assert np.allclose(given_out, np.bincount(log.behaviour, minlength=log.n_behaviours), atol=1e-6)
        assert fit.gain.min() >= 0


def test_blame_and_gain_single_out_the_direct_edges() -> None:
    log = simulate(plan_of(edge(3, 0, 1, 0.7) + edge(3, 1, 2, 0.7)), np.random.default_rng(0)).log
    for fit in fit_exponentials(log, LagGrid.from_log(log)):
        share = fit.blame.sum(-1) / (fit.blame.sum((0, 2)) + fit.background)
        assert share[0, 1] == pytest.approx(0.7, abs=0.1)
        assert share[0, 2] < 0.15  # indirect
        others = [fit.gain[i, j] for i in range(3) for j in range(3) if i != j and (i, j) not in {(0, 1), (1, 2)}]
        assert min(fit.gain[0, 1], fit.gain[1, 2]) > 10 * max(others)


def test_it_remembers_beyond_every_window() -> None:
    plan = plan_of(edge(3, 0, 1, 0.7), delay_s=3_000.0, family=Delay.EXPONENTIAL)
    log = simulate(plan, np.random.default_rng(0)).log
    grid = LagGrid((0, 100_000, 300_000, 1_000_000))  # at most 1000 s
    causes = np.bincount(log.behaviour)[0]
    assert fit_hawkes(log, grid).steady.blame[0, 1].sum() < 0.3 * causes
    assert fit_exponentials(log, grid).steady.blame[0, 1].sum() > 0.5 * causes


def test_a_liking_needs_no_cause() -> None:
    """Users like one couple of behaviours more than the other, and nothing causes anything."""
    plan = plan_of(np.zeros((4, 4)))
    people = replace(plan.people, taste=0.3, groups=np.array([0, 0, 1, 1]))
    log = simulate(replace(plan, people=people), np.random.default_rng(0)).log
    steady, own = fit_exponentials(log, LagGrid.from_log(log))
    assert own.background.sum() > 2 * steady.background.sum()
    assert own.gain[0, 1] < 0.5 * steady.gain[0, 1]
    assert own.gain[3, 2] < 0.5 * steady.gain[3, 2]


def test_of_a_log_of_many_behaviours_some_users_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    log = simulate(plan_of(edge(3, 0, 1, 0.7)), np.random.default_rng(0)).log
    grid = LagGrid.from_log(log)
    pairs = sum(len(set(log.behaviour[log.user == u])) ** 2 for u in range(log.n_users))
    monkeypatch.setattr(module, "MOST_PAIRS", pairs)
    whole = fit_exponentials(log, grid).steady
    assert whole.blame.sum() + whole.background.sum() == pytest.approx(log.n_events)
    monkeypatch.setattr(module, "MOST_PAIRS", pairs - 1)
    half = fit_exponentials(log, grid).steady
    assert half.blame.sum() + half.background.sum() == pytest.approx((log.user % 2 == 0).sum())
    assert half.gain[0, 1] == pytest.approx(whole.gain[0, 1] / 2, rel=0.3)


def test_a_storm_of_ties_costs_no_more_than_its_events() -> None:
    """Two hundred thousand events of one moment: visiting every pair of them would take hours."""
    M = 200_000
    marks = (np.arange(M) % 4).astype(np.int32)
    log = EventLog.from_columns(np.zeros(M, np.int32), np.zeros(M, np.int64), marks, "abcd")
    assert all(fit.blame.sum() == 0 for fit in fit_exponentials(log, GRID))

"""The regression separates direct from indirect, and taste from causes."""

from __future__ import annotations

import numpy as np
from worlds.test_simulator import edge, plan_of

from causalviz.events.log import EventLog
from causalviz.lags import LagGrid
from causalviz.model.regression import COLUMNS, GROUPS, fit_regressions, regression_tables
from causalviz.worlds.simulator import simulate


def test_a_chain_has_two_strong_coefficients() -> None:
    log = simulate(plan_of(edge(3, 0, 1, 0.7) + edge(3, 1, 2, 0.7)), np.random.default_rng(0)).log
    t = fit_regressions(log, LagGrid.from_log(log)).marks.t_value[..., 0]
    assert min(t[0, 1], t[1, 2]) > 10
    assert max(t[1, 0], t[2, 1]) < 3


def test_the_error_between_groups_is_that_of_rows_and_residuals_in_double_precision() -> None:
    log = simulate(plan_of(edge(3, 0, 1, 0.7) + edge(3, 1, 2, 0.7)), np.random.default_rng(0)).log
    grid, K = LagGrid.from_log(log), log.n_behaviours
    rows = regression_tables(log, grid)
    x = rows.marks.astype(np.float64)
    y = (rows.behaviour[:, None] == np.arange(K)) - np.bincount(rows.behaviour, minlength=K) / len(x)
    inverse = np.linalg.inv(x.T @ x + np.eye(x.shape[1]) * (1e-3 * len(x) + 1.0))
    beta = inverse @ x.T @ y
    score = x[:, :, None] * (y - x @ beta)[:, None, :]  # (rows, P, K)
    columns = [inverse @ score[rows.user % GROUPS == g].sum(0) for g in range(GROUPS)]
    error = np.sqrt((np.array(columns) ** 2).sum(0) * GROUPS / (GROUPS - 1))[: K * COLUMNS]
    found = fit_regressions(log, grid).marks
    floor = np.abs(found.coefficient / found.t_value) / 2  # half of what independent rows would give
    steady = found.coefficient / np.maximum(error.reshape(K, COLUMNS, K).transpose(0, 2, 1), floor)
    assert np.allclose(found.steady_t, steady, rtol=1e-3)


def test_taste_alone_predicts_nothing() -> None:
    rng = np.random.default_rng(0)
    users, events = 400, 60
    taste = rng.dirichlet([0.4] * 3, users)
    marks = np.concatenate([rng.choice(3, events, p=p) for p in taste]).astype(np.int32)
    log = EventLog.from_columns(
        np.repeat(np.arange(users, dtype=np.int32), events),
        rng.exponential(10_000, (users, events)).cumsum(axis=1).astype(np.int64).ravel(),
        marks,
        list("abc"),
    )
    answer = fit_regressions(log, LagGrid.from_log(log)).marks
    off = ~np.eye(3, dtype=bool)
    assert answer.coefficient[off].max() < 0.02


def test_a_clock_that_was_wrong_by_centuries_leaves_numbers() -> None:
    log = EventLog.from_columns(
        np.arange(29, dtype=np.int32) % 4,
        np.r_[7_514_000_000_000, np.arange(28) * 1000],
        np.arange(29, dtype=np.int32) % 3,
        list("abc"),
    )
    with np.errstate(all="raise", under="ignore"):
        for answer in fit_regressions(log, LagGrid.from_log(log)):
            assert all(np.isfinite(values).all() for values in answer)

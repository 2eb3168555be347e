"""The regression separates direct from indirect, and taste from causes."""

from __future__ import annotations

import numpy as np
from worlds.test_simulator import edge, plan_of

from causalviz.events.log import EventLog
from causalviz.lags import LagGrid
from causalviz.model.regression import fit_regressions
from causalviz.worlds.simulator import simulate


def test_a_chain_has_two_strong_coefficients() -> None:
    log = simulate(plan_of(edge(3, 0, 1, 0.7) + edge(3, 1, 2, 0.7)), np.random.default_rng(0)).log
    t = fit_regressions(log, LagGrid.from_log(log)).marks.t_value[..., 0]
    assert min(t[0, 1], t[1, 2]) > 10
    assert max(t[1, 0], t[2, 1]) < 3


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

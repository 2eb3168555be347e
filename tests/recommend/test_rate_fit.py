"""The fit: its gradient is right, and recency has a say only where people do repeat what they did lately."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import check_grad

from causalviz.events.log import EventLog
from causalviz.lags.grid import LagGrid
from causalviz.model.ages import AGES
from causalviz.recommend.rate_fit import Fitted, Problem
from causalviz.recommend.rates import Rates, fit_rates
from causalviz.recommend.reasons import predict
from causalviz.recommend.states import now

GRID = LagGrid((0, 10, 100))
NOTHING = np.zeros((6, 6), dtype=bool)


def problem(*, is_next: bool) -> Problem:
    rng, S, K = np.random.default_rng(0), 50, 3
    came = np.zeros((S, K), np.int8)
    came[np.arange(S), rng.integers(0, K, S)] = 1
    age, recency = rng.integers(0, 4, (S, K)).astype(np.int16), rng.integers(0, AGES + 1, (S, K)).astype(np.int8)
    return Problem(
        np.array([0, 0, 1, 2]), np.array([1, 0, 1, 2]), np.array([0.3, 1.0, 1.0, 1.0]), age, recency,
        rng.normal(-1, 0.3, (S, K)), np.linspace(-1, 1, S), came, 4, is_next, 1.0,
    )  # fmt: skip


@pytest.mark.parametrize("is_next", [True, False])
def test_the_gradient_is_that_of_the_loss(is_next: bool) -> None:
    task = problem(is_next=is_next)
    x = np.random.default_rng(1).normal(0, 0.3, 4 * 3 + 3 + AGES + 2)
    x[-1] = 0.0 if is_next else 0.2
    assert check_grad(lambda x: task.loss(x, True)[0], lambda x: task.loss(x, True)[1], x) < 1e-3
    x[-2 - AGES : -2] = 0.0
    assert not task.loss(x, False)[1][-2 - AGES : -2].any()


@pytest.mark.parametrize("is_next", [True, False])
def test_likelihoods_add_up_to_the_loss(is_next: bool) -> None:
    task = problem(is_next=is_next)
    rng = np.random.default_rng(2)
    weight, again = np.zeros((4, 4)), np.zeros(AGES + 1)
    weight[:, :-1], again[:-1] = rng.normal(0, 0.3, (4, 3)), rng.normal(0, 0.3, AGES)
    at = Fitted(weight, rng.normal(-1, 0.2, 3), again, 0.7, 0.0)
    x = np.concatenate([weight[:, :-1].ravel(), at.base, again[:-1], [at.habit, at.activity]])
    penalty = 0.5 * ((weight**2 / task.chance[:, None]).sum() + (again**2).sum())
    assert task.loss(x, True)[0] - penalty == pytest.approx(-task.likelihoods(at).sum())


def walks(*, repeats: bool) -> EventLog:
    """150 walks of 60 steps over six behaviours; in half of the steps of those who repeat, it is the last but one."""
    rng, rows = np.random.default_rng(3), []
    for user in range(150):
        marks = list(rng.integers(0, 6, 2))
        for _ in range(58):
            marks.append(marks[-2] if repeats and rng.random() < 0.5 else rng.integers(0, 6))
        rows += [(user, 1_000 * step, mark) for step, mark in enumerate(marks)]  # beyond the longest lag
    user, time, mark = np.array(rows).T
    return EventLog.from_columns(user.astype(np.int32), time, mark.astype(np.int32), list("abcdef"))


@pytest.fixture(scope="module")
def lively() -> Rates:
    return fit_rates(walks(repeats=True), GRID, NOTHING)


def test_recency_has_a_say_where_people_repeat_themselves(lively: Rates) -> None:
    assert lively.again.argmax() == 1  # one event came since
    assert np.exp(lively.again[1] - lively.again[2]) > 3
    assert lively.again[AGES] == 0
    assert not fit_rates(walks(repeats=False), GRID, NOTHING).again.any()


def test_recency_is_a_reason_of_its_own(lively: Rates) -> None:
    marks = np.array([5, 4, 3, 2, 1, 0], np.int32)
    log = EventLog.from_columns(np.zeros(6, np.int32), 1_000 * np.arange(6), marks, list("abcdef"))
    first = predict(lively, now(log, GRID), top=1)[0]
    assert first.behaviour == "b"
    why = first.reasons[0]
    assert (why.kind, why.cause, why.ago_s, why.times, why.since) == ("recency", "b", 1.0, 1, 1)
    assert why.factor == pytest.approx(np.exp(lively.again[1]))
    odds = first.usual / (1 - first.usual) * np.prod([reason.factor for reason in first.reasons])
    assert odds / (1 + odds) == pytest.approx(first.chance, rel=0.03)  # reasons of less than 1 % are not told

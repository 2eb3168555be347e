"""Rates: the graph is the mask, the fit finds planted factors, and nothing else moves them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from causalviz.errors import SettingsError, UnusableLog
from causalviz.events.log import EventLog
from causalviz.lags.grid import LagGrid
from causalviz.recommend.rate_fit import FITS
from causalviz.recommend.rates import RateConfig, Rates, fit_rates
from causalviz.recommend.reasons import UNCAUSED, best, predict, strongest_causes
from causalviz.recommend.states import as_of, comes_within, moments, now
from causalviz.recommend.tables import mixed_table, reasons_table
from causalviz.worlds.demos import demo_log


@pytest.fixture(scope="module")
def chain() -> EventLog:
    """200 walks over a, b, c in which b follows a directly in 3 of 4 cases, and all else comes evenly."""
    rng = np.random.default_rng(0)
    rows = []
    for user in range(200):
        mark = 0
        for step in range(40):
            rows.append((user, 10 * step, mark))
            mark = 1 if mark == 0 and rng.random() < 0.75 else int(rng.integers(0, 3))
    user, time, mark = np.array(rows).T
    return EventLog.from_columns(user.astype(np.int32), time, mark.astype(np.int32), list("abc"))


GRID = LagGrid((0, 10, 100))
A_TO_B = np.array([[False, True, False], [False, False, False], [False, False, False]])


@pytest.fixture(scope="module")
def rates(chain: EventLog) -> Rates:
    return fit_rates(chain, GRID, A_TO_B)


def state_after(rates: Rates, *marks: int) -> np.ndarray:
    log = EventLog.from_columns(
        np.zeros(len(marks), np.int32), 10 * np.arange(len(marks)), np.array(marks, np.int32), list(rates.names)
    )
    return rates.chances(now(log, rates.grid))[0]


def test_the_planted_chance_is_found(rates: Rates) -> None:
    after_a = state_after(rates, 2, 1, 0)
    assert after_a.sum() == pytest.approx(1.0)
    assert after_a[1] == pytest.approx(0.75 + 0.25 / 3, abs=0.03)


def test_a_cause_that_is_not_drawn_does_not_enter(chain: EventLog) -> None:
    without = fit_rates(chain, GRID, np.zeros((3, 3), dtype=bool))
    assert set(zip(without.cause.tolist(), without.effect.tolist(), strict=True)) == {(0, 0), (1, 1), (2, 2)}
    log_rates = [without.log_rates(now(_log(marks), GRID))[0, 1] for marks in ((2, 1, 2, 0), (0, 1, 2, 2))]
    assert log_rates[0] == pytest.approx(log_rates[1])


def test_the_less_sure_an_edge_is_the_less_it_weighs_and_the_reason_says_so(chain: EventLog, rates: Rates) -> None:
    few = chain.take_users(np.arange(5))
    weights = []
    for chance in (1.0, 0.3, 0.03):
        found = fit_rates(few, GRID, chance * A_TO_B)
        weights.append(float(found.weight[(found.cause == 0) & (found.effect == 1)].max()))
    assert weights[0] > weights[1] > weights[2] > 0
    unsure = fit_rates(chain, GRID, 0.3 * A_TO_B)
    kinds = [
        next(why.kind for why in predict(one, now(_log((2, 1, 0)), GRID))[0].reasons if why.cause == "a")
        for one in (rates, unsure)
    ]
    assert kinds == ["edge", "unsure"]
    assert strongest_causes(unsure, now(_log((2, 1, 0)), GRID), np.array([[1]]))[0].tolist() == [[0]]


def _log(marks: tuple[int, ...]) -> EventLog:
    return EventLog.from_columns(
        np.zeros(len(marks), np.int32), 10 * np.arange(len(marks)), np.array(marks, np.int32), list("abc")
    )


def test_reasons_multiply_up_to_the_rate(rates: Rates) -> None:
    state = now(_log((2, 1, 0)), GRID)
    first = predict(rates, state, top=1)[0]
    assert first.behaviour == "b"
    why = first.reasons[0]
    assert (why.kind, why.cause, why.ago_s, why.times) == ("edge", "a", 0.0, 1)
    assert why.factor > 3
    assert first.usual < first.chance
    odds = first.usual / (1 - first.usual) * np.prod([reason.factor for reason in first.reasons])
    assert odds / (1 + odds) == pytest.approx(first.chance, rel=0.02)  # reasons of less than 1 % are not told


def test_the_strongest_cause_of_a_pick_is_its_first_raising_edge(rates: Rates) -> None:
    state = now(_log((2, 1, 0)), GRID)
    cause, factor = strongest_causes(rates, state, np.array([[1, 2]]))
    assert cause.tolist() == [[0, -1]]  # a raises b; nothing is drawn to c
    assert factor[0, 0] == pytest.approx(predict(rates, state, top=1)[0].reasons[0].factor)
    assert factor[0, 1] == 1.0


def test_what_a_sequence_model_alone_expects_says_so(rates: Rates) -> None:
    state = now(_log((2, 1, 0)), GRID)
    causal = rates.chances(state)[0]
    expected = np.array([0.0, causal[1], 1 - causal[1]])
    first, second = sorted(predict(rates, state, top=2, expected=expected), key=lambda one: one.behaviour)
    assert (first.behaviour, second.behaviour) == ("b", "c")
    assert (second.chance, second.by_causes) == pytest.approx((expected[2], causal[2]))
    assert (first.is_uncaused, second.is_uncaused) == (False, True)
    reasons = reasons_table([second])
    assert (reasons.loc[0, "kind"], reasons.loc[0, "because_of"]) == ("sequence", UNCAUSED)
    table = mixed_table(rates, expected[None], state, ("u",), top=2).set_index("behaviour")
    assert table["because"].to_dict() == {"b": "a", "c": UNCAUSED}
    assert table.loc["b", "ago_s"] == 0.0
    assert np.isnan(table.loc["c", "ago_s"])


def test_permuting_the_behaviours_permutes_the_answer(chain: EventLog, rates: Rates) -> None:
    order = np.array([2, 0, 1])  # old code -> new code
    turned = EventLog.from_columns(chain.user, chain.time, order[chain.behaviour].astype(np.int32), list("bca"))
    mask = np.zeros_like(A_TO_B)
    mask[order[0], order[1]] = True
    there = fit_rates(turned, GRID, mask)
    assert np.allclose(state_after(there, 1, 0, 2)[order], state_after(rates, 2, 1, 0), atol=2e-3)


def test_chances_within_a_horizon_are_calibrated() -> None:
    world = demo_log("video", users=400)
    grid, day_s = LagGrid.from_log(world.log), 86_400.0
    found = fit_rates(world.log, grid, world.truth, horizon_s=day_s)
    rows = moments(world.log)
    rows = rows[world.log.time[rows] + 86_400_000 <= world.log.time.max()]
    chances = found.chances(as_of(world.log, grid, rows))
    came = comes_within(world.log, rows, 86_400_000)
    assert chances.mean() == pytest.approx(came.mean(), rel=0.02)
    likely = chances > 0.4
    assert came[likely].mean() == pytest.approx(chances[likely].mean(), abs=0.05)
    assert found.activity > 0  # the busy do more


def test_progress_is_told_and_ends_within_its_total(chain: EventLog) -> None:
    told: list[tuple[int, int]] = []
    fit_rates(chain, GRID, A_TO_B, config=RateConfig(iterations=5), on_progress=lambda *step: told.append(step))
    assert told
    assert all(done <= total == 5 * FITS for done, total in told)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_impossible_settings_are_refused(chain: EventLog) -> None:
    for wrong in (0.0, math.inf, math.nan):
        with pytest.raises(SettingsError, match="horizon"):
            fit_rates(chain, GRID, A_TO_B, horizon_s=wrong)
    with pytest.raises(UnusableLog, match="shorter than the horizon"):
        fit_rates(chain, GRID, A_TO_B, horizon_s=1e6)
    with pytest.raises(SettingsError, match="sample"):
        RateConfig(sample=0)
    lonely = EventLog.from_columns(
        np.arange(2, dtype=np.int32), np.zeros(2, np.int64), np.arange(2, dtype=np.int32), "ab"
    )
    with pytest.raises(UnusableLog, match="two different times"):
        fit_rates(lonely, GRID, np.zeros((2, 2), dtype=bool))


def test_the_best_of_equal_chances_is_the_lower_code() -> None:
    assert best(np.array([[0.2, 0.5, 0.2], [0.1, 0.1, 0.1]]), 2).tolist() == [[1, 0], [0, 1]]

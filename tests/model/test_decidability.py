"""What a log cannot decide: hand-made logs with few events, ties, and behaviours that always come together."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import event_logs

from causalviz.events.log import EventLog
from causalviz.lags import LagGrid, count_lags
from causalviz.model.calibration import sigmoid
from causalviz.model.decidability import (
    TWIN_WEIGHT,
    USUAL_BASE_RATE,
    Doubt,
    Doubts,
    base_rate_of,
    draw_to_base_rate,
    find_doubts,
    reasons,
)

MINUTE = 60_000
DAY = 1440


def doubts_of(histories: list[list[tuple[int, int]]], names: tuple[str, ...]) -> Doubts:
    """Of users' histories, each (minute, behaviour code)."""
    rows = [(user, minute * MINUTE, mark) for user, events in enumerate(histories) for minute, mark in sorted(events)]
    user, time, mark = np.array(rows, dtype=np.int64).T
    log = EventLog.from_columns(
        user.astype(np.int32), time, mark.astype(np.int32), list(names), [f"u{n}" for n in range(len(histories))]
    )
    return find_doubts(count_lags(log, LagGrid.from_log(log)))


def days(user: int) -> range:
    """Five moments of a user, days apart."""
    return range(user, user + 5 * DAY, DAY)


def test_a_plain_order_leaves_no_doubt() -> None:
    found = doubts_of([[(t, 0) for t in days(u)] + [(t + 7 + u, 1) for t in days(u)] for u in range(20)], ("a", "b"))
    assert (found.doubt == Doubt.NONE).all()
    assert (found.weight == 0).all()


def test_few_events_are_doubted_whatever_they_show() -> None:
    histories = [[(t, 0) for t in days(u)] + [(t + 7 + u, 1) for t in days(u)] for u in range(20)]
    histories[3].append((50, 2))
    found = doubts_of(histories, ("a", "b", "c"))
    assert found.doubt.tolist() == [
        [0, 0, Doubt.TOO_FEW], [0, 0, Doubt.TOO_FEW], [Doubt.TOO_FEW, Doubt.TOO_FEW, 0],
    ]  # fmt: skip
    assert found.weight[0, 2] == found.weight[2, 0] == 1.0


def test_two_in_the_same_moments_cannot_be_told_apart_by_a_third() -> None:
    histories = [
        [(t, mark) for t in days(u) for mark in (0, 1)] + [(t + 30 + u, 2) for t in days(u)] for u in range(20)
    ]
    found = doubts_of(histories, ("a", "b", "c"))
    assert found.doubt[0, 1] == found.doubt[1, 0] == Doubt.TOGETHER
    assert found.weight[0, 1] == found.weight[1, 0] == 1.0
    assert found.twin.tolist() == [1, 0, -1]
    assert found.doubt[0, 2] == found.doubt[1, 2] == Doubt.TWIN
    assert found.weight[0, 2] == TWIN_WEIGHT


def test_two_side_by_side_in_either_order_are_together_too() -> None:
    histories = [
        [event for n, t in enumerate(days(u)) for event in ((t, n % 2), (t + 1, 1 - n % 2))] for u in range(20)
    ]
    found = doubts_of(histories, ("a", "b"))
    assert found.doubt[0, 1] == Doubt.TOGETHER
    assert found.weight[0, 1] > 0.9


def test_an_order_that_never_fails_is_no_doubt_even_of_two_that_always_come_together() -> None:
    found = doubts_of([[event for t in days(u) for event in ((t, 0), (t + 1, 1))] for u in range(20)], ("a", "b"))
    assert (found.doubt == Doubt.NONE).all()


def tied(first: int, second: int) -> Doubts:
    """Twelve users with six tied moments of a and b, ``first`` of a then b and ``second`` of b then a."""
    histories = []
    for u in range(12):
        events = [(u + n * DAY, mark) for n in range(6) for mark in (0, 1)]
        for n, way in enumerate([0] * first + [1] * second):
            start = u + (6 + n) * DAY
            events += [(start, way), (start + 20 + u, 1 - way)]
        histories.append(events)
    return doubts_of(histories, ("a", "b"))


def test_ties_hide_an_order_that_the_rest_does_not_tell() -> None:
    found = tied(1, 1)
    assert found.doubt[0, 1] == found.doubt[1, 0] == Doubt.TIES
    assert found.weight[0, 1] == found.weight[1, 0] > 0


def test_ties_do_not_hide_an_order_that_the_rest_tells() -> None:
    assert tied(2, 0).weight[0, 1] < 0.6 * tied(1, 1).weight[0, 1]
    assert tied(3, 0).weight[0, 1] < 0.05


@settings(deadline=None)
@given(event_logs())
def test_doubts_are_symmetric_and_have_no_diagonal(log: EventLog) -> None:
    found = find_doubts(count_lags(log, LagGrid.from_log(log)))
    assert np.array_equal(found.doubt, found.doubt.T)
    assert np.allclose(found.weight, found.weight.T)
    assert not np.diag(found.doubt).any()
    assert ((found.weight >= 0) & (found.weight <= 1)).all()
    assert np.array_equal(found.weight > 0, found.doubt != Doubt.NONE)


@settings(deadline=None)
@given(event_logs(), st.randoms(use_true_random=False))
def test_renumbering_behaviours_renumbers_doubts(log: EventLog, random: object) -> None:
    order = list(range(log.n_behaviours))
    random.shuffle(order)  # type: ignore[attr-defined]
    new = np.argsort(order)
    other = EventLog.from_columns(
        log.user, log.time, new[log.behaviour].astype(np.int32), [log.names[k] for k in order], list(log.user_names)
    )
    grid = LagGrid.from_log(log)
    one, two = find_doubts(count_lags(log, grid)), find_doubts(count_lags(other, grid))
    assert np.array_equal(one.doubt[np.ix_(order, order)], two.doubt)


@settings(deadline=None)
@given(st.floats(-20, 20), st.floats(0, 1), st.floats(0.01, 0.5))
def test_doubt_draws_towards_the_base_rate_and_never_past_it(logit: float, weight: float, base: float) -> None:
    drawn = float(draw_to_base_rate(np.array([logit]), np.array([weight]), base)[0])
    prior = math.log(base / (1 - base))
    assert min(logit, prior) - 1e-9 <= drawn <= max(logit, prior) + 1e-9
    assert abs(drawn - prior) == pytest.approx((1 - weight) * abs(logit - prior), abs=1e-9)


def test_full_doubt_is_the_base_rate_in_both_directions() -> None:
    drawn = sigmoid(draw_to_base_rate(np.array([6.0, -6.0]), np.ones(2), 0.07))
    assert drawn == pytest.approx([0.07, 0.07])


@pytest.mark.parametrize("card", [{}, {"base rate": "half"}, {"base rate": 0.0}, {"base rate": float("nan")}])
def test_a_card_without_a_base_rate_falls_back(card: dict[str, object]) -> None:
    assert base_rate_of(card) == USUAL_BASE_RATE
    assert base_rate_of({"base rate": 0.08}) == 0.08


def test_every_doubt_has_its_clause() -> None:
    doubt = np.array([[0, Doubt.TOO_FEW, Doubt.TIES], [Doubt.TOGETHER, 0, Doubt.TWIN], [0, 0, 0]], dtype=np.int8)
    scored = np.ones((3, 3), dtype=bool)
    scored[2, 0] = False
    said = reasons(
        Doubts(doubt, (doubt > 0) * 1.0, np.array([-1, 0, -1])), scored, ("a", "b", "c"), np.array([9, 1, 9])
    )
    assert said[0, 1] == "too few events: b happened once"
    assert said[0, 2].startswith("ties hide the order")
    assert said[1, 0].startswith("always together: neither")
    assert said[1, 2] == ("always together: b never happens without a, so the log cannot tell which of the two it is")
    assert said[2, 0].startswith("not scored")
    assert said[2, 1] == said[0, 0] == ""

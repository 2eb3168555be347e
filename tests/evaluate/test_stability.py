"""Resampled users and the intervals that they give."""

from __future__ import annotations

import math

import numpy as np
import pytest

from causalviz.errors import UnusableLog
from causalviz.evaluate.stability import (
    Agreement,
    agreement,
    answers_on,
    half_width,
    resample_users,
    returned,
    time_halves,
)
from causalviz.events.log import EventLog


def test_resampled_logs_have_whole_histories_of_drawn_users() -> None:
    user = np.repeat(np.arange(50, dtype=np.int32), np.arange(1, 51))  # user u has u + 1 events
    log = EventLog.from_columns(user, np.arange(len(user)), user % 2, ["a", "b"])
    drawn = resample_users(log, seed=1)
    assert drawn.n_users == 50
    sizes = np.diff(drawn.offsets)
    assert [int(name) + 1 for name in drawn.user_names] == sizes.tolist()
    assert 20 < len(set(drawn.user_names)) < 45  # about 63 % of the users come at all
    assert drawn.fingerprint == resample_users(log, seed=1).fingerprint != resample_users(log, seed=2).fingerprint


def test_the_interval_of_a_normal_score() -> None:
    assert half_width([1.0, 3.0]) == pytest.approx(1.6449 * math.sqrt(2), rel=1e-3)
    assert half_width([1.0, float("nan"), 3.0]) == half_width([1.0, 3.0])
    assert math.isnan(half_width([1.0]))


def plain_log(events: int = 200, users: int = 4) -> EventLog:
    user = np.arange(events, dtype=np.int32) % users
    return EventLog.from_columns(
        user, np.arange(events) * 1000, (np.arange(events) // users % 2).astype(np.int32), "ab"
    )


def test_a_log_is_cut_at_the_middle_of_its_span() -> None:
    log = plain_log()
    first, second, middle = time_halves(log)
    assert middle == 99_500
    assert (first.n_events, second.n_events) == (100, 100)
    assert first.time.max() <= middle < second.time.min()
    assert first.behaviours == second.behaviours == log.behaviours
    assert first.user_names == log.user_names


def test_who_is_absent_from_a_half_is_not_in_it() -> None:
    log = EventLog.from_columns(
        np.repeat(np.array([0, 1], np.int32), 60),
        np.arange(120),
        np.tile([0, 1], 60).astype(np.int32),
        "ab",
        ["u", "v"],
    )
    first, second, _ = time_halves(log)
    assert (first.user_names, second.user_names) == (("u",), ("v",))
    assert set(second.user) == {0}


@pytest.mark.parametrize("where", ["first", "second"])
def test_a_half_that_is_nearly_empty_is_said(where: str) -> None:
    time = np.concatenate([np.arange(100), [100_000]])
    time = time if where == "second" else time.max() - time[::-1]
    log = EventLog.from_columns(np.zeros(101, np.int32), time, (np.arange(101) % 2).astype(np.int32), "ab")
    with pytest.raises(UnusableLog, match=f"The {where} half .* has 1 events"):
        time_halves(log)


def test_logs_are_answered_one_by_one_until_cancelled() -> None:
    told: list[tuple[int, int]] = []
    answer = np.array([[np.nan, 0.7], [0.2, np.nan]])
    found = answers_on([plain_log()] * 3, 3, lambda _: answer, lambda *step: told.append(step))
    assert found.shape == (3, 2, 2)
    assert found[0].tolist() == [[0.0, np.float32(0.7)], [np.float32(0.2), 0.0]]
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]
    stop = iter([False, True])
    assert len(answers_on([plain_log()] * 3, 3, lambda _: answer, cancelled=lambda: next(stop))) == 1
    assert answers_on([], 0, lambda _: answer).shape == (0, 0, 0)


def test_how_often_a_pair_returned() -> None:
    answers = np.array([[[0, 0.9], [0.1, 0]], [[0, 0.5], [0.6, 0]]], np.float32)
    assert returned(answers, 0.5).tolist() == [[0.0, 1.0], [0.5, 0.0]]


def test_agreement_counts_the_drawn_pairs_off_the_diagonal() -> None:
    one, other = np.array([[1, 0.9], [0.6, 1]]), np.array([[1, 0.8], [0.1, 1]])
    found = agreement(one, other, 0.5)
    assert found == Agreement(both=1, first_only=1, second_only=0)
    assert found.share == 0.5
    assert math.isnan(agreement(one, other, 0.95).share)

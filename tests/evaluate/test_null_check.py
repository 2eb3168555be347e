"""The same log with its behaviours shuffled."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from strategies import event_logs

from causalviz.evaluate.null_check import HOUR, HOURS, drawn_edges, shuffle_behaviours
from causalviz.events.log import EventLog
from causalviz.lags import LagGrid, count_lags
from causalviz.lags.counts import EXPECTED_SCALE


@given(event_logs(), st.integers(0, 1000))
def test_users_keep_their_moments_and_their_behaviours(log: EventLog, seed: int) -> None:
    shuffled, movable = shuffle_behaviours(log, seed)
    assert shuffled.user.tolist() == log.user.tolist()
    assert shuffled.time.tolist() == log.time.tolist()
    assert 0 <= movable <= 1
    for user in range(log.n_users):
        of = slice(log.offsets[user], log.offsets[user + 1])
        assert sorted(shuffled.behaviour[of]) == sorted(log.behaviour[of])
    assert shuffle_behaviours(log, seed).log.fingerprint == shuffled.fingerprint


def test_who_did_one_thing_cannot_move() -> None:
    log = EventLog.from_columns(np.array([0, 1, 1], np.int32), np.arange(3), np.array([0, 0, 1], np.int32), ["a", "b"])
    assert shuffle_behaviours(log, 0).movable == 2 / 3


def chains(users: int, days: int) -> EventLog:
    """Each user and day: a at nine, b a minute later, c in the evening."""
    user = np.repeat(np.arange(users, dtype=np.int32), 3 * days)
    day = np.tile(np.repeat(np.arange(days), 3), users)
    moments = np.tile(np.array([9 * HOUR, 9 * HOUR + 60_000, 20 * HOUR]), users * days)
    return EventLog.from_columns(
        user, day * HOURS * HOUR + moments, np.tile([0, 1, 2], users * days).astype(np.int32), "abc"
    )


def test_order_is_lost_and_the_hours_are_kept() -> None:
    log = chains(60, 10)
    shuffled = shuffle_behaviours(log, 1).log
    grid = LagGrid((0, 120_000))
    before, after = count_lags(log, grid).total(), count_lags(shuffled, grid).total()
    assert before.pairs[0, 0, 1, 0] == 600  # a is always followed by b within two minutes
    assert before.pairs[0, 1, 0, 0] == 0
    there, back = after.pairs[0, 0, 1, 0], after.pairs[0, 1, 0, 0]
    assert abs(int(there) - int(back)) < 60  # now neither leads
    evening = shuffled.time // HOUR % HOURS == 20
    assert (shuffled.behaviour[evening] == 2).mean() > 0.85  # c still comes in the evening
    assert after.expected[0, 0, 1, 0] == before.expected[0, 0, 1, 0]
    assert before.expected[0, 0, 1, 0] < 600 * EXPECTED_SCALE


def test_a_log_of_one_day_has_no_hours() -> None:
    log = chains(40, 1)
    shuffled = shuffle_behaviours(log, 0).log
    assert sorted(shuffled.behaviour) == sorted(log.behaviour)


def test_drawn_edges_are_counted_off_the_diagonal() -> None:
    answers = np.array([[[1.0, 0.5], [0.4, 1.0]], [[1.0, 0.2], [0.1, 1.0]]], np.float32)
    assert drawn_edges(answers, 0.5).tolist() == [1, 0]
    assert drawn_edges(np.empty((0, 0, 0), np.float32), 0.5).tolist() == []

"""States equal their slow twin, and a question never knows its answer's moment."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from strategies import event_logs

from causalviz.events.log import EventLog
from causalviz.lags.grid import LagGrid
from causalviz.recommend.states import NEVER, as_of, ask, comes_within, moments, now

GRID = LagGrid((0, 2, 5, 17))


def log_of(*rows: tuple[int, int, int], behaviours: str = "abc") -> EventLog:
    user, time, mark = np.array(rows, dtype=np.int64).T
    return EventLog.from_columns(user.astype(np.int32), time, mark.astype(np.int32), list(behaviours))


def slow_age(ago: int) -> int:
    return 0 if ago == 0 else next((1 + bin_ for bin_, high in enumerate(GRID.edges[1:]) if ago <= high), 4)


@given(event_logs())
@settings(max_examples=60, deadline=None)
def test_a_question_knows_what_lies_before_its_moment_and_nothing_else(log: EventLog) -> None:
    questions = ask(log, GRID)
    asked = []
    for n in range(log.n_events):
        earlier = (log.user == log.user[n]) & (log.time < log.time[n])
        if not earlier.any():
            continue
        q = len(asked)
        asked.append(n)
        moment = log.time[earlier].max()
        assert questions.states.time[q] == moment
        assert questions.states.begun[q] == log.time[earlier].min()
        assert questions.target[q] == log.behaviour[n]
        for k in range(log.n_behaviours):
            done = log.time[earlier & (log.behaviour == k)]
            assert questions.states.count[q, k] == len(done)
            since = int((log.time[earlier] > done.max()).sum()) if len(done) else -1
            assert questions.states.since[q, k] == since
            assert questions.states.latest[q, k] == (done.max() if len(done) else NEVER)
            assert questions.states.age[q, k] == (slow_age(moment - done.max()) if len(done) else 4)
    assert questions.event.tolist() == asked


@given(event_logs())
@settings(max_examples=40, deadline=None)
def test_now_is_the_state_as_of_the_last_moment(log: EventLog) -> None:
    states = now(log, GRID)
    assert states.user.tolist() == np.unique(log.user).tolist()
    for row, user in enumerate(states.user):
        own = log.user == user
        assert states.count[row].sum() == own.sum()
        assert states.time[row] == log.time[own].max()
        assert (states.age[row] == 0).any()


def test_what_comes_within_a_time() -> None:
    log = log_of((0, 0, 0), (0, 0, 1), (0, 5, 2), (0, 9, 0), (1, 3, 1))
    rows = moments(log)
    assert rows.tolist() == [1, 2, 3, 4]
    assert comes_within(log, rows, 5).tolist() == [[0, 0, 1], [1, 0, 0], [0, 0, 0], [0, 0, 0]]


def test_what_never_happened_was_seen_infinitely_long_ago() -> None:
    states = as_of(log_of((0, 0, 0), (0, 4_000, 1)), GRID, np.array([1]))
    assert states.seen_s.tolist() == [[4.0, 0.0, np.inf]]

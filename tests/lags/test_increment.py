"""Yesterday's counts and today's events give the counts of both days, number for number."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import event_logs

from causalviz.errors import UnusableLog
from causalviz.events.log import Behaviour, EventLog
from causalviz.lags import LagCounts, LagGrid, add_day, count_lags, join_days

GRID = LagGrid((0, 2, 5, 17))


def assert_same(first: LagCounts, second: LagCounts) -> None:
    assert first.behaviours == second.behaviours
    for name, array in first.arrays().items():
        assert np.array_equal(array, second.arrays()[name]), name


def days_of(log: EventLog, cut: int) -> tuple[EventLog, EventLog]:
    """A log cut at a moment; each part knows only the users and behaviours that it has."""
    parts = []
    for rows in (log.time < cut, log.time >= cut):
        users, user = np.unique(log.user[rows], return_inverse=True)
        marks, mark = np.unique(log.behaviour[rows], return_inverse=True)
        parts.append(
            EventLog.from_columns(
                user.astype(np.int32), log.time[rows], mark.astype(np.int32), [log.behaviours[k] for k in marks],
                [log.user_names[u] for u in users],
            )
        )  # fmt: skip
    return parts[0], parts[1]


def joined(before: EventLog, today: EventLog) -> EventLog:
    """Both days in memory."""
    both = join_days(before, today)
    user, time, behaviour = (np.concatenate(columns) for columns in zip(*both.batches, strict=True))
    log = EventLog(user, time, behaviour, both.behaviours, both.user_names)
    assert np.array_equal(log.sizes, both.sizes)
    return log


@given(event_logs(max_events=40), st.integers(1, 60))
@settings(max_examples=60, deadline=None)
def test_the_counts_of_two_days_equal_those_of_the_whole(log: EventLog, cut: int) -> None:
    if not (log.time < cut).any() or not (log.time >= cut).any():
        return
    before, today = days_of(log, cut)
    both = joined(before, today)
    counts = add_day(count_lags(before, GRID), before, today, both)
    assert_same(counts, count_lags(both, GRID))
    late = add_day(count_lags(today, GRID), today, before, joined(today, before))  # a file that comes late
    assert_same(late, counts)
    assert joined(today, before).fingerprint == both.fingerprint


def log_of(*rows: tuple[str, int, str], behaviours: str = "ab") -> EventLog:
    users = sorted({user for user, _, _ in rows})
    return EventLog.from_columns(
        np.array([users.index(user) for user, _, _ in rows], np.int32),
        np.array([time for _, time, _ in rows]),
        np.array([behaviours.index(mark) for _, _, mark in rows], np.int32),
        list(behaviours),
        users,
    )


def test_a_cause_yesterday_has_its_effect_today() -> None:
    before, today = log_of(("u", 10, "a"), ("v", 9, "a")), log_of(("u", 14, "b"), ("w", 1, "b"))
    counts = count_lags(before, GRID)
    total = add_day(counts, before, today, joined(before, today)).total()
    assert total.pairs[0, 0, 1].tolist() == [0, 1, 0]  # across the night, four ticks
    assert total.users.tolist() == [3]  # u once
    apart = (counts + count_lags(today, GRID)).total()  # what a plain sum would lose, and count twice
    assert (apart.pairs.sum(), apart.users.tolist()) == (0, [4])


def test_behaviours_stand_by_their_events_of_both_days() -> None:
    before, today = log_of(("u", 1, "a"), ("u", 2, "b")), log_of(("u", 3, "c"), ("u", 4, "c"), behaviours="ca")
    both = joined(before, today)
    assert both.names == ("c", "a", "b")
    assert add_day(count_lags(before, GRID), before, today, both).total().events.tolist() == [[2, 1, 1]]


def test_users_who_stay_away_are_not_counted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from causalviz.lags import increment

    counted: list[int] = []

    def spying(log: EventLog, grid: LagGrid, groups: int, *, users: np.ndarray) -> LagCounts:
        counted.append(int(log.sizes[users].sum()))
        return count_lags(log, grid, groups, users=users)

    monkeypatch.setattr(increment, "count_lags", spying)
    before = log_of(*((f"u{k}", t, "ab"[t % 2]) for k in range(50) for t in range(8)))
    today = log_of(("u7", 20, "a"), ("new", 21, "b"))
    add_day(count_lags(before, GRID), before, today, joined(before, today))
    assert counted == [8, 8 + 2]


def test_counts_in_another_number_of_groups_are_made_anew() -> None:
    before, today = log_of(("u", 1, "a"), ("u", 2, "b")), log_of(("u", 3, "a"), ("v", 4, "b"))
    both = joined(before, today)
    assert_same(add_day(count_lags(before, GRID, 3), before, today, both), count_lags(both, GRID))


def test_users_out_of_order_are_refused() -> None:
    log = log_of(("u", 1, "a"), ("v", 2, "b"))
    with pytest.raises(ValueError, match="sorted by name"):
        join_days(log, replace(log, user_names=("v", "u")))


def test_counts_of_another_log_are_refused() -> None:
    before, today = log_of(("u", 1, "a"), ("u", 2, "b")), log_of(("u", 3, "a"))
    with pytest.raises(UnusableLog, match="The counts are of 2 events and the log before has 3"):
        add_day(count_lags(before, GRID), log_of(("u", 1, "a"), ("u", 2, "b"), ("u", 3, "b")), today, before)
    other = replace(today, behaviours=(Behaviour("a", "view", "A"), Behaviour("b", "b")))
    with pytest.raises(UnusableLog, match="The behaviour 'a' stands for different types or items"):
        join_days(before, other)

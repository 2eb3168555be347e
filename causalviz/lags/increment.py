"""Yesterday's counts and today's events: the counts of both, without counting all of yesterday again.

Lag counts add up over users, and only over *whole* users: what a history holds as a whole (its events in all, the
pairs that its shuffled marks would give) is no sum over its parts. So the rule is:

    a user without events today        keeps the counts of yesterday,
    a user who is new today            is counted and added,
    a user who was there on both days  is taken out of yesterday's counts and counted again with both days' events.

The result is what counting both days together gives, number for number, whatever the order of the days; the work is
that of the users who were there today, not of all. Yesterday's events must therefore be kept (they are, as Parquet).
An event that stands in both files counts twice: cut the days so that each event is in one. New behaviours come behind
the old ones; the lag grid stays, so that the days can be compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from causalviz.errors import UnusableLog
from causalviz.events.log import Behaviour, EventLog
from causalviz.lags.counts import LagCounts, count_lags, no_counts


class Days(NamedTuple):
    """Both days together: their counts and their events, with which tomorrow goes on."""

    counts: LagCounts
    log: EventLog


def add_day(counts: LagCounts, before: EventLog, today: EventLog) -> Days:
    """Adds a day.

    Args:
        counts: Of ``before``; its grid and number of groups stay.
        before: All events up to today.
        today: The new ones; users are the same if their names are, behaviours likewise.

    Returns:
        The counts that ``count_lags`` gives of both days' events, and these.

    Raises:
        UnusableLog: If the counts are not those of ``before``.
    """
    _check(counts, before)
    log = _joined(before, today)
    groups = len(counts.users)
    there = frozenset(today.user_names[user] for user in np.flatnonzero(np.diff(today.offsets)))
    back, again = _places(before, there), _places(log, there)
    kept = _widened(counts, log.behaviours)
    if len(back):
        gone = _widened(count_lags(before.take_users(back), counts.grid, groups), log.behaviours)
        kept = _without(kept, gone)
    return Days(kept + count_lags(log.take_users(again), counts.grid, groups), log)


def _check(counts: LagCounts, before: EventLog) -> None:
    events = np.bincount(before.behaviour, minlength=before.n_behaviours)
    if counts.behaviours != before.behaviours or not np.array_equal(counts.events.sum(axis=0), events):
        raise UnusableLog(
            f"The counts are of {int(counts.events.sum()):,} events and the log before has {before.n_events:,}, or "
            "other behaviours; count the log before again."
        )


def _places(log: EventLog, names: frozenset[str]) -> NDArray[np.intp]:
    return np.flatnonzero(np.fromiter((name in names for name in log.user_names), bool, log.n_users))


def _joined(before: EventLog, today: EventLog) -> EventLog:
    """Both logs as one; users and behaviours of the first keep their codes."""
    behaviours = _union(before.behaviours, today.behaviours)
    users = tuple(dict.fromkeys((*before.user_names, *today.user_names)))
    mark = np.array([behaviours.index(behaviour) for behaviour in today.behaviours], dtype=np.int32)
    place = {name: code for code, name in enumerate(users)}
    user = np.array([place[name] for name in today.user_names], dtype=np.int32)
    return EventLog.from_columns(
        np.concatenate([before.user, user[today.user]]),
        np.concatenate([before.time, today.time]),
        np.concatenate([before.behaviour, mark[today.behaviour]]),
        behaviours,
        users,
    )


def _union(before: Sequence[Behaviour], today: Sequence[Behaviour]) -> list[Behaviour]:
    """The same name is the same behaviour only with the same type and item."""
    met = list(dict.fromkeys((*before, *today)))
    names = [behaviour.name for behaviour in met]
    double = next((name for name in names if names.count(name) > 1), None)
    if double is not None:
        raise UnusableLog(
            f"The behaviour {double!r} stands for different types or items on the two days; apply the same "
            "rules to both."
        )
    return met


def _widened(counts: LagCounts, behaviours: tuple[Behaviour, ...]) -> LagCounts:
    """The same counts among more behaviours, of which the first are the old ones."""
    wide = no_counts(behaviours, counts.grid, len(counts.users))
    K = slice(len(counts.behaviours))
    for name, array in wide.arrays().items():
        has_lags = name in ("pairs", "nearest", "expected", "at_risk")
        axes = array.ndim - 1 - has_lags  # those of behaviours, behind the one of groups
        array[(slice(None), *[K] * axes)] = counts.arrays()[name]
    return wide


def _without(counts: LagCounts, gone: LagCounts) -> LagCounts:
    rest = {name: array - gone.arrays()[name] for name, array in counts.arrays().items()}
    return LagCounts(behaviours=counts.behaviours, grid=counts.grid, **rest)

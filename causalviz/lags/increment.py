"""Yesterday's counts and today's events: the counts of both, without counting all of yesterday again.

Lag counts add up over users, and only over *whole* users: what a history holds as a whole (its events in all, the
pairs that its shuffled marks would give) is no sum over its parts. So the rule is:

    a user without events today        keeps the counts of yesterday,
    a user who is new today            is counted and added,
    a user who was there on both days  is taken out of yesterday's counts and counted again with both days' events.

The result is what counting both days together gives, number for number, whatever the order of the days; the work is
that of the users who were there today, not of all. Yesterday's events must therefore be kept. An event that stands in
both files counts twice: cut the days so that each event is in one. Users stand by name and behaviours by their number
of events, as in a log that was read at once; the lag grid stays, so that the days can be compared. Today's events are
held in memory, those before pass a batch at a time.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from causalviz.errors import UnusableLog
from causalviz.events.log import Batch, Behaviour, Histories
from causalviz.lags.counts import LagCounts, count_lags, no_counts

Ints = NDArray[np.int64]


class Joined(NamedTuple):
    """The events of both days as one log: see ``EventLog``; ``batches`` of whole users pass once."""

    behaviours: tuple[Behaviour, ...]
    user_names: tuple[str, ...]
    sizes: Ints
    batches: Iterator[Batch]


def join_days(before: Histories, today: Histories) -> Joined:
    """Joins two logs; users are the same if their names are, behaviours likewise.

    Args:
        before: All events up to today; users sorted by name.
        today: The new ones; likewise.

    Raises:
        UnusableLog: If a behaviour stands for different types or items.
        ValueError: If users are not sorted by name.
    """
    if any(a >= b for log in (before, today) for a, b in itertools.pairwise(log.user_names)):
        raise ValueError("the users of both logs must be sorted by name")
    users = tuple(sorted({*before.user_names, *today.user_names}))
    place = {name: code for code, name in enumerate(users)}
    user_of = [np.array([place[name] for name in log.user_names], dtype=np.int32) for log in (before, today)]
    behaviours = _union(before, today)
    mark_of = [np.array([behaviours.index(b) for b in log.behaviours], dtype=np.int32) for log in (before, today)]
    sizes = np.zeros(len(users), dtype=np.int64)
    for log, user in zip((before, today), user_of, strict=True):
        sizes[user] += log.sizes
    recoded = (_recoded(log, user, mark) for log, user, mark in zip((before, today), user_of, mark_of, strict=True))
    return Joined(behaviours, users, sizes, _merged(*recoded))


def add_day(counts: LagCounts, before: Histories, today: Histories, both: Histories) -> LagCounts:
    """The counts of both days.

    Args:
        counts: Of ``before``; their grid stays.
        before: All events up to today.
        today: The new ones.
        both: What ``join_days`` makes of them.

    Returns:
        The counts that ``count_lags`` gives of ``both``.

    Raises:
        UnusableLog: If the counts are not those of ``before``.
    """
    _check(counts, before)
    groups = len(no_counts(both.behaviours, counts.grid).users)
    if groups != len(counts.users):  # with many more behaviours there are fewer groups, and users change theirs
        return count_lags(both, counts.grid)
    there = {name for name, events in zip(today.user_names, today.sizes, strict=True) if events}
    gone = count_lags(before, counts.grid, groups, users=_among(before, there))
    kept = {name: array - gone.arrays()[name] for name, array in counts.arrays().items()}
    rest = LagCounts(behaviours=counts.behaviours, grid=counts.grid, **kept)
    return _arranged(rest, both.behaviours) + count_lags(both, counts.grid, groups, users=_among(both, there))


def _check(counts: LagCounts, before: Histories) -> None:
    if counts.behaviours != before.behaviours or int(counts.events.sum()) != before.n_events:
        raise UnusableLog(
            f"The counts are of {int(counts.events.sum()):,} events and the log before has {before.n_events:,}, or "
            "other behaviours; count the log before again."
        )


def _among(log: Histories, names: set[str]) -> NDArray[np.bool_]:
    return np.fromiter((name in names for name in log.user_names), bool, log.n_users)


def _union(before: Histories, today: Histories) -> tuple[Behaviour, ...]:
    """The most frequent first, as ``apply_rules`` has them; a name is one behaviour only with one type and item."""
    events: dict[Behaviour, int] = {}
    for log in (before, today):
        for behaviour, count in zip(log.behaviours, _events(log), strict=True):
            events[behaviour] = events.get(behaviour, 0) + int(count)
    names = [behaviour.name for behaviour in events]
    double = next((name for name in names if names.count(name) > 1), None)
    if double is not None:
        raise UnusableLog(
            f"The behaviour {double!r} stands for different types or items on the two days; apply the same "
            "rules to both."
        )
    return tuple(sorted(events, key=lambda behaviour: (-events[behaviour], behaviour.name)))


def _events(log: Histories) -> Ints:
    """(K,)"""
    events = np.zeros(log.n_behaviours, dtype=np.int64)
    for batch in log.batches():
        events += np.bincount(batch.behaviour, minlength=len(events))
    return events


def _recoded(log: Histories, user: NDArray[np.int32], mark: NDArray[np.int32]) -> Iterator[Batch]:
    for batch in log.batches():
        yield Batch(user[batch.user], batch.time, mark[batch.behaviour])


def _merged(before: Iterator[Batch], today: Iterator[Batch]) -> Iterator[Batch]:
    """Each batch of before with today's events of its users, and of the new users up to its last one."""
    new = _one(list(today))
    done = 0
    for batch in before:
        end = int(np.searchsorted(new.user, batch.user[-1], side="right"))
        yield _sorted(_one([batch, _rows(new, slice(done, end))]))
        done = end
    if done < len(new.user):
        yield _sorted(_rows(new, slice(done, None)))


def _rows(batch: Batch, rows: slice | Ints) -> Batch:
    return Batch(batch.user[rows], batch.time[rows], batch.behaviour[rows])


def _one(batches: Sequence[Batch]) -> Batch:
    return Batch(*(np.concatenate(columns) for columns in zip(*batches, strict=True)))


def _sorted(batch: Batch) -> Batch:
    return _rows(batch, np.lexsort((batch.behaviour, batch.time, batch.user)))


def _arranged(counts: LagCounts, behaviours: tuple[Behaviour, ...]) -> LagCounts:
    """The same counts among more behaviours, or in another order."""
    wide = no_counts(behaviours, counts.grid, len(counts.users))
    place = np.array([behaviours.index(behaviour) for behaviour in counts.behaviours], dtype=np.int64)
    for name, array in wide.arrays().items():
        has_lags = name in ("pairs", "nearest", "expected", "at_risk")
        axes = array.ndim - 1 - has_lags  # those of behaviours, behind the one of groups
        array[np.ix_(np.arange(len(array)), *[place] * axes)] = counts.arrays()[name]
    return wide

"""States: what may be known of a history at one of its moments, before anything later is.

A *moment* is all events of a user at the same time. The state as of a moment holds, for each behaviour,

    age     0 if it happened at this very moment; l in 1..L if the latest one lies in lag bin l before it; L + 1 if it
            lies beyond the longest lag, or never happened,
    count   how often it has happened so far, this moment included,
    since   how many events of the user came after its latest moment: 0 if it is this very one, -1 if it never happened,
    seen_s  how long ago the latest one lies, seconds (infinite: never),

and of the user how long the history has lasted. A *question* asks, in the state as of a moment, for an event of the
user's next moment: everything that happens at once is asked for alike, so that the order of ties tells nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from causalviz.events.log import TICKS_PER_S, EventLog
from causalviz.lags.grid import LagGrid

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

NEVER = np.iinfo(np.int64).min


@dataclass(frozen=True, eq=False)
class States:
    """S states over K behaviours.

    Attributes:
        user: (S,) whose.
        time: (S,) ticks, the moment of each.
        age: (S, K) int16, 0..L + 1; see the module.
        count: (S, K) events so far.
        since: (S, K) int32, events of any kind later than its latest moment; see the module.
        latest: (S, K) ticks of the latest event of each behaviour, ``NEVER`` where there is none.
        begun: (S,) ticks of the history's first event.
    """

    user: Ints
    time: Ints
    age: NDArray[np.int16]
    count: NDArray[np.int32]
    since: NDArray[np.int32]
    latest: Ints
    begun: Ints

    def __len__(self) -> int:
        return len(self.user)

    @property
    def seen_s(self) -> Floats:
        """(S, K) seconds since the latest event of each behaviour; infinite where there is none."""
        ago = (self.time[:, None] - np.maximum(self.latest, 0)) / TICKS_PER_S
        return np.where(self.latest == NEVER, np.inf, ago)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_] | slice) -> States:
        """Some of the states."""
        return States(
            self.user[rows], self.time[rows], self.age[rows], self.count[rows], self.since[rows], self.latest[rows],
            self.begun[rows],
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Questions:
    """Q questions: the state before the moment of each asked event, and what the event was.

    Attributes:
        states: Q states.
        target: (Q,) code of the behaviour that came.
        event: (Q,) row of the asked event in the log.
    """

    states: States
    target: Ints
    event: Ints

    def __len__(self) -> int:
        return len(self.target)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_] | slice) -> Questions:
        """Some of the questions."""
        return Questions(self.states.take(rows), self.target[rows], self.event[rows])


def has_earlier(log: EventLog) -> NDArray[np.bool_]:
    """(M,) True for the events before which their user has an earlier moment: those that can be asked for."""
    first = log.time[np.minimum(log.offsets[:-1], log.n_events - 1)]  # (U,)
    return np.asarray(log.time > first[log.user])


def ask(log: EventLog, grid: LagGrid, asked: NDArray[np.bool_] | None = None) -> Questions:
    """Asks for events of a log.

    Args:
        log: M events.
        grid: L lag bins.
        asked: (M,) which events; None for all. Those without an earlier moment of their user are never asked for.

    Returns:
        The questions in the order of the log.
    """
    rows = np.flatnonzero(has_earlier(log) if asked is None else has_earlier(log) & asked)
    opens = np.ones(log.n_events, dtype=bool)  # the first event of its moment
    opens[1:] = (np.diff(log.user) != 0) | (np.diff(log.time) != 0)
    before = np.maximum.accumulate(np.where(opens, np.arange(log.n_events), 0)) - 1
    return Questions(as_of(log, grid, before[rows]), log.behaviour[rows].astype(np.int64), rows)


def now(log: EventLog, grid: LagGrid) -> States:
    """The state of every user as of the last moment of the history; users without events are left out."""
    ends = log.offsets[1:][np.diff(log.offsets) > 0]
    return as_of(log, grid, ends - 1)


def as_of(log: EventLog, grid: LagGrid, events: NDArray[np.int64]) -> States:
    """The states as of the moments of some events, these moments included.

    Args:
        log: M events.
        grid: L lag bins.
        events: (S,) rows of the log, none smaller than the one before.
    """
    S, K = len(events), log.n_behaviours
    age, count, latest = np.zeros((S, K), np.int16), np.zeros((S, K), np.int32), np.full((S, K), NEVER, np.int64)
    since = np.full((S, K), -1, np.int32)
    edges = np.asarray(grid.edges, dtype=np.int64)
    _walk(log.user, log.time, log.behaviour, edges, events, age, count, since, latest)
    user = log.user[events].astype(np.int64)
    return States(user, log.time[events], age, count, since, latest, log.time[log.offsets[user]])


def comes_within(log: EventLog, events: NDArray[np.int64], ticks: int) -> NDArray[np.int8]:
    """(S, K) 1 where a behaviour follows within so many ticks after the moment of an event, else 0.

    Args:
        log: M events.
        events: (S,) rows of the log.
        ticks: At most so far ahead; what happens at the same moment does not follow.
    """
    came = np.zeros((len(events), log.n_behaviours), np.int8)
    _look_ahead(log.user, log.time, log.behaviour, events, ticks, came)
    return came


def moments(log: EventLog) -> Ints:
    """Rows of the log that are the last event of their moment."""
    ends = np.ones(log.n_events, dtype=bool)
    ends[:-1] = (np.diff(log.user) != 0) | (np.diff(log.time) != 0)
    return np.flatnonzero(ends)


@njit(cache=True, nogil=True)
def _walk(user, time, mark, edges, rows, age, count, since, latest):  # type: ignore[no-untyped-def]
    """Fills in the state as of the moment of each row, a user's history at a time."""
    K, L, M = age.shape[1], len(edges) - 1, len(user)
    last = np.empty(K, np.int64)
    until = np.empty(K, np.int64)  # the row after each behaviour's latest moment
    own = np.zeros(K, np.int64)
    s = 0
    start = 0
    while start < M and s < len(rows):
        end = start + 1
        while end < M and user[end] == user[start]:
            end += 1
        own[:] = 0
        last[:] = NEVER
        first = start
        while first < end and s < len(rows) and rows[s] < end:
            beyond = first
            while beyond < end and time[beyond] == time[first]:
                last[mark[beyond]] = time[beyond]
                own[mark[beyond]] += 1
                beyond += 1
            for n in range(first, beyond):
                until[mark[n]] = beyond
            while s < len(rows) and rows[s] < beyond:
                for i in range(K):
                    age[s, i] = L + 1
                    count[s, i] = own[i]
                    latest[s, i] = last[i]
                    if own[i] > 0:
                        since[s, i] = beyond - until[i]
                        ago = time[first] - last[i]
                        for bin_ in range(L + 1):
                            if ago <= edges[bin_]:
                                age[s, i] = bin_
                                break
                s += 1
            first = beyond
        start = end


@njit(cache=True, nogil=True)
def _look_ahead(user, time, mark, rows, ticks, came):  # type: ignore[no-untyped-def]
    """Marks what follows each row soon enough."""
    M = len(user)
    for s in range(len(rows)):
        n = rows[s] + 1
        while n < M and user[n] == user[rows[s]] and time[n] - time[rows[s]] <= ticks:
            if time[n] > time[rows[s]]:
                came[s, mark[n]] = 1
            n += 1

"""Logs in which nothing causes anything, though much looks as if it did. Every edge drawn here is a false one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.known import Known, known_of
from causalviz.events.log import TICKS_PER_S, EventLog

Floats = NDArray[np.float64]

DAY_S = 86_400
SPAN_DAYS = 60


def independent_log(seed: int, behaviours: int = 20, users: int = 2000) -> EventLog:
    """Behaviours that cause nothing: activity differs 10-fold between users, and there is a daily season."""
    rng = np.random.default_rng(seed)
    events = rng.poisson(np.exp(rng.uniform(np.log(4), np.log(40), users))) + 1
    user = np.repeat(np.arange(users, dtype=np.int32), events)
    M = len(user)
    hour = rng.random(8 * M)
    hour = hour[rng.random(8 * M) < (1 + np.sin(2 * np.pi * hour)) / 2][:M]
    time_ticks = ((rng.integers(0, 30, M) + hour) * DAY_S * TICKS_PER_S).astype(np.int64)
    mark = rng.choice(behaviours, M, p=rng.dirichlet(np.full(behaviours, 2.0))).astype(np.int32)
    return EventLog.from_columns(user, time_ticks, mark, [f"b{code}" for code in range(behaviours)])


def independent(seed: int) -> Known:
    """``independent_log`` with its empty graph."""
    log = independent_log(seed)
    return Known(log, np.zeros((log.n_behaviours, log.n_behaviours), dtype=bool))


def heterogeneous(seed: int) -> Known:
    """Users who differ in everything, seasons, sessions and hidden shocks; 20 behaviours, about 60 000 events.

    A user has an activity (log-normal, sigma 1), a taste (gamma, shape 0.5) and a time of presence (a tenth of 60 days
    or more). Two thirds of the events fall into sessions of half an hour; moments follow the hour of the day and the
    weekday, each behaviour with a peak hour of its own. A sixth of the events belong to shocks: hidden moments, half of
    them shared by all users, that set off four behaviours at once, evenly over five minutes, so that none leads.
    """
    rng = np.random.default_rng([seed, 31])
    K, users = 20, 1500
    activity = np.exp(rng.normal(0.0, 1.0, users) - 0.5)
    taste = rng.gamma(0.5, 2.0, (users, K)) * rng.dirichlet(np.full(K, 2.0)) * K  # (U, K)
    start, end = _presence(rng, users)
    counts = rng.poisson(33.0 * activity[:, None] * taste / K)  # (U, K)
    cell = np.repeat(np.arange(users * K), counts.ravel())
    user, mark = np.divmod(cell, K)
    peak = rng.random(K)
    time_s = _season(rng, start[user], end[user], peak[mark])
    time_s = _in_sessions(rng, user, time_s)
    shocks = _shocks(rng, users, K, start, end, 6.0 * activity)
    columns = [np.concatenate(pair) for pair in zip((user, time_s, mark), shocks, strict=True)]
    return known_of(columns[0], columns[1], columns[2], np.zeros((K, K), dtype=bool), rng)


def _presence(rng: np.random.Generator, users: int) -> tuple[Floats, Floats]:
    """(U,), (U,) first and last second of each user."""
    length = SPAN_DAYS * DAY_S * rng.uniform(0.1, 1.0, users)
    start = rng.random(users) * (SPAN_DAYS * DAY_S - length)
    return start, start + length


def _season(rng: np.random.Generator, start: Floats, end: Floats, peak: Floats) -> Floats:
    """(M,) moments between start and end, by hour of the day (peak in [0, 1)) and weekday."""
    time_s = rng.uniform(start, end)
    for _ in range(12):
        day = time_s / DAY_S
        level = (1 + np.cos(2 * np.pi * (day - peak))) / 2 * (1 + 0.5 * np.sin(2 * np.pi * day / 7)) / 1.5
        again = np.flatnonzero(rng.random(len(time_s)) >= level)
        time_s[again] = rng.uniform(start[again], end[again])
    return time_s


def _in_sessions(rng: np.random.Generator, user: NDArray[np.int64], time_s: Floats) -> Floats:
    """Two events of three move into half an hour after some other event of the same user."""
    order = rng.permutation(len(user))
    order = order[np.argsort(user[order], kind="stable")]  # users together, their events in random order
    anchor = time_s[order].copy()
    first = np.searchsorted(user[order], user[order])  # the start of each event's user
    place = np.arange(len(order)) - first
    moved = place % 3 > 0
    target = first + place - place % 3  # one anchor for itself and the two that follow
    anchor[moved] = anchor[target[moved]] + rng.uniform(0, 1800, int(moved.sum()))
    result = np.empty_like(time_s)
    result[order] = anchor
    return result


def _shocks(
    rng: np.random.Generator, users: int, K: int, start: Floats, end: Floats, mean_events: Floats
) -> tuple[NDArray[np.int64], Floats, NDArray[np.int64]]:
    kinds = np.stack([rng.choice(K, 4, replace=False) for _ in range(3)])  # (3, 4) behaviours
    met = rng.poisson(mean_events / 4)  # (U,) shocks of each user
    user = np.repeat(np.arange(users), met)
    shared = rng.uniform(0, SPAN_DAYS * DAY_S, 30)
    chosen = rng.integers(0, 30, len(user))
    moment = np.where(rng.random(len(user)) < 0.5, shared[chosen], rng.uniform(start[user], end[user]))
    inside = (moment >= start[user]) & (moment < end[user])
    user, moment, kind = user[inside], moment[inside], (chosen % 3)[inside]
    marks = kinds[kind]  # (shocks, 4)
    time_s = moment[:, None] + rng.uniform(0, 300, marks.shape)
    return np.repeat(user, 4), time_s.ravel(), marks.ravel()

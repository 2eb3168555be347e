"""From a plan to its events.

A user's candidates are taken from a heap in order of time, so that prevention, refractory gaps and saturation
see exactly the past. The background is calibrated on a small pilot until each behaviour's share of the events
is the intended one, which is drawn without looking at the graph: otherwise effects would be more frequent than
causes and counting alone would reveal the direction.

A world in which something is forced or forbidden is simulated together with the same world left alone: a candidate has
one fate and one offspring for both, unless what was done makes the difference. So what only one of them holds is the
effect of what was done, and not chance.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from causalviz.events.log import TICKS_PER_S, EventLog
from causalviz.worlds.plan import Influences, People, SetOff, World, WorldPlan

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

DAY_S = 86_400.0
PILOT_USERS = 60
PILOT_ROUNDS = 3
MAX_EVENTS_PER_USER = 20_000
IN_BOTH, ONLY_DONE, ONLY_ALONE, FORCED = 0, 1, 2, 3  # worlds that hold an event; forced ones are only where it is done


class Events(NamedTuple):
    """M events of all users, unsorted between users.

    Attributes:
        user: (M,) codes.
        time_s: (M,) seconds.
        behaviour: (M,) codes; with K added what only the world holds in which something is done, with 2 K what only
            the world left alone holds.
        cause: (M,) code of the recorded behaviour that set the event off, directly or by hidden ones; -1 = none.
        delay_s: (M,) seconds since that cause; 0 without one.
    """

    user: Codes
    time_s: Floats
    behaviour: Codes
    cause: Codes
    delay_s: Floats


def simulate(plan: WorldPlan, rng: np.random.Generator) -> World:
    """Simulates one world.

    Args:
        plan: What causes what, who acts, what is recorded.
        rng: Source of all randomness; equal states give equal worlds.

    Returns:
        The log over the recorded behaviours and their true graph.

    Raises:
        UnusableLog: If chance left no event at all.
    """
    base = calibrated_background(plan, rng)
    events = run_users(plan, plan.people, base, rng)
    log, kept = _record(plan, events, rng)
    code = np.cumsum(~plan.recording.hidden) - 1
    caused = kept[events.cause[kept] >= 0]
    set_off = SetOff(code[events.cause[caused]], code[events.behaviour[caused]], events.delay_s[caused])
    return World(log, plan.truth, plan, base, set_off)


def calibrated_background(plan: WorldPlan, rng: np.random.Generator) -> Floats:
    """(K,) background weights under which the pilot's shares come near the intended ones."""
    target = plan.shares / plan.shares.sum()
    caused = np.zeros_like(target)
    if plan.family == "branching":
        caused = target @ plan.influences.offspring
    base = np.maximum(target - caused, 0.02 * target)
    pilot_people = replace(plan.people, n_users=min(PILOT_USERS, plan.people.n_users))
    for _ in range(PILOT_ROUNDS):
        behaviour = run_users(plan, pilot_people, base, rng).behaviour
        seen = np.bincount(behaviour, minlength=len(target)) + 1.0
        wanted = target * plan.people.events_per_user * pilot_people.n_users + 1.0
        base = base * np.clip(wanted / seen, 0.25, 4.0)
    return base


class Forcing(NamedTuple):
    """What is done to a branching world from outside.

    Attributes:
        per_user: Events of ``behaviour`` that happen to each user at even moments of the stay, whatever came before.
        behaviour: Which one is forced; -1 = none.
        blocked: Which one never happens; -1 = none.
    """

    per_user: int = 0
    behaviour: int = -1
    blocked: int = -1

    @property
    def worlds(self) -> int:
        """How many are simulated together: one, or the one left alone and the one where something is done."""
        return 2 if self.per_user or self.blocked >= 0 else 1


LEFT_ALONE = Forcing()


def run_users(
    plan: WorldPlan, people: People, base: Floats, rng: np.random.Generator, forcing: Forcing = LEFT_ALONE
) -> Events:
    """The events of all users."""
    K = len(base)
    activity = np.exp(rng.normal(0.0, people.activity_sigma, people.n_users) - people.activity_sigma**2 / 2)
    activity[rng.random(people.n_users) < people.bots] *= 20.0
    n_groups = int(people.groups.max()) + 1
    if np.isfinite(people.taste):
        taste = rng.gamma(people.taste, 1.0 / people.taste, (people.n_users, n_groups))[:, people.groups]
    else:
        taste = np.ones((people.n_users, K))
    means = people.events_per_user * activity[:, None] * taste * base  # (U, K)
    start, end = _presence(people, rng)
    effects = plan.influences
    if plan.family == "clickstream":
        user, time_s, behaviour = _walk(
            rng, means, start, end, people.drift, people.groups, people.events_per_session, people.theme,
            effects.boost, effects.memory, float(np.median(effects.delay_s))
        )  # fmt: skip
        return Events(user, time_s, behaviour, np.full(len(user), -1), np.zeros(len(user)))
    shock_times = np.sort(rng.uniform(0, people.span_s, rng.poisson(plan.shocks.per_user)))
    forced = np.empty((people.n_users, 0))
    if forcing.per_user:
        forced = start[:, None] + (end - start)[:, None] * rng.random((people.n_users, forcing.per_user))
    return Events(*_branch(
        rng, means, start, end, people.drift, people.groups, people.daily, people.weekly,
        people.session_s, people.events_per_session, people.theme,
        plan.shocks.members, plan.shocks.per_user, plan.shocks.width_s,
        shock_times if plan.shocks.shared else np.empty(0),
        forced, forcing.behaviour, forcing.blocked, forcing.worlds, plan.recording.hidden,
        *_triggers(effects)
    ))  # fmt: skip


def _presence(people: People, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """(U,), (U,) first and last second of each user's presence."""
    length = people.span_s * rng.uniform(people.lifetime, 1.0, people.n_users)
    start = rng.uniform(0.0, 1.0, people.n_users) ** (1.0 / people.growth) * (people.span_s - length)
    return start, start + length


def _triggers(effects: Influences) -> tuple[Any, ...]:
    return (
        effects.offspring,
        effects.suppress,
        effects.suppress_s,
        effects.correction,
        effects.correction_s,
        effects.delay,
        effects.delay_s,
        effects.late,
        effects.late_factor,
        effects.partner,
        effects.partner_s,
        effects.refractory_s,
        effects.saturation_s,
    )


def _record(plan: WorldPlan, events: Events, rng: np.random.Generator) -> tuple[EventLog, Codes]:
    """The log that is kept: losses, duplicates, hidden behaviours and the clock's rounding applied.

    With it the rows of the events that it holds, one recorded twice standing twice.
    """
    rule = plan.recording
    user, time_s, behaviour = events.user, events.time_s, events.behaviour
    keep = (rng.random(len(user)) >= rule.lost) & ~rule.hidden[behaviour]
    begin, end = (share * plan.people.span_s for share in rule.window)
    keep &= (time_s >= begin) & (time_s < end)
    times = 1 + (rng.random(len(user)) < rule.duplicated)
    index = np.repeat(np.flatnonzero(keep), times[keep])
    ticks = max(1, round(rule.rounding_s * TICKS_PER_S))
    time = np.floor(time_s[index] * TICKS_PER_S / ticks).astype(np.int64) * ticks
    code = np.cumsum(~rule.hidden) - 1
    present, dense = np.unique(user[index], return_inverse=True)
    log = EventLog.from_columns(
        dense.astype(np.int32),
        time,
        code[behaviour[index]].astype(np.int32),
        [b for b, hidden in zip(plan.behaviours, rule.hidden, strict=True) if not hidden],
        [f"user {number + 1}" for number in present],
    )
    return log, index


@njit(cache=True, nogil=True)
def _delay(rng, family, median):  # type: ignore[no-untyped-def]
    """One delay in seconds of the given family and median."""
    if family == 0:
        return rng.exponential(median / 0.6931)
    if family == 1:
        return median * np.exp(rng.normal(0.0, 0.6))
    if family == 2:
        return rng.uniform(0.2 * median, 1.8 * median)
    # Lomax of shape 1.5: its median is scale * (2**(1/1.5) - 1)
    return median / 0.5874 * ((1.0 - rng.random()) ** (-1.0 / 1.5) - 1.0)


@njit(cache=True, nogil=True)
def _push(times, marks, lags, size, time, mark, lag):  # type: ignore[no-untyped-def]
    """Adds to a binary heap ordered by time; returns the new size."""
    child = size
    while child > 0:
        parent = (child - 1) >> 1
        if times[parent] <= time:
            break
        times[child], marks[child], lags[child] = times[parent], marks[parent], lags[parent]
        child = parent
    times[child], marks[child], lags[child] = time, mark, lag
    return size + 1


@njit(cache=True, nogil=True)
def _pop(times, marks, lags, size):  # type: ignore[no-untyped-def]
    """Removes the earliest of the heap; returns the new size (the earliest must have been read at 0)."""
    size -= 1
    time, mark, lag = times[size], marks[size], lags[size]
    parent = 0
    while True:
        child = 2 * parent + 1
        if child >= size:
            break
        if child + 1 < size and times[child + 1] < times[child]:
            child += 1
        if times[child] >= time:
            break
        times[parent], marks[parent], lags[parent] = times[child], marks[child], lags[child]
        parent = child
    times[parent], marks[parent], lags[parent] = time, mark, lag
    return size


@njit(cache=True, nogil=True)
def _held(there):  # type: ignore[no-untyped-def]
    """Which worlds hold an event, from whether each of one or two does; at least one must."""
    if len(there) == 1 or (there[0] and there[1]):
        return IN_BOTH
    return ONLY_ALONE if there[0] else ONLY_DONE


@njit(cache=True, nogil=True)
def _in_season(rng, time, daily, weekly):  # type: ignore[no-untyped-def]
    """Accepts a background moment with the probability of its hour and weekday."""
    level = (1.0 + daily * np.sin(2.0 * np.pi * time / DAY_S)) / (1.0 + daily)
    level *= (1.0 + weekly * np.sin(2.0 * np.pi * time / (7.0 * DAY_S))) / (1.0 + weekly)
    return rng.random() < level


@njit(cache=True, nogil=True)
def _moment(rng, start, end, drift, daily, weekly):  # type: ignore[no-untyped-def]
    """A background moment between start and end, by drift and season."""
    time = start
    for _ in range(20):
        share = rng.random()
        if abs(drift) > 1e-6:
            share = np.log1p(share * np.expm1(drift)) / drift
        time = start + share * (end - start)
        if _in_season(rng, time, daily, weekly):
            break
    return time


@njit(cache=True, nogil=True)
def _branch(  # type: ignore[no-untyped-def]
    rng, means, starts, ends, drift, groups, daily, weekly, session_s, per_session, theme, shock_members,
    shocks_per_user, shock_s, shared_shocks,
    forced, forced_mark, blocked, worlds, hidden, offspring, suppress, suppress_s, correction, correction_s, delay,
    delay_s, late, late_factor, partner, partner_s, refractory_s, saturation_s
):  # fmt: skip
    """All events of one or two branching worlds, user after user; marks tell which of them hold an event.

    A mark on the heap is j + K (held + 4 (c + 1)): the behaviour, the worlds, and the recorded one that set it off.
    """
    U, K = means.shape
    capacity = 1024
    users = np.empty(capacity, np.int64)
    times = np.empty(capacity, np.float64)
    marks = np.empty(capacity, np.int64)
    causes = np.empty(capacity, np.int64)
    delays = np.empty(capacity, np.float64)
    n = 0
    heap_times = np.empty(4 * MAX_EVENTS_PER_USER, np.float64)
    heap_marks = np.empty(4 * MAX_EVENTS_PER_USER, np.int64)
    heap_lags = np.empty(4 * MAX_EVENTS_PER_USER, np.float64)
    last = np.empty((worlds, K), np.float64)
    so_far = np.empty((worlds, K), np.float64)
    there = np.empty(worlds, np.bool_)  # whether the event takes place
    fertile = np.empty(worlds, np.bool_)
    sets_off = np.empty(worlds, np.bool_)
    corrected = correction.sum() > 0.0
    n_groups = groups.max() + 1
    room = 4 * MAX_EVENTS_PER_USER - 64
    for u in range(U):
        start, end = starts[u], ends[u]
        size = 0
        n_sessions = 0
        if session_s > 0.0:
            n_sessions = max(1, rng.poisson(means[u].sum() / per_session))
            session_starts = np.empty(n_sessions, np.float64)
            reached = np.empty(n_sessions, np.float64)
            for s in range(n_sessions):
                session_starts[s] = _moment(rng, start, end, 0.0, daily, weekly)
            about = np.empty((n_groups, n_sessions), np.float64)
            for g in range(n_groups):
                for s in range(n_sessions):
                    about[g, s] = rng.standard_gamma(theme) + 1e-9 if np.isfinite(theme) else 1.0
        for j in range(K):
            if n_sessions > 0:
                level = 0.0
                for s in range(n_sessions):
                    passed = (session_starts[s] - start) / (end - start)
                    level += about[groups[j], s] * np.exp(drift[j] * passed)
                    reached[s] = level
            for _ in range(rng.poisson(min(means[u, j], 0.5 * MAX_EVENTS_PER_USER))):
                if n_sessions > 0:
                    chosen = np.searchsorted(reached, rng.random() * reached[-1])
                    time = session_starts[min(chosen, n_sessions - 1)] + rng.random() * session_s
                else:
                    time = _moment(rng, start, end, drift[j], daily, weekly)
                if size < room and time < end:
                    size = _push(heap_times, heap_marks, heap_lags, size, time, j, 0.0)
        if shocks_per_user > 0.0:
            shared = len(shared_shocks) > 0
            count = len(shared_shocks) if shared else rng.poisson(shocks_per_user)
            for s in range(count):
                moment = shared_shocks[s] if shared else rng.uniform(start, end)
                kind = s % len(shock_members) if shared else rng.integers(0, len(shock_members))
                for j in range(K):
                    for _ in range(rng.poisson(shock_members[kind, j])):
                        time = moment + rng.random() * shock_s
                        if size < room and start <= time < end:
                            size = _push(heap_times, heap_marks, heap_lags, size, time, j, 0.0)
        for f in range(forced.shape[1]):
            if size < room:
                mark = FORCED * K + forced_mark
                size = _push(heap_times, heap_marks, heap_lags, size, forced[u, f], mark, 0.0)
        last[:] = -np.inf
        so_far[:] = 0.0
        kept = 0
        while size > 0 and kept < MAX_EVENTS_PER_USER:
            time, marked, lag = heap_times[0], heap_marks[0], heap_lags[0]
            size = _pop(heap_times, heap_marks, heap_lags, size)
            j, held, cause = marked % K, marked // K % 4, marked // (4 * K) - 1
            for w in range(worlds):
                there[w] = held == IN_BOTH or held == (ONLY_ALONE if w == 0 else ONLY_DONE)
                if time - last[w, j] < refractory_s[j] or (w == 1 and j == blocked):
                    there[w] = False
            for i in range(K):
                if suppress[i, j] > 0.0:
                    near = False
                    for w in range(worlds):
                        near |= there[w] and time - last[w, i] < suppress_s[i, j]
                    if near and rng.random() < suppress[i, j]:
                        for w in range(worlds):
                            there[w] &= time - last[w, i] >= suppress_s[i, j]
            if corrected:
                drawn = -1.0
                for w in range(worlds):
                    if there[w]:
                        fall = 0.0
                        for i in range(K):
                            if so_far[w, i] > 0.0:
                                fall += correction[i, j] * so_far[w, i] * np.exp((last[w, i] - time) / correction_s[i])
                        if fall > 0.0:
                            drawn = rng.random() if drawn < 0.0 else drawn
                            there[w] = drawn <= np.exp(-fall)
            if held == FORCED:
                there[1] = True
            if not there.any():
                continue
            if n == capacity:
                capacity *= 2
                users = _grown(users, capacity)
                times = _grown(times, capacity)
                marks = _grown(marks, capacity)
                causes = _grown(causes, capacity)
                delays = _grown(delays, capacity)
            users[n], times[n], marks[n] = u, time, j + K * _held(there)
            causes[n], delays[n] = cause, lag
            n += 1
            kept += 1
            for w in range(worlds):
                fertile[w] = there[w] and time - last[w, j] >= saturation_s[j]
                if there[w]:
                    if so_far[w, j] > 0.0:
                        so_far[w, j] *= np.exp((last[w, j] - time) / correction_s[j])
                    so_far[w, j] += 1.0
                    last[w, j] = time
            if not fertile.any():
                continue
            if not hidden[j]:
                cause, lag = j, 0.0
            for k in range(K):
                if offspring[j, k] > 0.0:
                    beside = partner[j, k]
                    for w in range(worlds):
                        sets_off[w] = fertile[w] and (beside < 0 or time - last[w, beside] <= partner_s)
                    if not sets_off.any():
                        continue
                    for _ in range(rng.poisson(offspring[j, k])):
                        scale = late_factor if late[j, k] > 0.0 and rng.random() < late[j, k] else 1.0
                        wait = _delay(rng, delay[j, k], scale * delay_s[j, k])
                        if time + wait < end and size < room:
                            mark = k + K * (_held(sets_off) + 4 * (cause + 1))
                            size = _push(heap_times, heap_marks, heap_lags, size, time + wait, mark, lag + wait)
    return users[:n], times[:n], marks[:n], causes[:n], delays[:n]


@njit(cache=True, nogil=True)
def _grown(column, capacity):  # type: ignore[no-untyped-def]
    larger = np.empty(capacity, column.dtype)
    larger[: len(column)] = column
    return larger


@njit(cache=True, nogil=True)
def _walk(rng, means, starts, ends, drift, groups, per_session, theme, boost, memory, gap_s):  # type: ignore[no-untyped-def]
    """All events of a clickstream world: sessions in which each recent cause multiplies its effects' odds."""
    U, K = means.shape
    capacity = 1024
    users = np.empty(capacity, np.int64)
    times = np.empty(capacity, np.float64)
    marks = np.empty(capacity, np.int64)
    n = 0
    recent = np.empty(memory, np.int64)
    weight = np.empty(K, np.float64)
    liking = np.empty(K, np.float64)
    about = np.ones(groups.max() + 1, np.float64)
    for u in range(U):
        total = min(means[u].sum(), float(MAX_EVENTS_PER_USER))
        for _ in range(max(1, rng.poisson(total / per_session))):
            time = rng.uniform(starts[u], ends[u])
            passed = (time - starts[u]) / (ends[u] - starts[u])
            recent[:] = -1
            if np.isfinite(theme):
                for g in range(len(about)):
                    about[g] = rng.standard_gamma(theme) / theme
            for j in range(K):
                liking[j] = means[u, j] * about[groups[j]] * np.exp(drift[j] * passed) + 1e-12
            length = 1 + rng.geometric(1.0 / per_session)
            for step in range(length):
                level = 0.0
                for j in range(K):
                    odds = liking[j]
                    for m in range(memory):
                        i = recent[m]
                        if i >= 0:
                            fresh = True
                            for earlier in range(m):
                                if recent[earlier] == i:
                                    fresh = False
                            if fresh:
                                odds *= boost[i, j]
                    level += odds
                    weight[j] = level
                draw = rng.random() * level
                j = 0
                while weight[j] < draw:
                    j += 1
                if n == capacity:
                    capacity *= 2
                    users = _grown(users, capacity)
                    times = _grown(times, capacity)
                    marks = _grown(marks, capacity)
                users[n], times[n], marks[n] = u, time, j
                n += 1
                for m in range(memory - 1, 0, -1):
                    recent[m] = recent[m - 1]
                recent[0] = j
                time += gap_s * np.exp(rng.normal(0.0, 1.0))
                if step > 4 * per_session + 50 or time > ends[u]:
                    break
    return users[:n], times[:n], marks[:n]

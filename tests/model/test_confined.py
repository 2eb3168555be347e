"""The confined process against counts that can be made by hand, and against a world with known repeats."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import event_logs

from causalviz.events.log import TICKS_PER_S, Behaviour, EventLog
from causalviz.lags import LagGrid
from causalviz.model.confined import ITERATIONS, SHAPE, Around, fit_confined
from causalviz.model.hawkes import lag_exposure

NAMES = tuple(Behaviour(name, name) for name in ("poke", "idle", "echo"))
POKE, IDLE, ECHO = 0, 1, 2


def trains(repeat: float, users: int = 300, seed: int = 0) -> EventLog:
    """Pokes and idle events at any time of a day; each poke is repeated with this chance a few seconds later."""
    rng = np.random.default_rng(seed)
    events: list[tuple[int, float, int]] = []
    for u in range(users):
        for behaviour in (POKE, IDLE):
            for start in rng.uniform(0, 86_400, 8):
                events.append((u, start, behaviour))
                moment = start
                while behaviour == POKE and rng.random() < repeat:
                    moment += rng.exponential(5.0)
                    events.append((u, moment, behaviour))
    user, time, mark = zip(*events, strict=True)
    ticks = (np.array(time) * TICKS_PER_S).astype(np.int64)
    return EventLog.from_columns(
        np.array(user, np.int32), ticks, np.array(mark, np.int32), NAMES, [str(u) for u in range(users)]
    )


@pytest.mark.parametrize(("around", "least"), [("others", 0.34), ("all", 0.2)])
def test_repeats_are_found_where_they_are(around: Around, least: float) -> None:
    log = trains(0.4)
    steps: list[tuple[int, int]] = []
    found = fit_confined(
        log, LagGrid.from_log(log), np.zeros((3, 3), bool), around, on_progress=lambda *step: steps.append(step)
    )
    assert least < found.own[POKE] < 0.46  # where all events make the background, it takes its part of the repeats
    assert found.own[IDLE] < 0.05
    assert found.own[ECHO] == 0.0  # it never happens
    assert found.gain[POKE] > 100 * max(found.gain[IDLE], 1.0)
    assert steps[-1] == (ITERATIONS, ITERATIONS)


def test_a_drawn_cause_takes_the_blame() -> None:
    log = trains(0.0)
    pokes = log.behaviour == POKE
    user = np.repeat(log.user[pokes], 2)
    time = np.repeat(log.time[pokes], 2) + np.tile([1, 3], pokes.sum()) * TICKS_PER_S
    echoed = EventLog.from_columns(
        np.r_[log.user, user.astype(np.int32)], np.r_[log.time, time],
        np.r_[log.behaviour, np.full(len(user), ECHO, np.int32)], NAMES, log.user_names,
    )  # fmt: skip
    drawn = np.zeros((3, 3), bool)
    grid = LagGrid.from_log(echoed)
    alone = fit_confined(echoed, grid, drawn, "others").own[ECHO]
    drawn[POKE, ECHO] = True
    assert fit_confined(echoed, grid, drawn, "others").own[ECHO] < 0.5 * alone


def test_a_graph_over_other_behaviours_is_refused() -> None:
    log = trains(0.0, users=3)
    with pytest.raises(ValueError, match=r"\(3, 3\)"):
        fit_confined(log, LagGrid.from_log(log), np.zeros((2, 2), bool), "all")


def fitted_slowly(log: EventLog, grid: LagGrid, drawn: np.ndarray, around: Around) -> tuple[np.ndarray, ...]:
    """Blame (K, K), repeats (K, L + 1) and what came with others around (K,), event by event."""
    K, L, M, edges = log.n_behaviours, grid.n_bins, log.n_events, grid.edges
    user, time, marks = (x.tolist() for x in (log.user, log.time, log.behaviour))
    allowed = drawn | np.eye(K, dtype=bool)
    tells = ~(np.eye(K, dtype=bool) | drawn | drawn.T) if around == "others" else np.ones((K, K), bool)

    def lag_of(m: int, n: int) -> int | None:
        """0 at the same moment, else one more than the bin; None where m is no possible cause of n."""
        i, j, lag = marks[m], marks[n], time[n] - time[m]
        if user[m] != user[n] or not allowed[i, j] or lag > edges[L]:
            return None
        if lag == 0:
            return 0 if m != n and (m < n or not allowed[j, i]) else None
        return 1 + next(b for b in range(L) if lag <= edges[b + 1]) if lag > 0 else None

    parents = [[(marks[m], b) for m in range(M) if (b := lag_of(m, n)) is not None] for n in range(M)]
    counts, n_of = np.bincount(user, minlength=log.n_users), np.bincount(marks, minlength=K).astype(float)
    of_user = [[t for t, v in zip(time, user, strict=True) if v == u] or [0] for u in range(log.n_users)]
    span = [max(times[-1] - times[0], 1) for times in of_user]
    gaps = [b - a for a, b, u, v in zip(time, time[1:], user, user[1:], strict=False) if u == v and b > a]
    moment = 1.0 + n_of * max(1.0, min(gaps, default=2) / 2)
    exposure = np.column_stack([moment, lag_exposure(log.user, log.time, np.array(marks), np.array(edges), K)])
    kernel = np.zeros((K, K, L + 1))
    for i, j in np.argwhere(allowed):
        kernel[i, j] = 0.5 * n_of[j] / allowed[:, j].sum() / (L + 1) / exposure[i]

    def background(by_chance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rate, reach = np.empty((L + 1, M)), np.empty((L + 1, log.n_users, K))
        owed = np.zeros((log.n_users, K))
        for n in range(M):
            owed[user[n], marks[n]] += by_chance[n]
        for n in range(M):
            rate[0, n] = counts[user[n]] / span[user[n]]
            for h in range(1, L + 1):
                others = [m for m in range(M) if m != n and user[m] == user[n] and tells[marks[m], marks[n]]]
                rate[h, n] = sum(by_chance[m] for m in others if abs(time[m] - time[n]) <= edges[h]) / (2.0 * edges[h])
        reach[0], reach[1:] = counts[:, None], owed @ tells
        return rate, reach

    rate, reach = background(np.full(M, 0.5))
    base, taste = 0.5 * n_of / (L + 1) / np.maximum(reach.sum(axis=1), 1e-9), np.ones((log.n_users, K))
    for step in range(ITERATIONS + 1):
        blame, owed, mine = np.zeros_like(kernel), np.zeros((L + 1, K)), np.zeros_like(taste)
        by_chance = np.zeros(M)
        for n, (u, j) in enumerate(zip(user, marks, strict=True)):
            parts = base[:, j] * rate[:, n] * taste[u, j]
            total = parts.sum() + sum(kernel[i, j, b] for i, b in parents[n])
            if total > 0:
                by_chance[n] = parts.sum() / total
                mine[u, j] += by_chance[n]
                owed[:, j] += parts / total
                for i, b in parents[n]:
                    blame[i, j, b] += kernel[i, j, b] / total
        if step < ITERATIONS:
            kernel = blame / exposure[:, None]
            rate, reach = background(by_chance)
            base = owed / np.maximum((reach * taste).sum(axis=1), 1e-9)
            taste = (SHAPE + mine) / (SHAPE + (base[:, None] * reach).sum(axis=0))
    return blame.sum(axis=2), blame[np.arange(K), np.arange(K)], owed[1:].sum(axis=0)


@given(event_logs(max_events=20), st.sampled_from(["others", "all"]), st.integers(0, 2**16))
@settings(max_examples=15, deadline=None)
def test_the_fit_equals_its_slow_twin(log: EventLog, around: Around, seed: int) -> None:
    grid, K = LagGrid((0, 3, 9, 30)), log.n_behaviours
    drawn = np.random.default_rng(seed).random((K, K)) < 0.4
    np.fill_diagonal(drawn, False)
    found = fit_confined(log, grid, drawn, around)
    for fast, slow in zip(
        (found.blame, found.repeats, found.around), fitted_slowly(log, grid, drawn, around), strict=True
    ):
        assert np.allclose(fast, slow, atol=1e-9)

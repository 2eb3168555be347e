"""The confined process against counts that can be made by hand, and against a world with known repeats."""

from __future__ import annotations

import numpy as np
import pytest

from causalviz.events.log import TICKS_PER_S, Behaviour, EventLog
from causalviz.lags import LagGrid
from causalviz.model.confined import ITERATIONS, Around, fit_confined

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

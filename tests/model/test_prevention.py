"""Planted steps are found again: how long, and how much is kept."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from causalviz.events.log import Behaviour, EventLog
from causalviz.lags import LagGrid
from causalviz.model.effects import Effects
from causalviz.model.prevention import FOR_GOOD, Preventions, fit_preventions

GRID = LagGrid((0, 10, 100, 1_000))
SPAN = 100_000
AT = (0, 1)  # of three behaviours: the first keeps the second away
NEGATIVE = -0.5 * np.eye(3, k=1) * np.array([1.0, 0.0, 0.0])[:, None]
DRAWN = NEGATIVE < 0


def effects_of(offspring: np.ndarray) -> Effects:
    values = {field.name: np.ones((3, 3)) for field in fields(Effects)}
    return Effects(**values | {"offspring": offspring, "rate_ratio": np.full((3, 3), 0.5)})


def world(window: float, kept: float, users: int = 500) -> EventLog:
    """A few causes, some sixty effects and strangers of each user, very unevenly; early effects after a cause fail."""
    rng, rows = np.random.default_rng(0), []
    for user in range(users):
        level = rng.gamma(1.0, 2.0)
        causes = np.sort(rng.integers(0, SPAN, rng.poisson(1.5)))
        rows += [(user, at, 0) for at in causes.tolist()]
        for mark, rate in ((1, 10.0), (2, 20.0)):
            for at in rng.integers(0, SPAN, rng.poisson(level * rate)).tolist():
                before = causes[causes < at]
                if mark == 1 and len(before) and at - before[-1] < window and rng.random() > kept:
                    continue
                rows.append((user, at, mark))
    user, time, mark = np.array(sorted(rows), np.int64).T
    present, code = np.unique(user, return_inverse=True)
    names = [Behaviour(name, name) for name in "ijk"]
    return EventLog.from_columns(
        code.astype(np.int32), time, mark.astype(np.int32), names, [str(one) for one in present]
    )


@pytest.mark.parametrize(("window", "kept"), [(3_000, 0.2), (30_000, 0.5)])
def test_a_planted_step_is_found(window: float, kept: float) -> None:
    found = fit_preventions(world(window, kept), GRID, DRAWN, effects_of(NEGATIVE))
    assert found.window[AT] == pytest.approx(window, rel=0.35)
    assert found.kept[AT] == pytest.approx(kept, abs=0.1)


def test_what_is_kept_away_for_good_is_so() -> None:
    log = world(np.inf, 0.1)
    found = fit_preventions(log, GRID, DRAWN, effects_of(NEGATIVE))
    assert found.window[AT] >= 0.5 * SPAN
    assert found.window[AT] <= FOR_GOOD * SPAN
    assert found.kept[AT] == pytest.approx(0.1, abs=0.07)


def test_other_pairs_have_no_step() -> None:
    log = world(3_000, 0.2, users=50)
    found = fit_preventions(log, GRID, DRAWN, effects_of(-NEGATIVE))  # drawn, but it sets off
    assert (found.kept == 1).all()
    assert not found.window.any()
    undrawn = fit_preventions(log, GRID, np.zeros_like(DRAWN), effects_of(NEGATIVE))
    assert (undrawn.kept == 1).all()


def test_where_nothing_is_lacking_the_effects_have_their_say() -> None:
    found = fit_preventions(world(0, 1.0, users=3), GRID, DRAWN, effects_of(NEGATIVE))
    told = Preventions(np.where(DRAWN, 0.5, 1.0), np.where(DRAWN, 1_000.0, 0.0))
    fitted = found.window[AT] != told.window[AT]
    assert fitted == (found.kept[AT] != 0.5)
    alone = EventLog.from_columns(
        np.zeros(2, np.int32), np.array([0, 5]), np.array([0, 1], np.int32), [Behaviour(n, n) for n in "ijk"], ["u"]
    )
    found = fit_preventions(alone, GRID, DRAWN, effects_of(NEGATIVE))  # no stranger tells the time
    assert np.array_equal(found.kept, told.kept)
    assert np.array_equal(found.window, told.window)

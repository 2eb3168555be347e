"""Baselines on a log that one can count by hand."""

from __future__ import annotations

import numpy as np
import pytest

from causalviz.events.log import EventLog
from causalviz.lags.grid import LagGrid
from causalviz.recommend.baselines import DRAWN, fit_markov, fit_neighbours, fit_popularity, fit_recency
from causalviz.recommend.states import now

GRID = LagGrid((0, 10, 100))
# user 0: a b a b; user 1: a b; user 2: c
LOG = EventLog.from_columns(
    np.array([0, 0, 0, 0, 1, 1, 2], np.int32),
    np.array([0, 1, 2, 3, 0, 1, 0], np.int64),
    np.array([0, 1, 0, 1, 0, 1, 2], np.int32),
    list("abc"),
)
SHARE = np.array([4, 4, 2]) / 10


def test_popularity_counts() -> None:
    assert np.allclose(fit_popularity(LOG, GRID).scores(now(LOG, GRID)), np.tile(SHARE, (3, 1)))


def test_recency_ranks_the_latest_first() -> None:
    scores = fit_recency(LOG, GRID).scores(now(LOG, GRID))
    assert np.argsort(-scores[0]).tolist() == [1, 0, 2]
    assert scores[2, 2] > scores[2].max(initial=0, where=[True, True, False])


def test_markov_follows_the_latest_moment() -> None:
    fitted = fit_markov(LOG, GRID)
    assert fitted.follow[0].tolist() == pytest.approx(((np.array([0, 3, 0]) + DRAWN * SHARE) / (3 + DRAWN)).tolist())
    assert fitted.follow.sum(axis=1).tolist() == pytest.approx([1, 1, 1])
    assert np.allclose(fitted.scores(now(LOG, GRID))[1], fitted.follow[1])


def test_neighbours_share_their_users() -> None:
    likeness = fit_neighbours(LOG, GRID).likeness
    assert likeness[0, 1] == pytest.approx(1.0)
    assert likeness[0, 2] == 0

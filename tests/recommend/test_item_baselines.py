"""Baselines over items on a log that one can count by hand."""

from __future__ import annotations

import numpy as np
import pytest

from causalviz.events.raw import RawEvents
from causalviz.lags.grid import LagGrid
from causalviz.recommend.item_baselines import (
    DRAWN,
    fit_item_markov,
    fit_item_neighbours,
    fit_item_popularity,
    fit_item_recency,
)
from causalviz.recommend.item_states import ItemEvents, items_now

GRID = LagGrid((0, 10_000, 100_000))
GOALS = np.array([0])
# u: A B A B; v: A B; w: C
EVENTS = ItemEvents.of_raw(
    RawEvents.from_names(list("uuuuvvw"), np.array([0, 1, 2, 3, 0, 1, 0]) * 1000, ["view"] * 7, list("ABABABC"))
)
NOW = items_now(EVENTS, GRID)


def test_popularity_counts() -> None:
    assert fit_item_popularity(EVENTS, GOALS).scores(NOW)[0].tolist() == pytest.approx([3 / 7, 3 / 7, 1 / 7], abs=1e-3)


def test_recency_ranks_the_latest_first() -> None:
    scores = fit_item_recency(EVENTS, GOALS).scores(NOW)
    assert np.argsort(-scores[0]).tolist() == [1, 0, 2]
    assert scores[2].argmax() == 2


def test_markov_follows_the_latest_moment() -> None:
    fitted, share = fit_item_markov(EVENTS, GOALS), fit_item_popularity(EVENTS, GOALS).share
    assert fitted.scores(NOW)[0] == pytest.approx((np.array([1, 0, 0]) + DRAWN * share) / (1 + DRAWN))  # from B
    assert fitted.links.toarray()[0] == pytest.approx(np.array([0, 3, 0]) / (3 + DRAWN))


def test_neighbours_share_their_users() -> None:
    fitted = fit_item_neighbours(EVENTS, GOALS)
    assert fitted.links.toarray() == pytest.approx(np.array([[1, 1, 0], [1, 1, 0], [0, 0, 1]]))
    assert fitted.scores(NOW)[1] == pytest.approx([2, 2, 0], abs=1e-4)

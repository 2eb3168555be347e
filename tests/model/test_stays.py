"""Stays are told from few visits by what is usual, and from many by themselves."""

from __future__ import annotations

import numpy as np
import pytest

from causalviz.events.log import Behaviour, EventLog
from causalviz.model.stays import LEAST_STAY, fit_stays, own_stays

SPAN = 1_000_000


def logged(*users: list[int]) -> EventLog:
    user = np.concatenate([np.full(len(times), u) for u, times in enumerate(users)])
    return EventLog.from_columns(
        user.astype(np.int32), np.concatenate([np.array(times) for times in users]).astype(np.int64),
        np.zeros(len(user), np.int32), [Behaviour("a", "a")], [str(u) for u in range(len(users))],
    )  # fmt: skip


def test_one_visit_does_not_make_a_stay_of_an_hour() -> None:
    rng = np.random.default_rng(0)
    stays = [(start, start + 400_000) for start in rng.integers(0, 600_000, 300)]
    busy = [sorted(rng.integers(low, high, 12).tolist()) for low, high in stays]
    once = [[int(at), int(at) + 50, int(at) + 90] for at in rng.integers(200_000, 800_000, 100)]
    edges = [[0, SPAN]]  # so long is the log
    found = fit_stays(logged(*busy, *once, *edges), 100.0)
    assert np.median(1 / found.inverse[:300]) == pytest.approx(400_000, rel=0.1)
    assert 1 / found.inverse[300:400] == pytest.approx(np.full(100, 400_000), rel=0.15)  # alone: 90, and the same law
    assert found.lead[300:400] == pytest.approx(np.full(100, 0.5), abs=0.01)
    lead = np.array([times[0] for times in busy]) - np.array([low for low, _ in stays])
    assert found.lead[:300].mean() == pytest.approx(lead.mean() / 400_000, abs=0.03)


def test_an_own_stay_is_longer_by_what_even_moments_miss() -> None:
    found = own_stays(logged([400_000, 450_000, 500_000], [0, SPAN]))  # three in 100 000: a stay of 200 000
    assert (1 / found.inverse).tolist() == pytest.approx([200_000, SPAN])  # nobody stays longer than the log
    assert found.lead.tolist() == pytest.approx([0.25, 0.0])


def test_what_cannot_be_told_is_the_law_of_all() -> None:
    found = fit_stays(logged([5], [5], [5]), 100.0)  # a log without any time
    assert found.inverse == pytest.approx(np.full(3, found.inverse[0]))
    assert 1 <= found.inverse[0] <= 1 / LEAST_STAY
    assert found.first.tolist() == [5.0, 5.0, 5.0]

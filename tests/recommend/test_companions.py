"""Companions by hand and against a slow twin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from strategies import item_logs

from causalviz.events.raw import RawEvents
from causalviz.recommend import companions
from causalviz.recommend.companions import CompanionConfig, count_companions
from causalviz.recommend.item_states import ItemEvents

EDGES = np.array([0, 10_000, 30_000])
PLAIN = CompanionConfig(exponent=0.0, drawn=0.0)


def events(*rows: tuple[str, int, str]) -> ItemEvents:
    user, time, item = zip(*rows, strict=True)
    return ItemEvents.of_raw(RawEvents.from_names(user, np.array(time) * 1000, ["view"] * len(rows), item))


def test_what_comes_after_is_counted_within_the_window() -> None:
    log = events(("u", 0, "A"), ("u", 5, "B"), ("u", 5, "C"), ("u", 50, "D"), ("v", 0, "A"), ("v", 20, "B"))
    worth = np.array([[1.0, 0.5, 0.25, 0.0]])  # of the moment before, up to 10 s and up to 30 s before it
    found = count_companions(log, EDGES, worth, PLAIN).toarray()
    assert found[0].tolist() == pytest.approx([0, 2 / 3, 1 / 3, 0])
    assert not found[1:].any()  # B and C are a tie, D is too late
    drawn = count_companions(log, EDGES, worth, PLAIN._replace(drawn=3.0)).toarray()
    assert drawn[0].sum() == pytest.approx(0.5)
    damped = count_companions(log, EDGES, worth, PLAIN._replace(exponent=1.0)).toarray()  # B came twice, C once
    assert damped[0].tolist() == pytest.approx([0, 0.5, 0.5, 0])
    early = count_companions(log, EDGES, worth, PLAIN, until=5_000).toarray()
    assert early[0].tolist() == pytest.approx([0, 0.5, 0.5, 0])
    best = count_companions(log, EDGES, worth, PLAIN._replace(kept=1)).toarray()
    assert best[0].tolist() == pytest.approx([0, 2 / 3, 0, 0])
    walk = events(("u", 0, "A"), ("u", 5, "B"), ("u", 12, "C"))
    found = count_companions(walk, EDGES, worth, PLAIN).toarray()
    assert found[0].tolist() == pytest.approx([0, 2 / 3, 1 / 3])  # when C came, A was 5 s older than the latest


@given(item_logs())
def test_shares_equal_their_slow_twin(raw: RawEvents) -> None:
    log = ItemEvents.of_raw(raw)
    T, I = len(raw.event_names), log.shelf.n_items  # noqa: E741 - as in the docstrings
    worth = np.arange(1.0, 1.0 + T * 4).reshape(T, 4)
    pairs = np.zeros((I, I))
    for m in range(raw.n_events):
        for n in range(raw.n_events):
            x, y, lag = log.item[m], log.item[n], log.time[n] - log.time[m]
            if log.user[m] == log.user[n] and x != y and min(x, y) >= 0 and 0 < lag <= EDGES[-1]:
                between = (log.user == log.user[n]) & (log.item >= 0) & (np.arange(raw.n_events) < n)
                if between[m:n].sum() <= companions.REACH:
                    known = log.time[(log.user == log.user[n]) & (log.time < log.time[n])].max()
                    pairs[x, y] += worth[log.kind[m], np.searchsorted(EDGES, known - log.time[m])]
    often = np.bincount(log.item[log.item >= 0], minlength=I)
    damped = pairs / np.sqrt(np.maximum(often, 1))
    counted, whole = pairs.sum(axis=1, keepdims=True), damped.sum(axis=1, keepdims=True)
    expected = np.where(whole > 0, damped / np.where(whole > 0, whole, 1) * counted / (counted + 5.0), 0.0)
    assert np.allclose(count_companions(log, EDGES, worth, CompanionConfig()).toarray(), expected)


def test_few_pairs_at_a_time_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    log = events(
        *[("u" + str(rng.integers(9)), int(rng.integers(500)), "ABCDEFG"[rng.integers(7)]) for _ in range(300)]
    )
    worth = np.ones((1, 4))
    at_once = count_companions(log, EDGES, worth, CompanionConfig()).toarray()
    monkeypatch.setattr(companions, "PAIRS", 10)
    assert np.array_equal(count_companions(log, EDGES, worth, CompanionConfig()).toarray(), at_once)

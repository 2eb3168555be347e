"""The test of recommenders: splits without a look ahead, and the bar on a demo log."""

from __future__ import annotations

import numpy as np
import pytest

from causalviz.errors import SettingsError, UnusableLog
from causalviz.events.log import EventLog
from causalviz.forecasting import CAUSAL, _part, compare_recommenders
from causalviz.worlds.demos import demo_log


@pytest.fixture(scope="module")
def log() -> EventLog:
    return demo_log("shop", users=700).log


def test_the_learned_part_holds_nothing_that_is_asked_for(log: EventLog) -> None:
    learned, asked = _part(log, "time")
    assert learned.time.max() < log.time[asked].min()
    assert learned.n_events + asked.sum() == log.n_events
    _, asked = _part(log, "last")
    for user in range(0, log.n_users, 97):
        own = log.time[log.user == user]
        assert set(log.time[(log.user == user) & asked]) == ({own.max()} if own.max() > own.min() else set())


def test_causal_rates_beat_markov_and_popularity_on_the_shop(log: EventLog) -> None:
    told = []

    def perfect(_: EventLog, grid: object, drawn: object):  # type: ignore[no-untyped-def]
        del grid, drawn
        return lambda _, questions: np.eye(log.n_behaviours)[questions.target]

    found = compare_recommenders(log, others=[("oracle", perfect)], on_progress=lambda *step: told.append(step))
    assert found is not None
    table = found.table().set_index("method")
    assert list(table.index) == [CAUSAL, "popularity", "recency", "Markov", "neighbours", "oracle"]
    assert table.loc["oracle", "ndcg"] == pytest.approx(1.0)
    assert (table.loc[["popularity", "Markov"], "ndcg_gain_low"] > 0).all()
    assert (table["ndcg_low"] <= table["ndcg"]).all()
    assert told[0][1] == 0
    assert told[-1][1] == told[-1][2] == len(table) + 2


def test_a_test_may_be_cancelled(log: EventLog) -> None:
    assert compare_recommenders(log, cancelled=lambda: True) is None


def test_what_cannot_be_tested_is_refused(log: EventLog) -> None:
    with pytest.raises(SettingsError, match="split"):
        compare_recommenders(log, split="odd")  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="at least one"):
        compare_recommenders(log, top=0)
    short = EventLog.from_columns(np.zeros(2, np.int32), np.zeros(2, np.int64), np.arange(2, dtype=np.int32), "ab")
    with pytest.raises(UnusableLog, match="too few moments"):
        compare_recommenders(short)

"""The transformer beside the rates: the right rows are read, and the mixture is no worse than its better half."""

from __future__ import annotations

import io
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from strategies import event_logs

from causalviz.events.log import EventLog
from causalviz.forecasting import MIXTURE, TRANSFORMER, compare_recommenders, sequence_methods
from causalviz.lags.grid import LagGrid
from causalviz.model.transformer import TransformerConfig, TransformerStep
from causalviz.model.wire import receive, send
from causalviz.recommend import sequence
from causalviz.recommend.sequence import fit_mixture, fit_transformer, rows_of
from causalviz.recommend.states import ask, now
from causalviz.worlds.demos import demo_log

SMALL = TransformerConfig(hidden=16, layers=1, window=12, windows=400, epochs=3, learning_rate=5e-3)


@given(event_logs(max_events=40))
@settings(max_examples=40)
def test_a_state_is_read_from_the_last_event_of_its_moment(log: EventLog) -> None:
    states = ask(log, LagGrid((0, 10, 100))).states
    for row, user, time in zip(rows_of(log, states), states.user, states.time, strict=True):
        assert row == np.flatnonzero((log.user == user) & (log.time == time)).max()


def test_the_mixture_gives_chances_and_its_weight_is_a_share() -> None:
    log = demo_log("shop", users=300).log
    grid = LagGrid.from_log(log)
    drawn = np.zeros((log.n_behaviours,) * 2, bool)
    mixed = fit_mixture(log, grid, drawn, config=SMALL)
    alone = fit_transformer(log, config=SMALL)
    assert mixed is not None
    assert alone is not None
    assert 0 <= mixed.weight <= 1
    states = now(log, grid)
    for model in (mixed, alone):
        chances = model.chances(log, states)
        assert chances.shape == (log.n_users, log.n_behaviours)
        assert np.allclose(chances.sum(1), 1.0)
        assert chances.min() >= 0
    assert fit_mixture(log, grid, drawn, config=SMALL, cancelled=lambda: True) is None


def test_a_mixture_learned_apart_answers_the_same_bit_for_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequence, "fit_mixture", partial(fit_mixture, config=SMALL))
    log = demo_log("shop", users=300).log
    grid = LagGrid.from_log(log)
    drawn = np.zeros((log.n_behaviours,) * 2, bool)
    told: list[TransformerStep] = []
    packed = sequence.learn_mixture(log, grid, drawn, on_step=told.append, cancelled=lambda: False)
    pipe = io.BytesIO()
    send(packed, pipe)
    pipe.seek(0)
    there = receive(pipe)
    assert isinstance(there, sequence.PackedMixture)
    here, states = fit_mixture(log, grid, drawn, config=SMALL), now(log, grid)
    assert here is not None
    assert tuple(told) == here.transformer.steps == there.transformer.steps
    assert np.array_equal(there.opened().chances(log, states), here.chances(log, states))


def test_both_stand_in_the_comparison() -> None:
    log = demo_log("shop", users=400).log
    found = compare_recommenders(log, others=sequence_methods(SMALL))
    assert found is not None
    table = found.table().set_index("method")
    assert list(table.index[-2:]) == [TRANSFORMER, MIXTURE]
    assert table.loc[MIXTURE, "ndcg"] > table.loc["popularity", "ndcg"]
    assert table.loc[MIXTURE, "ndcg"] > table.loc[TRANSFORMER, "ndcg"]  # so little data needs the causes

"""The transformer: never ahead of its time, as good as its prior at first, better after learning."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from strategies import event_logs

from causalviz.errors import SettingsError, TrainingFailed
from causalviz.events.log import EventLog
from causalviz.model.copying import SHUT
from causalviz.model.transformer import (
    NextNetwork,
    Transformer,
    TransformerConfig,
    TransformerStep,
    _Moments,
    train_transformer,
)

SMALL = TransformerConfig(hidden=16, layers=1, window=8, epochs=6, learning_rate=1e-2)


def rounds(users: int = 30, length: int = 20) -> EventLog:
    """Everybody goes a, b, c, a, b, c, ... from a place of one's own; a minute between two."""
    user = np.repeat(np.arange(users), length)
    step = np.tile(np.arange(length), users)
    return EventLog.from_columns(
        user.astype(np.int32), (step * 60_000).astype(np.int64), ((user + step) % 3).astype(np.int32), "abc"
    )


@pytest.fixture(scope="module")
def learned() -> Transformer:
    steps: list[TransformerStep] = []
    found = train_transformer(rounds(), SMALL, on_epoch=steps.append)
    assert found is not None
    assert found.steps == tuple(steps)
    return found


def test_it_learns_what_always_follows(learned: Transformer) -> None:
    log = rounds(users=3)
    events = np.arange(log.n_events)
    chances = np.exp(learned.log_chances(log, events))
    assert np.allclose(chances.sum(1), 1.0)
    assert (chances[events, (log.behaviour + 1) % 3] > 0.8).all()


def test_what_comes_later_changes_nothing(learned: Transformer) -> None:
    log = rounds(users=4)
    early = log.time <= 9 * 60_000
    short = EventLog(log.user[early], log.time[early], log.behaviour[early], log.behaviours, log.user_names)
    whole = learned.log_chances(log, np.flatnonzero(early))
    assert np.allclose(whole, learned.log_chances(short, np.arange(short.n_events)), atol=1e-5)


def test_the_same_seed_gives_the_same_answer(learned: Transformer) -> None:
    again = train_transformer(rounds(), SMALL)
    assert again is not None
    events = np.arange(20)
    assert np.array_equal(again.log_chances(rounds(), events), learned.log_chances(rounds(), events))


def test_before_the_first_step_the_answer_is_the_prior_but_for_a_few_copies() -> None:
    network = NextNetwork(3, 4, SMALL).eval()
    prior = torch.tensor([0.2, 0.3, 0.5]).log().expand(1, 5, 3)
    codes, new = torch.zeros(1, 5, dtype=torch.long), torch.zeros(1, 3, dtype=torch.bool)
    copied = torch.tensor([1.0, 0.0, 0.0])  # the one behaviour that the window holds
    share = torch.sigmoid(torch.tensor(SHUT))
    expected = (1 - share) * prior.exp() + share * copied
    assert torch.allclose(network(codes, codes, prior, new).exp(), expected, atol=1e-6)
    expected = (1 - share) / 3 + share * copied.expand(1, 5, 3)
    assert torch.allclose(network(codes, codes, None, new).exp(), expected, atol=1e-6)


def test_habits_of_all_are_told_of_behaviours_that_are_new() -> None:
    rng, length = np.random.default_rng(0), 20
    pairs = np.array([*(rng.choice(8, 2, replace=False) for _ in range(80)), (8, 9)])  # the last user's are new
    user, step = np.repeat(np.arange(len(pairs)), length), np.tile(np.arange(length), len(pairs))
    log = EventLog.from_columns(
        user.astype(np.int32), (step * 60_000).astype(np.int64), pairs[user, step % 2].astype(np.int32), "abcdefghij"
    )
    found = train_transformer(log.take_users(np.arange(80)), SMALL)
    assert found is not None
    assert found.new.tolist() == [False] * 8 + [True] * 2
    told = found.log_chances(log, np.flatnonzero(user == 80)[5:-1]).argmax(1)
    assert told.tolist() == log.behaviour[user == 80][6:].tolist()  # to and fro, as everybody


def test_a_perfect_prior_is_kept() -> None:
    log = rounds()
    prior = np.log(np.where(np.eye(3)[(log.behaviour + 1) % 3] == 1, 0.98, 0.01))
    found = train_transformer(log, SMALL, prior=prior)
    assert found is not None
    assert found.steps[0].heldout_loss < 0.1


@given(event_logs(max_events=30))
@settings(max_examples=40)
def test_targets_are_the_next_moment_of_the_same_user(log: EventLog) -> None:
    moments = _Moments.of(log)
    K = log.n_behaviours
    for row in range(log.n_events):
        own = log.user == log.user[row]
        later = log.time[own & (log.time > log.time[row])]
        is_last = not (own[row + 1 :] & (log.time[row + 1 :] == log.time[row])).any()
        assert moments.followed[row] == (is_last and len(later) > 0)
        if moments.followed[row]:
            coming = own & (log.time == later.min())
            assert moments.next_time[row] == later.min()
            expected = np.bincount(log.behaviour[coming], minlength=K)
            assert moments.targets(np.array([row]), K)[0].tolist() == expected.tolist()


def test_it_can_be_cancelled() -> None:
    assert train_transformer(rounds(), SMALL, cancelled=lambda: True) is None


def test_too_little_to_learn_from_is_a_sentence() -> None:
    with pytest.raises(TrainingFailed, match="choose a larger log"):
        train_transformer(rounds(users=1, length=4), SMALL)


@pytest.mark.parametrize(
    "wrong", [{"hidden": 7}, {"heads": 5}, {"layers": 0}, {"window": 1}, {"epochs": 0}, {"learning_rate": 0.0}]
)
def test_settings_out_of_range_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(SettingsError, match="must be"):
        TransformerConfig(**wrong)  # type: ignore[arg-type]

"""The recurrent alternative: what deleting does, that it finds a planted cause, and how it may end."""

from __future__ import annotations

import numpy as np
import pytest

from causalviz.errors import SettingsError, TrainingFailed
from causalviz.events.log import TICKS_PER_S, EventLog
from causalviz.model import recurrent
from causalviz.model.gaps import Gaps
from causalviz.model.recurrent import RecurrentConfig, RecurrentScores, RecurrentStep, train_recurrent

QUICK = RecurrentConfig(epochs=12, window=24, windows=200, hidden=16, learning_rate=1e-2)


def log_with_a_cause(users: int = 60, events: int = 20) -> EventLog:
    """Behaviours a, b, c at random, but b follows each a at once."""
    rng = np.random.default_rng(0)
    user, time, behaviour = [], [], []
    for one in range(users):
        now = 0
        for kind in rng.integers(3, size=events):
            now += int(rng.integers(20, 60)) * TICKS_PER_S
            user.append(one), time.append(now), behaviour.append(int(kind))
            if kind == 0:
                now += 2 * TICKS_PER_S
                user.append(one), time.append(now), behaviour.append(1)
    return EventLog.from_columns(
        np.array(user, np.int32), np.array(time, np.int64), np.array(behaviour, np.int32), ["a", "b", "c"]
    )


@pytest.fixture(scope="module")
def found() -> tuple[RecurrentScores, list[RecurrentStep]]:
    told: list[RecurrentStep] = []
    scores = train_recurrent(log_with_a_cause(), QUICK, on_step=told.append)
    assert scores is not None
    return scores, told


def test_the_planted_cause_scores_highest(found: tuple[RecurrentScores, list[RecurrentStep]]) -> None:
    scores, _ = found
    assert np.unravel_index(np.nanargmax(scores.score), (3, 3)) == (0, 1)
    assert scores.score[0, 1] > 0
    assert np.isnan(np.diag(scores.score)).all()
    assert (scores.moments > 0).all()


def test_histories_help_to_foretell(found: tuple[RecurrentScores, list[RecurrentStep]]) -> None:
    scores, told = found
    assert scores.heldout_loss < scores.free_loss
    assert [(step.stage, step.done) for step in told] == [
        *(("training", n) for n in range(1, 13)),
        *(("deleting", n) for n in range(1, 4)),
    ]
    assert told[11].heldout_loss == pytest.approx(scores.heldout_loss)
    assert scores.steps == tuple(told)


def test_the_same_seed_gives_the_same_scores(found: tuple[RecurrentScores, list[RecurrentStep]]) -> None:
    again = train_recurrent(log_with_a_cause(), QUICK)
    assert again is not None
    np.testing.assert_array_equal(again.score, found[0].score)


def test_deleting_joins_the_gaps_and_finds_the_place_of_each_moment() -> None:
    histories = recurrent._Histories(np.array([[2, 0, 1, 0, 2, -1]]), np.array([[0.0, 1.0, 2.0, 4.0, 8.0, 0.0]]))
    kept, place = recurrent._without(histories, 0)
    assert kept.behaviour.tolist() == [[2, 1, 2, -1, -1, -1]]
    assert kept.gap_s.tolist() == [[0.0, 3.0, 12.0, 0.0, 0.0, 0.0]]
    assert place.tolist() == [[1, 1, 2, 2, 3, 3]]
    empty, none = recurrent._without(recurrent._Histories(np.array([[0, 0]]), np.zeros((1, 2))), 0)
    assert (empty.behaviour < 0).all()
    assert none.tolist() == [[0, 0]]


def test_deleting_what_the_network_does_not_look_at_changes_nothing() -> None:
    network = recurrent.GRUNetwork(2, 2, 4)
    for weight in network.parameters():
        weight.data.zero_()
    histories = recurrent._Histories(np.array([[0, 1, 0]]), np.array([[0.0, 1.0, 5.0]]))
    scored = recurrent._deletions(
        network, histories, Gaps(np.array([2.0]), np.array([1.0, 5.0])), 2, lambda _: None, lambda: False
    )
    assert scored is not None
    assert scored[0][0, 1] == 0
    assert scored[1].tolist() == [3, 2]  # moments since the first event of each


def test_histories_of_the_users_kept_aside_are_not_learned_from() -> None:
    learned, aside = recurrent._histories(log_with_a_cause(users=8), RecurrentConfig(window=64))
    assert len(learned.behaviour) == 6
    assert len(aside.behaviour) == 2
    learned, aside = recurrent._histories(log_with_a_cause(users=20), RecurrentConfig(window=8, windows=30))
    assert len(learned.behaviour) + len(aside.behaviour) == 30
    assert learned.behaviour.shape[1] == 8


def test_it_can_be_cancelled_at_any_step() -> None:
    for patience in (3, 37):
        asked = iter(range(10_000))
        assert train_recurrent(log_with_a_cause(), QUICK, cancelled=lambda a=asked, p=patience: next(a) >= p) is None


def test_a_loss_that_is_no_number_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    good = recurrent._loss
    monkeypatch.setattr(recurrent, "_loss", lambda *given: good(*given) * float("nan"))
    with pytest.raises(TrainingFailed, match="became nan in epoch 1; lower the learning rate"):
        train_recurrent(log_with_a_cause(users=10), QUICK)


def test_a_log_without_histories_is_refused() -> None:
    lone = EventLog.from_columns(
        np.arange(5, dtype=np.int32), np.arange(5, dtype=np.int64), np.zeros(5, np.int32), ["a", "b"]
    )
    with pytest.raises(TrainingFailed, match="choose a larger log"):
        train_recurrent(lone, QUICK)


@pytest.mark.parametrize("wrong", [{"hidden": 1}, {"epochs": 0}, {"learning_rate": 0.0}, {"window": 2}, {"windows": 1}])
def test_settings_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match="got"):
        RecurrentConfig(**wrong)

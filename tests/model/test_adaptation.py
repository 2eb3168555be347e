"""Adapting to one log: reproducible, heedful of verdicts, cancellable, and scored on worlds kept aside."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import torch

from causalviz.errors import SettingsError, TrainingFailed, UnreadableModel
from causalviz.events.log import EventLog
from causalviz.model import adaptation, matched_worlds, training
from causalviz.model.adapt_progress import AdaptStep
from causalviz.model.adaptation import adapt, recalibrated
from causalviz.model.adapted import Adaptation, AdaptConfig, AdaptScores, KnownEdge, load_adaptation, save_adaptation
from causalviz.model.calibration import sigmoid
from causalviz.model.edge_model import EdgeModel
from causalviz.model.evidence import gather_evidence
from causalviz.model.features import PairFeatures, pair_features
from causalviz.model.recalibration import verdicts_learned
from causalviz.worlds import demo_log

QUICK = AdaptConfig(worlds=12, epochs=2)


@pytest.fixture(scope="module")
def log() -> EventLog:
    return demo_log("video", users=40).log


@pytest.fixture(scope="module")
def features(log: EventLog) -> PairFeatures:
    return pair_features(gather_evidence(log))


@pytest.fixture(scope="module")
def adapted(untrained: EdgeModel, features: PairFeatures, log: EventLog) -> tuple[Adaptation, list[AdaptStep]]:
    told: list[AdaptStep] = []
    return adapt(untrained, features, log, (), QUICK, on_step=told.append), told


def test_every_world_and_epoch_is_told(adapted: tuple[Adaptation, list[AdaptStep]]) -> None:
    outcome, told = adapted
    assert [(step.stage, step.done) for step in told] == [
        *(("worlds", n) for n in range(1, 13)),
        ("training", 0),  # as it was before
        ("training", 1),
        ("training", 2),
    ]
    assert outcome.steps == tuple(told)
    assert told[-1].loss is not None
    assert [step.seconds_left is None for step in told].index(True) == 12
    assert all(step.seconds_left is None or step.seconds_left >= 0 for step in told)
    assert told[-1].seconds_left == 0


def test_it_learns_the_matched_worlds(adapted: tuple[Adaptation, list[AdaptStep]], untrained: EdgeModel) -> None:
    outcome, _ = adapted
    assert outcome.after.loss < outcome.before.loss
    assert outcome.model.card["adapted from"] == untrained.id


def test_the_weights_go_a_part_of_the_way(
    adapted: tuple[Adaptation, list[AdaptStep]], untrained: EdgeModel, features: PairFeatures, log: EventLog,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(adaptation, "WAY", 1.0)
    trained = adapt(untrained, features, log, (), QUICK).model.network
    moved, start = adapted[0].model.network, untrained.network
    for at, first, last in zip(moved.parameters(), start.parameters(), trained.parameters(), strict=True):
        torch.testing.assert_close(at, torch.lerp(first, last, 0.25))
    assert any(not torch.equal(*both) for both in zip(start.parameters(), trained.parameters(), strict=True))


def test_it_is_the_same_after_a_restart(adapted: tuple[Adaptation, list[AdaptStep]], tmp_path: Path) -> None:
    outcome, _ = adapted
    save_adaptation(outcome, tmp_path)
    again = load_adaptation(tmp_path)
    assert again.model.id == outcome.model.id
    assert (again.steps, again.before, again.after) == (outcome.steps, outcome.before, outcome.after)
    assert (again.gain, again.calibration_gain) == (outcome.gain, outcome.calibration_gain)
    assert again.helped == outcome.helped
    (tmp_path / "outcome.json").write_text("[]")
    with pytest.raises(UnreadableModel, match="train again"):
        load_adaptation(tmp_path)


def test_the_same_seed_gives_the_same_model(
    adapted: tuple[Adaptation, list[AdaptStep]], untrained: EdgeModel, features: PairFeatures, log: EventLog
) -> None:
    assert adapt(untrained, features, log, (), QUICK).model.id == adapted[0].model.id


def test_a_gain_has_its_interval(adapted: tuple[Adaptation, list[AdaptStep]]) -> None:
    outcome, _ = adapted
    low, high = outcome.gain
    assert low <= outcome.before.loss - outcome.after.loss <= high
    assert outcome.helped
    assert outcome.changed
    assert outcome.recalibration is None


def test_what_does_worse_is_not_used(
    untrained: EdgeModel, features: PairFeatures, log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = iter([AdaptScores(0.9, 0.6, 0.01, 0.2), AdaptScores(0.8, 0.5, 0.02, 0.3)])
    monkeypatch.setattr(adaptation, "_scores", lambda *_: next(found))
    outcome = adapt(untrained, features, log, (), QUICK)
    assert not outcome.helped
    assert not outcome.changed
    assert outcome.model.id == untrained.id
    assert (outcome.before.loss, outcome.after.loss) == (0.2, 0.3)


def test_what_is_clearly_worse_calibrated_is_not_used(
    untrained: EdgeModel, features: PairFeatures, log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adaptation, "_calibration_gain", lambda *_: (-0.03, -0.01))
    outcome = adapt(untrained, features, log, (), QUICK)
    assert outcome.after.loss < outcome.before.loss
    assert not outcome.helped
    assert outcome.model.id == untrained.id
    monkeypatch.setattr(adaptation, "_calibration_gain", lambda *_: (-0.03, 0.01))
    assert adapt(untrained, features, log, (), QUICK).helped


def test_the_fall_of_the_calibration_error_has_its_interval(examples: list[training.Example]) -> None:
    label = adaptation._labels(examples)
    share = float(label.mean())
    honest = np.full(len(label), np.log(share / (1 - share)))
    boastful = honest + 2.0
    low, high = adaptation._calibration_gain(boastful, honest, examples, 0)
    assert 0 < low < high < 1
    assert adaptation._calibration_gain(honest, boastful, examples, 0)[1] < 0
    assert adaptation._calibration_gain(honest, honest, examples, 0) == (0, 0)
    few = examples[: adaptation.LEAST_SURE - 1]
    assert adaptation._calibration_gain(honest, honest, few, 0) is None


def test_threads_do_not_change_the_worlds(
    adapted: tuple[Adaptation, list[AdaptStep]],
    untrained: EdgeModel,
    features: PairFeatures,
    log: EventLog,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(matched_worlds, "WORKERS", 1)
    assert adapt(untrained, features, log, (), QUICK).model.id == adapted[0].model.id


def all_pairs(log: EventLog) -> list[KnownEdge]:
    """A verdict on every pair: an edge where the cause has the smaller code."""
    K = log.n_behaviours
    return [KnownEdge(log.names[i], log.names[j], i < j) for i in range(K) for j in range(K) if i != j]


def test_many_verdicts_teach_one_half_and_recalibrate_with_the_other(
    untrained: EdgeModel, features: PairFeatures, log: EventLog
) -> None:
    known = all_pairs(log)
    outcome = adapt(untrained, features, log, known, QUICK)
    learned = verdicts_learned(outcome.model.card)
    assert 0 < len(learned) < len(known)
    assert all((effect, cause) in learned for cause, effect in learned)  # the two directions stay together
    assert outcome.recalibration.verdicts == len(known) - len(learned)


def test_verdicts_alone_make_an_adaptation_without_steps(
    untrained: EdgeModel, features: PairFeatures, log: EventLog, tmp_path: Path
) -> None:
    outcome = recalibrated(untrained, features, log, all_pairs(log))
    assert outcome.steps == ()
    assert outcome.changed is outcome.recalibration.used
    assert "adapted to log" not in untrained.card
    save_adaptation(outcome, tmp_path)
    again = load_adaptation(tmp_path)
    assert again.recalibration == outcome.recalibration
    assert again.model.id == outcome.model.id
    assert not again.helped


def test_a_verdict_moves_its_own_edge(untrained: EdgeModel, features: PairFeatures, log: EventLog) -> None:
    cause, effect = log.names[0], log.names[3]
    row = features.row(0, 3)
    answers = [
        sigmoid(adapt(untrained, features, log, (KnownEdge(cause, effect, exists),), QUICK).model.logits(features))[row]
        for exists in (True, False)
    ]
    assert answers[0] > answers[1]


def test_verdicts_on_unknown_names_or_without_weight_change_nothing(
    adapted: tuple[Adaptation, list[AdaptStep]], untrained: EdgeModel, features: PairFeatures, log: EventLog
) -> None:
    stranger = adapt(untrained, features, log, (KnownEdge("nobody", log.names[0], True),), QUICK)
    assert stranger.model.id == adapted[0].model.id


def test_cancelling_before_the_training_gives_the_old_model(
    untrained: EdgeModel, features: PairFeatures, log: EventLog
) -> None:
    asked = iter([False] * 3 + [True] * 100)
    outcome = adapt(untrained, features, log, (), QUICK, cancelled=lambda: next(asked))
    assert outcome.cancelled
    assert outcome.model is untrained
    assert np.isnan(outcome.after.auroc)


def test_left_out_verdicts_are_judged_by_trainings_that_had_not_seen_them(
    untrained: EdgeModel, features: PairFeatures, log: EventLog, tmp_path: Path
) -> None:
    known = [edge for edge in all_pairs(log) if edge.cause != log.names[0]]
    outcome = adapt(untrained, features, log, known, QUICK)
    left = outcome.on_verdicts
    assert left is not None
    assert left.pairs == len(known)
    assert left.before.loss != left.after.loss
    low, high = left.gain
    assert low <= left.before.loss - left.after.loss <= high
    assert [step.done for step in outcome.steps if step.stage == "checking"] == list(range(1, 7))
    assert outcome.on_graph is None
    save_adaptation(outcome, tmp_path)
    assert load_adaptation(tmp_path).on_verdicts == left


def test_few_verdicts_are_not_left_out(untrained: EdgeModel, features: PairFeatures, log: EventLog) -> None:
    outcome = adapt(untrained, features, log, all_pairs(log)[:6], QUICK)
    assert outcome.on_verdicts is None
    assert "checking" not in {step.stage for step in outcome.steps}


def test_a_known_graph_teaches_without_worlds(untrained: EdgeModel, features: PairFeatures, log: EventLog) -> None:
    config = AdaptConfig(worlds=12, epochs=2, learning_rate=1e-2, learn_worlds=False)
    graph = all_pairs(log)
    outcome = adapt(untrained, features, log, (), config, graph=graph)
    assert max(step.done for step in outcome.steps if step.stage == "worlds") == 4  # only those kept aside
    assert outcome.on_graph is not None
    assert outcome.on_verdicts is None
    assert verdicts_learned(outcome.model.card) == {(cause, effect) for cause, effect, _ in graph} or not outcome.helped


def test_without_any_source_there_is_nothing_to_learn(
    untrained: EdgeModel, features: PairFeatures, log: EventLog
) -> None:
    with pytest.raises(SettingsError, match="nothing to learn from"):
        adapt(untrained, features, log, (), AdaptConfig(worlds=12, learn_worlds=False))


def test_a_network_from_scratch_has_the_widths_that_were_asked_for(
    untrained: EdgeModel, features: PairFeatures, log: EventLog
) -> None:
    config = AdaptConfig(worlds=16, epochs=12, learning_rate=5e-3, start="scratch", hidden=8, rounds=1)
    outcome = adapt(untrained, features, log, (), config)
    assert outcome.after.loss < outcome.before.loss
    assert (outcome.model.shape["hidden"], outcome.model.shape["rounds"]) == (8, 1)
    assert outcome.model.familiarity is not None
    assert "adapted from" not in outcome.model.card
    assert 0 < outcome.model.card["base rate"] < 0.5


def test_worlds_kept_aside_are_the_same_for_every_seed(
    adapted: tuple[Adaptation, list[AdaptStep]], untrained: EdgeModel, features: PairFeatures, log: EventLog
) -> None:
    other = adapt(untrained, features, log, (), AdaptConfig(worlds=12, epochs=1, seed=5))
    assert other.before == adapted[0].before
    assert other.after != adapted[0].after
    assert other.model.card["scores on matched worlds"]["worlds"] == 2


def test_a_training_that_breaks_ends_with_the_last_good_network(
    untrained: EdgeModel, features: PairFeatures, log: EventLog, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    good, calls = training._loss, itertools.count()
    monkeypatch.setattr(
        training, "_loss", lambda logits, batch: good(logits, batch) * (1.0 if next(calls) < 1 else float("nan"))
    )
    outcome = adapt(untrained, features, log, (), QUICK)
    assert outcome.failure == f"The loss became nan in epoch 2; lower the learning rate (was {QUICK.learning_rate})."
    assert [step.done for step in outcome.steps if step.stage == "training"] == [0, 1]
    assert np.isfinite(outcome.model.logits(features)).all()
    assert np.isfinite(outcome.after.loss)
    save_adaptation(outcome, tmp_path)
    assert load_adaptation(tmp_path).failure == outcome.failure


def test_memory_that_runs_out_is_named(
    untrained: EdgeModel, features: PairFeatures, log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(matched_worlds, "plan_features", full)
    with pytest.raises(TrainingFailed, match="memory ran out"):
        adapt(untrained, features, log, (), QUICK)


@pytest.mark.parametrize(
    "wrong",
    [
        {"worlds": 2},
        {"epochs": 0},
        {"verdict_weight": -1.0},
        {"graph_weight": 101.0},
        {"learning_rate": 0.0},
        {"hidden": 2},
        {"rounds": 9},
    ],
)
def test_settings_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match="between"):
        AdaptConfig(**wrong)


def test_a_network_from_scratch_needs_worlds() -> None:
    with pytest.raises(SettingsError, match="switch them on"):
        AdaptConfig(start="scratch", learn_worlds=False)

"""The loop learns, repeats itself bit for bit, leaves its input alone, stops when told, and says when it fails."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from causalviz.errors import SettingsError, TrainingFailed
from causalviz.model import training
from causalviz.model.edge_model import EdgeModel
from causalviz.model.training import (
    EpochReport,
    Example,
    TrainConfig,
    TrainingBroke,
    between,
    collate,
    predict,
    train,
    watch,
)

QUICK = TrainConfig(epochs=4, batch=4, average=0.5)


def test_the_loss_falls_and_the_ranking_improves(untrained: EdgeModel, examples: list[Example]) -> None:
    reports: list[EpochReport] = []
    train(untrained.network, examples[:18], examples[18:], TrainConfig(epochs=12, batch=4, average=0.5),
          on_epoch=reports.append)  # fmt: skip
    assert [report.epoch for report in reports] == list(range(1, 13))
    assert reports[-1].loss < 0.8 * reports[0].loss
    assert reports[-1].auroc > 0.6


def test_the_same_seed_trains_the_same_network(untrained: EdgeModel, examples: list[Example]) -> None:
    before = untrained.id
    one, two = (train(untrained.network, examples[:6], [], QUICK) for _ in range(2))
    assert EdgeModel(one, 1, 0, {}).id == EdgeModel(two, 1, 0, {}).id
    assert untrained.id == before


def test_a_network_of_fewer_features_learns_from_those_it_knows(former: EdgeModel, examples: list[Example]) -> None:
    known = former.network.config.edge_features
    narrow = [example._replace(edge=example.edge[:, :known]) for example in examples[:6]]
    one, two = (train(former.network, some, [], QUICK) for some in (examples[:6], narrow))
    assert EdgeModel(one, 1, 0, {}).id == EdgeModel(two, 1, 0, {}).id != former.id


def test_training_leaves_the_global_generator_alone(untrained: EdgeModel, examples: list[Example]) -> None:
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    train(untrained.network, examples[:4], [], QUICK)
    assert torch.equal(torch.rand(1), expected)


def test_cancelling_returns_the_weights_so_far(untrained: EdgeModel, examples: list[Example]) -> None:
    asked = iter([False, False, True])
    reports: list[EpochReport] = []
    network = train(untrained.network, examples[:12], [], QUICK, on_epoch=reports.append, cancelled=lambda: next(asked))
    assert not reports
    assert EdgeModel(network, 1, 0, {}).id != untrained.id


def test_a_batch_gives_the_answers_of_its_parts(untrained: EdgeModel, examples: list[Example]) -> None:
    apart = np.concatenate([predict(untrained.network, [example]) for example in examples[:3]])
    assert predict(untrained.network, examples[:3]) == pytest.approx(apart, abs=1e-4)
    assert len(collate(examples[:3]).label) == len(apart)


def test_the_mean_of_two_networks_leaves_what_only_one_of_them_reads(
    untrained: EdgeModel, examples: list[Example]
) -> None:
    known = examples[0].edge.shape[1]
    wide = [example._replace(edge=torch.cat([example.edge, example.edge[:, :2] ** 2], dim=1)) for example in examples]
    learned = train(untrained.network.widened(wide[0].edge), wide[:6], [], QUICK)
    middle = between(learned, untrained.network)
    first, second, mean = (network.skip.weight for network in (learned, untrained.network, middle))
    assert torch.allclose(mean[:, :known], (first[:, :known] + second) / 2, atol=1e-7)
    assert torch.equal(mean[:, known:], first[:, known:])
    with pytest.raises(SettingsError):
        between(untrained.network, learned)


def test_pairs_without_weight_teach_nothing(untrained: EdgeModel, examples: list[Example]) -> None:
    silent = [example._replace(weight=torch.zeros_like(example.weight)) for example in examples[:4]]
    wrong = [example._replace(label=1 - example.label) for example in silent]
    one, two = (train(untrained.network, given, [], QUICK) for given in (silent, wrong))
    assert EdgeModel(one, 1, 0, {}).id == EdgeModel(two, 1, 0, {}).id


def test_a_broken_loss_is_named(untrained: EdgeModel, examples: list[Example]) -> None:
    broken = [examples[0]._replace(edge=torch.full_like(examples[0].edge, float("nan")))]
    with pytest.raises(TrainingFailed, match="lower the learning rate") as broke:
        train(untrained.network, broken, [], QUICK)
    assert broke.value.steps == 0
    assert EdgeModel(broke.value.network, 1, 0, {}).id == EdgeModel(untrained.network, 1, 0, {}).id


@pytest.mark.parametrize("fault", ["loss", "gradient", "memory"])
def test_the_last_good_network_survives(
    untrained: EdgeModel, examples: list[Example], monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    good, calls = training._loss, itertools.count()

    def breaks(logits: torch.Tensor, batch: Example) -> torch.Tensor:
        loss = good(logits, batch)
        if next(calls) < 3:
            return loss
        if fault == "memory":
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")
        return loss * float("nan") if fault == "loss" else loss + 0 * (logits - logits).abs().sqrt().sum()

    monkeypatch.setattr(training, "_loss", breaks)
    with pytest.raises(TrainingBroke, match=r"epoch 2; (lower the learning|choose fewer worlds)") as broke:
        train(untrained.network, examples[:8], [], QUICK)
    assert broke.value.steps == 3
    assert all(bool(weight.isfinite().all()) for weight in broke.value.network.parameters())
    assert EdgeModel(broke.value.network, 1, 0, {}).id != EdgeModel(untrained.network, 1, 0, {}).id


def test_a_fault_of_another_kind_goes_through(
    untrained: EdgeModel, examples: list[Example], monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> torch.Tensor:
        raise RuntimeError("shapes cannot be multiplied")

    monkeypatch.setattr(training, "_loss", breaks)
    with pytest.raises(RuntimeError, match="multiplied"):
        train(untrained.network, examples[:4], [], QUICK)


def test_what_is_watched_is_watched_under_its_calibration(untrained: EdgeModel, examples: list[Example]) -> None:
    loss, auroc, _ = watch(untrained.network, examples[:4])
    other, same, _ = watch(untrained.network, examples[:4], (2.0, -1.0))
    assert other != pytest.approx(loss)
    assert same == pytest.approx(auroc)


def test_nothing_to_learn_from_is_refused(untrained: EdgeModel) -> None:
    with pytest.raises(SettingsError, match="at least one example"):
        train(untrained.network, [], [], QUICK)


@pytest.mark.parametrize("wrong", [{"epochs": 0}, {"batch": 0}, {"learning_rate": 0.0}, {"learning_rate": 1.0}])
def test_settings_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match="got"):
        TrainConfig(**wrong)

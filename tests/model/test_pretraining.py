"""The prior model is made reproducibly, and its card tells how."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from model.small_worlds import SMALL

from causalviz.model.edge_model import EdgeModel
from causalviz.model.network import EdgeNetwork
from causalviz.model.pretraining import HANDS, PretrainConfig, pretrain, pretrain_panel, pretrain_signs
from causalviz.model.training import EpochReport, TrainConfig

pytestmark = pytest.mark.usefixtures("chunks_made_here")

CONFIG = PretrainConfig(
    worlds=12, heldout=8, family=4, curve=(6,), hidden=8, training=TrainConfig(epochs=2, batch=4), workers=1
)
MIXTURE = {"usual": (SMALL, 0.75), "cyclic": (replace(SMALL, topologies=("random",)), 0.25)}
FAMILIES = {"two causes": replace(SMALL, paired=1.0)}


def test_the_same_settings_make_the_same_model(tmp_path: Path) -> None:
    epochs: list[EpochReport] = []
    one = pretrain(tmp_path / "a", CONFIG, MIXTURE, FAMILIES, on_epoch=epochs.append)
    two = pretrain(tmp_path / "b", CONFIG, MIXTURE, FAMILIES)
    assert one.id == two.id
    assert len(epochs) == 2 * 2
    assert one.card["worlds learned from"] == 12
    assert set(one.card["scores on worlds never seen"]) == {"AUROC", "AUPRC", "ECE", "edges", "pairs"}
    assert set(one.card["scores on held-out families"]) == {"two causes"}
    assert [point["worlds"] for point in one.card["learning curve"]] == [6, 12]
    assert 0 < one.card["base rate"] < 0.5
    assert one.familiarity is not None
    assert pretrain(tmp_path / "a", replace(CONFIG, seed=1), MIXTURE, FAMILIES).id != one.id


def test_a_model_learns_on_and_its_card_says_from_where(tmp_path: Path) -> None:
    first = pretrain(tmp_path, CONFIG, MIXTURE, FAMILIES)
    further = pretrain(tmp_path, CONFIG, MIXTURE, FAMILIES, start=first)
    origin = further.card["continued from"]
    assert isinstance(origin, dict)
    assert (origin["id"], origin["worlds learned from"]) == (first.id, 12)
    assert further.id != first.id
    assert first.network.edge_mean.equal(further.network.edge_mean)  # it reads features on the scale it knows
    assert [point["worlds"] for point in further.card["learning curve"]] == [12]


def test_a_model_of_fewer_features_learns_on_teaches_and_is_averaged(tmp_path: Path) -> None:
    first = pretrain(tmp_path, CONFIG, MIXTURE, FAMILIES)
    known = first.network.config.edge_features - 3
    former = EdgeNetwork(replace(first.network.config, edge_features=known))
    former.standardise(torch.randn(50, known), torch.randn(50, first.network.config.node_features))
    before = EdgeModel(former, 1.0, 0.0, {})
    further = pretrain(tmp_path, CONFIG, MIXTURE, FAMILIES, start=before, teachers=(before,), averaged=before)
    assert further.network.edge_mean[:known].equal(former.edge_mean)
    assert further.network.edge_mean[known:].equal(first.network.edge_mean[known:])
    assert further.network.skip.weight[:, known:].abs().min() > 0  # the new features have a say
    assert further.card["continued from"] == {"id": before.id}


def test_what_was_learned_is_averaged_with_an_ancestor(tmp_path: Path) -> None:
    first = pretrain(tmp_path, CONFIG, MIXTURE, FAMILIES)
    further = pretrain(tmp_path, CONFIG, MIXTURE, FAMILIES, start=first)
    middle = pretrain(tmp_path, CONFIG, MIXTURE, FAMILIES, start=first, averaged=first)
    pairs = zip(*(model.network.state_dict().values() for model in (first, further, middle)), strict=True)
    assert all(torch.allclose((a + b) / 2, m, atol=1e-6) for a, b, m in pairs)
    assert middle.card["averaged with"] == {"id": first.id}
    assert middle.card["made by"] == "python -m causalviz pretrain --start --average"


def test_a_model_is_seated_as_a_panel_with_its_weights_and_another_calibration(tmp_path: Path) -> None:
    first = pretrain(tmp_path, CONFIG, MIXTURE, FAMILIES)
    alone = EdgeModel(first.network.seated(torch.ones(1, first.network.config.edge_features)), 3.0, 1.0, first.card)
    panel = pretrain_panel(tmp_path, alone, replace(CONFIG, seed=1), MIXTURE, FAMILIES)
    assert panel.network.config.members == HANDS
    assert torch.equal((panel.network.panel == 0).sum(0), torch.ones(first.network.config.edge_features))
    assert panel.network.skip.weight.equal(first.network.skip.weight)
    assert panel.slope != 3.0
    known = panel.card["panel"]
    assert isinstance(known, dict)
    assert (known["of"], known["seed"]) == (alone.id, 1)
    assert known["scores on worlds never seen"] == first.card["scores on worlds never seen"]
    assert panel.card["scores on worlds never seen"] != first.card["scores on worlds never seen"]
    assert panel.card["worlds learned from"] == first.card["worlds learned from"]


def test_signs_are_learned_from_the_edges_of_the_same_worlds(tmp_path: Path) -> None:
    one, two = (pretrain_signs(tmp_path, CONFIG, MIXTURE) for _ in range(2))
    assert len(one.columns) == len(one.mean)
    assert all(torch.equal(a, b) for a, b in zip(one.state_dict().values(), two.state_dict().values(), strict=True))


def test_the_card_of_a_taught_model_names_its_teachers(tmp_path: Path) -> None:
    first = pretrain(tmp_path, CONFIG, MIXTURE, FAMILIES)
    taught = pretrain(tmp_path, CONFIG, MIXTURE, FAMILIES, start=first, teachers=(first, first))
    assert taught.card["made by"] == "python -m causalviz pretrain --start --teacher --teacher"
    assert [teacher["id"] for teacher in taught.card["taught by"]] == [first.id, first.id]
    assert taught.id != pretrain(tmp_path, CONFIG, MIXTURE, FAMILIES, start=first).id

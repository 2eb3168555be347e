"""A model on disk is the same model, and damage is named."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from causalviz.errors import UnreadableModel
from causalviz.model.checkpoint import PRIOR_FOLDER, load_model, load_prior, save_model
from causalviz.model.edge_model import EdgeModel
from causalviz.model.familiarity import Familiarity, summary
from causalviz.model.pretraining import HANDS
from causalviz.model.training import Example


def test_a_round_trip_gives_the_same_model(untrained: EdgeModel, tmp_path: Path) -> None:
    model = EdgeModel(untrained.network, 0.9, -0.2, {"made by": "a test"})
    save_model(model, tmp_path)
    again = load_model(tmp_path)
    assert again.id == model.id
    assert again.card == {"made by": "a test"}


@pytest.fixture
def familiar(untrained: EdgeModel, examples: list[Example]) -> EdgeModel:
    """The same network, which knows its worlds."""
    worlds = np.stack([summary(example.edge.numpy(), example.node.numpy()) for example in examples])
    return EdgeModel(untrained.network, 1.0, 0.0, {}, Familiarity.fit(worlds))


def test_what_its_worlds_look_like_is_kept(familiar: EdgeModel, examples: list[Example], tmp_path: Path) -> None:
    save_model(familiar, tmp_path)
    again = load_model(tmp_path)
    log = summary(examples[0].edge.numpy(), examples[0].node.numpy())
    assert again.id == familiar.id
    assert again.familiarity.distance(log) == pytest.approx(familiar.familiarity.distance(log), abs=0.05)


def test_a_model_without_it_is_read(untrained: EdgeModel, tmp_path: Path) -> None:
    save_model(untrained, tmp_path)
    assert load_model(tmp_path).familiarity is None


@pytest.mark.parametrize("damage", ["missing", "cut", "nan", "other columns"])
def test_damaged_familiarity_is_named(familiar: EdgeModel, tmp_path: Path, damage: str) -> None:
    save_model(familiar, tmp_path)
    file = tmp_path / "weights.safetensors"
    tensors = load_file(str(file))
    if damage == "missing":
        del tensors["familiarity.scale"]
    elif damage == "cut":
        tensors["familiarity.mean"] = tensors["familiarity.mean"][:-1].clone()
    elif damage == "nan":
        tensors["familiarity.rest"] = tensors["familiarity.rest"] * float("nan")
    else:
        narrower = {name: array[..., :-1] for name, array in familiar.familiarity.tensors().items()}
        kept = familiar.familiarity.tensors()
        of_columns = {"mean", "scale", "low", "high", "centre", "basis", "rest"}
        arrays = {name: narrower[name] if name in of_columns else kept[name] for name in kept}
        tensors |= {f"familiarity.{name}": torch.from_numpy(array.copy()) for name, array in arrays.items()}
    save_file(tensors, str(file))
    with pytest.raises(UnreadableModel, match="cannot be read"):
        load_model(tmp_path)


def test_the_shipped_prior_is_small_and_says_how_it_was_made() -> None:
    assert sum(file.stat().st_size for file in PRIOR_FOLDER.iterdir()) < 5_000_000
    card = load_prior().card
    assert card["made by"] == "python -m causalviz pretrain --start --average"
    assert card["worlds learned from"] == 10_000
    assert card["continued from"]["worlds learned from"] == 10_000
    assert card["averaged with"]["continued from"] == {"id": card["continued from"]["id"]}
    assert card["panel"]["made by"] == "python -m causalviz pretrain --panel-of"
    assert load_prior().network.config.members == HANDS
    assert card["scores on worlds never seen"]["AUROC"] > 0.85


@pytest.mark.parametrize(
    "damage",
    ["no card", "broken card", "other format", "cut weights", "other shape", "huge shape", "nan weights", "nan slope"],
)
def test_damage_is_named(untrained: EdgeModel, tmp_path: Path, damage: str) -> None:
    save_model(untrained, tmp_path)
    card_file, weights = tmp_path / "card.json", tmp_path / "weights.safetensors"
    card = json.loads(card_file.read_text())
    if damage == "no card":
        card_file.unlink()
    elif damage == "broken card":
        card_file.write_text("{")
    elif damage == "other format":
        card_file.write_text(json.dumps({**card, "format": 99}))
    elif damage == "cut weights":
        weights.write_bytes(weights.read_bytes()[:100])
    elif damage == "nan weights":
        tensors = {name: tensor * float("nan") for name, tensor in untrained.network.state_dict().items()}
        save_file(tensors, str(weights))
    elif damage == "nan slope":
        card_file.write_text(json.dumps({**card, "slope": float("nan")}))
    else:
        hidden = 5 if damage == "other shape" else 10**9
        card_file.write_text(json.dumps({**card, "shape": {**card["shape"], "hidden": hidden}}))
    with pytest.raises(UnreadableModel, match=r"cannot be read|has format 99"):
        load_model(tmp_path)

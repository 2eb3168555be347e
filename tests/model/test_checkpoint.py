"""A model on disk is the same model, and damage is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from safetensors.torch import save_file

from causalviz.errors import UnreadableModel
from causalviz.model.checkpoint import PRIOR_FOLDER, load_model, load_prior, save_model
from causalviz.model.network import EdgeModel


def test_a_round_trip_gives_the_same_model(untrained: EdgeModel, tmp_path: Path) -> None:
    model = EdgeModel(untrained.network, 0.9, -0.2, {"made by": "a test"})
    save_model(model, tmp_path)
    again = load_model(tmp_path)
    assert again.id == model.id
    assert again.card == {"made by": "a test"}


def test_the_shipped_prior_is_small_and_says_how_it_was_made() -> None:
    assert sum(file.stat().st_size for file in PRIOR_FOLDER.iterdir()) < 5_000_000
    card = load_prior().card
    assert card["made by"] == "python -m causalviz pretrain"
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

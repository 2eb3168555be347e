"""The prior model is made reproducibly, and its card tells how."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from model.small_worlds import SMALL

from causalviz.model.pretraining import PretrainConfig, pretrain
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


def test_the_card_of_a_taught_model_names_its_teachers(tmp_path: Path) -> None:
    first = pretrain(tmp_path, CONFIG, MIXTURE, FAMILIES)
    taught = pretrain(tmp_path, CONFIG, MIXTURE, FAMILIES, start=first, teachers=(first, first))
    assert taught.card["made by"] == "python -m causalviz pretrain --start --teacher --teacher"
    assert [teacher["id"] for teacher in taught.card["taught by"]] == [first.id, first.id]
    assert taught.id != pretrain(tmp_path, CONFIG, MIXTURE, FAMILIES, start=first).id

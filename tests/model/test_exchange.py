"""A model that is handed on comes back as it was, and a stranger's file can do no harm."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load, save

from causalviz.discovery import likeness
from causalviz.errors import UnreadableModel
from causalviz.model import exchange
from causalviz.model.candidates import choose_candidates
from causalviz.model.checkpoint import CARD, WEIGHTS, load_prior
from causalviz.model.edge_model import EdgeModel
from causalviz.model.exchange import LARGEST_ZIP, model_zip, read_model_zip
from causalviz.model.familiarity import Familiarity, summary_width
from causalviz.model.features import FORMER_WIDTHS, PairFeatures
from causalviz.model.network import EdgeNetwork


@pytest.fixture(scope="module")
def packed() -> bytes:
    return model_zip(load_prior())


def parts(packed: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_a_round_trip_gives_the_same_model(packed: bytes) -> None:
    prior, again = load_prior(), read_model_zip(packed, "prior.zip")
    assert again.id == prior.id
    assert again.card == json.loads(json.dumps(prior.card))
    assert (again.familiarity is None) == (prior.familiarity is None)


def test_a_model_of_a_former_version_comes_in_and_judges_as_it_did() -> None:
    config = replace(load_prior().network.config, edge_features=FORMER_WIDTHS[0])
    network = EdgeNetwork(config)
    rng = np.random.default_rng(0)
    worlds = rng.normal(size=(60, summary_width(config.edge_features, config.node_features)))
    former = EdgeModel(network, 1.0, 0.0, {}, Familiarity.fit(worlds))
    again = read_model_zip(model_zip(former), "former.zip")
    K = 4
    edge, node = (
        rng.normal(size=(n, width)).astype(np.float32)
        for n, width in ((K * (K - 1), load_prior().network.config.edge_features), (K, config.node_features))
    )
    now, then = (
        PairFeatures(choose_candidates(np.zeros((K, K))), columns, node, tuple(map(str, range(columns.shape[1]))), ())
        for columns in (edge, edge[:, : config.edge_features])
    )
    assert np.array_equal(again.logits(now), former.logits(then))
    seen, before = likeness(again, now), likeness(former, then)
    assert seen.distance == pytest.approx(before.distance, rel=1e-5)
    assert seen.strangest == before.strangest


def with_card(change: Callable[[dict[str, object]], object]) -> Callable[[dict[str, bytes]], bytes]:
    def damage(files: dict[str, bytes]) -> bytes:
        card = json.loads(files[CARD])
        changed = change(card)
        return zipped({**files, CARD: json.dumps(card if changed is None else changed).encode()})

    return damage


def with_weights(change: Callable[[dict[str, torch.Tensor]], object]) -> Callable[[dict[str, bytes]], bytes]:
    def damage(files: dict[str, bytes]) -> bytes:
        tensors = load(files[WEIGHTS])
        change(tensors)
        return zipped({**files, WEIGHTS: save(tensors)})

    return damage


def of_the_wrong_width(files: dict[str, bytes]) -> bytes:
    del files
    narrow = EdgeNetwork(replace(load_prior().network.config, edge_features=3))
    return model_zip(EdgeModel(narrow, 1.0, 0.0, {}))


def spoil(tensors: dict[str, torch.Tensor]) -> None:
    tensors["skip.weight"] = torch.full_like(tensors["skip.weight"], float("nan"))


def flatten(tensors: dict[str, torch.Tensor]) -> None:
    tensors["edge_scale"] = torch.zeros_like(tensors["edge_scale"])


def huge_header(files: dict[str, bytes]) -> bytes:
    return zipped({**files, WEIGHTS: struct.pack("<Q", 2**62) + b"{}"})


DAMAGES: dict[str, tuple[Callable[[dict[str, bytes]], bytes], str]] = {
    "no zip": (lambda _: b"PK but not really", "no zip"),
    "a file is missing": (lambda files: zipped({CARD: files[CARD]}), "and nothing else"),
    "one too many": (lambda files: zipped({**files, "run.pkl": b"x"}), "and nothing else"),
    "a way out of the folder": (lambda _: zipped({CARD: b"{}", "../weights.safetensors": b""}), "nothing else"),
    "a pickle": (lambda files: zipped({**files, WEIGHTS: b"\x80\x04\x95cos\nsystem\n."}), "cannot be read"),
    "a header without end": (huge_header, "cannot be read"),
    "a bomb": (lambda files: zipped({**files, CARD: b" " * (exchange.MOST[CARD] + 1)}), "more than 4 MB"),
    "nested": (lambda files: zipped({**files, CARD: b"[" * 100_000}), "cannot be read"),
    "no object": (with_card(lambda _: [1]), "no object"),
    "another format": (with_card(lambda card: card.update(format=99)), "has format 99"),
    "another shape": (with_card(lambda card: card["shape"].update(hidden=4)), "cannot be read"),
    "a huge shape": (with_card(lambda card: card["shape"].update(hidden=10**9)), "cannot be read"),
    "a shape with more": (with_card(lambda card: card["shape"].update(run="x")), "cannot be read"),
    "turned over": (with_card(lambda card: card.update(slope=-1.0)), "slope -1"),
    "no number": (with_weights(spoil), "no finite numbers"),
    "no scale": (with_weights(flatten), "scale of 0"),
    "other features": (of_the_wrong_width, "reads 3 features"),
    "unknown weights": (with_weights(lambda tensors: tensors.update(more=torch.ones(1))), "cannot be read"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_named_in_one_sentence(packed: bytes, damage: str) -> None:
    make, words = DAMAGES[damage]
    with pytest.raises(UnreadableModel, match=words) as named:
        read_model_zip(make(parts(packed)), "stranger.zip")
    assert "“stranger.zip”" in str(named.value)
    assert "\n" not in str(named.value)


def test_a_lie_about_the_size_is_found_while_reading(packed: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    files = zipped({**parts(packed), CARD: b" " * 3000})
    at = files.index(b"PK\x01\x02")  # the list of contents; sizes are its bytes 24 to 28
    assert files[at + 24 : at + 28] == struct.pack("<L", 3000)
    lying = files[: at + 24] + struct.pack("<L", 10) + files[at + 28 :]
    with pytest.raises(UnreadableModel):
        read_model_zip(lying, "stranger.zip")


def test_what_is_too_large_is_not_even_opened() -> None:
    with pytest.raises(UnreadableModel, match="more than the 68 MB"):
        read_model_zip(bytes(LARGEST_ZIP + 1), "stranger.zip")

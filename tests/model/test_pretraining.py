"""The prior model is made reproducibly, and a longer run goes on where a shorter one stopped."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from causalviz.model import pretraining
from causalviz.model.pretraining import PretrainConfig, pretrain, simulate_examples
from causalviz.model.training import EpochReport, TrainConfig
from causalviz.worlds import Prior

SMALL = Prior(behaviours=(3, 6), users=(20, 40), events=(300, 800), itemised=0.0)
CONFIG = PretrainConfig(worlds=12, heldout=8, hidden=8, training=TrainConfig(epochs=2, batch=4), workers=1)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of four worlds, made in this process: spawning one takes longer than the work."""
    monkeypatch.setattr(pretraining, "CHUNK", 4)

    class InProcess:
        def __init__(self, *_args: object, **_kwargs: object) -> None: ...

        def __enter__(self) -> InProcess:
            return self

        def __exit__(self, *_: object) -> None: ...

        imap_unordered = staticmethod(map)

    context = SimpleNamespace(Pool=InProcess)
    monkeypatch.setattr(pretraining.multiprocessing, "get_context", lambda _: context)


def test_the_same_settings_make_the_same_model(tmp_path: Path) -> None:
    epochs: list[EpochReport] = []
    one = pretrain(tmp_path / "a", CONFIG, SMALL, on_epoch=epochs.append)
    two = pretrain(tmp_path / "b", CONFIG, SMALL)
    assert one.id == two.id
    assert len(epochs) == 2
    assert one.card["worlds learned from"] == 12
    assert set(one.card["scores on worlds never seen"]) == {"AUROC", "AUPRC", "ECE", "edges", "pairs"}
    assert pretrain(tmp_path / "a", replace(CONFIG, seed=1), SMALL).id != one.id


def test_examples_come_from_the_cache_and_go_on(tmp_path: Path) -> None:
    first = list(simulate_examples(tmp_path, SMALL, 6, seed=0, workers=1))
    files = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.npz")}
    more = list(simulate_examples(tmp_path, SMALL, 10, seed=0, workers=1))
    assert (len(first), len(more), len(files)) == (6, 10, 2)
    assert all(path.stat().st_mtime_ns == when for path, when in files.items())
    assert all((a.edge == b.edge).all() and (a.label == b.label).all() for a, b in zip(first, more, strict=False))


def test_another_prior_has_worlds_of_its_own(tmp_path: Path) -> None:
    list(simulate_examples(tmp_path, SMALL, 4, seed=0, workers=1))
    list(simulate_examples(tmp_path, replace(SMALL, null=1.0), 4, seed=0, workers=1))
    assert len(list(tmp_path.iterdir())) == 2

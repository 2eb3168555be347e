"""Worlds are simulated once, and a longer run goes on where a shorter one stopped."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from model.small_worlds import SMALL

from causalviz.model.world_examples import simulate_examples

pytestmark = pytest.mark.usefixtures("chunks_made_here")


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


def test_a_slice_has_the_same_worlds_and_labels(tmp_path: Path) -> None:
    worlds = simulate_examples(tmp_path, SMALL, 8, seed=0, workers=1)
    part = worlds[2:7:2]
    assert [len(example.label) for example in part] == [len(worlds[n].label) for n in (2, 4, 6)]
    assert np.array_equal(part.labels(), np.concatenate([worlds[n].label.numpy() for n in (2, 4, 6)]))
    assert all(np.isfinite(example.edge.numpy()).all() for example in worlds)

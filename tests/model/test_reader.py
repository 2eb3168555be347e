"""A reader learns what is planted, by the seed alone, and its file is read as it was written or refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from causalviz.errors import UnreadableModel
from causalviz.model.reader import CLIP, Lessons, Reader, chosen, learn, read, write

COLUMNS = ("first", "second")
LESSONS = Lessons(epochs=20, batch=200, decay=0.0, dropout=0.2, seed=3)


def planted(lessons: Lessons = LESSONS) -> tuple[Reader, torch.Tensor, torch.Tensor]:
    """A reader of y = 2 x0 - x1, with the rows and the answers."""
    rows = torch.from_numpy(np.random.default_rng(0).normal(5.0, 2.0, (4_000, 2)).astype(np.float32))
    answer = 2 * rows[:, 0] - rows[:, 1]

    def loss(said: torch.Tensor, some: torch.Tensor) -> torch.Tensor:
        return ((said.squeeze(-1) - answer[some]) ** 2).mean()

    return learn(lambda: Reader(COLUMNS, 1), rows, loss, lessons), rows, answer


def test_it_learns_what_is_planted_and_drops_nothing_afterwards() -> None:
    reader, rows, answer = planted()
    with torch.no_grad():
        said = reader(rows).squeeze(-1)
        assert torch.equal(reader(rows).squeeze(-1), said)
    assert (said - answer).abs().mean() < 0.15 * answer.std()


def test_the_seed_decides() -> None:
    one, two, other = (planted(LESSONS._replace(epochs=1, seed=seed))[0] for seed in (3, 3, 4))
    assert all(torch.equal(a, b) for a, b in zip(one.state_dict().values(), two.state_dict().values(), strict=True))
    assert not torch.equal(one.layers[0].weight, other.layers[0].weight)


def test_beyond_the_clip_nothing_changes() -> None:
    reader, rows, _ = planted(LESSONS._replace(epochs=1))
    far = rows.mean(0) + 2 * CLIP * rows.std(0)
    assert torch.equal(reader(far[None]), reader(10 * far[None]))


def test_a_file_is_read_as_it_was_written_and_another_shape_is_refused(tmp_path: Path) -> None:
    reader, rows, _ = planted(LESSONS._replace(epochs=1))
    path = tmp_path / "reader.safetensors"
    write(reader, COLUMNS, path)
    assert torch.equal(read(path, lambda columns: Reader(tuple(columns), 1), "numbers")(rows), reader(rows))
    with pytest.raises(UnreadableModel, match=r"numbers .* install the program anew"):
        read(path, lambda columns: Reader((*columns, "third"), 1), "numbers")
    with pytest.raises(UnreadableModel, match="numbers"):
        read(path, lambda columns: Reader(tuple(columns["edges"]), 1), "numbers")


def test_columns_are_found_by_their_names_and_a_missing_one_is_refused() -> None:
    values = np.arange(6, dtype=np.float32).reshape(2, 3)
    assert np.array_equal(chosen(("b", "a"), ("a", "new", "b"), values, "signs"), values[:, [2, 0]])
    with pytest.raises(UnreadableModel, match=r"signs were learned .*'c'"):
        chosen(("a", "c"), ("a", "new", "b"), values, "signs")

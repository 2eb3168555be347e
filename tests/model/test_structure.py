"""Sums over third behaviours: by matrices and by triangles the same as by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from causalviz.model.candidates import Candidates, choose_candidates
from causalviz.model.structure import Structure, over_thirds


def candidates_of(pairs: list[tuple[int, int]]) -> Candidates:
    cause, effect = np.array(pairs).T
    return Candidates(cause, effect, np.array([pairs.index((j, i)) for i, j in pairs]))


def over_thirds_slowly(first: np.ndarray, second: np.ndarray, candidates: Candidates, chained: int) -> np.ndarray:
    row = {pair: n for n, pair in enumerate(zip(candidates.cause.tolist(), candidates.effect.tolist(), strict=True))}
    means, norms = np.zeros(first.shape), np.zeros(first.shape)
    for (i, j), n in row.items():
        thirds = [k for k in {pair[0] for pair in row} if {(i, k), (k, j)} <= row.keys()]
        for channel in range(first.shape[1]):
            terms = [
                first[row[(i, k) if channel < chained else (k, i)], channel] * second[row[k, j], channel]
                for k in thirds
            ]
            means[n, channel] = np.mean(terms) if terms else 0.0
            norms[n, channel] = np.sum(np.power(terms, 4)) ** 0.25
    return np.concatenate([means, norms], axis=1)


@pytest.mark.parametrize("absent", [[], [(0, 1), (1, 0), (2, 3), (3, 2)]])
def test_triangles_are_summed_like_by_hand(absent: list[tuple[int, int]]) -> None:
    rng = np.random.default_rng(1)
    pairs = [(i, j) for i in range(5) for j in range(5) if i != j and (i, j) not in absent]
    candidates = candidates_of(pairs)
    first, second = rng.random((2, len(pairs), 6)).astype(np.float32)
    structure = Structure.of(candidates, 5)
    answer = over_thirds(torch.from_numpy(first), torch.from_numpy(second), structure, chained=3)
    assert answer.numpy() == pytest.approx(over_thirds_slowly(first, second, candidates, 3), abs=0.02)


def test_a_few_candidates_of_many_behaviours_are_listed_and_give_the_same() -> None:
    rng = np.random.default_rng(2)
    linked = np.triu(rng.random((60, 60)) < 0.1, 1)
    candidates = candidates_of([(i, j) for i, j in np.argwhere(linked | linked.T).tolist()])
    structure = Structure.of(candidates, 60)
    (triangles,) = structure.triangles
    assert triangles is not None
    assert triangles.shape[1] == np.einsum("ij,ik,kj->", *3 * [(linked | linked.T).astype(int)])
    first, second = (torch.from_numpy(x) for x in rng.random((2, len(candidates.cause), 6)).astype(np.float32))
    listed = over_thirds(first, second, structure, chained=2)
    multiplied = over_thirds(first, second, structure._replace(triangles=(None,)), chained=2)
    assert torch.allclose(listed, multiplied, atol=1e-5)
    assert listed.numpy() == pytest.approx(over_thirds_slowly(first.numpy(), second.numpy(), candidates, 2), abs=0.02)


def test_listed_logs_are_joined_like_others() -> None:
    rng = np.random.default_rng(3)
    linked = np.triu(rng.random((60, 60)) < 0.1, 1)
    many = Structure.of(candidates_of([(i, j) for i, j in np.argwhere(linked | linked.T).tolist()]), 60)
    few = Structure.of(choose_candidates(np.zeros((4, 4))), 4)
    assert few.triangles == (None,)
    parts = (few, many, few)
    values = [torch.from_numpy(rng.random((2, part.edges[-1], 4)).astype(np.float32)) for part in parts]
    apart = torch.cat([over_thirds(*value, part, chained=2) for value, part in zip(values, parts, strict=True)])
    joined = over_thirds(*torch.cat(values, dim=1), Structure.joined(parts), chained=2)
    assert torch.allclose(joined, apart, atol=1e-6)

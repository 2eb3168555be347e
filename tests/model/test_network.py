"""The network does not know labels, is the same twice, and explains itself by the same function."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from causalviz.model.candidates import choose_candidates
from causalviz.model.features import PairFeatures
from causalviz.model.network import EdgeModel, Structure
from causalviz.model.training import Example


def features_of(example: Example) -> PairFeatures:
    K = len(example.node)
    return PairFeatures(choose_candidates(np.zeros((K, K))), example.edge.numpy(), example.node.numpy(), (), ())


def test_permuting_behaviours_permutes_the_answer(untrained: EdgeModel, examples: list[Example]) -> None:
    features = features_of(examples[0])
    K = len(features.node)
    order = np.random.default_rng(0).permutation(K)
    rows = [features.row(int(order[i]), int(order[j])) for i in range(K) for j in range(K) if i != j]
    other = PairFeatures(features.candidates, features.edge[rows], features.node[order], (), ())
    assert untrained.logits(other) == pytest.approx(untrained.logits(features)[rows], abs=1e-4)


def test_an_answer_depends_on_the_other_edges(untrained: EdgeModel, examples: list[Example]) -> None:
    features = features_of(examples[0])
    changed = features.edge.copy()
    changed[0] += 3.0
    before, after = (
        untrained.logits(features),
        untrained.logits(PairFeatures(features.candidates, changed, features.node, (), ())),
    )
    assert np.abs(after[1:] - before[1:]).max() > 1e-5


def test_triangles_are_the_paths_over_a_third_behaviour() -> None:
    structure = Structure.of(choose_candidates(np.zeros((4, 4))), 4)
    ik, kj, ij = structure.chain.numpy()
    cause, effect = structure.edge_index.numpy()
    assert len(ij) == 4 * 3 * 2
    assert np.array_equal(cause[ik], cause[ij])
    assert np.array_equal(effect[kj], effect[ij])
    assert np.array_equal(effect[ik], cause[kj])


def test_the_edge_function_gives_the_models_own_answer(untrained: EdgeModel, examples: list[Example]) -> None:
    features = features_of(examples[1])
    for row in (0, 3):
        answer = untrained.edge_function(features, row)(features.edge[row])
        assert answer == pytest.approx(untrained.logits(features)[row : row + 1], abs=1e-4)


def test_the_id_is_of_the_content(untrained: EdgeModel) -> None:
    assert untrained.id == EdgeModel(untrained.network, 1.0, 0.0, {"another": "card"}).id
    assert untrained.id != EdgeModel(untrained.network, 1.1, 0.0, {}).id


def test_a_log_with_two_behaviours_has_no_triangles_and_still_an_answer(untrained: EdgeModel) -> None:
    config = untrained.network.config
    features = PairFeatures(
        choose_candidates(np.zeros((2, 2))),
        np.zeros((2, config.edge_features), np.float32),
        np.zeros((2, config.node_features), np.float32),
        (),
        (),
    )
    assert np.isfinite(untrained.logits(features)).all()
    assert Structure.of(features.candidates, 2).chain.dtype == torch.int64

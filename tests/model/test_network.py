"""The network does not know labels, is the same twice, and explains itself by the same function."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
import torch

from causalviz.model.candidates import Candidates, choose_candidates
from causalviz.model.features import PairFeatures
from causalviz.model.network import EdgeModel, NodeRound, Structure, over_thirds
from causalviz.model.training import Example, predict


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


def test_a_network_leaves_new_features_alone_and_widened_gives_them_no_weight(
    untrained: EdgeModel, examples: list[Example]
) -> None:
    new = torch.randn(len(examples[0].edge), 2) * 3 + 1
    more = examples[0]._replace(edge=torch.cat([examples[0].edge, new], dim=1))
    assert predict(untrained.network, [more]) == pytest.approx(predict(untrained.network, [examples[0]]), abs=1e-5)
    wider = untrained.network.widened(more.edge)
    assert predict(wider, [more]) == pytest.approx(predict(untrained.network, [examples[0]]), abs=1e-5)
    assert wider.edge_mean[-2:] == pytest.approx(new.mean(0))
    assert wider.edge_mean[:-2].equal(untrained.network.edge_mean)


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
    cause, effect = np.array(pairs).T
    candidates = Candidates(cause, effect, np.array([pairs.index((j, i)) for i, j in pairs]))
    first, second = rng.random((2, len(pairs), 6)).astype(np.float32)
    structure = Structure.of(candidates, 5)
    answer = over_thirds(torch.from_numpy(first), torch.from_numpy(second), structure, chained=3)
    assert answer.numpy() == pytest.approx(over_thirds_slowly(first, second, candidates, 3), abs=0.02)


def test_joined_logs_do_not_see_each_other(untrained: EdgeModel, examples: list[Example]) -> None:
    joined = predict(untrained.network, examples[:5], batch=5)
    alone = np.concatenate([predict(untrained.network, [example]) for example in examples[:5]])
    assert joined == pytest.approx(alone, abs=1e-4)


def test_a_verdict_informs_the_neighbours_and_not_its_own_pair(untrained: EdgeModel, examples: list[Example]) -> None:
    features = features_of(examples[0])
    known = np.zeros(len(features.edge), np.int8)
    silent = untrained.logits(features)
    assert untrained.logits(features, known) == pytest.approx(silent)
    known[2] = 1
    accepted = untrained.logits(features, known)
    known[2] = -1
    rejected = untrained.logits(features, known)
    assert accepted[2] == rejected[2] == silent[2]
    assert np.abs(np.delete(accepted - rejected, 2)).max() > 1e-5


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


def test_no_file_is_left_behind() -> None:
    source = Path(type(NodeRound(4)).propagate.__code__.co_filename)
    assert source.parent == Path(tempfile.gettempdir())
    assert not source.exists()

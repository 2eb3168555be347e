"""The network does not know labels, is the same twice, and explains itself by the same function."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from model.small_worlds import features_of
from torch import Tensor

from causalviz.model.candidates import Candidates
from causalviz.model.edge_model import EdgeModel
from causalviz.model.features import PairFeatures
from causalviz.model.network import EdgeNetwork, NodeRound, Structure, draw_panel, over_thirds
from causalviz.model.training import Example, collate, predict


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


def test_the_answer_is_the_mean_of_members_each_blind_to_another_share_of_the_features(
    untrained: EdgeModel, examples: list[Example]
) -> None:
    network, example = untrained.network, examples[0]
    alone = network.seated(1)
    assert network.panel is not None
    assert alone.panel is None
    assert (network.panel.sum(0) == len(network.panel) - 1).all()  # every feature is unseen by one of them
    said = [
        predict(alone, [example._replace(edge=torch.where(seen > 0, example.edge, network.edge_mean))])
        for seen in network.panel
    ]
    assert predict(network, [example]) == pytest.approx(np.mean(said, axis=0), abs=1e-5)
    assert np.std(said, axis=0).max() > 1e-4


def test_in_training_each_log_is_read_by_one_member(untrained: EdgeModel, examples: list[Example]) -> None:
    still = replace(untrained.network.config, dropout=0.0)
    network = EdgeNetwork(still)
    network.load_state_dict(untrained.network.state_dict())
    joined = collate(examples[:6])
    members = network.seated(1)
    said = [members(*_masked(joined, seen, network)) for seen in draw_panel(still.members, still.edge_features)]
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(0)
        drawn = network.train()(joined.edge, joined.node, joined.structure)
    readers = set()
    for first, last in pairwise(joined.structure.edges):
        fits = [n for n, one in enumerate(said) if torch.allclose(one[first:last], drawn[first:last], atol=1e-5)]
        assert len(fits) == 1
        readers.add(fits[0])
    assert len(readers) > 1


def _masked(example: Example, seen: Tensor, network: EdgeNetwork) -> tuple[Tensor, Tensor, Structure]:
    return torch.where(seen > 0, example.edge, network.edge_mean), example.node, example.structure


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


def test_no_file_is_left_behind() -> None:
    source = Path(type(NodeRound(4)).propagate.__code__.co_filename)
    assert source.parent == Path(tempfile.gettempdir())
    assert not source.exists()

"""The network does not know labels, is the same twice, and explains itself by the same function."""

from __future__ import annotations

import copy
import tempfile
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from model.small_worlds import features_of

from causalviz.model.edge_model import EdgeModel
from causalviz.model.features import PairFeatures
from causalviz.model.network import NodeRound, panel_of
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


def test_the_answer_is_the_mean_of_members_each_blind_to_another_group(
    untrained: EdgeModel, examples: list[Example]
) -> None:
    example, D = examples[0], examples[0].edge.shape[1]
    groups = [range(4), range(4, 20), range(20, D)]
    network, alone = untrained.network.seated(panel_of(groups, D)), untrained.network.seated(torch.ones(1, D))
    said = []
    for group in groups:
        edge = example.edge.clone()
        edge[:, list(group)] = network.edge_mean[list(group)]
        said.append(predict(alone, [example._replace(edge=edge)]))
    assert predict(network, [example]) == pytest.approx(np.mean(said, axis=0), abs=1e-5)
    assert np.std(said, axis=0).max() > 1e-4


def test_in_training_each_log_is_read_by_one_member(untrained: EdgeModel, examples: list[Example]) -> None:
    joined, network = collate(examples[:12]), copy.deepcopy(untrained.network).train()
    edge = joined.edge.clone().requires_grad_()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        answer = network(edge, joined.node, joined.structure)
    (slope,) = torch.autograd.grad(answer.sum(), edge)
    unseen = torch.stack([(slope[first:last] == 0).all(0) for first, last in pairwise(joined.structure.edges)])
    assert (unseen[:, :30].all(1) ^ unseen[:, 30:].all(1)).all()
    assert 0 < unseen[:, 0].sum() < 12  # both have read


def test_joined_logs_do_not_see_each_other(untrained: EdgeModel, examples: list[Example]) -> None:
    joined = predict(untrained.network, examples[:5], batch=5)
    alone = np.concatenate([predict(untrained.network, [example]) for example in examples[:5]])
    assert joined == pytest.approx(alone, abs=1e-4)


def test_no_file_is_left_behind() -> None:
    source = Path(type(NodeRound(4)).propagate.__code__.co_filename)
    assert source.parent == Path(tempfile.gettempdir())
    assert not source.exists()

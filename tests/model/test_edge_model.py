"""A model's answers: verdicts inform others, explanations are of the same function, the id is of the content."""

from __future__ import annotations

import numpy as np
import pytest
from model.small_worlds import features_of

from causalviz.model.candidates import choose_candidates
from causalviz.model.edge_model import EdgeModel
from causalviz.model.features import PairFeatures
from causalviz.model.training import Example


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


def test_a_member_of_the_edge_function_does_not_see_its_group(untrained: EdgeModel, examples: list[Example]) -> None:
    features = features_of(examples[0])
    f, D = untrained.edge_function(features, 2), features.edge.shape[1]
    here, members = features.edge[2].astype(np.float64), f.members
    assert np.mean([member(here) for member in members], axis=0) == pytest.approx(f(here), abs=1e-5)
    changed = here.copy()
    changed[:30] += 1.0
    assert [member.sees(range(30)) for member in members] == [False, True]
    assert [member.sees(range(30, D)) for member in members] == [True, False]
    assert members[0](changed) == pytest.approx(members[0](here), abs=1e-6)
    assert abs(members[1](changed) - members[1](here)) > 1e-4
    assert f.sees([0])


def test_what_a_network_of_fewer_features_does_not_know_has_no_part_in_its_answer(
    former: EdgeModel, examples: list[Example]
) -> None:
    features = features_of(examples[0])
    D = features.edge.shape[1]
    f = former.edge_function(features, 2)
    assert f.sees([0, D - 1])
    assert not f.sees([D - 3, D - 1])


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

"""A planted sign is learned, read again as it was written, and said of every pair."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from worlds.test_simulator import edge, plan_of

from causalviz.errors import UnreadableModel
from causalviz.lags.counts import EXPECTED_SCALE
from causalviz.model.evidence import gather_evidence
from causalviz.model.features import PairFeatures, pair_features
from causalviz.model.signs import FILE, UNDRAWN, Signs, learn_signs, load_signs
from causalviz.worlds.simulator import simulate

COLUMNS = ("lift:log", "rate:t", "type:constant")


class Planted:
    """Edges that prevent where the first column is low and the second is not, with a network that learned it."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        shape, middle = np.float32([3.0, 1.0, 0.0]), np.float32([5.0, 0.0, 1.0])
        self.edge = rng.normal(size=(40_000, 3)).astype(np.float32) * shape + middle
        self.prevents = (self.edge[:, 0] < 4) & (self.edge[:, 1] > -0.5)
        self.signs = learn_signs(COLUMNS, self.edge, self.prevents, seed=0)


@pytest.fixture(scope="module")
def planted() -> Planted:
    return Planted()


def said(signs: Signs, rows: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return signs(torch.from_numpy(rows.astype(np.float32))).numpy()


def test_what_prevents_is_told_from_what_sets_off(planted: Planted) -> None:
    assert np.mean((said(planted.signs, planted.edge) > 0) == planted.prevents) > 0.9


def test_equal_seeds_learn_the_same_and_leave_other_randomness_alone(planted: Planted) -> None:
    few = (COLUMNS, planted.edge[:2_000], planted.prevents[:2_000])
    torch.manual_seed(5)
    one = learn_signs(*few, seed=1)
    after = torch.rand(3)
    torch.manual_seed(5)
    assert torch.equal(torch.rand(3), after)
    rows = planted.edge[:50]
    assert np.array_equal(said(one, rows), said(learn_signs(*few, seed=1), rows))
    assert not np.array_equal(said(one, rows), said(learn_signs(*few, seed=2), rows))


def test_far_values_say_no_more_than_four_deviations(planted: Planted) -> None:
    assert said(planted.signs, np.array([[-1e2, 0, 1]])) == said(planted.signs, np.array([[-1e6, 0, 1]]))


def test_it_is_read_as_it_was_written(tmp_path: Path, planted: Planted) -> None:
    planted.signs.save(tmp_path)
    again = load_signs(tmp_path)
    assert again.columns == COLUMNS
    assert np.array_equal(said(again, planted.edge[:100]), said(planted.signs, planted.edge[:100]))


def test_damage_is_named(tmp_path: Path, planted: Planted) -> None:
    with pytest.raises(UnreadableModel, match="signs"):
        load_signs(tmp_path / "missing")
    for place, tensors in enumerate(({}, planted.signs.state_dict())):  # nothing said of the columns
        folder = tmp_path / str(place)
        folder.mkdir()
        save_file(tensors, str(folder / FILE))
        with pytest.raises(UnreadableModel, match="install the program anew"):
            load_signs(folder)
    (tmp_path / FILE).write_bytes(b"no tensors")
    with pytest.raises(UnreadableModel, match="install the program anew"):
        load_signs(tmp_path)


def test_the_shipped_network_tells_both_kinds_of_a_world() -> None:
    plan = plan_of(edge(4, 0, 1, 0.5), suppress=edge(4, 2, 3, 0.9), suppress_s=edge(4, 2, 3, 3_000.0))
    evidence = gather_evidence(simulate(plan, np.random.default_rng(0)).log)
    features = pair_features(evidence)
    score = load_signs().scores(features, evidence.counts, np.ones((4, 4)))
    assert score.shape == (4, 4)
    assert np.isfinite(score).all()
    assert score[0, 1] < -2
    assert score[2, 3] > 2
    fewer = PairFeatures(features.candidates, features.edge[:, :5], features.node, features.column_names[:5], ())
    with pytest.raises(UnreadableModel, match="other features"):
        load_signs().scores(fewer, evidence.counts, np.ones((4, 4)))


def test_what_was_thought_to_be_no_influence_is_likelier_to_prevent_if_it_is_one_and_the_rest_goes_by_chance() -> None:
    log = simulate(plan_of(edge(3, 0, 1, 0.5)), np.random.default_rng(0)).log
    evidence = gather_evidence(log)
    features = pair_features(evidence)
    drawn, undrawn = (load_signs().scores(features, evidence.counts, np.full((3, 3), p)) for p in (0.5, 0.49))
    assert undrawn - drawn == pytest.approx(np.full((3, 3), UNDRAWN))
    total = evidence.counts.total()
    pairs, expected = total.pairs[0].sum(-1), total.expected[0].sum(-1) / EXPECTED_SCALE
    assert np.diag(drawn) == pytest.approx(np.log((np.diag(expected) + 1) / (np.diag(pairs) + 1)))  # no candidates

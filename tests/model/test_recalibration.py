"""Recalibration: what a line mended by verdicts does where the miscalibration is known, and where it keeps off."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causalviz.errors import SettingsError
from causalviz.model.adapted import KnownEdge
from causalviz.model.calibration import sigmoid
from causalviz.model.edge_model import EdgeModel
from causalviz.model.evidence import gather_evidence
from causalviz.model.features import PairFeatures, pair_features
from causalviz.model.recalibration import (
    FLATTEST,
    LEARNED,
    LEAST_VERDICTS,
    RECALIBRATION,
    STEEPEST,
    Recalibration,
    recalibrate,
    recalibrate_model,
    without_recalibration,
)
from causalviz.worlds import demo_log

E = 600


def judged(seed: int, n: int, slope: float, intercept: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """A network's logits slope * t + intercept, verdicts on n pairs, the probable ones first, and the true logits t."""
    rng = np.random.default_rng(seed)
    true = np.where(rng.random(E) < 0.15, rng.normal(2, 2, E), rng.normal(-3.5, 1.5, E))
    said = slope * true + intercept
    shown = sigmoid(said) + 0.03
    rows = rng.choice(E, n, replace=False, p=shown / shown.sum())
    return said, rows, (rng.random(n) < sigmoid(true[rows])).astype(float), true


def loss(logit: np.ndarray, true: np.ndarray) -> float:
    """Expected nats per pair, over all pairs and not the ruled ones alone."""
    return float(np.mean(np.logaddexp(0, logit) - sigmoid(true) * logit))


def gains(n: int, slope: float, intercept: float, seeds: int = 25) -> np.ndarray:
    """What all pairs gain from verdicts on n of them, by seed."""
    told = []
    for seed in range(seeds):
        said, rows, label, true = judged(seed, n, slope, intercept)
        found = recalibrate(said, rows, label)
        told.append(loss(said, true) - loss(found.slope * said + found.intercept, true))
    return np.array(told)


@pytest.mark.parametrize(("slope", "intercept"), [(2.0, 1.5), (1.0, 1.5), (1.0, -1.5), (0.5, 0.0)])
def test_it_repairs_what_is_off_on_pairs_nobody_ruled_on(slope: float, intercept: float) -> None:
    found = gains(100, slope, intercept)
    said, _, _, true = judged(0, 100, slope, intercept)
    possible = loss(said, true) - loss(true, true)
    assert found.mean() > 0.4 * possible
    assert np.quantile(found, 0.1) > -0.2 * possible


def test_a_network_that_is_too_sure_becomes_less_so() -> None:
    said, rows, label, _ = judged(1, 300, 2.0, 0.0)
    found = recalibrate(said, rows, label)
    assert found.used
    assert found.slope == pytest.approx(0.5, abs=0.15)
    assert found.after.loss < found.before.loss
    assert found.after.ece < found.before.ece
    assert found.gain[0] < found.before.loss - found.after.loss < found.gain[1]


@pytest.mark.parametrize("n", [20, 60, 150])
def test_it_does_no_harm_to_a_calibrated_network(n: int) -> None:
    found = gains(n, 1.0, 0.0)
    assert found.mean() > -0.005
    assert (found == 0).mean() > 0.7


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 60), st.floats(0.3, 3.0), st.floats(-3, 3))
def test_a_line_always_rises_and_is_used_only_where_it_was_measured(
    seed: int, n: int, slope: float, intercept: float
) -> None:
    said, rows, label, _ = judged(seed, n, slope, intercept)
    found = recalibrate(said, rows, label)
    assert FLATTEST <= found.slope <= STEEPEST
    assert found.verdicts == n
    if found.used:
        assert found.after.loss < found.before.loss
    else:
        assert (found.slope, found.intercept) == (1.0, 0.0)
    assert found == recalibrate(said, rows, label)
    assert Recalibration.from_json(json.loads(json.dumps(found.as_json()))) == found


def test_few_verdicts_are_not_enough() -> None:
    said, rows, label, _ = judged(0, LEAST_VERDICTS - 1, 2.0, 1.5)
    found = recalibrate(said, rows, label)
    assert not found.used
    assert "at least 20 verdicts" in found.reason
    assert found.before is None


def test_rejections_alone_are_one_side_of_the_story() -> None:
    said, rows, _, _ = judged(0, 60, 1.0, 0.0)
    found = recalibrate(said, rows, np.zeros(60))
    assert not found.used
    assert "one side" in found.reason


def test_the_two_directions_of_a_couple_are_left_out_together() -> None:
    said, rows, label, _ = judged(2, 40, 1.0, 2.0)
    twice = recalibrate(
        np.concatenate([said, said]), np.concatenate([rows, rows + E]), np.tile(label, 2), np.tile(np.arange(40), 2)
    )
    alone = recalibrate(said, rows, label)
    assert twice.gain[1] - twice.gain[0] > 0.6 * (alone.gain[1] - alone.gain[0])  # copies add no evidence


def test_verdicts_without_labels_are_refused() -> None:
    with pytest.raises(SettingsError, match="one row and one label"):
        recalibrate(np.zeros(3), np.array([0, 1]), np.zeros(1))


@pytest.mark.parametrize(
    "damage",
    [
        lambda told: {**told, "slope": 0.0},
        lambda told: {**told, "intercept": float("nan")},
        lambda told: {**told, "before": [1.0]},
        lambda told: {key: value for key, value in told.items() if key != "gain"},
        lambda told: {**told, "gain": 3},
    ],
)
def test_a_damaged_account_is_refused(damage: Callable[[dict[str, object]], dict[str, object]]) -> None:
    said, rows, label, _ = judged(1, 100, 2.0, 1.5)
    told = recalibrate(said, rows, label).as_json()
    with pytest.raises((KeyError, TypeError, ValueError)):
        Recalibration.from_json(damage(told))


@pytest.fixture(scope="module")
def log_features() -> tuple[tuple[str, ...], PairFeatures]:
    log = demo_log("video", users=40).log
    return log.names, pair_features(gather_evidence(log))


def opposed(model: EdgeModel, names: tuple[str, ...], features: PairFeatures) -> list[KnownEdge]:
    """Verdicts on sixty pairs: the network's doubled logits are far too sure of them."""
    rng = np.random.default_rng(0)
    chance = sigmoid(0.2 * model.logits(features))
    rows = rng.permutation(len(chance))[:60]
    return [
        KnownEdge(names[features.cause[row]], names[features.effect[row]], bool(rng.random() < chance[row]))
        for row in rows
    ]


def test_a_model_carries_one_line_and_loses_it_again(
    untrained: EdgeModel, log_features: tuple[tuple[str, ...], PairFeatures]
) -> None:
    names, features = log_features
    spread = untrained.logits(features)
    sure = EdgeModel(untrained.network, 8.0 / spread.std(), -8.0 * spread.mean() / spread.std(), {"made by": "a test"})
    known = opposed(sure, names, features)
    mended, found = recalibrate_model(sure, features, names, known)
    assert found.used
    assert mended.logits(features) == pytest.approx(found.slope * sure.logits(features) + found.intercept)
    assert mended.card["made by"] == "a test"
    assert RECALIBRATION not in sure.card
    again, same = recalibrate_model(mended, features, names, known)
    assert same.after == pytest.approx(found.after)
    assert (same.slope, same.intercept) == pytest.approx((found.slope, found.intercept))
    assert again.slope == pytest.approx(mended.slope)
    bare = without_recalibration(mended)
    assert (bare.slope, bare.intercept) == pytest.approx((sure.slope, sure.intercept))
    assert bare.card == sure.card


def test_verdicts_the_network_was_trained_on_say_nothing(
    untrained: EdgeModel, log_features: tuple[tuple[str, ...], PairFeatures]
) -> None:
    names, features = log_features
    known = opposed(untrained, names, features)
    card = {LEARNED: [[edge.cause, edge.effect] for edge in known]}
    taught = EdgeModel(untrained.network, 1.0, 0.0, card)
    model, found = recalibrate_model(taught, features, names, [*known, KnownEdge("nobody", names[0], True)])
    assert model is taught
    assert found.verdicts == 0


def test_a_strangers_card_is_left_as_it_is(untrained: EdgeModel) -> None:
    odd = EdgeModel(untrained.network, 1.0, 0.0, {RECALIBRATION: {"slope": "steep"}})
    assert without_recalibration(odd) is odd

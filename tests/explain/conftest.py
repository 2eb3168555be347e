"""A small log, its evidence, and an untrained network that judges it."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from causalviz.events.log import EventLog
from causalviz.model.edge_model import EdgeModel
from causalviz.model.evidence import Evidence, gather_evidence
from causalviz.model.features import PairFeatures, pair_features
from causalviz.model.pretraining import PretrainConfig, first_network
from causalviz.model.training import example_of
from causalviz.worlds.demos import demo_log


class Judged(NamedTuple):
    """A log and all that is needed to explain a judgement on it."""

    log: EventLog
    evidence: Evidence
    features: PairFeatures
    model: EdgeModel


@pytest.fixture(scope="session")
def judged() -> Judged:
    """The video demo with 60 users under a network that has not learned anything, calibrated away from (1, 0)."""
    world = demo_log("video", users=60)
    evidence = gather_evidence(world.log)
    features = pair_features(evidence)
    network = first_network([example_of(features, world.truth)], PretrainConfig(hidden=16))
    return Judged(world.log, evidence, features, EdgeModel(network, 2.0, -0.5, {}))

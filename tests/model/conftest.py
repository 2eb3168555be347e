"""Small worlds, their features, and an untrained network that fits them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from model.small_worlds import SMALL, make_chunks_here

from causalviz.model.edge_model import EdgeModel
from causalviz.model.network import panel_of
from causalviz.model.pretraining import PretrainConfig, first_network
from causalviz.model.training import Example, example_of
from causalviz.model.world_examples import simulated_features
from causalviz.worlds.plan import Delay

PLAIN = replace(
    SMALL, behaviours=(4, 8), events=(1_500, 3_000), attributed=(0.5, 0.9), delays=(Delay.LOG_NORMAL,), themed=0.0,
    topics=0.0, drift=(0.0,), inhibited=(0.0,), hidden=(0.0,), lost=(0.0,), shocked=0.0, censored=0.0, two_scales=0.0,
    null=0.0,
)  # fmt: skip


@pytest.fixture(scope="session")
def examples() -> list[Example]:
    """Twenty-four small worlds as examples."""
    worlds = [simulated_features(PLAIN, np.random.default_rng([9, seed])) for seed in range(24)]
    return [example_of(features, signs != 0) for features, signs in worlds]


@pytest.fixture(scope="session")
def untrained(examples: list[Example]) -> EdgeModel:
    """A network with random weights, answering as a panel of two."""
    D = examples[0].edge.shape[1]
    network = first_network(examples, PretrainConfig(hidden=16))
    return EdgeModel(network.seated(panel_of([range(30), range(30, D)], D)), 1.0, 0.0, {})


@pytest.fixture(scope="session")
def former(examples: list[Example]) -> EdgeModel:
    """The same of a time that knew three features fewer."""
    known = examples[0].edge.shape[1] - 3
    network = first_network([e._replace(edge=e.edge[:, :known]) for e in examples], PretrainConfig(hidden=16))
    return EdgeModel(network.seated(panel_of([range(30), range(30, known)], known)), 1.0, 0.0, {})


@pytest.fixture
def chunks_made_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Worlds in chunks of four, simulated in this process."""
    make_chunks_here(monkeypatch)

"""Small worlds, their features, and an untrained network that fits them."""

from __future__ import annotations

import numpy as np
import pytest

from causalviz.model.network import EdgeModel
from causalviz.model.pretraining import PretrainConfig, first_network, simulated_features
from causalviz.model.training import Example, example_of
from causalviz.worlds import Prior

SMALL = Prior(behaviours=(3, 8), users=(20, 60), events=(500, 1_500), itemised=0.0)


@pytest.fixture(scope="session")
def examples() -> list[Example]:
    """Twenty-four small worlds as examples."""
    return [example_of(*simulated_features(SMALL, np.random.default_rng([9, seed]))) for seed in range(24)]


@pytest.fixture(scope="session")
def untrained(examples: list[Example]) -> EdgeModel:
    """A network with random weights."""
    return EdgeModel(first_network(examples, PretrainConfig(hidden=16)), 1.0, 0.0, {})

"""Shapes of graphs: each is what its name says, at the density that was asked for."""

from __future__ import annotations

from typing import get_args

import networkx as nx
import numpy as np
import pytest

from causalviz.worlds.topology import Topology, draw_topology


def drawn(shape: Topology, K: int = 30, degree: float = 2.0, seed: int = 0) -> np.ndarray:
    return draw_topology(shape, K, degree, np.random.default_rng(seed))


@pytest.mark.parametrize("shape", get_args(Topology))
def test_density_is_the_same_for_every_shape(shape: Topology) -> None:
    degrees = [drawn(shape, seed=seed).sum() / 30 for seed in range(60)]
    assert 1.5 < np.mean(degrees) < 2.2  # a funnel has few pairs to spread them over
    assert not any(drawn(shape, seed=seed).diagonal().any() for seed in range(5))


@pytest.mark.parametrize("shape", get_args(Topology))
def test_two_behaviours_are_enough(shape: Topology) -> None:
    assert drawn(shape, K=2, degree=0.5).shape == (2, 2)


def test_layers_are_acyclic_and_random_graphs_are_not() -> None:
    assert all(nx.is_directed_acyclic_graph(nx.DiGraph(drawn("layers", seed=seed))) for seed in range(10))
    assert not all(nx.is_directed_acyclic_graph(nx.DiGraph(drawn("random", seed=seed))) for seed in range(10))


def test_a_funnel_is_a_path_nearly_all_the_way() -> None:
    longest = [nx.dag_longest_path_length(nx.DiGraph(_forward(drawn("funnel", degree=1.5, seed=s)))) for s in range(10)]
    others = [nx.dag_longest_path_length(nx.DiGraph(drawn("layers", degree=1.5, seed=s))) for s in range(10)]
    assert np.mean(longest) > 1.5 * np.mean(others)


def _forward(edges: np.ndarray) -> np.ndarray:
    """The edges that stay when every cycle's weakest link, a step back, is left out."""
    graph = nx.DiGraph(edges)
    while not nx.is_directed_acyclic_graph(graph):
        graph.remove_edge(*nx.find_cycle(graph)[-1])
    return np.asarray(nx.to_numpy_array(graph, nodelist=range(len(edges))), dtype=bool)


def test_a_hub_has_far_more_than_its_share() -> None:
    largest = [drawn("hubs", seed=seed).sum(axis=1).max() for seed in range(20)]
    plain = [drawn("random", seed=seed).sum(axis=1).max() for seed in range(20)]
    assert np.mean(largest) > 1.5 * np.mean(plain)


def test_a_ring_comes_round() -> None:
    for seed in range(5):
        graph = nx.DiGraph(drawn("ring", degree=3.0, seed=seed))
        assert max(len(part) for part in nx.strongly_connected_components(graph)) > 15

"""The structural intervention distance, against its definition and by hand."""

from __future__ import annotations

import itertools
import math

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from causalviz.evaluate.interventions import descendants, has_cycle, intervention_distance

Bools = NDArray[np.bool_]


def graph(*edges: tuple[int, int], K: int = 3) -> Bools:
    matrix = np.zeros((K, K), dtype=bool)
    for cause, effect in edges:
        matrix[cause, effect] = True
    return matrix


def slow_distance(drawn: Bools, truth: Bools) -> int:
    """Pair by pair: is parent adjustment valid, by d-separation once the causal paths are cut at their first arrow?"""
    G, H = nx.from_numpy_array(truth, create_using=nx.DiGraph), nx.from_numpy_array(drawn, create_using=nx.DiGraph)
    wrong = 0
    for i, j in itertools.permutations(range(len(truth)), 2):
        Z, below = set(H.predecessors(i)), nx.descendants(G, i)
        if j in Z:
            wrong += j in below
            continue
        on_paths = below & (nx.ancestors(G, j) | {j})
        spoiled = on_paths.union(*(nx.descendants(G, node) for node in on_paths)) if on_paths else set()
        cut = G.copy()
        cut.remove_edges_from([(i, node) for node in on_paths if G.has_edge(i, node)])
        wrong += bool(Z & spoiled) or not nx.is_d_separator(cut, {i}, {j}, Z)
    return wrong


@st.composite
def acyclic_pairs(draw: st.DrawFn) -> tuple[Bools, Bools]:
    K, seed = draw(st.integers(2, 6)), draw(st.integers(0, 2**31))
    rng = np.random.default_rng(seed)
    drawn, truth = (np.triu(rng.random((K, K)) < rng.random(), 1) for _ in range(2))
    order, other = rng.permutation(K), rng.permutation(K)
    return drawn[np.ix_(order, order)], truth[np.ix_(other, other)]


@settings(deadline=None)
@given(acyclic_pairs())
def test_it_is_what_its_definition_says(pair: tuple[Bools, Bools]) -> None:
    drawn, truth = pair
    assert intervention_distance(drawn, truth) == slow_distance(drawn, truth)


@given(acyclic_pairs())
def test_the_true_graph_itself_is_right_about_everything(pair: tuple[Bools, Bools]) -> None:
    assert intervention_distance(pair[1], pair[1]) == 0


def test_by_hand() -> None:
    chain = graph((0, 1), (1, 2))
    assert intervention_distance(graph((0, 1), (1, 2), (0, 2)), chain) == 0  # too many edges mislead nobody
    # nothing drawn: who forces 1 sees 2 rightly change, but takes 0 for changed as well, and so on upwards
    assert intervention_distance(graph(), chain) == 3
    assert intervention_distance(graph((1, 0)), graph((0, 1), K=3)) == 2  # both directions are misjudged


def test_cycles_have_no_distance() -> None:
    ring = graph((0, 1), (1, 2), (2, 0))
    assert has_cycle(ring)
    assert not has_cycle(graph((0, 1), (0, 2), (1, 2)))
    assert math.isnan(intervention_distance(ring, graph()))
    assert math.isnan(intervention_distance(graph(), ring))


def test_descendants_follow_paths() -> None:
    assert descendants(graph((0, 1), (1, 2))).tolist() == graph((0, 1), (1, 2), (0, 2)).tolist()


def test_shapes_must_agree() -> None:
    with pytest.raises(ValueError, match=r"\(K, K\)"):
        intervention_distance(graph(), graph(K=4))

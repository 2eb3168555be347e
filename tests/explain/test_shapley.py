"""Shapley values of one pair's arguments, against the definition and against the network's answer."""

from __future__ import annotations

import math
from itertools import combinations, permutations
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from causalviz.errors import UnknownBehaviour
from causalviz.explain import shapley
from causalviz.explain.shapley import READ_BY, explain_all, explain_edge
from causalviz.model.candidates import Candidates
from causalviz.model.features import GROUP_LABELS, FeatureGroup, PairFeatures
from causalviz.model.threads import one_core

if TYPE_CHECKING:
    from conftest import Judged

Floats = NDArray[np.float64]


def test_the_bars_add_up_to_the_logit(judged: Judged) -> None:
    names = judged.log.names
    told = explain_edge(judged.features, judged.model, names, "impression", "watch", judged.evidence.counts)
    row = judged.features.row(names.index("impression"), names.index("watch"))
    assert told.logit == pytest.approx(judged.model.logits(judged.features)[row])
    assert sum(part.shap for part in told.parts) == pytest.approx(told.logit - told.base_logit, abs=1e-3)
    assert told.probability == pytest.approx(1 / (1 + math.exp(-told.logit)))
    assert [part.group for part in told.parts] == list(GROUP_LABELS)
    assert any(abs(part.shap) > 1e-3 for part in told.parts)


def test_the_frozen_graph_gives_back_every_answer(judged: Judged) -> None:
    logits = judged.model.logits(judged.features)
    rows = list(range(0, len(logits), 5))
    functions = judged.model.edge_functions(judged.features, rows)
    with one_core():
        for row, function in zip(rows, functions, strict=True):
            edge = judged.features.edge[row : row + 1].astype(np.float64)
            assert function(edge)[0] == pytest.approx(logits[row], abs=1e-4)
            assert judged.model.edge_function(judged.features, row)(edge)[0] == pytest.approx(logits[row], abs=1e-4)


def test_all_pairs_add_up_too_and_agree_with_the_exact_values(judged: Judged) -> None:
    names, logits, steps = judged.log.names, judged.model.logits(judged.features), []
    all_pairs = explain_all(judged.features, judged.model, names, lambda done, total: steps.append((done, total)))
    assert all_pairs.shap.shape == all_pairs.values.shape == (len(logits), len(GROUP_LABELS))
    assert steps[-1] == (len(logits), len(logits))
    exact = explain_edge(judged.features, judged.model, names, *all_pairs.edges[-1], judged.evidence.counts)
    sampled = all_pairs.shap[-1]
    assert sampled.sum() == pytest.approx(exact.logit - exact.base_logit, abs=1e-3)
    assert sampled == pytest.approx([part.shap for part in exact.parts], abs=0.1 * np.abs(sampled).sum())
    assert exact.logit == pytest.approx(logits.max())
    assert all_pairs.values[-1] == pytest.approx([part.value for part in exact.parts])


def test_explaining_leaves_the_global_generator_alone(judged: Judged) -> None:
    np.random.seed(7)
    before = np.random.get_state()[1].copy()
    explain_edge(judged.features, judged.model, judged.log.names, "watch", "like", judged.evidence.counts)
    assert np.array_equal(before, np.random.get_state()[1])


def test_two_runs_agree_bit_for_bit(judged: Judged) -> None:
    one, two = (
        explain_edge(judged.features, judged.model, judged.log.names, "watch", "like", judged.evidence.counts)
        for _ in range(2)
    )
    assert one == two


def test_an_unknown_name_is_refused(judged: Judged) -> None:
    with pytest.raises(UnknownBehaviour, match="'nothing'"):
        explain_edge(judged.features, judged.model, judged.log.names, "nothing", "watch", judged.evidence.counts)


def test_a_pair_that_was_not_judged_has_no_parts(judged: Judged) -> None:
    none = np.zeros(0, np.int64)
    features = PairFeatures(
        Candidates(none, none, none),
        judged.features.edge[:0],
        judged.features.node,
        judged.features.column_names,
        judged.features.groups,
    )
    told = explain_edge(features, judged.model, judged.log.names, "watch", "like", judged.evidence.counts)
    assert told.parts == ()
    assert math.isnan(told.logit)


def test_every_group_has_a_column_that_it_is_read_by(judged: Judged) -> None:
    assert list(READ_BY) == list(GROUP_LABELS)
    for group in judged.features.groups:
        column = judged.features.column_names.index(READ_BY[group.name])
        assert column in group.columns


def small_features(g: int, E: int, rng: np.random.Generator) -> PairFeatures:
    """E pairs whose g groups have one, two, one, ... columns."""
    widths = [1 + number % 2 for number in range(g)]
    ends = np.cumsum(widths)
    groups = tuple(
        FeatureGroup(f"g{number}", f"G{number}", tuple(range(end - width, end)))
        for number, (width, end) in enumerate(zip(widths, ends.tolist(), strict=True))
    )
    edge = rng.normal(size=(E, int(ends[-1]))).astype(np.float32)
    codes = np.arange(E)
    return PairFeatures(Candidates(codes, codes + 1, codes), edge, np.zeros((E + 1, 1), np.float32), (), groups)


def slow_shapley(worth: dict[frozenset[int], float], g: int) -> list[float]:
    """The definition: the mean contribution over all orders."""
    total = [0.0] * g
    for order in permutations(range(g)):
        for place, argument in enumerate(order):
            before = frozenset(order[:place])
            total[argument] += worth[before | {argument}] - worth[before]
    return [value / math.factorial(g) for value in total]


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 4), st.integers(0, 2**31))
def test_exact_values_meet_the_definition(g: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    features, row, others = small_features(g, 5, rng), 3, np.array([0, 1, 4])
    mix = rng.normal(size=features.edge.shape[1])

    def f(x: Floats) -> Floats:
        return np.asarray(np.tanh(x @ mix) + x[:, 0] * x[:, -1])

    table = {}
    for size in range(g + 1):
        for coalition in combinations(range(g), size):
            mixed = features.edge[others].astype(np.float64)
            for number in coalition:
                columns = list(features.groups[number].columns)
                mixed[:, columns] = features.edge[row, columns]
            table[frozenset(coalition)] = float(f(mixed).mean())
    base, values = shapley._exact(shapley._worth(f, features, row, others, features.groups), g)
    assert base == pytest.approx(table[frozenset()])
    assert values == pytest.approx(slow_shapley(table, g))
    assert base + values.sum() == pytest.approx(float(f(features.edge[row : row + 1].astype(np.float64))[0]))


def test_the_networks_own_arguments_meet_full_enumeration(judged: Judged) -> None:
    """Every coalition of the real arguments, weighed as Shapley's formula says: |S|! (g - |S| - 1)! / g!."""
    names, features, model = judged.log.names, judged.features, judged.model
    told = explain_edge(features, model, names, "impression", "watch", judged.evidence.counts)
    row = features.row(names.index("impression"), names.index("watch"))
    assert row is not None
    g = len(features.groups)
    coalitions = (np.arange(2**g)[:, None] >> np.arange(g)) & 1  # (2^g, g)
    others = shapley.evenly(model.logits(features), shapley.BACKGROUND)
    worth = shapley._worth(model.edge_function(features, row), features, row, others, features.groups)
    with one_core():
        values = np.concatenate([worth(part.astype(float)) for part in np.array_split(coalitions, 32)])
    size = coalitions.sum(1)
    for argument, part in enumerate(told.parts):
        without = np.flatnonzero(coalitions[:, argument] == 0)
        weight = [math.factorial(n) * math.factorial(g - n - 1) / math.factorial(g) for n in size[without]]
        gain = values[without + (1 << argument)] - values[without]
        assert part.shap == pytest.approx(float(np.dot(weight, gain)), abs=1e-4)
    assert told.base_logit == pytest.approx(values[0], abs=1e-4)


@given(st.integers(1, 6), st.integers(0, 2**31))
def test_values_over_a_few_orders_add_up_and_are_exact_for_sums(g: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    features, row, others = small_features(g, 5, rng), 2, np.array([0, 4])
    mix = rng.normal(size=features.edge.shape[1])
    worth = shapley._worth(lambda x: np.asarray(x @ mix), features, row, others, features.groups)
    values = shapley._ordered(worth, shapley.fixed_orders(g))
    change = mix * (features.edge[row] - features.edge[others].mean(axis=0))
    assert values == pytest.approx([change[list(group.columns)].sum() for group in features.groups], abs=1e-6)


def test_the_background_spans_the_answers() -> None:
    logits = np.array([3.0, 1.0, 2.0, 0.0, 4.0])
    assert shapley.evenly(logits, 3).tolist() == [3, 2, 4]
    assert shapley.evenly(logits, 9).tolist() == [3, 1, 2, 0, 4]

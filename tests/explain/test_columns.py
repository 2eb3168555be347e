"""Single features: their words, and that they add up to their argument."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from causalviz.explain.columns import WORDS, feature_words, split_argument
from causalviz.explain.shapley import explain_edge, fixed_orders

if TYPE_CHECKING:
    from conftest import Judged

ENDS = (10.0, 60.0, 600.0, 3600.0, 7200.0, 20_000.0, 80_000.0, 300_000.0)


def test_every_feature_has_words_of_its_own(judged: Judged) -> None:
    names = judged.features.column_names
    for group in judged.features.groups:
        words = [feature_words(names[column], ENDS) for column in group.columns]
        assert len(set(words)) == len(words)
    assert all(name in WORDS or feature_words(name, ENDS) != name.partition(":")[2] for name in names)
    assert set(WORDS) <= set(names)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("lift:z 0", "standard errors beyond chance, up to 10 s later"),
        ("rate:t over typical 1", "at middle lags: standard errors beyond the usual cause"),
        ("asymmetry:log ratio long", "cause first rather than effect, at long lags"),
        ("hawkes:shape 2", "share of the blamed effects, 60 s to 10 min later"),
    ],
)
def test_a_feature_in_words(name: str, words: str) -> None:
    assert feature_words(name, ENDS) == words


def test_features_add_up_to_their_argument(judged: Judged) -> None:
    names = judged.log.names
    told = explain_edge(judged.features, judged.model, names, "impression", "watch", judged.evidence.counts)
    row = judged.features.row(names.index("impression"), names.index("watch"))
    assert row is not None
    for part, group in zip(told.parts, judged.features.groups, strict=True):
        found = split_argument(judged.features, judged.model, row, group, part.shap, ENDS)
        assert len(found) == len(group.columns)
        assert sum(feature.shap for feature in found) == pytest.approx(part.shap, abs=1e-9)


def test_the_orders_are_fixed_and_come_with_their_reverse() -> None:
    orders = fixed_orders(5)
    assert orders == fixed_orders(5)
    assert orders[1::2] == [order[::-1] for order in orders[0::2]]
    assert all(sorted(order) == list(range(5)) for order in orders)


def test_a_feature_that_changes_nothing_has_no_weight(judged: Judged) -> None:
    """Where the pair's feature equals that of all others, letting it enter changes nothing."""
    from dataclasses import replace

    group = next(group for group in judged.features.groups if group.name == "lift")
    edge = judged.features.edge.copy()
    edge[:, group.columns[0]] = 0.25
    features = replace(judged.features, edge=edge)
    names = features.column_names
    found = {one.label: one.shap for one in split_argument(features, judged.model, 3, group, 0.7, ENDS)}
    assert found[feature_words(names[group.columns[0]], ENDS)] == pytest.approx(0.0, abs=1e-5)
    assert sum(found.values()) == pytest.approx(0.7)
    assert np.isfinite(list(found.values())).all()

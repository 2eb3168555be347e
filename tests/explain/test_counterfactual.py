"""What would flip an edge, against a search over all shares and a network that is a sum."""

from __future__ import annotations

import math
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pytest

from causalviz.explain import counterfactual as subject
from causalviz.explain.counterfactual import (
    STEPS,
    Change,
    Counterfactual,
    counterfactual,
    counterfactual_sentence,
    flips_at,
)
from causalviz.model.decidability import draw_to_base_rate
from causalviz.model.occlusion import usual_pair

if TYPE_CHECKING:
    from conftest import Judged


def test_the_smallest_change_of_a_sum_is_known() -> None:
    masks = [(("x",), np.array([True, False])), (("y",), np.array([False, True]))]
    found, nearest = subject._smallest(
        lambda rows: rows.sum(axis=1), np.array([2.0, 1.0]), np.array([-6.0, -1.0]), masks, True, 0.0
    )
    assert found is not None
    assert found.labels == ("x",)  # 3 - 8 t crosses 0 at 0.375, 3 - 2 t never
    assert found.share == pytest.approx(0.375, abs=1 / STEPS / 2**6)
    assert found.logit < 0
    assert nearest.labels == ("x",)
    none, near = subject._smallest(
        lambda rows: rows.sum(axis=1), np.array([-9.0, -1.0]), np.array([-6.0, 1.0]), masks, False, 0.0
    )
    assert none is None
    assert (near.labels, near.logit) == (("x",), -7.0)


@pytest.mark.parametrize("pair", [("impression", "watch"), ("like", "search")])
def test_the_change_flips_and_no_smaller_one_does(judged: Judged, pair: tuple[str, str]) -> None:
    features, names = judged.features, judged.log.names
    row = features.row(*(names.index(name) for name in pair))
    assert row is not None
    logits = judged.model.logits(features)
    level = float(np.median(logits))  # so that both sides are there
    found = counterfactual(features, judged.model, row, flips_at=level)
    assert found.is_edge == (logits[row] >= level)
    there = usual_pair(features, (logits < level) == found.is_edge)
    here, f = features.edge[row].astype(np.float64), judged.model.edge_function(features, row)

    def flipped(groups: tuple[int, ...], share: float) -> bool:
        x = here.copy()
        for number in groups:
            columns = list(features.groups[number].columns)
            x[columns] += share * (there[columns] - here[columns])
        return bool((f(x[None])[0] >= level) != found.is_edge)

    labels = {group.label: number for number, group in enumerate(features.groups)}
    for size, change in ((1, found.one), (2, found.two)):
        choices = list(combinations(range(len(labels)), size))
        firsts = [
            next((k / STEPS for k in range(1, STEPS + 1) if flipped(groups, k / STEPS)), 2.0) for groups in choices
        ]
        if change is None:
            assert min(firsts) == 2.0 or (size == 2 and found.one is not None)
        else:
            assert flipped(tuple(labels[label] for label in change.labels), change.share)
            assert min(firsts) - 1 / STEPS <= change.share <= min(firsts)


def test_doubt_moves_where_an_edge_flips() -> None:
    assert flips_at(0.0, 0.1) == pytest.approx(0.0)
    level = flips_at(0.4, 0.1)
    assert level is not None
    assert draw_to_base_rate(np.array(level), np.array(0.4), 0.1) == pytest.approx(0.0)
    assert level > 0
    assert flips_at(1.0, 0.1) is None


def test_it_is_said_what_would_flip_it() -> None:
    one, two = Change(("x",), 0.8, -0.1), Change(("x", "y"), 0.42, -0.01)
    assert counterfactual_sentence(Counterfactual(True, one, two, None)) == (
        "Its probability would fall below 50 % if “x” went 80 % of the way to a usual pair that is no edge; or it "
        "would fall below 50 % if “x” and “y” went 42 % of the way to a usual pair that is no edge."
    )
    assert "rise above 50 %" in counterfactual_sentence(Counterfactual(False, one, None, None))
    stays = Counterfactual(False, None, None, Change(("x", "y"), 1.0, -math.log(3)))
    assert counterfactual_sentence(stays).endswith("were those of a usual edge, its probability would be 25 %.")
    assert "cannot decide" in counterfactual_sentence(None)


@pytest.mark.parametrize(("logit", "words"), [(5.6, "99.6 %."), (9.0, "more than 99.9 %."), (1.1, "75 %.")])
def test_what_comes_nearest_is_told_in_percent_and_never_certain(logit: float, words: str) -> None:
    sentence = counterfactual_sentence(Counterfactual(True, None, None, Change(("x",), 1.0, logit)))
    assert sentence.endswith(f"its probability would be {words}")

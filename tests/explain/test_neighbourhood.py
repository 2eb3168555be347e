"""What other edges do to one edge, against a network that is asked by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from causalviz.explain.neighbourhood import (
    MOST_EDGES,
    Neighbour,
    Neighbourhood,
    Way,
    neighbourhood,
    neighbourhood_sentences,
)
from causalviz.model.occlusion import occluded_logits, screened, usual_pair

if TYPE_CHECKING:
    from conftest import Judged

PAIR = ("impression", "like")


def row_of(judged: Judged, pair: tuple[str, str]) -> int:
    row = judged.features.row(*(judged.log.names.index(name) for name in pair))
    assert row is not None
    return row


def test_occlusion_is_asking_again_with_a_usual_pair_in_place(judged: Judged) -> None:
    row, other = row_of(judged, PAIR), row_of(judged, ("watch", "like"))
    found = occluded_logits(judged.model, judged.features, row, [[], [other], [row]])
    edge = judged.features.edge.copy()
    edge[other] = np.median(edge, axis=0)
    plain = judged.model.logits(judged.features)[row]
    by_hand = judged.model.logits(replace(judged.features, edge=edge))[row]
    assert found == pytest.approx([plain, by_hand, plain], abs=1e-5)


def test_the_usual_pair_is_the_median_of_those_chosen(judged: Judged) -> None:
    among = np.zeros(len(judged.features.edge), dtype=bool)
    among[[1, 4, 7]] = True
    wanted = np.sort(judged.features.edge[[1, 4, 7]], axis=0)[1]
    assert usual_pair(judged.features, among) == pytest.approx(wanted)


def test_verdicts_count_for_others_and_are_left_aside_for_a_judged_pair(judged: Judged) -> None:
    row, other = row_of(judged, PAIR), row_of(judged, ("watch", "like"))
    known = np.zeros(len(judged.features.edge), np.int8)
    known[other] = 1
    told = occluded_logits(judged.model, judged.features, row, [[]], known)
    assert told == pytest.approx(judged.model.logits(judged.features, known)[[row]], abs=1e-5)
    known[row] = -1
    aside = occluded_logits(judged.model, judged.features, row, [[]], known)
    assert aside == pytest.approx(judged.model.logits(judged.features)[[row]], abs=1e-5)


def test_the_screen_is_the_slope_towards_the_usual_pair(judged: Judged) -> None:
    row, step = row_of(judged, PAIR), 0.02
    guess = screened(judged.model, judged.features, row)
    assert guess[row] == 0.0
    usual, base = usual_pair(judged.features), judged.model.logits(judged.features)[row]
    for other in np.argsort(-np.abs(guess))[:3].tolist():
        edge = judged.features.edge.astype(np.float64)
        edge[other] += step * (usual - edge[other])
        moved = judged.model.logits(replace(judged.features, edge=edge.astype(np.float32)))[row]
        assert (base - moved) / step == pytest.approx(guess[other], rel=0.2, abs=2e-3)


def test_the_strongest_come_first_and_the_reverse_is_always_asked(judged: Judged) -> None:
    found = neighbourhood(judged.features, judged.model, judged.log.names, *PAIR)
    assert found is not None
    assert found.logit == pytest.approx(judged.model.logits(judged.features)[row_of(judged, PAIR)], abs=1e-5)
    assert found.asked == len(judged.features.edge) - 1
    assert MOST_EDGES <= len(found.edges) <= MOST_EDGES + 1
    sizes = [abs(edge.shift) for edge in found.edges]
    assert sizes == sorted(sizes, reverse=True)
    assert [edge.place for edge in found.edges if (edge.cause, edge.effect) == PAIR[::-1]] == ["the reverse"]
    assert PAIR not in {(edge.cause, edge.effect) for edge in found.edges}
    for edge in found.edges[:2]:
        other = row_of(judged, (edge.cause, edge.effect))
        without = occluded_logits(judged.model, judged.features, row_of(judged, PAIR), [[other]])[0]
        assert edge.shift == pytest.approx(found.logit - without, abs=1e-5)
    for way in found.ways[:2]:
        steps = [row_of(judged, (PAIR[0], way.over)), row_of(judged, (way.over, PAIR[1]))]
        without = occluded_logits(judged.model, judged.features, row_of(judged, PAIR), [steps])[0]
        assert way.shift == pytest.approx(found.logit - without, abs=1e-5)


def test_it_is_said_what_explains_it_away() -> None:
    edges = (Neighbour("b", "c", "another cause of the effect", -0.8), Neighbour("a", "b", "another effect", 0.5))
    found = Neighbourhood(-1.0986, edges, (Way("b", -2.1972), Way("d", 0.2)), 9)
    assert neighbourhood_sentences(found, "a", "c") == (
        "It is explained away in part by the way “a” → “b” → “c”: without the evidence for both steps its probability "
        "would be 75 % instead of 25 %.",
        "What raises it most is “a” → “b” (another effect), by 0.50 in log-odds.",
        "What lowers it most is “b” → “c” (another cause of the effect), by 0.80 in log-odds.",
    )
    for logit, shift, said in (
        (9.0, -1.0, "Some of it is put down to"), (9.0, 1.0, "both steps its log-odds would be 1.00 lower."),
        (-9.0, 1.0, "It is supported by"), (6.8, -0.5, "both steps its log-odds would be 0.50 higher."),
    ):  # fmt: skip
        assert said in neighbourhood_sentences(Neighbourhood(logit, (), (Way("b", shift),), 1), "a", "c")[0]
    quiet = Neighbourhood(0.0, (edges[0]._replace(shift=0.01),), (), 1)
    assert neighbourhood_sentences(quiet, "a", "c") == ("No other edge moves it clearly: its own evidence decides.",)

"""Two graphs side by side, on pairs that can be told by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pytest
from graph_strategies import AT, NAMES, estimates, histories
from hypothesis import given
from hypothesis import strategies as st

from causalviz.graph.causal_graph import Estimate, View, lay_over
from causalviz.graph.comparison import LEAST_CHANGE, Comparison, Side, Status, compare, with_noise
from causalviz.graph.verdicts import Act, History, Pair, Verdict

VC, CB, VB, BV = ("view", "cart"), ("cart", "buy"), ("view", "buy"), ("buy", "view")
ADDED, REMOVED, CHANGED, SAME = Status


def side(
    probabilities: Mapping[Pair, float],
    *said: tuple[Act, Pair],
    names: tuple[str, ...] = NAMES,
    effects: Mapping[Pair, tuple[float, float, float]] | None = None,
    view: View | None = None,
) -> Side:
    """A side with given probabilities, verdicts and (rate ratio, low, high)."""
    answers = tuple(
        Estimate(*pair, p, *(effects or {}).get(pair, (math.nan, math.nan, math.nan)), 1.0)
        for pair, p in probabilities.items()
    )
    history = History()
    for act, pair in said:
        history = history.append(Verdict(act, *pair, "Ada", AT))
    return Side(lay_over(names, answers, history, view or View()), answers)


def statuses(comparison: Comparison) -> dict[Pair, Status]:
    return {found.pair: found.status for found in comparison.differences}


def test_what_came_what_went_what_moved() -> None:
    before = side({VC: 0.9, CB: 0.8, VB: 0.3, BV: 0.1})
    after = side({VC: 0.9, CB: 0.4, VB: 0.7, BV: 0.2})
    found = compare(before, after)
    assert statuses(found) == {VB: ADDED, CB: REMOVED, VC: SAME}
    assert found.counts == {ADDED: 1, REMOVED: 1, CHANGED: 0, SAME: 1}
    removed = found.of(REMOVED)[0]
    assert removed.after is not None
    assert (removed.after.probability, round(removed.moved, 3)) == (0.4, -0.4)  # known though no longer shown


@pytest.mark.parametrize(("after", "status"), [(0.9, SAME), (0.86, SAME), (0.84, CHANGED), (0.96, CHANGED)])
def test_a_probability_must_move_by_more_than_chance_wobble(after: float, status: Status) -> None:
    assert LEAST_CHANGE == 0.05
    assert statuses(compare(side({VC: 0.9}), side({VC: after}))) == {VC: status}


def test_verdicts_make_edges_come_and_go() -> None:
    told = side({VC: 0.9, CB: 0.8, VB: 0.1}, (Act.REJECT, VC), (Act.ACCEPT, CB), (Act.ADD, VB))
    assert statuses(compare(side({VC: 0.9, CB: 0.8, VB: 0.1}), told)) == {VC: REMOVED, CB: CHANGED, VB: ADDED}


def test_another_word_on_what_is_no_edge_is_a_change() -> None:
    rejected, silent = side({VC: 0.2}, (Act.REJECT, VC)), side({VC: 0.2})
    assert statuses(compare(rejected, silent)) == {VC: CHANGED}
    assert statuses(compare(rejected, rejected)) == {}
    assert statuses(compare(silent, silent)) == {}


def test_the_thresholds_of_both_views_count() -> None:
    loose, strict = side({VC: 0.6}), side({VC: 0.6}, view=View(threshold=0.9))
    assert statuses(compare(loose, strict)) == {VC: REMOVED}


def test_behaviours_of_one_side_only_are_named_and_drawn() -> None:
    found = compare(side({VC: 0.9}), side({("view", "like"): 0.8}, names=("view", "like")))
    assert (found.behaviours, found.only_before, found.only_after) == (
        ("view", "like", "cart", "buy"), ("cart", "buy"), ("like",),
    )  # fmt: skip
    assert statuses(found) == {("view", "like"): ADDED, VC: REMOVED}
    assert {edge.pair for edge in found.union().edges} == {VC, ("view", "like")}
    assert found.union().behaviours == found.behaviours
    assert math.isnan(found.of(ADDED)[0].moved)


def test_the_drawing_fades_what_is_the_same() -> None:
    found = compare(side({VC: 0.9, CB: 0.8}), side({VC: 0.9, CB: 0.2}))
    assert found.tones == {CB: "removed"}


@given(estimates(), histories(), st.floats(0, 1))
def test_a_graph_differs_in_nothing_from_itself(
    answers: tuple[Estimate, ...], history: History, threshold: float
) -> None:
    one = Side(lay_over(NAMES, answers, history, View(threshold=threshold)), answers)
    found = with_noise(compare(one, one))
    assert set(statuses(found).values()) <= {SAME}
    assert not any(difference.within_noise for difference in found.differences)


@given(estimates(), histories(), estimates(), histories())
def test_the_other_way_round_what_came_goes(
    answers: tuple[Estimate, ...], history: History, others: tuple[Estimate, ...], later: History
) -> None:
    one, other = (
        Side(lay_over(NAMES, told, said, View()), told) for told, said in ((answers, history), (others, later))
    )
    there, back = compare(one, other), compare(other, one)
    turned = {ADDED: REMOVED, REMOVED: ADDED}
    assert statuses(back) == {pair: turned.get(status, status) for pair, status in statuses(there).items()}
    shown = {edge.pair for side in (one, other) for edge in side.graph.edges if not edge.denied}
    assert shown <= statuses(there).keys()
    assert sum(there.counts.values()) == len(there.differences) == len(statuses(there))


def test_effects_that_lie_apart_are_clear_and_others_are_noise() -> None:
    near = {VC: (3.0, 2.0, 4.5), CB: (9.0, 6.0, 2000.0)}
    far = {VC: (2.0, 1.2, 3.3), CB: (1.1, 0.8, 1.5)}
    found = with_noise(compare(side({VC: 0.9, CB: 0.9}, effects=near), side({VC: 0.4, CB: 0.2}, effects=far)))
    assert found.judged
    assert {one.pair: one.within_noise for one in found.differences} == {VC: True, CB: False}


def test_an_effect_that_one_side_lacks_is_held_against_none() -> None:
    absent = side({}, names=("view", "cart"))
    for effect, noise in (((5.0, 3.0, 8.0), False), ((1.3, 0.8, 2.1), True)):
        found = with_noise(compare(absent, side({CB: 0.9}, effects={CB: effect})))
        assert [one.within_noise for one in found.differences] == [noise]


def test_an_experts_word_is_never_noise_and_unknown_effects_always_are() -> None:
    found = with_noise(compare(side({VC: 0.9, CB: 0.9}), side({VC: 0.9, CB: 0.1}, (Act.ACCEPT, VC))))
    assert {one.pair: one.within_noise for one in found.differences} == {VC: False, CB: True}


def test_the_more_is_compared_the_further_apart_it_must_lie() -> None:
    names = tuple("abcdefghij")
    pairs = [(one, other) for one in names for other in names if one != other]
    strong, weak = {pairs[0]: (4.0, 2.2, 7.5)}, {pairs[0]: (1.5, 1.0, 2.4)}

    def noise(others: int) -> bool:
        rest = dict.fromkeys(pairs[1 : 1 + others], 0.9)
        before = side({pairs[0]: 0.9, **rest}, names=names, effects=strong)
        after = side({pairs[0]: 0.1, **rest}, names=names, effects=weak)
        return with_noise(compare(before, after)).of(REMOVED)[0].within_noise

    assert (noise(0), noise(80)) == (False, True)

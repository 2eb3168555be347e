"""Verdicts over estimates, on three behaviours and six pairs."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from graph_strategies import AT, NAMES, estimates, histories
from hypothesis import given
from hypothesis import strategies as st

from causalviz.errors import SettingsError
from causalviz.graph.causal_graph import Estimate, View, estimates_of, lay_over, narrowed
from causalviz.graph.verdicts import ASSERTED, DENIED, Act, History, Ruling, Verdict


def estimate(cause: str, effect: str, probability: float) -> Estimate:
    return Estimate(cause, effect, probability, 2.0, 1.5, 2.5, 60.0)


SHOP = (
    estimate("view", "cart", 0.9),
    estimate("cart", "buy", 0.8),
    estimate("view", "buy", 0.6),
    estimate("buy", "view", 0.1),
    estimate("cart", "view", 0.2),
    estimate("buy", "cart", math.nan),
)


def ruled(*acts: tuple[Act, str, str]) -> History:
    history = History()
    for act, cause, effect in acts:
        history = history.append(Verdict(act, cause, effect, "Ada", AT))
    return history


def shown(history: History = History(), **view: float) -> list[tuple[str, str, str]]:
    graph = lay_over(NAMES, SHOP, history, View(**view))  # type: ignore[arg-type]
    return [(edge.cause, edge.effect, edge.ruling.value) for edge in graph.edges]


def test_the_threshold_chooses_and_the_most_probable_come_first() -> None:
    assert shown() == [("view", "cart", "none"), ("cart", "buy", "none"), ("view", "buy", "none")]
    assert shown(threshold=0.85) == [("view", "cart", "none")]


def test_top_k_keeps_the_most_probable_causes_of_each_behaviour() -> None:
    assert shown(top_k=1) == [("view", "cart", "none"), ("cart", "buy", "none")]


def test_all_pairs_are_counted_and_edges_know_their_estimate() -> None:
    graph = lay_over(NAMES, SHOP, ruled((Act.REJECT, "view", "cart")), View())
    assert graph.total == 6
    edge = graph.edge("view", "cart")
    assert edge is not None
    assert (edge.probability, edge.low, edge.high, edge.delay_s, edge.denied) == (0.9, 1.5, 2.5, 60.0, True)
    assert graph.edge("buy", "cart") is None


def test_an_added_edge_is_shown_whatever_the_model_thinks() -> None:
    history = ruled((Act.ADD, "buy", "cart"), (Act.ACCEPT, "buy", "view"))
    assert ("buy", "cart", "added") in shown(history, threshold=1.0)
    assert ("buy", "view", "accepted") in shown(history, threshold=1.0, top_k=1)


def test_a_rejected_edge_is_shown_as_such_or_not_at_all() -> None:
    history = ruled((Act.REJECT, "view", "buy"), (Act.REVERSE, "cart", "view"))
    assert ("view", "buy", "rejected") in shown(history)
    assert shown(history, show_rejected=False) == [("view", "cart", "added"), ("cart", "buy", "none")]


def test_verdicts_on_behaviours_that_are_gone_are_kept_out_of_sight() -> None:
    graph = lay_over(("view", "cart"), SHOP, ruled((Act.ADD, "buy", "cart")), View())
    assert [edge.pair for edge in graph.edges] == [("view", "cart")]
    assert graph.total == 2


def test_a_note_alone_changes_nothing_but_the_note() -> None:
    history = History().append(Verdict(Act.NOTE, "view", "cart", "Ada", AT, "sure?"))
    edge = lay_over(NAMES, SHOP, history, View()).edges[0]
    assert (edge.pair, edge.ruling, edge.note) == (("view", "cart"), Ruling.NONE, "sure?")


def test_networkx_gets_the_causal_graph_proper() -> None:
    history = ruled((Act.REJECT, "view", "buy"), (Act.ADD, "buy", "cart"))
    graph = lay_over(NAMES, SHOP, history, View()).to_networkx()
    assert list(graph.nodes) == ["view", "cart", "buy"]
    assert set(graph.edges) == {("view", "cart"), ("cart", "buy"), ("buy", "cart")}
    assert graph.edges["view", "cart"]["probability"] == 0.9
    assert "probability" not in graph.edges["buy", "cart"]


def test_a_table_becomes_estimates() -> None:
    table = pd.DataFrame(
        [("view", "cart", 0.5, 2.0, 1.0, 3.0, 9.0, "x")],
        columns=["cause", "effect", "probability", "effect_size", "effect_low", "effect_high", "delay_s", "more"],
    )
    assert estimates_of(table) == (Estimate("view", "cart", 0.5, 2.0, 1.0, 3.0, 9.0),)
    with pytest.raises(ValueError, match="'delay_s'"):
        estimates_of(table.drop(columns="delay_s"))


@pytest.mark.parametrize("wrong", [{"threshold": 1.1}, {"threshold": math.nan}, {"top_k": -1}])
def test_a_view_outside_its_range_cannot_be_built(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match="got"):
        View(**wrong)  # type: ignore[arg-type]


@given(estimates(), histories(), st.floats(0, 1), st.integers(0, 3), st.booleans())
def test_the_laws_of_laying_over(
    answers: tuple[Estimate, ...], history: History, threshold: float, top_k: int, show_rejected: bool
) -> None:
    view = View(threshold=threshold, top_k=top_k, show_rejected=show_rejected)
    graph = lay_over(NAMES, answers, history, view)
    drawn = {edge.pair: edge for edge in graph.edges}
    assert len(drawn) == len(graph.edges) <= graph.total <= 6
    for pair, standing in history.standing().items():
        if standing.ruling in ASSERTED:
            assert drawn[pair].ruling is standing.ruling
        elif standing.ruling in DENIED:
            assert (pair in drawn) is show_rejected
    free = [edge for edge in graph.edges if edge.ruling is Ruling.NONE]
    assert all(edge.probability >= threshold for edge in free)
    for name in NAMES if top_k else ():
        assert sum(edge.effect == name for edge in free) <= top_k


def test_the_drawn_part_leaves_out_hidden_behaviours_and_other_kinds_and_items() -> None:
    graph = lay_over(NAMES, SHOP, ruled((Act.ACCEPT, "view", "cart")), View())
    kinds, items = {"view": "look", "cart": "take"}, {"view": "A", "cart": "B"}

    def drawn(view: View) -> tuple[tuple[str, ...], list[tuple[str, str]]]:
        part = narrowed(graph, view, kinds, items)
        assert part.total == graph.total
        return part.behaviours, [edge.pair for edge in part.edges]

    assert drawn(View(hidden=("cart",))) == (("view", "buy"), [("view", "buy")])
    assert drawn(View(kinds=("look",))) == (("view", "buy"), [("view", "buy")])
    assert drawn(View(items=("B",))) == (("cart", "buy"), [("cart", "buy")])
    assert drawn(View(judged="judged"))[1] == [("view", "cart")]
    assert drawn(View(judged="waiting"))[1] == [("cart", "buy"), ("view", "buy")]
    assert narrowed(graph, View()) == graph


def test_a_view_that_cannot_be_is_refused() -> None:
    with pytest.raises(SettingsError, match="no choice 'some'"):
        View(judged="some")  # type: ignore[arg-type]

"""Rules over verdicts over estimates, on three behaviours."""

from __future__ import annotations

from graph_strategies import AT, NAMES, estimates, histories
from hypothesis import given
from hypothesis import strategies as st
from knowledge_strategies import knowledges

from causalviz.graph.causal_graph import Estimate, View, known_attributes, lay_over
from causalviz.graph.knowledge import Knowledge
from causalviz.graph.verdicts import Act, History, Ruling, Verdict

SHOP = (
    Estimate("view", "cart", 0.9, 2.0, 1.5, 2.5, 60.0),
    Estimate("cart", "buy", 0.2, 2.0, 1.5, 2.5, 60.0),
    Estimate("buy", "view", 0.1, 1.0, 0.5, 2.5, 60.0),
)
RULES = Knowledge(required=(("cart", "buy"), ("buy", "gone")), forbidden=(("view", "cart"),), goals=("buy",))


def drawn(history: History, **view: bool) -> dict[tuple[str, str], tuple[str, bool]]:
    graph = lay_over(NAMES, SHOP, history, View(**view), RULES)  # type: ignore[arg-type]
    return {edge.pair: (edge.by_rule, edge.denied) for edge in graph.edges}


def test_required_edges_are_drawn_and_forbidden_ones_only_where_something_speaks_for_them() -> None:
    assert drawn(History()) == {("cart", "buy"): ("required", False), ("view", "cart"): ("forbidden", True)}
    assert drawn(History(), show_rejected=False) == {("cart", "buy"): ("required", False)}


def test_a_rule_outweighs_a_verdict_and_both_are_told() -> None:
    history = History().append(Verdict(Act.ADD, "buy", "view", "Ada", AT))
    edge = lay_over(NAMES, SHOP, history, View(), RULES).edge("buy", "view")
    assert edge is not None
    assert (edge.by_rule, edge.denied, edge.ruling) == ("forbidden", True, Ruling.ADDED)
    assert ("buy", "view") not in drawn(history, show_rejected=False)


def test_the_reason_goes_along() -> None:
    edge = lay_over(NAMES, SHOP, History(), View(), RULES).edge("cart", "buy")
    assert edge is not None
    assert edge.required
    assert known_attributes(edge)["rule"] == "required by the rule “cart” → “buy”"
    assert known_attributes(edge)["probability"] == 0.2


def test_the_rules_of_the_history_are_its_own() -> None:
    assert lay_over(NAMES, SHOP, History(knowledge=RULES), View()) == lay_over(NAMES, SHOP, History(), View(), RULES)


@given(estimates(), histories(), knowledges(), st.booleans())
def test_the_laws_of_rules(
    answers: tuple[Estimate, ...], history: History, knowledge: Knowledge, show_rejected: bool
) -> None:
    graph = lay_over(NAMES, answers, history, View(show_rejected=show_rejected), knowledge)
    assert len(graph.edges) <= graph.total <= 6
    for edge in graph.edges:
        said = knowledge.decision(*edge.pair)
        assert edge.by_rule == ("" if said is None else "required" if said.exists else "forbidden")
        assert edge.denied <= show_rejected
    assert {pair for pair in knowledge.required if knowledge.decision(*pair)} <= {edge.pair for edge in graph.edges}
    free = lay_over(NAMES, answers, history, View(show_rejected=show_rejected))
    undecided = [edge for edge in graph.edges if not edge.by_rule]
    assert undecided == [edge for edge in free.edges if knowledge.decision(*edge.pair) is None]

"""The panel reads the chosen pair aloud, says which edges to mark, and shows names as text."""

from __future__ import annotations

import math

import pytest
from streamlit.testing.v1 import AppTest

from causalviz.graph.independence import ClaimResult, Outcome
from causalviz.graph.reading import Independence
from causalviz.ui.components.reading_panel import check_rows
from causalviz.ui.reading import checkable


def panel_page() -> None:
    import json
    import math

    import streamlit as st

    from causalviz.graph.causal_graph import CausalGraph, Edge
    from causalviz.graph.independence import ClaimResult, Outcome
    from causalviz.graph.reading import Independence
    from causalviz.ui.components.reading_panel import reading_panel
    from causalviz.ui.reading import Checked, reading_of

    edges = (
        Edge("t*ste", "view", 0.5),
        Edge("t*ste", "buy", 0.5),
        Edge("view", "buy", 0.999),
        Edge("buy", "t*ste", 0.1),
    )
    graph = CausalGraph(("t*ste", "view", "buy", "away"), edges, 12)

    def checks(about: tuple[str, ...]) -> Checked | None:
        claim = Independence("t*ste", "away", ())
        result = ClaimResult(claim, Outcome.UNDECIDED, math.nan, math.nan, math.nan, (math.nan, math.nan))
        return Checked((result,), 0, len(about)) if about else None

    marked = reading_panel(reading_of(graph), graph.behaviours, "p", checks, tuple(st.session_state.get("start", ())))
    st.text(json.dumps(marked))


@pytest.fixture
def page() -> AppTest:
    return AppTest.from_function(panel_page)


def said(page: AppTest) -> str:
    return "\n".join(element.value for element in [*page.markdown, *page.caption])


def test_nothing_is_chosen_at_first(page: AppTest) -> None:
    page.run()
    assert not page.exception
    assert "Choose a cause and a goal" in said(page)
    assert "Without a log there is nothing to test against" in said(page)
    assert page.text[0].value == '{"causal": [], "biasing": []}'


def test_a_pair_is_read(page: AppTest) -> None:
    page.session_state["start"] = ("view", "buy")
    page.run()
    assert not page.exception
    assert page.text[0].value == '{"causal": [["view", "buy"]], "biasing": [["t*ste", "view"], ["t*ste", "buy"]]}'
    assert "hold “t\\*ste” fixed" in said(page)
    assert "- \\>0\\.99 · view → buy" in said(page)  # a bare ">" would begin a quotation
    assert "0\\.25 · view ← t\\*ste → buy" in said(page)
    assert "sets the least sure edge of each aside\\: “buy” → “t\\*ste”" in said(page)
    assert "t*ste" not in said(page)
    assert "2 claims name behaviours that the log does not have" in said(page)


def test_swapping_turns_the_question_round(page: AppTest) -> None:
    page.session_state["start"] = ("view", "buy")
    page.run()
    page.button(key="reading_swap_p").click().run()
    assert [box.value for box in page.selectbox] == ["buy", "view"]
    assert "No comparison of users with and without “buy” is fair" in said(page)


def test_one_behaviour_alone_shows_its_relatives(page: AppTest) -> None:
    page.run()
    page.selectbox(key="reading_goal_p").set_value("buy").run()
    assert not page.exception
    assert "Direct causes: :gray-badge[t\\*ste] :gray-badge[view]" in said(page)


def test_a_name_that_is_gone_is_chosen_no_more(page: AppTest) -> None:
    page.session_state["reading_cause_p"] = "gone"
    page.run()
    assert not page.exception
    assert page.selectbox(key="reading_cause_p").value is None


def test_failing_claims_come_first() -> None:
    def result(outcome: Outcome, t: float) -> ClaimResult:
        return ClaimResult(Independence("a", f"b{t}", ("c", "d")), outcome, t, 0.01, 1.5, (0.0, 120.0))

    unknown = ClaimResult(
        Independence("a", "e", ()), Outcome.UNDECIDED, math.nan, math.nan, math.nan, (math.nan, math.nan)
    )
    rows = check_rows([result(Outcome.HOLDS, 9), unknown, result(Outcome.FAILS, -3), result(Outcome.FAILS, 4)])
    assert rows["Claim"].tolist() == ["✕ fails", "✕ fails", "? open", "✓ holds"]
    assert rows["No more"].tolist() == ["b4", "b-3", "e", "b9"]
    assert rows["Given"].tolist()[2:] == ["nothing", "c, d"]
    assert rows["Lags"].tolist()[2:] == ["", "up to 2 min"]


def test_large_graphs_test_what_was_chosen() -> None:
    claims = [
        Independence("a", "b", ()),
        Independence("b", "c", ("a",)),
        Independence("a", "x", ()),
        Independence("c", "d", ()),
    ]
    assert checkable(claims, "abcd", ()) == ((claims[0], claims[1], claims[3]), 0, 1)
    assert checkable(claims, "abcd", ("a",), most=2) == ((claims[0],), 2, 1)

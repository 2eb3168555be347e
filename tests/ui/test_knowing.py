"""Knowledge with a project in a store: saved, refused, renamed with its behaviours, and told to the network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from graph_projects import LIKE, add_project

from causalviz.errors import KnowledgeConflict
from causalviz.events.rules import Rules, merged, renamed
from causalviz.graph.causal_graph import View
from causalviz.graph.knowledge import Knowledge, Rule, RuleKind, with_rules, without_rules
from causalviz.graph.moment import now
from causalviz.graph.store import DeedKind, Project
from causalviz.graph.verdicts import Act, Ruling, Verdict
from causalviz.ui import compute, knowing
from causalviz.ui.logs import change_rules
from causalviz.ui.session import Session
from causalviz.ui.settings import with_informed, with_view

CART = Rule(RuleKind.REQUIRED, "view", "cart")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def session(home: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Session]:
    monkeypatch.setenv("CAUSALVIZ_HOME", str(home))
    mine = Session(project_id=add_project(compute.store(), request.node.name).id, author="Ada")
    for place in (knowing, compute):
        if hasattr(place, "get_session"):
            monkeypatch.setattr(place, "get_session", lambda: mine)
    st.session_state.clear()
    yield mine
    compute.store().close()


def say(session: Session, *acts: tuple[Act, str, str]) -> None:
    assert session.project_id is not None
    history = compute.current_history(session)
    longer = history
    for act, cause, effect in acts:
        longer = longer.append(Verdict(act, cause, effect, "Ada", now()))
    compute.store().append_verdicts(session.project_id, longer, len(history.entries))


def drawn(session: Session) -> dict[tuple[str, str], tuple[str, Ruling]]:
    graph = compute.current_graph(session)
    assert graph is not None
    return {edge.pair: (edge.by_rule, edge.ruling) for edge in graph.edges}


def project_of(session: Session) -> Project:
    project = compute.current_project(session)
    assert project is not None
    return project


def probabilities(session: Session) -> np.ndarray:
    found = compute.current_discovery(session)
    assert found is not None
    return found.probability


def test_rules_are_saved_drawn_and_told_to_the_network(session: Session) -> None:
    before = probabilities(session)
    knowing.change_knowledge(lambda known: with_rules(known, [CART, Rule(RuleKind.REQUIRED, LIKE, "buy")]))
    assert knowing.take_refusal() == ""
    assert knowing.current_knowledge(session).required == (("view", "cart"), (LIKE, "buy"))
    assert drawn(session)[LIKE, "buy"] == ("required", Ruling.NONE)
    after, found = probabilities(session), compute.current_discovery(session)
    assert found is not None
    told = found.names.index(LIKE), found.names.index("buy")
    assert after[told] == before[told]  # a told pair's own probability stays what the log says
    assert not np.array_equal(after, before, equal_nan=True)
    knowing.change_knowledge(lambda known: without_rules(known, known.rules()))
    assert np.array_equal(probabilities(session), before, equal_nan=True)


def test_a_clashing_change_is_refused_and_nothing_is_saved(session: Session) -> None:
    knowing.change_knowledge(lambda known: with_rules(known, [CART]))
    kept = compute.current_project(session)
    knowing.change_knowledge(
        lambda known: with_rules(known, [Rule(RuleKind.GOAL, "buy"), Rule(RuleKind.CAUSES_NOTHING, "view")])
    )
    assert compute.current_project(session) == kept
    assert "“view” → “cart” is required, but another rule says that “view” causes nothing" in knowing.take_refusal()
    assert knowing.take_refusal() == ""


def test_two_tabs_that_change_different_rules_both_count(session: Session) -> None:
    def change(known: Knowledge) -> Knowledge:
        if not known:  # the other tab is faster, once
            project = compute.current_project(session)
            assert project is not None
            compute.store().save_project(knowing.with_knowledge(project, Knowledge(goals=("buy",))))
        return with_rules(known, [CART])

    knowing.change_knowledge(change)
    assert knowing.current_knowledge(session) == Knowledge(required=(("view", "cart"),), goals=("buy",))


def test_verdicts_and_rules_follow_a_renaming_and_come_back(session: Session) -> None:
    knowing.change_knowledge(lambda known: with_rules(known, [CART, Rule(RuleKind.GOAL, "buy")]))
    say(session, (Act.REJECT, "cart", "buy"), (Act.ADD, LIKE, "buy"))
    change_rules(session, renamed(Rules(), "buy", "purchase"))
    assert drawn(session)["cart", "purchase"] == ("", Ruling.REJECTED)
    assert drawn(session)[LIKE, "purchase"] == ("", Ruling.ADDED)
    assert knowing.current_knowledge(session).goals == ("purchase",)
    say(session, (Act.CLEAR, LIKE, "purchase"), (Act.ACCEPT, LIKE, "cart"))
    change_rules(session, Rules())
    assert {pair: said.ruling for pair, said in compute.current_history(session).standing().items()} == {
        ("cart", "buy"): Ruling.REJECTED,
        (LIKE, "cart"): Ruling.ACCEPTED,
    }
    assert knowing.current_knowledge(session).goals == ("buy",)


def test_verdicts_on_merged_behaviours_stand_and_a_merge_that_makes_rules_clash_is_refused(session: Session) -> None:
    say(session, (Act.REJECT, "cart", LIKE))
    change_rules(session, merged(Rules(), ["cart", "buy"], "order"))
    assert drawn(session).get(("order", LIKE)) == ("", Ruling.REJECTED)
    change_rules(session, Rules())
    forbidden = Rule(RuleKind.FORBIDDEN, "view", "buy")
    knowing.change_knowledge(lambda known: with_rules(known, [CART, forbidden]))
    with pytest.raises(KnowledgeConflict, match="“view” → “order” is required"):
        change_rules(session, merged(Rules(), ["cart", "buy"], "order"))
    assert drawn(session)["view", "cart"] == ("required", Ruling.NONE)


def test_verdicts_inform_on_demand_and_no_longer(session: Session) -> None:
    before = probabilities(session)
    say(session, (Act.REJECT, "view", "cart"))
    assert knowing.current_informed(session) == (0, 0, 1, 1, 0)
    assert np.array_equal(probabilities(session), before, equal_nan=True)
    knowing.inform_by_verdicts(True)
    informed = probabilities(session)
    assert not np.array_equal(informed, before, equal_nan=True)
    change = np.nan_to_num(np.abs(informed - before))
    i, j = (int(at) for at in np.unravel_index(change.argmax(), change.shape))
    names, between = compute.names_of_state(project_of(session)), float(informed[i, j] + before[i, j]) / 2
    compute.store().change_project(project_of(session).id, lambda there: with_view(there, View(threshold=between)))
    assert knowing.moved_by_verdicts(session)[0] == ((names[i], names[j]), before[i, j], informed[i, j])
    say(session, (Act.ACCEPT, "cart", "buy"))
    assert knowing.current_informed(session) == (1, 1, 2, 1, 0)
    assert np.array_equal(probabilities(session), informed, equal_nan=True)  # those up to there, and no others
    knowing.inform_by_verdicts(False)
    assert np.array_equal(probabilities(session), before, equal_nan=True)
    assert not knowing.moved_by_verdicts(session)
    told = [deed.subject for deed in compute.store().deeds(project_of(session).id) if deed.kind is DeedKind.JUDGED]
    assert told == ["with the verdicts so far", "by the log and the rules alone"]


def test_a_rule_is_told_and_not_the_verdict_that_it_outweighs(session: Session) -> None:
    say(session, (Act.REJECT, "view", "cart"))
    project = compute.current_project(session)
    assert project is not None
    compute.store().save_project(with_informed(project, 1))
    knowing.change_knowledge(lambda known: with_rules(known, [CART]))
    both = probabilities(session)
    knowing.inform_by_verdicts(False)
    assert np.array_equal(probabilities(session), both, equal_nan=True)


def test_the_worklist_and_the_queue_follow_the_verdicts(session: Session) -> None:
    assert knowing.current_worklist(session) == ()
    progress = knowing.current_review(session)
    assert progress.total > 0
    asked = knowing.asked_now(session, progress)
    assert asked is not None
    assert asked.finding[:2] == progress.open[0].pair
    say(session, (Act.REJECT, "view", "cart"))
    assert [(one.cause, one.effect, one.by) for one in knowing.current_worklist(session)] == [
        ("view", "cart", "verdict")
    ]
    first = progress.open[0].pair
    knowing.skip_question(first)
    assert knowing.current_review(session).open[-1].pair == first
    say(session, (Act.ACCEPT, *first))
    after = knowing.current_review(session)
    assert first not in [question.pair for question in after.open]
    assert after.answered == progress.answered + 1
    assert after.total >= progress.total


def test_without_a_project_there_is_nothing_to_ask() -> None:
    nobody = replace(Session(), project_id=None)
    assert knowing.current_knowledge(nobody) == Knowledge()
    assert knowing.current_worklist(nobody) == ()
    assert knowing.current_review(nobody).total == 0
    assert knowing.current_informed(nobody) == (0, 0, 0, 0, 0)

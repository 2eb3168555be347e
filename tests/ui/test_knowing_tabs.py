"""The tabs for rules and review, run headless on a small project."""

from __future__ import annotations

from graph_projects import LIKE, RUDE
from streamlit.testing.v1 import AppTest

from causalviz.graph.knowledge import Knowledge, Tier
from causalviz.graph.review import Disagreement
from causalviz.graph.verdicts import Act, History, Verdict
from causalviz.ui import compute
from causalviz.ui.components.review_panel import disagreement_sentence
from causalviz.ui.settings import informed_of, knowledge_of, with_knowledge

PATIENCE_S = 120
AT = "2026-01-01T00:00:00+00:00"


def rules() -> None:
    import streamlit as st

    from causalviz.ui.compute import current_graph
    from causalviz.ui.knowing_tabs import rules_tab
    from causalviz.ui.session import get_session

    graph = current_graph(get_session())
    assert graph is not None
    rules_tab(get_session(), graph.behaviours)
    st.caption("the end")


def review() -> None:
    import streamlit as st

    from causalviz.ui.curating import take_in
    from causalviz.ui.knowing_tabs import review_tab
    from causalviz.ui.session import get_session

    take_in("none")
    review_tab(get_session())
    st.caption("the end")


def visit(script: object, project_id: str) -> AppTest:
    page = AppTest.from_function(script, default_timeout=PATIENCE_S)  # type: ignore[arg-type]
    page.query_params["project"] = project_id
    page.query_params["by"] = "Ada"
    return ended(page.run())


def ended(page: AppTest) -> AppTest:
    assert not page.exception
    assert page.caption[-1].value == "the end"
    return page


def texts(page: AppTest) -> str:
    return "\n".join(str(block.value) for block in [*page.markdown, *page.caption])


def known(project_id: str) -> Knowledge:
    return knowledge_of(compute.store().project(project_id))


def require(page: AppTest, cause: str, effect: str) -> AppTest:
    page.selectbox(key="rule_cause").set_value(cause)
    page.selectbox(key="rule_effect").set_value(effect).run()
    return ended(page.button(key="rule_required").click().run())


def test_rules_are_written_and_taken_back(project_id: str) -> None:
    page = require(visit(rules, project_id), RUDE, LIKE)
    assert known(project_id).required == ((RUDE, LIKE),)
    assert page.selectbox(key="rule_cause").value is None
    assert RUDE not in texts(page)  # only ever escaped
    ended(page.button(key="rule_remove_0").click().run())
    assert known(project_id) == Knowledge()


def test_lists_and_tiers_are_edited_in_place(project_id: str) -> None:
    page = visit(rules, project_id)
    ended(page.multiselect(key="rule_goal_names").set_value(["buy", LIKE]).run())
    ended(page.multiselect(key="rule_tier_1").set_value(["view"]).run())
    ended(page.multiselect(key="rule_tier_2").set_value(["cart", RUDE]).run())
    ended(page.checkbox(key="rule_closed_2").check().run())
    assert known(project_id) == Knowledge(tiers=(Tier(("view",)), Tier(("cart", RUDE), True)), goals=("buy", LIKE))
    ended(page.multiselect(key="rule_tier_1").set_value([]).run())
    ended(page.multiselect(key="rule_goal_names").set_value([LIKE]).run())
    assert known(project_id) == Knowledge(tiers=(Tier(("cart", RUDE), True),), goals=(LIKE,))
    assert page.multiselect(key="rule_tier_1").value == ["cart", RUDE]


def test_a_refused_rule_is_told_and_not_kept_in_the_list(project_id: str) -> None:
    page = require(visit(rules, project_id), "view", "cart")
    page = ended(page.multiselect(key="rule_causes nothing_names").set_value(["view"]).run())
    assert ["but another rule says that" in str(error.value) for error in page.error] == [True]
    assert page.multiselect(key="rule_causes nothing_names").value == []
    assert not ended(page.run()).error


def test_what_the_log_lacks_and_what_clashes_is_told(project_id: str) -> None:
    project = compute.store().project(project_id)
    clashing = Knowledge(required=(("view", "gone"), ("view", "cart")), forbidden=(("view", "cart"),))
    compute.store().save_project(with_knowledge(project, clashing))
    page = visit(rules, project_id)
    assert "so their rules wait: gone" in texts(page)
    assert ["does not cause" in str(error.value) for error in page.error] == [True]


def test_each_answer_brings_the_next_question(project_id: str) -> None:
    page = visit(review, project_id)
    asked = [button.label for button in page.button if (button.key or "").startswith("review_")]
    assert asked[:3] == ["Accept", "Reject", "Skip"]
    seen = []
    for command in ("accept", "skip", "reject"):
        seen.append(texts(page))
        key = next(b.key for b in page.button if (b.key or "").startswith(f"review_{command}_"))
        page = ended(page.button(key=key).click().run())
    assert len(set(seen)) == 3
    rulings = [said.ruling.value for said in compute.store().history(project_id).standing().values()]
    assert rulings == ["accepted", "rejected"]
    assert [entry.author for entry in compute.store().history(project_id).entries] == ["Ada", "Ada"]


def test_disagreements_are_listed_and_verdicts_inform(project_id: str) -> None:
    history = History().append(Verdict(Act.REJECT, "view", "cart", "Bob", AT))
    compute.store().append_verdicts(project_id, history, 0)
    page = visit(review, project_id)
    assert "Bob rejected **view** → **cart** on 2026-01-01, but the log gives it" in texts(page)
    page = ended(page.button(key="inform").click().run())
    assert informed_of(compute.store().project(project_id)) == 1
    assert "The estimates take in one verdict." in texts(page)
    ended(page.button(key="uninform").click().run())
    assert informed_of(compute.store().project(project_id)) == 0


def test_a_disagreement_in_words() -> None:
    one = Disagreement(RUDE, "buy", True, "verdict", "*Ada*", AT, 0.031, 3.4, 1234.4, 4000.0)
    sentence = disagreement_sentence(one)
    assert RUDE not in sentence
    assert sentence.startswith(r"\*Ada\* accepted **")
    assert sentence.endswith("**3 %**. About 1,234 events of **buy** hang on it.")
    rule = one._replace(cause="view", by="rule", who="required by the rule “view” → “buy”", at="", events=0.0)
    assert disagreement_sentence(rule) == (
        "**view** → **buy** is required by the rule “view” → “buy”, but the log gives it **3 %**."
    )

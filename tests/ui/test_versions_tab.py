"""The tab about versions, groups of users and the trail, and the question of two people on one edge, run headless."""

from __future__ import annotations

from dataclasses import replace

import pytest
from graph_projects import LIKE, RUDE
from small_project import ended
from streamlit.testing.v1 import AppTest

from causalviz.events.rules import Rules
from causalviz.events.segments import Rule, Split
from causalviz.graph.causal_graph import View
from causalviz.graph.comparison import Status
from causalviz.graph.moment import now
from causalviz.graph.verdicts import Act, Ruling, Verdict
from causalviz.ui import compute, versioning
from causalviz.ui.session import Session
from causalviz.ui.settings import view_of, with_rules, with_view

PATIENCE_S = 120
AT = "2026-01-01T12:00:00+00:00"


def mounted() -> None:
    """As the Graph page mounts it."""
    import streamlit as st

    from causalviz.ui.components.contest_notice import contest_notice
    from causalviz.ui.curating import propose, select, settle_contest, take_in
    from causalviz.ui.graph_editor import Kind, Operation
    from causalviz.ui.guards import show_errors
    from causalviz.ui.session import get_session
    from causalviz.ui.versions_tab import versions_tab

    with show_errors():
        taken = take_in("editor")
        session = get_session()
        for kind in (Kind.ACCEPT, Kind.REJECT):
            st.button(kind.value, key=kind.value, on_click=propose, args=(Operation(kind, ("view", "cart")),))
        contest_notice(
            taken.contests,
            session.author,
            lambda contest, insist: settle_contest(str(session.project_id), contest, insist),
        )
        comparison = versions_tab(session, select)
        st.session_state["compared"] = comparison


def visit(project_id: str, author: str = "Ada") -> AppTest:
    page = AppTest.from_function(mounted, default_timeout=PATIENCE_S)
    page.query_params["project"] = project_id
    page.query_params["by"] = author
    return checked(page.run())


def checked(page: AppTest) -> AppTest:
    assert not page.exception
    assert not page.error
    return page


def show(page: AppTest, part: str) -> AppTest:
    return checked(page.segmented_control(key="versions_part").set_value(part).run())


def say(project_id: str, act: Act, cause: str, effect: str, author: str = "Bob") -> None:
    history = compute.store().history(project_id)
    longer = history.append(Verdict(act, cause, effect, author, AT))
    compute.store().append_verdicts(project_id, longer, len(history.entries))


def texts(page: AppTest) -> str:
    return "\n".join(str(block.value) for block in [*page.markdown, *page.caption, *page.success])


def ruling(project_id: str) -> Ruling:
    return compute.store().history(project_id).standing()["view", "cart"].ruling


def test_a_version_is_kept_restored_and_undone(project_id: str) -> None:
    page = visit(project_id)
    page.text_input(key="version_name").set_value("第一版 <b>")
    page.text_input(key="version_note").set_value("for Monday")
    page.button[[button.label for button in page.button].index("Keep")].click()
    checked(page.run())
    (version,) = compute.store().versions(project_id)
    assert (version.name, version.note, version.author) == ("第一版 <b>", "for Monday", "Ada")
    assert "<b>" not in texts(page)  # only ever escaped
    say(project_id, Act.REJECT, "view", "cart")
    compute.store().change_project(project_id, lambda before: with_view(before, View(threshold=0.9)))
    checked(page.button(key=f"restore_{version.id}").click().run())
    assert compute.store().history(project_id).standing() == {}
    assert view_of(compute.store().project(project_id)) == View()
    assert "what stood before is kept as" in texts(page)
    assert len(compute.store().versions(project_id)) == 2
    assert not checked(page.run()).success  # said once


def test_a_name_that_is_taken_is_a_sentence(project_id: str) -> None:
    compute.store().add_version(project_id, "first", "", "Ada")
    page = visit(project_id)
    page.text_input(key="version_name").set_value("first")
    page.button[[button.label for button in page.button].index("Keep")].click()
    page.run()
    assert not page.exception
    assert "choose another name" in page.error[0].value


def test_a_version_without_a_name_gets_the_offered_one(project_id: str) -> None:
    compute.store().add_version(project_id, "Version 2", "", "Ada")
    page = visit(project_id)
    page.button[[button.label for button in page.button].index("Keep")].click()
    checked(page.run())
    assert {version.name for version in compute.store().versions(project_id)} == {"Version 2", "Version 3"}


def test_a_branch_opens(project_id: str) -> None:
    version = compute.store().add_version(project_id, "first", "", "Ada")
    page = visit(project_id)
    page.text_input(key=f"branch_name_{version.id}").set_value("Other way")
    checked(page.button(key=f"branch_{version.id}").click().run())
    opened = page.query_params["project"]
    assert compute.store().project(opened).name == "Other way"
    assert opened != project_id


def test_what_changed_since_a_version_is_compared(project_id: str) -> None:
    page = show(visit(project_id), "Changes")
    assert "Keep a version first" in texts(page)
    compute.store().add_version(project_id, "first", "", "Ada")
    say(project_id, Act.REJECT, "view", "cart")
    say(project_id, Act.ADD, RUDE, LIKE)
    checked(page.run())
    comparison = page.session_state["compared"]
    assert comparison.tones == {("view", "cart"): "removed", (RUDE, LIKE): "added"}
    assert RUDE not in texts(page)
    table = page.dataframe[0].value
    assert sorted(zip(table[""], table["Cause"], table["Effect"], table["Verdict"], strict=True)) == sorted(
        [("+", RUDE, LIKE, "none → added"), ("−", "view", "cart", "none → rejected")]
    )


def test_states_are_derived_and_the_open_project_is_left_alone(project_id: str) -> None:
    store, session = compute.store(), Session(project_id=project_id)
    strict = store.change_project(project_id, lambda before: with_view(before, View(threshold=1.0)))
    version = store.add_version(project_id, "strict", "", "Ada")
    store.change_project(project_id, lambda before: replace(before, settings={"rules": {"hidden": [LIKE]}}))
    before = store.project(project_id)
    comparison = versioning.compare_states(session, version.id, versioning.NOW)
    assert comparison is not None
    assert comparison.only_before == (LIKE,)
    assert comparison.counts[Status.ADDED] > 0
    assert comparison.counts[Status.REMOVED] == 0
    assert store.project(project_id) == before
    assert strict.settings == version.settings


def test_two_groups_of_users_are_compared_in_a_job(project_id: str) -> None:
    page = show(visit(project_id), "Users")
    page.selectbox(key="split_rule").set_value("time")
    checked(page.run())
    page.button(key="start_segments").click().run()
    ended(lambda: versioning.segments_job(Session(project_id=project_id), Split(Rule.TIME)))
    checked(page.run())
    comparison = page.session_state["compared"]
    assert comparison.judged
    assert comparison.counts[Status.SAME] >= 1
    assert "early users" in texts(page)


def test_a_group_that_cannot_be_made_is_a_sentence(project_id: str) -> None:
    page = show(visit(project_id), "Users")
    page.selectbox(key="split_rule").set_value("behaviour").run()
    page.selectbox(key="split_behaviour").set_value(LIKE).run()  # everybody did it
    page.button(key="start_segments").click().run()
    assert not page.exception
    assert "A group needs 20 users" in page.error[0].value


def test_the_trail_tells_all_and_is_filtered(project_id: str) -> None:
    say(project_id, Act.REJECT, "view", "cart")
    say(project_id, Act.ADD, "cart", "view", "Ada")
    compute.store().rename_project(project_id, "Renamed", "Ada")
    page = show(visit(project_id), "Trail")
    assert list(page.dataframe[0].value["What"]) == ["renamed", "created", "add", "reject"]  # those are of January
    page.selectbox(key="trail_author").set_value("Bob").run()
    assert list(page.dataframe[0].value["On"]) == ["view → cart"]
    assert "1 of 4 entries" in texts(page)


@pytest.mark.parametrize(("choice", "stands"), [("insist", Ruling.REJECTED), ("leave", Ruling.ACCEPTED)])
def test_who_comes_later_is_asked_and_decides(project_id: str, choice: str, stands: Ruling) -> None:
    page = visit(project_id)
    say(project_id, Act.ACCEPT, "view", "cart")
    checked(page.button(key="reject").click().run())
    assert ruling(project_id) is Ruling.ACCEPTED
    assert "Bob accepted" in texts(page).replace("\\", "")
    page = visit(project_id)  # as after a refresh: the question stays
    assert "Bob accepted" in texts(page).replace("\\", "")
    checked(page.button(key=f"contest_{choice}").click().run())
    assert ruling(project_id) is stands
    assert "Bob accepted" not in texts(page).replace("\\", "")


def test_who_saw_it_is_not_asked(project_id: str) -> None:
    say(project_id, Act.ACCEPT, "view", "cart")
    page = visit(project_id)
    checked(page.button(key="reject").click().run())
    assert ruling(project_id) is Ruling.REJECTED
    checked(page.button(key="accept").click().run())  # nor about what one did oneself
    assert ruling(project_id) is Ruling.ACCEPTED


def test_restoring_older_names_does_not_forget_the_later_ones(project_id: str) -> None:
    store, session = compute.store(), Session(project_id=project_id)
    version = store.add_version(project_id, "first", "", "Ada")
    store.change_project(project_id, lambda before: with_rules(before, Rules(renamed=(("cart", "basket"),))))
    history = store.history(project_id)
    later = history.append(Verdict(Act.ADD, "basket", "view", "Bob", now()))
    store.append_verdicts(project_id, later, 0)
    assert versioning.restore_version(session, version.id).startswith("“first” is restored")
    assert compute.current_history(session).standing() == {}
    assert list(compute.current_history(session).undo("Ada", AT).standing()) == [("cart", "view")]

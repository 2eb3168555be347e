"""The report's menu on a page, and what the report of a project says."""

from __future__ import annotations

import pytest
from small_project import NASTY, open_small_project
from streamlit.testing.v1 import AppTest

from causalviz.graph.verdicts import Act, History, Verdict
from causalviz.ui import compute, reporting
from causalviz.ui.session import Session

pytestmark = pytest.mark.usefixtures("own_home")


def page_with_menu(project_id: str) -> None:
    """A page with the menu alone, open."""
    import streamlit as st

    from causalviz.ui.components.report_menu import report_menu

    def write(findings: int, tell) -> str:  # type: ignore[no-untyped-def]
        tell(1, 2, "*half*")
        return f"page of {findings}"

    def ask(question: str) -> None:
        st.session_state["asked"] = question

    report_menu("Shop *", project_id, "Why?", ask, write)


def test_the_menu_writes_and_hands_out_and_keeps_the_question() -> None:
    page = AppTest.from_function(page_with_menu, args=("p1",), default_timeout=60)
    page.session_state["report_menu"] = True
    page.run()
    assert not page.exception
    assert page.text_area[0].value == "Why?"
    page.text_area[0].set_value("Why not?").run()
    assert page.session_state["asked"] == "Why not?"
    page.button(key="write_report").click().run()
    assert not page.exception
    assert page.session_state["report"] == ("p1", "page of 6")
    assert page.get("download_button")


def test_a_project_is_reported_with_its_edits_and_its_question() -> None:
    project_id = open_small_project()
    said = Verdict(Act.REJECT, "impression", "watch", "Ada", "2026-01-02T00:00:00+00:00", "by <chance>")
    compute.store().append_verdicts(project_id, History().append(said), 0)
    reporting.ask(project_id, "  What leads to *likes*?  ")
    steps: list[tuple[int, int, str]] = []
    page = reporting.write_report(Session(project_id=project_id, author="Bo"), 2, lambda *step: steps.append(step))
    assert len(steps) == 3
    assert steps[-1][:2] == (2, 3)
    assert "What leads to *likes*?" in page
    assert "by &lt;chance&gt;" in page
    assert page.count('<article class="finding">') == 2
    assert NASTY not in page
    assert compute.store().project(project_id).settings["question"] == "What leads to *likes*?"
    assert "Against a truth: the expert’s verdicts" in page


def test_the_commands_do_it_again() -> None:
    from causalviz.ui.logs import open_sample

    project = open_sample("video", "zh")
    session = Session(project_id=project.id)
    assert reporting.commands_for(session, project) == (
        "python -m causalviz simulate --preset video --seed 0 --language zh --out video",
        "python -m causalviz discover video/log.csv --out found",
    )

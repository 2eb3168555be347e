"""The menu that writes the report for stakeholders and hands it out."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from causalviz.ui.components.text import file_stem, plain

FINDINGS = (3, 6, 9, 12)
USUAL_FINDINGS = 6
WRITTEN = "report"  # (project, page) as it was written last

Write = Callable[[int, Callable[[int, int, str], None]], str]


def report_menu(name: str, project_id: str, question: str, ask: Callable[[str], None], write: Write) -> None:
    """Draws the menu; a report is written when it is asked for, and offered until another project is opened.

    Args:
        name: Of the project.
        project_id: Whose.
        question: What is asked, as it was typed last.
        ask: Keeps another question; called in a callback.
        write: Writes the page, told how many findings, and whom to tell of its progress.
    """
    key = f"report_question_{project_id}"
    with st.popover("Report", icon=":material/summarize:", key="report_menu", on_change="rerun") as menu:
        if not menu.open:
            return
        st.markdown("One page for stakeholders: question, graph, findings, edits, caveats. **HTML, ready to print.**")
        st.text_area(
            "The question it answers", question, max_chars=600, key=key, height=80,
            placeholder="Which behaviours lead to which others?", on_change=lambda: ask(str(st.session_state[key])),
        )  # fmt: skip
        findings = st.segmented_control(
            "Findings told in words", FINDINGS, default=USUAL_FINDINGS, required=True, key="report_findings"
        )
        if st.button("Write the report", type="primary", icon=":material/edit_document:", key="write_report"):
            place = st.empty()

            def tell(done: int, total: int, what: str) -> None:
                place.progress(done / max(total, 1), f"Writing: {plain(what)}")

            st.session_state[WRITTEN] = project_id, write(findings or USUAL_FINDINGS, tell)
            place.empty()
        written_for, page = st.session_state.get(WRITTEN, ("", ""))
        if written_for == project_id:
            stem = file_stem(name, "project")
            st.download_button(
                "Download the report", page.encode(), f"{stem}-report.html", "text/html", key="download_report",
                icon=":material/download:", on_click="ignore",
            )  # fmt: skip
            st.caption("For a PDF, open it and print it: it is laid out for A4.")

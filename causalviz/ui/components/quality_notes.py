"""How good a log is for reading causes, and what happened when its file was read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, get_args

import pandas as pd
import streamlit as st

from causalviz.events.mapping import MEANINGS, Role
from causalviz.events.quality import Quality, Severity, measure_quality, notes
from causalviz.plots.network import duration_text
from causalviz.ui.components.text import plain

if TYPE_CHECKING:
    from causalviz.events.log import EventLog
    from causalviz.events.report import ReadReport
    from causalviz.events.rules import Rules

ICONS: dict[Severity, str] = {
    "good": ":green[:material/check_circle:]",
    "info": ":blue[:material/info:]",
    "warning": ":orange[:material/warning:]",
}


def quality_notes(log: EventLog, report: ReadReport | None, rules: Rules) -> Rules | None:
    """Draws the findings, the gaps between events, and the account of the reading.

    Args:
        log: After its rules.
        report: Of the reading; None for a sample.
        rules: In force.

    Returns:
        Rules with exact duplicates dropped, or kept again, once the visitor asks for it; else None.
    """
    quality = _quality(log.fingerprint, log)
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader("For reading causes", anchor=False)
        for note in notes(quality, report):
            st.markdown(f"{ICONS[note.severity]} **{plain(note.sentence)}**  \n{plain(note.meaning_for_causes)}")
        changed = _duplicates(report, rules)
    with right:
        st.subheader("Between two events of a user", anchor=False)
        _gaps(quality)
        st.subheader("How the log was read", anchor=False)
        _reading(report)
    if report is not None and report.first_offending:
        _offending(report)
    return changed


def _duplicates(report: ReadReport | None, rules: Rules) -> Rules | None:
    if rules.drop_duplicates:
        if st.button("Keep exact duplicates again", icon=":material/undo:", key="keep_duplicates"):
            return replace(rules, drop_duplicates=False)
    elif (
        report is not None
        and report.duplicates
        and st.button(
            f"Drop exact duplicates ({report.duplicates:,})", icon=":material/filter_alt:", key="drop_duplicates"
        )
    ):
        return replace(rules, drop_duplicates=True)
    return None


def _gaps(quality: Quality) -> None:
    if not quality.gap_quartiles_s[1]:
        st.caption("No user has two events at different moments.")
        return
    low, middle, high = map(duration_text, quality.gap_quartiles_s)
    st.markdown(
        f"Half of the gaps lie between **{plain(low)}** and **{plain(high)}**, the median is **{plain(middle)}**."
    )


def _reading(report: ReadReport | None) -> None:
    if report is None:
        st.caption("This log was not read from a file.")
        return
    st.markdown(
        f"{report.events:,} of {report.rows:,} rows of **{plain(report.file)}**, read as {plain(report.format)}. "
        f"Times are {plain(report.time_unit)}."
    )
    played = [(role, name) for role in get_args(Role) if (name := report.roles.column(role)) is not None]
    table = pd.DataFrame([(MEANINGS[role], name) for role, name in played], columns=["Says", "Column"])
    st.dataframe(table, hide_index=True)
    if report.roles.attributes:
        st.caption(f"Not used: {', '.join(map(plain, report.roles.attributes))}.")
    st.caption("To read it by other columns, open it again: project menu, “Start with another log”.")


def _offending(report: ReadReport) -> None:
    st.subheader("The first rows that were dropped", anchor=False)
    rows = [(row.row, row.column, row.value, row.reason) for row in report.first_offending]
    st.dataframe(pd.DataFrame(rows, columns=["Row", "Column", "Value", "It has"]), hide_index=True)


@st.cache_resource(max_entries=6, show_spinner=False)
def _quality(fingerprint: str, _log: EventLog) -> Quality:
    del fingerprint  # the key
    return measure_quality(_log)

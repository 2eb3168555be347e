"""How good a log is for reading causes, and what happened when its file was read."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, get_args

import pandas as pd
import streamlit as st

from causalviz.events.findings import Note, Severity, left_out, notes
from causalviz.events.mapping import MEANINGS, Role
from causalviz.events.quality import Quality, measure_quality
from causalviz.plots.network import duration_text
from causalviz.plots.timeline import TimelineData, timeline_data, timeline_figure
from causalviz.ui.components.figure import show_figure
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
    """Draws the findings with their remedies, the gaps between events, and the account of the reading.

    Args:
        log: After its rules.
        report: Of the reading; None for a sample.
        rules: In force.

    Returns:
        The rules after the remedy that the visitor chose; None as long as none was chosen.
    """
    quality = _quality(log.fingerprint, log)
    changed = None
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader("For reading causes", anchor=False)
        for note in notes(quality, report, rules):
            changed = _finding(note) or changed
        back = left_out(rules, quality.dated)
        if back:
            st.subheader("Left out", anchor=False)
        for note in back:
            changed = _undoing(note) or changed
    with right:
        st.subheader("Events over time", anchor=False)
        data = _timeline(log.fingerprint, log)
        show_figure(timeline_figure(data), "quality_timeline", "Events over time", data)
        st.subheader("Between two events of a user", anchor=False)
        _gaps(quality)
        st.subheader("How the log was read", anchor=False)
        _reading(report)
    if report is not None and report.first_offending:
        _offending(report)
    return changed


def _finding(note: Note) -> Rules | None:
    """One finding; the rules of its remedy once that is clicked."""
    own = note.remedies[0].key if note.remedies else hashlib.blake2b(note.sentence.encode(), digest_size=6).hexdigest()
    with st.container(gap="xsmall", key=f"finding_{own}"):  # a key of its own, so that no finding takes another's place
        st.markdown(f"{ICONS[note.severity]} **{plain(note.sentence)}**  \n{plain(note.meaning_for_causes)}")
        if not note.remedies:
            return None
        chosen = None
        with st.container(horizontal=True, gap="small"):
            for remedy in note.remedies:
                if st.button(plain(remedy.label), icon=":material/filter_alt:", key=remedy.key):
                    chosen = remedy.rules
        return chosen


def _undoing(note: Note) -> Rules | None:
    """What is left out, on one line with its way back."""
    (remedy,) = note.remedies
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key=f"left_{remedy.key}"
    ):
        st.markdown(plain(note.sentence), width="stretch")
        if st.button(plain(remedy.label), type="tertiary", icon=":material/undo:", key=remedy.key):
            return remedy.rules
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
def _timeline(fingerprint: str, _log: EventLog) -> TimelineData:
    del fingerprint  # the key
    return timeline_data(_log)


@st.cache_resource(max_entries=6, show_spinner=False)
def _quality(fingerprint: str, _log: EventLog) -> Quality:
    del fingerprint  # the key
    return measure_quality(_log)

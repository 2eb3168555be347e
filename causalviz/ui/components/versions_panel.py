"""Versions of the project: kept under a name, restored, branched from, and what differs between two of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
import streamlit as st

from causalviz.events.segments import Rule, Split
from causalviz.graph.comparison import Status
from causalviz.graph.verdicts import Ruling
from causalviz.plots.network import visible_text
from causalviz.ui.components.text import plain
from causalviz.ui.versioning import NOW

if TYPE_CHECKING:
    from causalviz.graph.causal_graph import Edge
    from causalviz.graph.comparison import Comparison, Difference
    from causalviz.graph.store import Version
    from causalviz.ui.following import Stage
    from causalviz.ui.jobs import Job
    from causalviz.ui.versioning import Halves

Keep = Callable[[str, str], None]
Restore = Callable[[str], None]
Branch = Callable[[str, str], None]

TABLE_PX, FORM_PX = 260, 300
LOOKS = {Status.ADDED: "+", Status.REMOVED: "−", Status.CHANGED: "±", Status.SAME: "="}
DIFFERENT: tuple[Status, ...] = (Status.ADDED, Status.REMOVED, Status.CHANGED)
RULES = {Rule.TIME: "when they came", Rule.ACTIVITY: "how much they did", Rule.BEHAVIOUR: "whether they did …"}


class States(NamedTuple):
    """Two states to compare: versions' ids, or ``NOW``."""

    before: str
    after: str


def versions_panel(versions: Sequence[Version], keep: Keep, restore: Restore, branch: Branch) -> None:
    """Draws the form for a new version, and the list of the kept ones with what can be done with each.

    Args:
        versions: The project's, the latest first.
        keep: Told name and note, in a callback.
        restore: Told a version's id, in a callback.
        branch: Told a version's id and the new project's name, in a callback.
    """
    _keep_form(versions, keep)
    if not versions:
        st.caption("No version yet. One keeps verdicts, rules, settings, model and the places of the boxes.")
        return
    with st.container(height=320, border=False, gap="small", key="version_list"):
        for version in versions:
            _version(version, restore, branch)


def _keep_form(versions: Sequence[Version], keep: Keep) -> None:
    name_key, note_key = "version_name", "version_note"
    offered = _free_name({version.name for version in versions})

    def kept() -> None:
        keep(str(st.session_state[name_key]).strip() or offered, str(st.session_state[note_key]))

    with st.form("keep_version", clear_on_submit=True, border=False):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            st.text_input(
                "Keep the present state as", max_chars=80, key=name_key,
                placeholder=offered, help="Left empty, the version gets the name that is shown in grey.",
            )  # fmt: skip
            st.form_submit_button("Keep", icon=":material/bookmark_add:", type="primary", on_click=kept)
        st.text_input(
            "Note", max_chars=500, key=note_key, placeholder="Note, if you like", label_visibility="collapsed"
        )


def _free_name(taken: AbstractSet[str]) -> str:
    return next(name for number in count(len(taken) + 1) if (name := f"Version {number}") not in taken)


def _version(version: Version, restore: Restore, branch: Branch) -> None:
    with st.container(border=True, gap="xsmall", key=f"version_{version.id}"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(f"**{plain(version.name)}**", width="stretch")
            with st.container(horizontal=True, gap="xsmall", width="content"):
                with st.popover(
                    "Restore", icon=":material/history:", type="tertiary", key=f"restore_menu_{version.id}"
                ):
                    _restore_form(version, restore)
                with st.popover(
                    "Branch", icon=":material/call_split:", type="tertiary", key=f"branch_menu_{version.id}"
                ):
                    _branch_form(version, branch)
        verdicts = f"{version.history_length:,} entr{'y' if version.history_length == 1 else 'ies'}"
        st.caption(f"{plain(version.author) or 'nobody'} · {moment(version.created)} · {verdicts}")
        if version.note:
            st.caption(plain(version.note))


def _restore_form(version: Version, restore: Restore) -> None:
    with st.container(width=FORM_PX):
        st.caption(
            "Verdicts, rules, settings, model and places become this version's. What stands now is kept as a version "
            "first; Undo takes the verdicts back."
        )
        st.button(
            "Restore it", icon=":material/history:", type="primary", key=f"restore_{version.id}", on_click=restore,
            args=(version.id,),
        )  # fmt: skip


def _branch_form(version: Version, branch: Branch) -> None:
    key = f"branch_name_{version.id}"

    def branched() -> None:
        branch(version.id, str(st.session_state[key]).strip() or version.name)

    with st.container(width=FORM_PX):
        st.text_input("A new project on the same log, called", version.name, max_chars=80, key=key)
        st.button(
            "Begin it", icon=":material/call_split:", type="primary", key=f"branch_{version.id}", on_click=branched
        )


def choose_states(versions: Sequence[Version]) -> States | None:
    """Two lists: which states are compared; None where there is nothing to choose or both are the same."""
    if not versions:
        st.caption("Keep a version first; then what changed since is shown here.")
        return None
    names = {NOW: "Now", **{version.id: version.name for version in versions}}
    with st.container(horizontal=True, gap="small", key="compare_states"):
        before = st.selectbox("Before", list(names), 1, format_func=names.__getitem__, key=f"before_{versions[0].id}")
        after = st.selectbox("After", list(names), 0, format_func=names.__getitem__, key=f"after_{versions[0].id}")
    if before == after:
        st.caption("Choose two different states.")
        return None
    return States(before, after)


def choose_split(behaviours: Sequence[str]) -> Split | None:
    """A rule by which users are told apart; None until it is whole."""
    with st.container(horizontal=True, gap="small", key="choose_split"):
        rule = st.selectbox("Compare users by", list(RULES), format_func=RULES.__getitem__, key="split_rule")
        if rule is not Rule.BEHAVIOUR:
            return Split(rule)
        behaviour = st.selectbox("Behaviour", behaviours, index=None, placeholder="Choose one", key="split_behaviour")
    return Split(rule, behaviour) if behaviour else None


def segments_progress(job: Job[Stage, Halves] | None, start: Callable[[], None]) -> None:
    """Offers to discover both groups, or shows how far that is.

    Args:
        job: As it stands; None before it was started.
        start: Called in the button's callback.
    """
    if job is not None and not job.state.is_final:
        stage, done, total = job.steps[-1] if job.steps else ("waiting", 0, 1)
        st.progress(min(1.0, done / max(1, total)), stage.capitalize())
        return
    if job is not None and job.error:
        st.error(plain(job.error), icon=":material/error:")
    st.button(
        "Compare the groups", icon=":material/compare_arrows:", type="primary", key="start_segments", on_click=start
    )


def comparison_panel(
    comparison: Comparison, names: tuple[str, str], on_select: Callable[[tuple[str, ...]], None], key: str
) -> None:
    """Draws the counts by status as a filter, what is within the noise, and the pairs as a table.

    Args:
        comparison: What is compared.
        names: What the first and the second side are called.
        on_select: Told the pair of the chosen row, or (), in a callback.
        key: Of what is compared, so that another comparison begins with no row chosen.
    """
    st.caption(f"From **{plain(names[0])}** to **{plain(names[1])}**")
    for words in _remarks(comparison, names):
        st.caption(words)
    differing: list[Status] = [found for found in DIFFERENT if comparison.counts[found]]
    wanted = st.pills(
        "Show", list(Status), selection_mode="multi", default=differing or [Status.SAME], key=f"statuses_{key}",
        format_func=lambda status: f"{comparison.counts[status]:,} {status.value}",
        label_visibility="collapsed",
    )  # fmt: skip
    only_clear = comparison.judged and st.toggle("Hide what is within the noise", key=f"clear_{key}")
    shown = tuple(found for found in comparison.of(*wanted) if not (only_clear and found.within_noise))
    if not shown:
        st.caption("Nothing of this kind.")
        return
    table_key = f"comparison_{key}_{'-'.join(sorted(wanted))}_{only_clear}"

    def chosen() -> None:
        rows = st.session_state[table_key]["selection"]["rows"]
        on_select(shown[rows[0]].pair if rows else ())

    st.dataframe(
        comparison_rows(shown, judged=comparison.judged),
        key=table_key,
        height=min(TABLE_PX, 36 * (len(shown) + 1) + 3),
        hide_index=True,
        on_select=chosen,
        selection_mode="single-row",
        placeholder="–",
        alt="The compared edges, one per row",
        column_config={
            "": st.column_config.TextColumn(width=28, help="+ added, − removed, ± changed, = the same"),
            "Cause": st.column_config.TextColumn(width=96),
            "Effect": st.column_config.TextColumn(width=96),
            "Before": st.column_config.NumberColumn(format="%.3f", width=64, help="Probability before"),
            "After": st.column_config.NumberColumn(format="%.3f", width=64, help="Probability after"),
            "Verdict": st.column_config.TextColumn(width=110, help="What an expert said, before → after"),
            "Noise": st.column_config.TextColumn(
                width=70, help="Clear: the effects' intervals lie further apart than chance puts them"
            ),
        },
    )


def comparison_rows(differences: Sequence[Difference], *, judged: bool) -> pd.DataFrame:
    """The table's cells, one row per difference; the column about noise only where noise was looked for."""
    noise = {True: "noise", False: "clear"}
    columns: dict[str, object] = {
        "": [LOOKS[found.status] for found in differences],
        "Cause": [visible_text(found.cause) for found in differences],
        "Effect": [visible_text(found.effect) for found in differences],
        "Before": pd.Series([_probability(found.before) for found in differences], dtype=float),
        "After": pd.Series([_probability(found.after) for found in differences], dtype=float),
    }
    if judged:
        columns["Noise"] = ["" if found.status is Status.SAME else noise[found.within_noise] for found in differences]
    columns["Verdict"] = [_verdicts(found) for found in differences]
    return pd.DataFrame(columns)


def moment(at: str) -> str:
    """A time in short, UTC.

    Example:
        >>> moment("2026-01-05T12:30:59+00:00")
        '2026-01-05 12:30 UTC'
    """
    return f"{at[:10]} {at[11:16]} UTC"


def _remarks(comparison: Comparison, names: tuple[str, str]) -> list[str]:
    """Sentences on what the counts do not tell."""
    told: list[str] = []
    for only, name in ((comparison.only_before, names[0]), (comparison.only_after, names[1])):
        if only:
            told.append(f"Only in {plain(name)}: {', '.join(map(plain, only))}.")
    differing = comparison.of(*DIFFERENT)
    if comparison.judged and differing:
        noise = sum(found.within_noise for found in differing)
        told.append(
            f"{noise:,} of {len(differing):,} differences lie within the noise: groups drawn by lot differ as much."
            if noise
            else "None of the differences lies within the noise: groups drawn by lot differ less."
        )
    return told


def _probability(edge: Edge | None) -> float:
    return math.nan if edge is None else edge.probability


def _verdicts(found: Difference) -> str:
    before, after = (Ruling.NONE if edge is None else edge.ruling for edge in (found.before, found.after))
    words = ["none" if ruling is Ruling.NONE else ruling.value for ruling in (before, after)]
    if before is after:
        return "" if after is Ruling.NONE else words[1]
    return f"{words[0]} → {words[1]}"

"""What the graph is held against: choosing among the truths that a project has, and bringing one's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from causalviz.ui.components.text import plain

if TYPE_CHECKING:
    from causalviz.ui.evaluating import TruthKind

TITLES: dict[TruthKind, str] = {
    "sample": "The sample's own graph",
    "upload": "An uploaded graph",
    "verdicts": "Your verdicts",
}
NOTES: dict[TruthKind, str] = {
    "sample": "This sample was simulated, so the graph that made it is known for every pair.",
    "upload": "What the uploaded table does not list counts as no edge.",
    "verdicts": "Only judged pairs count. Verdicts on nothing but what the graph suggested mislead: rule on doubtful "
    "and on left-out pairs too before you trust these scores.",
}


class Upload(NamedTuple):
    """A table of true edges, as it was uploaded."""

    title: str
    data: bytes


class TruthChoice(NamedTuple):
    """What the visitor wants: a truth, to bring one, or to drop the one that was brought."""

    kind: TruthKind | None
    upload: Upload | None = None
    forget: bool = False


def choose_truth(kinds: Sequence[TruthKind], project_id: str, uploaded: str | None) -> TruthChoice:
    """Draws the choice.

    Args:
        kinds: The truths that there are, the first one preset.
        project_id: Each project has its own choice.
        uploaded: Name of the uploaded table, if there is one.
    """
    kind: TruthKind | None = None
    with st.container(horizontal=True, vertical_alignment="bottom", key="truth_choice"):
        if kinds:
            key = f"truth_{project_id}"
            wanted = st.session_state.pop(f"wanted_{key}", None)  # what was uploaded a moment ago
            if wanted in kinds:
                st.session_state[key] = wanted
            if st.session_state.get(key) not in kinds:
                st.session_state[key] = kinds[0]
            kind = st.segmented_control(
                "Held against", list(kinds), required=True, format_func=TITLES.__getitem__, key=key
            )
        with st.popover("Upload a known graph", icon=":material/upload_file:", key="truth_upload"):
            choice = _upload(project_id, uploaded)
    if kind is not None:
        st.caption(NOTES[kind])
    else:
        _no_truth()
    return TruthChoice(kind, choice.upload, choice.forget)


def choose_next(project_id: str, kind: TruthKind) -> None:
    """Chooses a truth in the next run, which the caller starts, if it is there then."""
    st.session_state[f"wanted_truth_{project_id}"] = kind


def _no_truth() -> None:
    """Says what would be a truth, where there is none."""
    with st.container(border=True, key="no_truth"):
        st.markdown(
            "**There is no truth to compare with yet.** Upload a table of the edges that you know, or rule on edges on "
            "the Graph page. Without any, the second tab says how far the graph can be trusted."
        )


def _upload(project_id: str, uploaded: str | None) -> TruthChoice:
    st.markdown("A CSV table with the columns `cause` and `effect`, one true edge per row, with this log's names.")
    file = st.file_uploader(
        "Table of true edges", type=["csv"], key=f"known_graph_{project_id}_{uploaded}", label_visibility="collapsed"
    )
    if file is not None and st.button("Compare with it", type="primary", key="use_known_graph"):
        return TruthChoice(None, Upload(file.name, file.getvalue()))
    if uploaded is not None:
        st.caption(f"Now: {plain(uploaded)}")
        return TruthChoice(None, forget=st.button("Forget it", icon=":material/delete:", key="forget_known_graph"))
    return TruthChoice(None)

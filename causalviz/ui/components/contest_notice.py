"""The question where two people met on one edge: who said what, and whether to insist."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from causalviz.ui.components.text import plain
from causalviz.ui.contest import contest_sentence

if TYPE_CHECKING:
    from causalviz.ui.contest import Contest

Settle = Callable[["Contest", bool], None]


def contest_notice(contests: Sequence[Contest], author: str, settle: Settle) -> None:
    """Asks about the first contest; the others follow one by one. Draws nothing without one.

    Args:
        contests: What waits for a decision, the oldest first.
        author: Who is asked.
        settle: Told the contest and whether to insist, in a callback.
    """
    if not contests:
        return
    first, more = contests[0], len(contests) - 1
    with st.container(border=True, key="contest"):
        st.markdown(f":material/group: {plain(contest_sentence(first, author))}")
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.button(
                "Do it anyway", icon=":material/check:", key="contest_insist", on_click=settle, args=(first, True)
            )
            st.button("Leave theirs", icon=":material/undo:", key="contest_leave", on_click=settle, args=(first, False))
            if more:
                st.caption(f"and {more} more question{'s' * (more > 1)}")

"""The audit trail as a table: who did what to which edge when, filtered, and as CSV to take along."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from causalviz.graph.store.trail import narrowed_trail, write_trail_csv
from causalviz.plots.network import visible_text

if TYPE_CHECKING:
    from causalviz.graph.store.trail import TrailEntry

TABLE_PX = 360
NOBODY = "(nobody)"


def audit_trail(trail: Sequence[TrailEntry], file_stem: str) -> None:
    """Draws the trail with its filters and the way to download what they leave.

    Args:
        trail: All of it, the latest first.
        file_stem: Of the downloaded file's name.
    """
    if not trail:
        st.caption("Nothing has been done yet.")
        return
    authors = sorted({entry.author for entry in trail})
    behaviours = sorted({name for entry in trail for name in (entry.cause, entry.effect) if name})
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="trail_filters"):
        author = st.selectbox(
            "Who", authors, index=None, placeholder="Everybody", key="trail_author",
            format_func=lambda name: name or NOBODY,
        )  # fmt: skip
        behaviour = st.selectbox("Behaviour", behaviours, index=None, placeholder="All", key="trail_behaviour")
        kept = narrowed_trail(trail, author, behaviour)
        st.download_button(
            "CSV", lambda: write_trail_csv(kept).encode("utf-8-sig"), f"{file_stem}-trail.csv", "text/csv",
            key="trail_csv", icon=":material/download:", on_click="ignore",
        )  # fmt: skip
    st.caption(f"{len(kept):,} of {len(trail):,} entries, the latest first; times are UTC")
    st.dataframe(
        trail_rows(kept),
        height=min(TABLE_PX, 36 * (len(kept) + 1) + 3),
        hide_index=True,
        placeholder="–",
        alt="The audit trail, one entry per row",
        key="trail_table",
        column_config={
            "When": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm", width=118),
            "Who": st.column_config.TextColumn(width=64),
            "What": st.column_config.TextColumn(width=88),
            "On": st.column_config.TextColumn(width=150),
            "Note": st.column_config.TextColumn(width=150),
        },
    )


def trail_rows(trail: Sequence[TrailEntry]) -> pd.DataFrame:
    """The table's cells, one row per entry."""
    return pd.DataFrame(
        {
            "When": pd.to_datetime([entry.at for entry in trail], utc=True, format="ISO8601").tz_localize(None),
            "Who": [visible_text(entry.author) for entry in trail],
            "What": [entry.what for entry in trail],
            "On": [_on(entry) for entry in trail],
            "Note": [visible_text(entry.note) for entry in trail],
        }
    )


def _on(entry: TrailEntry) -> str:
    if entry.cause or entry.effect:
        return f"{visible_text(entry.cause)} → {visible_text(entry.effect)}"
    return visible_text(entry.subject)

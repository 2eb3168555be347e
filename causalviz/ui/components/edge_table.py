"""The edges as a table: what the drawing shows, for reading, sorting and choosing by keyboard."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from causalviz.graph.verdicts import Ruling
from causalviz.plots.network import BADGES, RULE_BADGES, duration_text, visible_text

if TYPE_CHECKING:
    from causalviz.graph.causal_graph import CausalGraph, Edge

KEY = "edge_table"


def edge_table(
    graph: CausalGraph,
    selected: tuple[str, ...],
    on_select: Callable[[tuple[str, ...]], None],
    height_px: int,
) -> None:
    """Draws the table; its selection follows the editor's and the other way round.

    Args:
        graph: What is shown.
        selected: (cause, effect), or anything else for no row.
        on_select: Told the pair that was chosen, or (), in a callback before the next run.
        height_px: Of the table.
    """
    pairs = [edge.pair for edge in graph.edges]
    row = pairs.index(selected) if selected in pairs else None
    key = _key(pairs, row)

    def chosen() -> None:
        if st.session_state.get(KEY) == key:  # a table that was replaced says once more that nothing is selected
            rows = _rows(key)
            on_select(pairs[rows[0]] if rows else ())

    st.dataframe(
        edge_rows(graph.edges),
        key=key,
        height=height_px,
        hide_index=True,
        on_select=chosen,
        selection_mode="single-row",
        selection_default={"selection": {"rows": [] if row is None else [row]}},
        placeholder="–",
        alt="The edges of the drawing, one per row",
        column_config={
            "Cause": st.column_config.TextColumn(width=102),
            "Effect": st.column_config.TextColumn(width=102),
            "Probability": st.column_config.ProgressColumn(
                "Prob.", min_value=0.0, max_value=1.0, format="%.3f", width=88,
                help="Calibrated probability of a direct influence; 1.000 stands for more than 0.9995",
            ),
            "Rate": st.column_config.NumberColumn(
                "Rate ×", format="%.3g", width="small", help="Rate of the effect after the cause, relative to usual"
            ),
            "Delay": st.column_config.TextColumn(width="small", help="Typical delay"),
            "Verdict": st.column_config.TextColumn(width="small", help="What an expert said"),
        },
    )  # fmt: skip


def edge_rows(edges: tuple[Edge, ...]) -> pd.DataFrame:
    """The table's cells, one row per edge in the graph's order."""
    return pd.DataFrame(
        {
            "Cause": [visible_text(edge.cause) for edge in edges],
            "Effect": [visible_text(edge.effect) for edge in edges],
            "Probability": pd.Series([edge.probability for edge in edges], dtype=float),
            "Verdict": [_verdict(edge) for edge in edges],
            "Rate": pd.Series([edge.effect_size for edge in edges], dtype=float),
            "Delay": [duration_text(edge.delay_s) if math.isfinite(edge.delay_s) else "" for edge in edges],
        }
    )


def _verdict(edge: Edge) -> str:
    """What a rule decides, or else what an expert said; rules come first."""
    if edge.by_rule:
        return f"{RULE_BADGES[edge.by_rule]} {edge.by_rule}"
    return "" if edge.ruling is Ruling.NONE else f"{BADGES[edge.ruling]} {edge.ruling.value}"


def _key(pairs: list[tuple[str, str]], row: int | None) -> str:
    """The table's identity. A selection cannot be set from here, so another one, made elsewhere, is another table."""
    digest = hashlib.blake2b(repr(pairs).encode(), digest_size=6).hexdigest()
    kept = st.session_state.get(KEY)
    if isinstance(kept, str) and kept.startswith(f"{KEY}_{digest}_") and _rows(kept) == ([] if row is None else [row]):
        return kept
    serial = int(kept.rpartition("_")[2]) + 1 if isinstance(kept, str) else 0
    st.session_state[KEY] = f"{KEY}_{digest}_{serial}"
    return f"{KEY}_{digest}_{serial}"


def _rows(key: str) -> list[int]:
    state = st.session_state.get(key)
    return list(state["selection"]["rows"]) if state else []

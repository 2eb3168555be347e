"""The chosen edge in words, and every command of the editor as a button."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from causalviz.report.wording import RULINGS
from causalviz.ui.components.text import arrow, plain
from causalviz.ui.graph_editor import Kind, Operation
from causalviz.ui.wording import Finding, chance_words, edge_sentence

if TYPE_CHECKING:
    from causalviz.graph.causal_graph import Edge
    from causalviz.graph.verdicts import Standing

Propose = Callable[[Operation], None]

COMMANDS = (  # kind, label, icon
    (Kind.ACCEPT, "Accept", ":material/check:"),
    (Kind.REJECT, "Reject", ":material/close:"),
    (Kind.REVERSE, "Reverse", ":material/swap_horiz:"),
    (Kind.DELETE, "Delete", ":material/delete:"),
)


def edge_panel(edge: Edge, standing: Standing | None, reverse: float, propose: Propose) -> bool:
    """Draws the chosen edge and what can be ruled about it.

    Args:
        edge: The chosen one.
        standing: What stands for it.
        reverse: Probability of the other direction; NaN where it is unknown.
        propose: Told what a button means, in its callback.

    Returns:
        Whether the visitor wants it explained.
    """
    judged = not edge.imported and not (math.isnan(edge.probability) and math.isnan(edge.effect_size))
    if judged:
        st.markdown(edge_sentence(_finding(edge)))
    elif edge.imported:
        st.markdown(f"The imported file gives {arrow(edge.cause, edge.effect)} **{chance_words(edge.probability)}**.")
    else:
        st.markdown(f"{arrow(edge.cause, edge.effect)}: no log speaks for it or against it.")
    directions(edge, reverse)
    if edge.by_rule:
        st.caption(plain(f"{edge.rule[:1].upper()}{edge.rule[1:]}."))
    if standing is not None and standing.ruling in RULINGS:
        st.caption(f"{RULINGS[standing.ruling].capitalize()} by {plain(standing.author)}, {standing.at[:10]}")
    with st.container(horizontal=True, gap="xsmall", key="edge_commands"):
        for kind, label, icon in COMMANDS:
            st.button(label, icon=icon, key=f"edge_{kind.value}", on_click=propose, args=(Operation(kind, edge.pair),))
    with st.container(horizontal=True, gap="xsmall", key="edge_more"):
        explain = judged and st.button(
            "Explain this edge", icon=":material/lightbulb:", key="edge_explain", type="tertiary"
        )
        with st.popover("Note" if not edge.note else "Note ✓", icon=":material/edit_note:", type="tertiary"):
            _note(edge, propose)
    return explain


def directions(edge: Edge, reverse: float) -> None:
    """The chances of both directions and of neither side by side; neither as if the two were independent."""
    if not (math.isfinite(edge.probability) and math.isfinite(reverse)):
        return
    neither = (1 - edge.probability) * (1 - reverse)
    cells = (("this way", edge.probability), ("the other way", reverse), ("neither", neither))
    st.caption(
        "  ·  ".join(f"{name} **{chance_words(chance)}**" for name, chance in cells),
        help=f"This way: {arrow(*edge.pair)}. Both directions may hold at once.",
    )


def add_edge(behaviours: Sequence[str], propose: Propose) -> None:
    """Two lists and a button: an edge without a mouse."""
    with st.popover("Add an edge", icon=":material/add:", key="add_edge"):
        cause = st.selectbox("Cause", behaviours, index=None, placeholder="Choose the cause", key="add_cause")
        effect = st.selectbox("Effect", behaviours, index=None, placeholder="Choose the effect", key="add_effect")
        if cause is None or effect is None:
            st.button("Add", disabled=True, key="add_nothing", type="primary")
            return
        st.caption(arrow(cause, effect))
        added = Operation(Kind.ADD, (cause, effect))
        st.button("Add", key="add_this", type="primary", on_click=propose, args=(added,))


def time_travel(can_undo: bool, can_redo: bool, propose: Propose) -> None:
    """Undo and redo of the latest verdict."""
    for kind, label, able in ((Kind.UNDO, "Undo", can_undo), (Kind.REDO, "Redo", can_redo)):
        st.button(
            label, icon=f":material/{kind.value}:", key=kind.value, disabled=not able, on_click=propose,
            args=(Operation(kind),),
        )  # fmt: skip


def _note(edge: Edge, propose: Propose) -> None:
    key = f"note {edge.cause} → {edge.effect}"

    def keep() -> None:
        propose(Operation(Kind.NOTE, edge.pair, note=str(st.session_state[key]).strip()))

    st.text_area("Why? Kept with the edge, in exports too", edge.note, max_chars=500, key=key, on_change=keep)


def _finding(edge: Edge) -> Finding:
    return Finding(
        edge.cause, edge.effect, edge.probability, edge.effect_size, edge.low, edge.high, edge.delay_s, reason=""
    )

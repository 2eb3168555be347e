"""Choosing the pair to be explained, and what stands for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import streamlit as st

from causalviz.graph.verdicts import Ruling
from causalviz.ui.components.text import plain
from causalviz.ui.wording import chance_words

if TYPE_CHECKING:
    import pandas as pd

    from causalviz.graph.verdicts import Standing

Pair = tuple[str, str]

MAX_OPTIONS = 2000  # the most probable pairs; a longer list is slow in the browser
STANDS: dict[Ruling, tuple[str, str, Literal["green", "red"]]] = {  # what is said, icon, colour
    Ruling.ACCEPTED: ("Accepted", ":material/check:", "green"),
    Ruling.ADDED: ("Added by hand", ":material/add:", "green"),
    Ruling.REJECTED: ("Rejected", ":material/close:", "red"),
    Ruling.REVERSED: ("Reversed", ":material/swap_horiz:", "red"),
}


class Choice(NamedTuple):
    """The chosen pair, and whether the visitor wants to see it in the graph."""

    pair: Pair
    to_graph: bool


def choose_edge(table: pd.DataFrame, wanted: Pair | None, project_id: str) -> Choice:
    """Draws the list of pairs, the most probable first.

    Args:
        table: Of the discovery.
        wanted: The pair that is preset, if the table has it.
        project_id: Each project has its own list.

    Returns:
        What was chosen; without a wish the most probable pair.
    """
    key = f"explained_edge_{project_id}"
    rows = table[["cause", "effect", "probability"]].itertuples(index=False, name=None)
    chances: dict[Pair, float] = {(cause, effect): probability for cause, effect, probability in rows}
    options = list(chances)[:MAX_OPTIONS]
    if st.session_state.get(key) not in chances:  # a first visit, or behaviours were renamed since
        st.session_state[key] = wanted if wanted in chances else options[0]
    if st.session_state[key] not in options:
        options.append(st.session_state[key])
    with st.container(horizontal=True, vertical_alignment="bottom", key="edge_choice"):
        chosen = st.selectbox(
            "Edge, the most probable first; type to search",
            options,
            format_func=lambda pair: f"{pair[0]} → {pair[1]}   ·   {chance_words(chances[pair])}",
            key=key,
        )
        pair = chosen or options[0]
        st.button(
            "Other direction", icon=":material/swap_horiz:", key="turn_edge", on_click=_turn, args=(key, pair),
            help=f"{plain(pair[1])} → {plain(pair[0])}",
        )  # fmt: skip
        to_graph = st.button("Show in the graph", icon=":material/hub:", key="edge_to_graph")
    return Choice(pair, to_graph)


def standing_badge(standing: Standing | None) -> None:
    """What an expert said about the pair; nothing where nobody did."""
    if standing is None or standing.ruling not in STANDS:
        st.badge("No verdict yet", icon=":material/gavel:", color="gray")
    else:
        said, icon, colour = STANDS[standing.ruling]
        st.badge(f"{said} by {plain(standing.author)}, {standing.at[:10]}", icon=icon, color=colour)
    if standing is not None and standing.note:
        st.caption(f"Note: {plain(standing.note)}")


def _turn(key: str, pair: Pair) -> None:
    st.session_state[key] = (pair[1], pair[0])

"""What counts as one behaviour: the level, and names hidden, renamed or merged.

Every change is one operation on the rules; the operations in force are listed, each with a way back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from causalviz.events.rules import merged, renamed
from causalviz.ui.components.text import plain

if TYPE_CHECKING:
    from causalviz.events.rules import Level, Rules

LEVELS: dict[Level, str] = {
    "event": "Event type",
    "item": "Event type × item",
    "category": "Event type × category",
}


def edit_rules(rules: Rules, names: Sequence[str], levels: Sequence[Level]) -> Rules | None:
    """Draws the rules with their controls.

    Args:
        rules: In force.
        names: Behaviours that they give now.
        levels: What the log has columns for.

    Returns:
        Changed rules, or None as long as nothing was changed.
    """
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.subheader("One behaviour is", anchor=False)
        changed = _edit_level(rules, levels)
        st.subheader("In force", anchor=False)
        changed = changed or _undo_one(rules)
    with right:
        st.subheader("Tidy up", anchor=False)
        return changed or _hide(rules, names) or _rename(rules, names) or _merge(rules, names)


def _edit_level(rules: Rules, levels: Sequence[Level]) -> Rules | None:
    level = st.segmented_control(
        "Level",
        levels,
        default=rules.level if rules.level in levels else "event",
        required=True,
        format_func=LEVELS.__getitem__,
        label_visibility="collapsed",
        key=f"level_{rules.level}",
    )
    top = rules.top_items
    if rules.level != "event":
        top = st.number_input(
            "Most frequent items to tell apart",
            1,
            50,
            rules.top_items,
            help="The others of the same event type stay together as one behaviour.",
            key=f"top_items_{rules.top_items}",
        )
    if level is not None and level != rules.level:  # operations on names of the other level wait until it is back
        return replace(rules, level=level)
    return replace(rules, top_items=int(top)) if top != rules.top_items else None


def _hide(rules: Rules, names: Sequence[str]) -> Rules | None:
    with st.form("hide", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.multiselect("Hide", names, placeholder="Behaviours to leave out")
        if st.form_submit_button("Hide") and chosen:
            if len(names) - len(chosen) < 2:
                st.error("A graph needs at least two behaviours; hide fewer.", icon=":material/error:")
                return None
            return replace(rules, hidden=(*rules.hidden, *chosen))
    return None


def _rename(rules: Rules, names: Sequence[str]) -> Rules | None:
    with st.form("rename", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        old = st.selectbox("Rename", names, index=None, placeholder="A behaviour")
        new = st.text_input("to", max_chars=80).strip()
        if st.form_submit_button("Rename") and old and new:
            if new in names:
                st.error(f"“{plain(new)}” exists already; merge the two instead.", icon=":material/error:")
                return None
            return renamed(rules, old, new)
    return None


def _merge(rules: Rules, names: Sequence[str]) -> Rules | None:
    with st.form("merge", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.multiselect("Merge", names, placeholder="Two or more behaviours")
        new = st.text_input("into", max_chars=80).strip()
        if st.form_submit_button("Merge") and new and len(chosen) > 1:
            if new in names and new not in chosen:
                st.error(f"“{plain(new)}” exists already; choose another name.", icon=":material/error:")
                return None
            return merged(rules, chosen, new)
    return None


def _undo_one(rules: Rules) -> Rules | None:
    """Lists the operations in force; returns the rules without the one that was taken back."""
    nothing = not (rules.hidden or rules.renamed or rules.merged)
    if nothing:
        st.caption("No behaviour is hidden, renamed or merged.")
    for k, (new, old) in enumerate(rules.merged):
        if _line(f"{', '.join(map(plain, old))} → **{plain(new)}**", f"merged_{k}"):
            return replace(rules, merged=rules.merged[:k] + rules.merged[k + 1 :])
    for k, (before, after) in enumerate(rules.renamed):
        if _line(f"{plain(before)} → **{plain(after)}**", f"renamed_{k}"):
            return replace(rules, renamed=rules.renamed[:k] + rules.renamed[k + 1 :])
    for k, name in enumerate(rules.hidden):
        if _line(f"hidden: {plain(name)}", f"hidden_{k}"):
            return replace(rules, hidden=rules.hidden[:k] + rules.hidden[k + 1 :])
    return None


def _line(text: str, key: str) -> bool:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(text, width="stretch")
        return st.button("Undo", type="tertiary", icon=":material/undo:", key=f"undo_{key}")

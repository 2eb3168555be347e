"""The chosen behaviour in words, and every command on behaviours as a button; and what to choose, where nothing is."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from causalviz.plots.network import visible_text
from causalviz.ui.components.text import counted, plain
from causalviz.ui.graph_editor import MAX_NEW_NAME, Kind, Operation

if TYPE_CHECKING:
    from causalviz.ui.curating import BehaviourFacts

Propose = Callable[[Operation], None]
Select = Callable[[tuple[str, ...]], None]


def choose_behaviour(behaviours: Sequence[str], select: Select, propose: Propose) -> None:
    """Says what can be chosen, with a list of the behaviours and a way to add one.

    Args:
        behaviours: Those that are drawn.
        select: Told the chosen one, in a callback.
        propose: Told which one is to be added, in a callback.
    """
    st.caption(
        "Choose an arrow, a box or a row to see what was found and to rule on it. **?** in the drawing lists keys and "
        "gestures; *Review* asks what matters most."
    )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="behaviour_choice"):
        st.selectbox(
            "Behaviour", behaviours, index=None, placeholder="Choose a behaviour", key="choose_behaviour",
            format_func=visible_text, on_change=lambda: select((str(st.session_state["choose_behaviour"]),)),
            disabled=not behaviours,
        )  # fmt: skip
        with st.popover("Add", icon=":material/add:", key="assume_behaviour", help="One that the log need not have"):
            _new_name(
                "Name of the behaviour", "", "Add", "assume", lambda new: propose(Operation(Kind.ASSUME, note=new))
            )


def behaviour_panel(facts: BehaviourFacts, behaviours: Sequence[str], propose: Propose, select: Select) -> None:
    """Draws the chosen behaviour and what can be done with it.

    Args:
        facts: What is known of it.
        behaviours: Those that are drawn, to merge it with.
        propose: Told what a button means, in its callback.
        select: Told what is to be chosen next, in a callback.
    """
    name = facts.name
    st.markdown(f"**{plain(name)}**")
    st.caption(f"{_counted(facts)}  \n{plain(facts.note)}" if facts.note else _counted(facts))

    def rename(new: str) -> None:
        if new != name:
            propose(Operation(Kind.RENAME, (name,), note=new))
            select((new,))

    with st.container(horizontal=True, gap="xsmall", key="behaviour_commands"):
        with st.popover("Rename", icon=":material/edit:"):
            _new_name("New name; the graph is read anew", name, "Rename", f"rename_{_own(name)}", rename)
        with st.popover("Merge", icon=":material/merge:"):
            _merge(name, [other for other in behaviours if other != name], propose, select)
        st.button(
            "Hide", icon=":material/visibility_off:", key="behaviour_hide", on_click=propose,
            args=(Operation(Kind.HIDE, (name,)),),
            help="Not drawn any more; the log keeps its events. *Filter* or Undo brings it back.",
        )  # fmt: skip
        with st.popover("Note" if not facts.note else "Note ✓", icon=":material/edit_note:"):
            key = f"behaviour_note_{_own(name)}"
            st.text_area(
                "Words on it, kept with the project", facts.note, max_chars=500, key=key,
                on_change=lambda: propose(Operation(Kind.DESCRIBE, (name,), note=str(st.session_state[key]).strip())),
            )  # fmt: skip
        st.button("Close", type="tertiary", key="behaviour_close", on_click=select, args=((),))


def _counted(facts: BehaviourFacts) -> str:
    events = "assumed by hand, not in the log" if facts.events is None else f"{facts.events:,} events"
    kind = f"type {plain(facts.kind)} · " if facts.kind else ""
    return f"{kind}{events} · {counted(facts.causes, 'cause')} and {counted(facts.effects, 'effect')} shown"


def _merge(name: str, others: Sequence[str], propose: Propose, select: Select) -> None:
    chosen = st.multiselect(
        "Merge with", others, key=f"merge_with_{_own(name)}", placeholder="Choose behaviours", format_func=visible_text
    )

    def merge(new: str) -> None:
        propose(Operation(Kind.MERGE, (name, *chosen), note=new))
        select((new,))

    _new_name("One name for all", name, "Merge", f"merge_{_own(name)}", merge, ready=bool(chosen))


def _new_name(
    label: str, before: str, command: str, key: str, done: Callable[[str], None], *, ready: bool = True
) -> None:
    """A line for a name and the button that takes it."""
    wanted = st.text_input(label, before, max_chars=MAX_NEW_NAME, key=f"{key}_name").strip()
    st.button(command, type="primary", key=key, disabled=not (wanted and ready), on_click=done, args=(wanted,))


def _own(name: str) -> str:
    """A part of a widget's key: names may be long and hold anything."""
    return hashlib.blake2b(name.encode("utf-8", "backslashreplace"), digest_size=6).hexdigest()

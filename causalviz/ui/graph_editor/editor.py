"""The mounted editor: a Components v2 component that draws with vis-network.

The page reads what the browser did *before* it mounts the editor again, applies it, and hands the outcome to
the same run's mount, so one round trip both applies an edit and shows it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

import streamlit as st

from causalviz.graph.causal_graph import CausalGraph
from causalviz.plots.network import BARE, Dress, document, network_data
from causalviz.ui.graph_editor.protocol import Acked, EditorAnswer, message, read_answer, remember

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

COMPONENT = "causalviz.graph_editor"  # declared in causalviz/pyproject.toml
HEIGHT_PX = 560
_log = logging.getLogger(__name__)


@cache
def _renderer() -> ComponentRenderer:
    """Registers the component at its first use: registering needs Streamlit's running runtime."""
    return st.components.v2.component(COMPONENT, js="editor.js", css="editor.css")


def editor_answer(key: str) -> EditorAnswer:
    """What the browser has sent so far to the editor of this key.

    It is empty before the editor is mounted, and where the outbox is of another form than agreed: the browser sends it
    again at each rerun, and no visitor could repair it.
    """
    state = st.session_state.get(key) or {}
    try:
        return read_answer(state.get("outbox"))
    except ValueError as broken:
        _log.warning("What the editor %r sent is passed over: %s", key, broken)
        return EditorAnswer()


def graph_editor(
    graph: CausalGraph,
    positions: Mapping[str, tuple[float, float]],
    *,
    key: str,
    selected: tuple[str, ...],
    acked: Acked,
    notices: Sequence[str] = (),
    can_undo: bool = False,
    can_redo: bool = False,
    dress: Dress = BARE,
    height_px: int = HEIGHT_PX,
) -> EditorAnswer:
    """Mounts the editor, or brings the mounted one up to date; call it inside a fragment.

    Args:
        graph: What is shown.
        positions: Centre of each behaviour's box, px.
        key: Identity of the editor; keep it as long as the graph is the same one.
        selected: (cause, effect), (behaviour,) or nothing.
        acked: Which of the browser's operations have been applied.
        notices: Sentences to show over the drawing, refusals above all.
        can_undo: Whether there is a verdict to undo.
        can_redo: Whether there is one to redo.
        dress: What is told beside the edges.
        height_px: Height of the drawing.

    Returns:
        What the browser has sent, applied or not; ``since(acked)`` tells. A browser that comes back to a server which
        does not know it, after a crash, brings operations that can be read only once the editor is mounted.
    """
    drawing = document(network_data(graph, positions, selected, dress=dress))
    answer = editor_answer(key)
    memory = f"{key}:drawings"
    known = remember(st.session_state.get(memory, {}), drawing)
    st.session_state[memory] = known
    _renderer()(
        key=key,
        data={
            **message(known, answer.revision),
            "key": key,
            "acked": {"client": acked.client, "seq": acked.seq},
            "notices": list(notices),
            "can_undo": can_undo,
            "can_redo": can_redo,
            "height": height_px,
        },
        on_outbox_change=_noted,
    )
    return editor_answer(key)


def _noted() -> None:
    """Streamlit keeps a state value only for names that have a callback; the page reads it by itself."""

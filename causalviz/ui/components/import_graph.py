"""Bringing a graph that was drawn elsewhere: a file, what was read of it, and a button that takes it in."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

import streamlit as st

from causalviz.errors import UnreadableGraph
from causalviz.ui.components.text import counted, plain

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from causalviz.graph.causal_graph import CausalGraph
    from causalviz.graph.exchange import ImportedGraph

TYPES = ("graphml", "xml", "gexf", "dot", "gv", "txt", "json", "csv", "tsv", "dagitty")
MAX_MB = 20
NAMED = 3  # unknown names that are listed
SERIAL = "import_graph_serial"

TakeIn = Callable[["ImportedGraph", bool], None]


def import_graph(drawn: CausalGraph, take_in: TakeIn, *, has_log: bool = True) -> None:
    """Draws a popover with the upload and what was read.

    Args:
        drawn: What the project draws.
        take_in: Told what is new in the graph, and whether behaviours that the project does not have are to be added,
            in a callback.
        has_log: Whether the behaviours come from a log; without one, all names of the file are taken in.
    """
    from causalviz.graph.exchange import news_of

    behaviours = drawn.behaviours
    with st.popover("Import", icon=":material/upload:", key="import_graph"):
        serial = int(st.session_state.get(SERIAL, 0))
        file = st.file_uploader(
            "GraphML, GEXF, DOT, DAGitty, JSON, or a CSV with the columns cause and effect",
            type=list(TYPES), key=f"import_graph_{serial}", max_upload_size=MAX_MB,
        )  # fmt: skip
        if file is None:
            return
        try:
            graph = _read(file.file_id, file.name, file)
        except UnreadableGraph as error:
            st.error(plain(str(error)), icon=":material/error:")
            return
        unknown = [name for name in graph.behaviours if name not in frozenset(behaviours)] if has_log else []
        for line in summary(graph, unknown):
            st.markdown(plain(line))
        stand, graph = len(graph.edges), news_of(graph, drawn)
        stand -= len(graph.edges)
        if stand:
            st.markdown(f"{counted(stand, 'edge')} of these stand here already, as the log has them.")
        with_unknown = not has_log
        if unknown:
            with_unknown = st.checkbox(
                "Add the unknown behaviours too, as assumed ones", key=f"import_unknown_{serial}",
                help="They stand in the graph, but no event of the log can speak for or against their edges.",
            )  # fmt: skip
        known = frozenset(graph.behaviours) if with_unknown else frozenset(behaviours)
        taken = sum(known.issuperset(edge.pair) for edge in graph.edges)

        def take() -> None:
            st.session_state[SERIAL] = serial + 1  # an empty upload stands there next
            take_in(graph, with_unknown)

        st.button(
            f"Take in {counted(taken, 'edge')}", type="primary", icon=":material/add:", key="import_graph_take",
            disabled=not taken and not with_unknown, on_click=take,
        )  # fmt: skip


def summary(graph: ImportedGraph, unknown: Collection[str]) -> list[str]:
    """What was read, in plain sentences.

    Args:
        graph: What was read.
        unknown: Its behaviours that the log does not have.
    """
    read = f"Read as {graph.form}: {counted(len(graph.behaviours), 'behaviour')}, {counted(len(graph.edges), 'edge')}"
    lines = [read + (f", {counted(len(graph.places), 'place')}." if graph.places else ".")]
    if unknown:
        named = ", ".join(f"“{name:.60}”" for name in list(unknown)[:NAMED])
        more = " and others" if len(unknown) > NAMED else ""
        lines.append(f"{counted(len(unknown), 'name')} unknown in this log: {named}{more}.")
    scored = sum(math.isfinite(edge.probability) for edge in graph.edges)
    if scored:
        lines.append(f"{counted(scored, 'probability', 'probabilities')}, shown where no log gives one.")
    return [*lines, *graph.remarks]


@st.cache_resource(max_entries=4, show_spinner="Reading the graph")
def _read(file_id: str, name: str, _file: UploadedFile) -> ImportedGraph:
    from causalviz.graph.exchange import read_graph

    del file_id  # the key
    return read_graph(_file.getvalue(), f"{name:.80}")

"""What stands over the drawing: how much of the graph is shown, and the ways to take it along."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from causalviz.graph import exchange
from causalviz.plots.network import network_data
from causalviz.plots.page import graph_page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from causalviz.graph.causal_graph import CausalGraph, View

TOP_K = (0, 1, 2, 3, 5, 8)
FORMATS: dict[str, tuple[str, str, Callable[[CausalGraph], str]]] = {  # ending: for what, media type, writer
    "graphml": ("GraphML – yEd, Cytoscape, networkx", "application/xml", exchange.write_graphml),
    "gexf": ("GEXF – Gephi", "application/xml", exchange.write_gexf),
    "dot": ("DOT – Graphviz", "text/plain", exchange.write_dot),
    "dagitty.txt": ("DAGitty – adjustment sets", "text/plain", exchange.write_dagitty),
    "json": ("JSON – all that is shown, for programs", "application/json", exchange.write_json),
    "csv": ("CSV – edges as a table", "text/csv", exchange.write_csv),
}


def view_controls(view: View, project_id: str, change: Callable[[Callable[[View], View]], None]) -> None:
    """Draws threshold, causes per behaviour and the switch for rejected edges.

    Args:
        view: What is shown now.
        project_id: Whose.
        change: Told how the view is to change, in a callback.
    """
    keys = {name: f"{name}_{project_id}" for name in ("threshold", "top_k", "show_rejected")}

    def keep(name: str) -> None:
        value = st.session_state[keys[name]]
        change(lambda before: replace(before, **{name: value}))

    st.slider(
        "Least probability", 0.0, 1.0, view.threshold, step=0.05, key=keys["threshold"], width=240,
        on_change=keep, args=("threshold",),
        help="Edges below it are hidden, unless an expert ruled on them.",
    )  # fmt: skip
    options = tuple(sorted({*TOP_K, view.top_k}))
    st.selectbox(
        "Causes per behaviour", options, options.index(view.top_k), key=keys["top_k"], width=160,
        format_func=lambda k: "all" if k == 0 else f"the top {k}" if k > 1 else "the top one",
        on_change=keep, args=("top_k",), help="Show only the most probable causes of each behaviour.",
    )  # fmt: skip
    st.toggle("Show rejected", view.show_rejected, key=keys["show_rejected"], on_change=keep, args=("show_rejected",))


def export_menu(
    graph: CausalGraph, places: Mapping[str, tuple[float, float]], kinds: Mapping[str, str], name: str
) -> None:
    """Draws the menu of file formats; a file is written when it is asked for.

    Args:
        graph: What is shown.
        places: Where the boxes stand.
        kinds: Event type of each behaviour.
        name: Of the project.
    """
    stem = "".join(sign if sign.isalnum() or sign in "-_" else "-" for sign in name).strip("-") or "graph"

    def page() -> bytes:
        return graph_page(network_data(graph, places, kinds=kinds), graph.edges, name).encode()

    def written(write: Callable[[CausalGraph], str]) -> bytes:
        return write(graph).encode()

    with st.popover("Export", icon=":material/download:", key="export"):
        st.caption("What is shown now, verdicts included.")
        _download("HTML – one page that needs nothing else", page, f"{stem}.html", "text/html")
        for ending, (purpose, media, write) in FORMATS.items():
            label = f"{purpose}{_reservation(graph)}" if write is exchange.write_dagitty else purpose
            _download(label, partial(written, write), f"{stem}.{ending}", media)


def _reservation(graph: CausalGraph) -> str:
    """What DAGitty does not get; its language has no comments to say so in."""
    missing = len(exchange.left_out(graph))
    return f" (acyclic: {missing:,} least sure edge{'s' * (missing > 1)} of cycles left out)" if missing else ""


def _download(label: str, data: Callable[[], bytes], file_name: str, media: str) -> None:
    st.download_button(
        label, data, file_name, media, key=f"export_{file_name.rpartition('.')[2]}", on_click="ignore",
        type="tertiary", icon=":material/description:",
    )  # fmt: skip

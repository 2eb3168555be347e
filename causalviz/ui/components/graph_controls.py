"""What stands over the drawing: how much of the graph is shown, and the ways to take it along."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from causalviz.graph import exchange
from causalviz.graph.causal_graph import View
from causalviz.plots.network import Dress, network_data
from causalviz.plots.page import graph_page
from causalviz.plots.vector import graph_svg
from causalviz.ui.components.text import file_stem

if TYPE_CHECKING:
    from causalviz.graph.causal_graph import CausalGraph

JUDGED = {"all": "All", "judged": "Judged", "waiting": "Not yet judged"}
TOP_K = (0, 1, 2, 3, 5, 8)
Places = Mapping[str, tuple[float, float]]
HYPOTHESES = 0.2  # probability from which on a pair is worth a look where hardly one is likely
FORMATS: dict[str, tuple[str, str, Callable[[CausalGraph, Places], str]]] = {  # ending: for what, media type, writer
    "graphml": ("GraphML – yEd, Cytoscape, networkx", "application/xml", exchange.write_graphml),
    "gexf": ("GEXF – Gephi", "application/xml", exchange.write_gexf),
    "dot": ("DOT – Graphviz", "text/plain", exchange.write_dot),
    "dagitty.txt": ("DAGitty – adjustment sets", "text/plain", exchange.write_dagitty),
    "json": ("JSON – all that is shown, for programs", "application/json", exchange.write_json),
    "node-link.json": ("Node-link JSON – networkx, D3", "application/json", exchange.write_node_link),
}
TABLES: dict[str, tuple[str, str, Callable[[CausalGraph], str | bytes]]] = {
    "csv": ("CSV – edges as a table", "text/csv", exchange.write_csv),
    "adjacency.csv": ("Adjacency matrix – CSV", "text/csv", exchange.write_adjacency_csv),
    "npz": ("Adjacency matrix – NumPy", "application/octet-stream", exchange.write_adjacency_npz),
}


def few_edges_notice(
    graph: CausalGraph, view: View, project_id: str, change: Callable[[Callable[[View], View]], None]
) -> None:
    """Where hardly a pair is likelier than not, says how many more may be edges, and offers them; else draws nothing.

    Args:
        graph: The whole curated graph.
        view: What is shown now.
        project_id: Whose.
        change: Told how the view is to change, in a callback.
    """
    shown = sum(not edge.denied for edge in graph.edges)
    more = sum(pair.probability >= HYPOTHESES for pair in graph.doubtful)
    if view.threshold <= HYPOTHESES or 2 * shown >= len(graph.behaviours) or not more:
        return

    def show() -> None:
        st.session_state[_keys(project_id)["threshold"]] = HYPOTHESES
        change(lambda before: replace(before, threshold=HYPOTHESES))

    with st.container(horizontal=True, vertical_alignment="center", key="few_edges"):
        st.markdown(
            f":material/info: This log is sure of little: **{shown:,}** of {graph.total:,} pairs reach "
            f"{view.threshold:.2f}. **{more:,}** more have a probability of {HYPOTHESES:.2f} or more: hypotheses to "
            "check, not findings.",
            width="content",
        )
        st.button("Show them too", icon=":material/visibility:", key="show_hypotheses", on_click=show)


def view_controls(
    view: View,
    project_id: str,
    change: Callable[[Callable[[View], View]], None],
    kinds: Sequence[str] = (),
    items: Sequence[str] = (),
) -> None:
    """Draws threshold, causes per behaviour, and a menu of filters and layers.

    Args:
        view: What is shown now.
        project_id: Whose.
        change: Told how the view is to change, in a callback.
        kinds: Event types to choose among, if there are several behaviours of one.
        items: Items to choose among.
    """
    keys = _keys(project_id)

    def keep(name: str) -> None:
        value: Any = st.session_state[keys[name]]
        value = tuple(value) if isinstance(value, list) else value
        change(lambda before: replace(before, **{name: value}))

    st.slider(
        "Least probability", 0.0, 1.0, view.threshold, step=0.05, key=keys["threshold"], width=240,
        on_change=keep, args=("threshold",),
        help="Edges below it are hidden, unless an expert ruled on them.",
    )  # fmt: skip
    active = sum(
        [
            view.top_k > 0,
            view.judged != "all",
            bool(view.kinds),
            bool(view.items),
            bool(view.hidden),
            not view.show_rejected,
        ]
    )
    with st.popover(f"Filter ({active})" if active else "Filter", icon=":material/filter_alt:", key="graph_filter"):
        options = tuple(sorted({*TOP_K, view.top_k}))
        st.selectbox(
            "Causes per behaviour", options, options.index(view.top_k), key=keys["top_k"],
            format_func=lambda k: "all" if k == 0 else f"the top {k}" if k > 1 else "the top one",
            on_change=keep, args=("top_k",), help="Show only the most probable causes of each behaviour.",
        )  # fmt: skip
        st.segmented_control(
            "Edges", list(JUDGED), default=view.judged, required=True, format_func=JUDGED.__getitem__,
            key=keys["judged"], on_change=keep, args=("judged",),
        )  # fmt: skip
        st.toggle(
            "Rejected edges, dashed", view.show_rejected, key=keys["show_rejected"], on_change=keep,
            args=("show_rejected",),
        )  # fmt: skip
        st.toggle(
            "What directly follows what, dotted", view.follows, key=keys["follows"], on_change=keep, args=("follows",),
            help="Not causes: only what often comes right after what, to compare.",
        )  # fmt: skip
        for name, label, choices in (("kinds", "Event types", kinds), ("items", "Items", items)):
            if len(choices) > 1:
                chosen = [choice for choice in getattr(view, name) if choice in choices]
                st.multiselect(
                    label, choices, chosen, placeholder="All", key=keys[name], on_change=keep, args=(name,)
                )  # fmt: skip
        if view.hidden:
            st.multiselect(
                "Hidden behaviours", view.hidden, view.hidden, key=f"{keys['hidden']}_{len(view.hidden)}",
                on_change=lambda: change(
                    lambda before: replace(
                        before, hidden=tuple(st.session_state[f"{keys['hidden']}_{len(view.hidden)}"])
                    )
                ),
                help="Take one out to draw it again.",
            )  # fmt: skip


def forget_view_controls(project_id: str) -> None:
    """Lets the controls show what the project says, in place of what they showed last; call it in a callback."""
    for key in _keys(project_id).values():
        st.session_state.pop(key, None)


def _keys(project_id: str) -> dict[str, str]:
    return {field.name: f"{field.name}_{project_id}" for field in fields(View)}


def export_menu(graph: CausalGraph, places: Places, kinds: Mapping[str, str], name: str) -> None:
    """Draws the menu of file formats; a file is written when it is asked for.

    Args:
        graph: What is shown.
        places: Where the boxes stand.
        kinds: Event type of each behaviour.
        name: Of the project.
    """
    stem = file_stem(name, "graph")

    def page() -> bytes:
        return graph_page(network_data(graph, places, dress=Dress(kinds=kinds)), graph.edges, name).encode()

    def picture() -> bytes:
        return graph_svg(network_data(graph, places, dress=Dress(kinds=kinds)), name).encode()

    def written(write: Callable[[CausalGraph, Places], str]) -> bytes:
        return write(graph, places).encode()

    def tabled(write: Callable[[CausalGraph], str | bytes]) -> bytes:
        table = write(graph)
        return table if isinstance(table, bytes) else table.encode()

    with st.popover("Export", icon=":material/download:", key="export", on_change="rerun") as menu:
        if not menu.open:
            return  # what DAGitty does not get takes long to find in a large graph
        st.caption("What is shown now, verdicts included. The editor's toolbar saves a PNG.")
        _download("HTML – one page that needs nothing else", page, f"{stem}.html", "text/html")
        _download("SVG – for papers and slides", picture, f"{stem}.svg", "image/svg+xml")
        for ending, (purpose, media, write) in FORMATS.items():
            label = f"{purpose}{_reservation(graph)}" if write is exchange.write_dagitty else purpose
            _download(label, partial(written, write), f"{stem}.{ending}", media)
        for ending, (purpose, media, table) in TABLES.items():
            _download(purpose, partial(tabled, table), f"{stem}.{ending}", media)


def _reservation(graph: CausalGraph) -> str:
    """What DAGitty does not get; its language has no comments to say so in."""
    missing = len(exchange.left_out(graph))
    return f" (acyclic: {missing:,} least sure edge{'s' * (missing > 1)} of cycles left out)" if missing else ""


def _download(label: str, data: Callable[[], bytes], file_name: str, media: str) -> None:
    st.download_button(
        label, data, file_name, media, key=f"export_{media}_{label[:12]}", on_click="ignore",
        type="tertiary", icon=":material/description:",
    )  # fmt: skip

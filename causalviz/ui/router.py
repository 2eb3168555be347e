"""Which pages there are, at which addresses, and the way between them.

Addresses are the files' names, on purpose. Until ``st.navigation`` first runs in a server, Streamlit serves the
folder ``pages`` the old way: a first request for ``/graph`` runs that file alone, and one for an address that is no
file's name shows "Page not found". With equal names the file is found, and its ``enter`` hands over to the router.

Pages have no icons: the browser would fetch each as the tab's icon from a host of Google's.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from causalviz.ui.warmup import warm_up

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage

FOLDER = Path(__file__).resolve().parents[2] / "pages"
PAGES = {
    "data": "Data",
    "graph": "Graph",
    "train": "Train",
    "explain": "Explain",
    "evaluate": "Evaluate",
    "recommend": "Recommend",
}
ROUTED = "routed"


def route() -> None:
    """Shows the menu and runs the page that was asked for."""
    st.session_state[ROUTED] = True
    try:
        _navigation().run()
    finally:  # also of a page that stops early, as one without a log does
        warm_up()


def enter() -> None:
    """Called by each page: one that was started without the router hands over to it, once."""
    if ROUTED not in st.session_state:
        st.session_state[ROUTED] = True
        _navigation()
        st.rerun()


def go_to(name: str) -> None:
    """Opens another page, by its file's name."""
    st.switch_page(_page(name))


def once_more() -> None:
    """Runs again what is running: the fragment alone where it runs alone, else the whole page."""
    context = get_script_run_ctx()
    alone = context is not None and bool(context.fragment_ids_this_run)
    st.rerun(scope="fragment" if alone else "app")


def _navigation() -> StreamlitPage:
    """All pages; the first one stands at "/", so its name is a second, unlisted address of it."""
    first = next(iter(PAGES))
    pages = [_page(name) for name in PAGES if _file(name).is_file()]
    return st.navigation([*pages, st.Page(_file(first), url_path=first, visibility="hidden")], position="top")


def _page(name: str) -> StreamlitPage:
    if name == next(iter(PAGES)):
        return st.Page(_file(name), title=PAGES[name], url_path="start", default=True)
    return st.Page(_file(name), title=PAGES[name], url_path=name)


def _file(name: str) -> Path:
    return FOLDER / f"{name}.py"

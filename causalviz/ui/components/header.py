"""The frame of every page: look, heading, and the menu of the project."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from causalviz.errors import StoreError
from causalviz.ui.components.text import plain

if TYPE_CHECKING:
    from causalviz.graph.store import Store

Changes = dict[str, str | None]  # of the session

PRESENT = "presentation_mode"

ASSETS = Path(__file__).resolve().parents[3] / "assets"


def page_look(title: str) -> None:
    """Title of the browser's tab, logo, and the few rules of style that the theme cannot say."""
    st.set_page_config(page_title=f"{title} · CausalViz", page_icon=ASSETS / "icon.svg", layout="wide")
    tone = "dark" if st.context.theme.type == "dark" else "light"
    logo = ASSETS / f"logo-{tone}.svg"
    st.logo(logo, icon_image=logo, size="large")
    st.html(ASSETS / "style.css")


def page_header(
    title: str,
    lead: str,
    store: Store,
    project_id: str | None,
    author: str,
    *,
    presenting: bool,
    present: Callable[[bool], None],
) -> Changes | None:
    """Draws the heading and the project's menu beside it.

    Args:
        title: Of the page.
        lead: One sentence under it.
        store: Where the projects are.
        project_id: The open one.
        author: Who signs verdicts.
        presenting: Whether the project is shown and cannot be changed.
        present: Told whether it shall be, in a callback.

    Returns:
        Changes for the session that the visitor asked for, or None.
    """
    if presenting:
        st.html(ASSETS / "present.css")
    with st.container(horizontal=True, vertical_alignment="center", key="page_header"):
        with st.container(gap=None):
            st.title(title, anchor=False)
            if lead:
                st.caption(lead)
        name = store.project(project_id).name if project_id else "No project"
        with st.popover(plain(name), icon=":material/folder_open:", width="content", key="project_menu"):
            if project_id or presenting:
                _presentation(presenting, present)
            return None if presenting else _project_menu(store, project_id, author)


def _presentation(presenting: bool, present: Callable[[bool], None]) -> None:
    """The switch of the presentation mode; it shows what is, whoever changed it."""
    st.session_state[PRESENT] = presenting
    st.toggle(
        "Presentation mode", key=PRESENT, on_change=lambda: present(bool(st.session_state[PRESENT])),
        help="Graph, findings and explanations in larger text; nothing can be changed while it is on.",
    )  # fmt: skip


def _project_menu(store: Store, project_id: str | None, author: str) -> Changes | None:
    names = {project.id: project.name for project in store.projects()}
    if names:
        chosen = st.selectbox(
            "Open project",
            list(names),
            index=list(names).index(project_id) if project_id in names else None,
            format_func=lambda key: names[key],
            placeholder="Choose a project",
            key=f"open_project_{project_id}",
        )
        if chosen is not None and chosen != project_id:
            return {"project_id": chosen}
    signed = st.text_input("Your name, signed under verdicts", author, max_chars=60, key="author_name").strip()
    if signed and signed != author:
        return {"author": signed}
    if project_id in names:
        changed = _this_project(store, project_id, names[project_id], author)
        if changed is not None:
            return changed
    return _bin(store, author)


def _this_project(store: Store, project_id: str, name: str, author: str) -> Changes | None:
    """What can be done with the open project."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="rename"):
        wanted = st.text_input("Name of this project", name, max_chars=80, key=f"rename_{project_id}_{name}").strip()
        renamed = st.button("Rename", key="rename_project", disabled=wanted in ("", name))
    if renamed:
        try:
            store.rename_project(project_id, wanted, author)
        except StoreError as refusal:
            st.error(plain(str(refusal)), icon=":material/error:")
        else:
            return {"project_id": project_id}
    with st.container(horizontal=True, gap="small", key="project_commands"):
        if st.button("Start with another log", icon=":material/add:", key="new_project"):
            return {"project_id": None}
        if st.button("Move to the bin", icon=":material/delete:", type="tertiary", key="bin_project"):
            binned = store.bin_project(project_id, author)
            st.toast(f"“{plain(name)}” is in the bin until {binned.until[:10]}; this menu takes it out.")
            return {"project_id": None}
    return None


def _bin(store: Store, author: str) -> Changes | None:
    """What is in the bin, and the way out of it."""
    binned = store.binned_projects()
    if not binned:
        return None
    with st.expander(f"Bin ({len(binned)})", icon=":material/delete:", key="bin"):
        for one in binned:
            with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
                st.markdown(f"{plain(one.project.name)}  \nuntil {one.until[:10]}", width="stretch")
                if st.button("Take out", icon=":material/undo:", type="tertiary", key=f"return_{one.project.id}"):
                    return {"project_id": store.return_project(one.project.id, author).id}
    return None

"""The frame of every page: look, heading, and the menu of the project."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from causalviz.ui.components.text import plain

if TYPE_CHECKING:
    from causalviz.graph.store import Store

ASSETS = Path(__file__).resolve().parents[3] / "assets"


def page_look(title: str) -> None:
    """Title of the browser's tab, logo, and the few rules of style that the theme cannot say."""
    st.set_page_config(page_title=f"{title} · CausalViz", page_icon=ASSETS / "icon.svg", layout="wide")
    tone = "dark" if st.context.theme.type == "dark" else "light"
    logo = ASSETS / f"logo-{tone}.svg"
    st.logo(logo, icon_image=logo, size="large")
    st.html(ASSETS / "style.css")


def page_header(
    title: str, lead: str, store: Store, project_id: str | None, author: str
) -> dict[str, str | None] | None:
    """Draws the heading and the project's menu beside it.

    Args:
        title: Of the page.
        lead: One sentence under it.
        store: Where the projects are.
        project_id: The open one.
        author: Who signs verdicts.

    Returns:
        Changes for the session that the visitor asked for, or None.
    """
    with st.container(horizontal=True, vertical_alignment="center", key="page_header"):
        with st.container(gap=None):
            st.title(title, anchor=False)
            if lead:
                st.caption(lead)
        name = store.project(project_id).name if project_id else "No project"
        with st.popover(plain(name), icon=":material/folder_open:", width="content", key="project_menu"):
            return _project_menu(store, project_id, author)


def _project_menu(store: Store, project_id: str | None, author: str) -> dict[str, str | None] | None:
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
    if project_id and st.button("Start with another log", icon=":material/add:", key="new_project"):
        return {"project_id": None}
    return None

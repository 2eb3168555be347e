"""Tabs that stay as they were when a visitor comes back to a page; other widgets keep their state by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from streamlit.elements.lib.mutable_tab_container import TabContainer


def kept_tabs(names: Sequence[str], key: str) -> Sequence[TabContainer]:
    """Tabs of which the one that was open last is open again."""
    last = f"{key}_last"
    if key not in st.session_state and last in st.session_state:
        st.session_state[key] = st.session_state[last]
    tabs = st.tabs(list(names), key=key, on_change="rerun")
    st.session_state[last] = next((name for name, tab in zip(names, tabs, strict=True) if tab.open), names[0])
    return tabs

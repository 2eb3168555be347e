"""The top of the page: where a visitor belongs after a click at its foot has put another page in its place.

A browser keeps the place to which it was scrolled as long as the address of the page stays.
"""

from __future__ import annotations

from typing import Final

import streamlit as st

WANTED: Final = "to_top"
SCRIPT: Final = (
    "<script>document.querySelector('[data-testid=\"stMain\"]')?.scrollTo(0, 0)</script>"  # ours, word for word
)


def ask_for_top() -> None:
    """Lets the next run of the page begin at its top."""
    st.session_state[WANTED] = True


def go_to_top() -> None:
    """Scrolls up, once, if that was asked for."""
    if st.session_state.pop(WANTED, False):
        st.html(SCRIPT, unsafe_allow_javascript=True)

"""What came of a deed, said once where its button stands: a callback cannot draw there itself."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from causalviz.errors import CausalVizError
from causalviz.ui.components.text import plain


def tell(key: str, deed: Callable[[], str]) -> None:
    """Does something in a callback and keeps for ``say_told`` how it went.

    Args:
        key: Of the place where it is to be said.
        deed: Returns the sentence on what was done, or nothing where that shows by itself.
    """
    try:
        sentence = deed()
    except CausalVizError as error:
        st.session_state[key] = (False, str(error))
    else:
        if sentence:
            st.session_state[key] = (True, sentence)


def was_told(key: str) -> bool:
    """Whether there is something to say."""
    return key in st.session_state


def say_told(key: str) -> None:
    """Draws what was kept, if anything, and forgets it."""
    if was_told(key):
        done, sentence = st.session_state.pop(key)
        (st.success if done else st.error)(plain(sentence), icon=f":material/{'check' if done else 'error'}:")

"""The lower part of the Train page: the project's models, folded away until somebody looks for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from causalviz.errors import CausalVizError
from causalviz.ui.components.models_panel import Deeds, choose_models, model_comparison, models_list
from causalviz.ui.components.text import plain
from causalviz.ui.modelling import (
    compare_models,
    current_models,
    export_model,
    import_model,
    rename_model,
    use_model,
)
from causalviz.ui.session import get_session

if TYPE_CHECKING:
    from causalviz.ui.components.truth_choice import Upload
    from causalviz.ui.session import Session

NOTICE = "models_notice"
LIST, COMPARE = "All", "Compare two"


def models_section(session: Session) -> None:
    """Draws the models and what can be done with them.

    Raises:
        CausalVizError: If two models cannot be compared.
    """
    rows = current_models(session)
    own = len(rows) - 1
    notice = st.session_state.pop(NOTICE, None)
    title = f"Models of this project ({own + 1})" if own else "Models of this project"
    with st.expander(title, icon=":material/inventory_2:", key="models_section", expanded=notice is not None):
        if notice is not None:
            done, sentence = notice
            (st.success if done else st.error)(plain(sentence), icon=f":material/{'check' if done else 'error'}:")
        part = st.segmented_control(
            "Models", (LIST, COMPARE), default=LIST, required=True, key="models_part", label_visibility="collapsed"
        )
        if part == LIST:
            models_list(rows, Deeds(_use, _rename, lambda model_id: export_model(get_session(), model_id), _bring))
        elif (chosen := choose_models(rows)) is not None:
            comparison = compare_models(session, *chosen)
            if comparison is not None:
                by_id = {row.id: row for row in rows}
                model_comparison(comparison, by_id[chosen[0]], by_id[chosen[1]])


def _use(model_id: str) -> None:
    _tell(lambda: use_model(get_session(), model_id), "It judges from now on.")


def _rename(model_id: str, name: str) -> None:
    _tell(lambda: rename_model(get_session(), model_id, name), f"It is called “{name.strip()}” now.")


def _bring(upload: Upload) -> None:
    _tell(
        lambda: import_model(get_session(), upload.title, upload.data),
        f"“{upload.title}” passed the checks and is in the list; it judges once you say Use.",
    )


def _tell(deed: Callable[[], object], sentence: str) -> None:
    """Does it, and keeps for the next run how it went."""
    try:
        deed()
    except CausalVizError as error:
        st.session_state[NOTICE] = (False, str(error))
    else:
        st.session_state[NOTICE] = (True, sentence)

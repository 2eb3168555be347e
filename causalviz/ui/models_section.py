"""The lower part of the Train page: the project's models, folded away until somebody looks for them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from causalviz.ui.components.models_panel import Deeds, choose_models, model_comparison, models_list
from causalviz.ui.components.notice import say_told, tell, was_told
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
    title = f"Models of this project ({own + 1})" if own else "Models of this project"
    with st.expander(title, icon=":material/inventory_2:", key="models_section", expanded=was_told(NOTICE)):
        say_told(NOTICE)
        part = st.segmented_control(
            "Models", (LIST, COMPARE), default=LIST, required=True, key="models_part", label_visibility="collapsed"
        )
        if part == LIST:
            # an export is made outside the page's run, where there is no session to ask for
            models_list(rows, Deeds(_use, _rename, partial(export_model, session), _bring))
        elif (chosen := choose_models(rows)) is not None:
            comparison = compare_models(session, *chosen)
            if comparison is not None:
                by_id = {row.id: row for row in rows}
                model_comparison(comparison, by_id[chosen[0]], by_id[chosen[1]])


def _use(model_id: str) -> None:
    def use() -> str:
        use_model(get_session(), model_id)
        return "It judges from now on."

    tell(NOTICE, use)


def _rename(model_id: str, name: str) -> None:
    def rename() -> str:
        rename_model(get_session(), model_id, name)
        return f"It is called “{name.strip()}” now."

    tell(NOTICE, rename)


def _bring(upload: Upload) -> None:
    def bring() -> str:
        import_model(get_session(), upload.title, upload.data)
        return f"“{upload.title}” passed the checks and is in the list; it judges once you say Use."

    tell(NOTICE, bring)

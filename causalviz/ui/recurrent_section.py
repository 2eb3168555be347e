"""The last part of the Train page: a recurrent network beside the graph's, folded away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from causalviz.ui.components.recurrent_panel import (
    WHAT,
    recurrent_end,
    recurrent_offer,
    recurrent_outcome,
    recurrent_progress,
)
from causalviz.ui.jobs import State
from causalviz.ui.recurring import contrast, recurrent_job, recurrents, start_recurrent
from causalviz.ui.session import get_session

if TYPE_CHECKING:
    from causalviz.ui.session import Session

POLL_S = 1.5


def recurrent_section(session: Session) -> None:
    """Draws the offer, the progress, or both networks side by side.

    Raises:
        CausalVizError: If they cannot be compared.
    """
    job = recurrent_job(session)
    unfolded = job is not None and not job.state.is_final
    title = "Compare with a recurrent network"
    with st.expander(title, icon=":material/timeline:", key="recurrent_section", expanded=unfolded):
        st.markdown(WHAT)
        if job is not None and not job.state.is_final:
            _follow()
            return
        config = recurrent_offer(again=job is not None and job.result is not None)
        if config is not None:
            start_recurrent(session, config)
            st.rerun()
        if job is not None and job.state is State.DONE and job.result is not None:
            found = contrast(session, job.result)
            if found is not None:
                recurrent_outcome(job.result, found)
        elif job is not None:
            recurrent_end(job)


@st.fragment(run_every=POLL_S)
def _follow() -> None:
    job = recurrent_job(get_session())
    if job is None or job.state.is_final:
        st.rerun()
    elif (wish := recurrent_progress(job)) is not None:
        recurrents().steer(job.id, wish)
        st.rerun(scope="fragment")

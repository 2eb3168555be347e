"""Loading what the next page needs while the visitor looks at the first one.

The network's library takes seconds to import and the kernels must be read from their cache; done once for the server
in a thread of its own, after the first page was sent, nobody waits for it. Where that page itself asks for a discovery,
it loads the same: then nothing is added to what its visitor waits for.
"""

from __future__ import annotations

import threading

import streamlit as st

SAMPLE_USERS = 20


def warm_up() -> None:
    """Starts loading, once for each server; does nothing outside one."""
    if st.runtime.exists():
        _started()


@st.cache_resource(show_spinner=False)
def _started() -> threading.Thread:
    thread = threading.Thread(target=_load, name="warm up", daemon=True)
    thread.start()
    return thread


def _load() -> None:
    from causalviz.ui.discovering import discoveries

    if discoveries().is_idle:
        _practise()


def _practise() -> None:
    """Finds causes in a small log, and explains one."""
    from causalviz.explain.shapley import explain_edge
    from causalviz.model.checkpoint import load_prior
    from causalviz.pipeline import discover
    from causalviz.worlds import demo_log

    found = discover(demo_log("social", users=SAMPLE_USERS).log)
    cause, effect = found.names[:2]
    explain_edge(found.features, load_prior(), found.names, cause, effect, found.counts)

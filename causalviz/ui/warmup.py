"""Loading what the next page needs while the visitor looks at the first one.

The network's library takes seconds to import, and the kernels must be read from their cache, or compiled where there
is none yet; done once for the server in a thread of its own, after the first page was sent, nobody waits for it. Where
that page itself asks for a discovery, it loads the same: then nothing is added to what its visitor waits for.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from causalviz.events.log import EventLog

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

    for practise in (_practise_explaining, _practise_recommending):
        if discoveries().is_idle:
            practise()


def _practise_explaining() -> None:
    """Finds causes in a small log, and explains one."""
    from causalviz.explain.shapley import explain_edge
    from causalviz.model.checkpoint import load_prior
    from causalviz.pipeline import discover

    found = discover(_sample())
    cause, effect = found.names[:2]
    explain_edge(found.features, load_prior(), found.names, cause, effect, found.counts)


def _practise_recommending() -> None:
    """Tells from a small log what comes next, behaviours and items, and what leads to one of them."""
    from causalviz.advice import advise
    from causalviz.events.raw import RawEvents

    log = _sample()
    advise(log, goal=log.names[0], raw=RawEvents.from_log(log), test=False)


def _sample() -> EventLog:
    from causalviz.worlds import demo_log

    return demo_log("shop", users=SAMPLE_USERS).log

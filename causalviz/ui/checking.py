"""How good the graph is where there is no truth: the log is varied and answered again, as a job.

A check is found by its log and its network, so that a refresh, another tab, a return to the page or a new server sees
the same one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from causalviz.errors import UnknownRecord
from causalviz.ui.compute import current_discovery, current_log, current_model, store
from causalviz.ui.following import Stage
from causalviz.ui.jobs import JobRegistry
from causalviz.ui.shelf import Arrays, Shelf

if TYPE_CHECKING:
    from causalviz.discovery import Discovery
    from causalviz.events.log import EventLog
    from causalviz.model.edge_model import EdgeModel
    from causalviz.trials import Checked, CheckKind
    from causalviz.ui.jobs import Job
    from causalviz.ui.session import Session


@st.cache_resource(show_spinner=False)
def checks() -> JobRegistry[Stage, Checked]:
    """Checks; one runs, the others wait."""
    shelf = Shelf(lambda: store().home / "checks", _packed, _unpacked)
    return JobRegistry(max_running=1, max_kept=12, shelf=shelf)


def _packed(checked: Checked) -> Arrays:
    return {"answers": checked.answers, "note": np.array(checked.note)}


def _unpacked(arrays: Arrays) -> Checked:
    from causalviz.trials import Checked

    answers = np.asarray(arrays["answers"], np.float32)
    if answers.ndim != 3:
        raise ValueError(f"answers have three axes (got {answers.ndim})")
    return Checked(answers, float(arrays["note"]))


def current_check(session: Session, kind: CheckKind) -> Job[Stage, Checked] | None:
    """The latest check of a kind on this log under this network, running or over."""
    discovery = current_discovery(session)
    return None if discovery is None else checks().find(_key(kind, discovery))


def start_check(session: Session, kind: CheckKind, times: int) -> str:
    """Starts a check.

    Args:
        session: Of the project.
        kind: Resampled users, time halves, or shuffled behaviours.
        times: How many varied logs are answered; halves are always two.

    Returns:
        The job's id.

    Raises:
        UnknownRecord: If there is no log.
    """
    log, discovery = current_log(session), current_discovery(session)
    if log is None or discovery is None:
        raise UnknownRecord("There is no log to check; choose one on the Data page.")
    return checks().start(_key(kind, discovery), _checking(kind, times, log, current_model(session)))


def seconds_per_answer(discovery: Discovery) -> float:
    """About how long one more log like this takes."""
    return sum(discovery.seconds.values())


def _key(kind: CheckKind, discovery: Discovery) -> str:
    return f"{kind} {discovery.log_fingerprint} {discovery.model_id}"


def _checking(
    kind: CheckKind, times: int, log: EventLog, model: EdgeModel
) -> Callable[[Callable[[Stage], None], Callable[[], bool]], Checked]:
    def work(on_step: Callable[[Stage], None], cancelled: Callable[[], bool]) -> Checked:
        from causalviz.model.apart import run_apart
        from causalviz.trials import check

        return run_apart(check, kind, times, log, model, on_step=on_step, cancelled=cancelled)

    return work

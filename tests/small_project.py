"""A project on a small log with known causes and a hostile name, for the tests of pages."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import asdict, replace

from causalviz.events.log import Behaviour, EventLog
from causalviz.events.rules import RawEvents, Rules
from causalviz.graph.store import Store
from causalviz.ui import compute
from causalviz.ui.jobs import Job, Result, Step
from causalviz.worlds.demos import demo_log

NASTY = "<img src=x onerror=alert(1)>"  # stands in for "comment", which "watch" sets off
PATIENCE_S = 60.0


def small_log(users: int = 80) -> EventLog:
    """The video demo with few users."""
    log = demo_log("video", users=users).log
    named = tuple(Behaviour(NASTY, NASTY) if b.name == "comment" else b for b in log.behaviours)
    return EventLog(log.user, log.time, log.behaviour, named, log.user_names)


def add_small_project(store: Store, name: str = "Small") -> str:
    """Puts the log into a store, with a project over it; returns the project's id."""
    raw = RawEvents.from_log(small_log())
    log = store.add_log(name, raw.fingerprint, lambda folder: raw.save(folder / compute.EVENTS_FILE))
    project = replace(store.create_project(name), log_id=log.fingerprint)
    return store.save_project(replace(project, settings={"rules": asdict(Rules())})).id


def open_small_project() -> str:
    """The same in the store that ``CAUSALVIZ_HOME`` names."""
    return add_small_project(compute.store())


def ended(find: Callable[[], Job[Step, Result] | None]) -> Job[Step, Result]:
    """Waits until a job is over, on an event and not on a clock."""
    pause = threading.Event()
    for _ in range(int(PATIENCE_S / 0.02)):
        job = find()
        if job is not None and job.state.is_final:
            return job
        pause.wait(0.02)
    raise AssertionError("the job did not end")

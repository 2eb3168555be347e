"""A small project for tests of the Graph page: a log with hostile and Chinese names in a store."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from causalviz.events.log import EventLog
from causalviz.events.rules import RawEvents
from causalviz.graph.store import Project, Store
from causalviz.graph.verdicts import Act, History, Verdict
from causalviz.ui.compute import EVENTS_FILE
from causalviz.ui.settings import with_behaviours

RUDE = "<img src=x onerror=alert(1)>"
LIKE = "收藏商品"
NAMES = ("view", "cart", "buy", RUDE, LIKE)


def small_log(users: int = 60, seed: int = 5) -> EventLog:
    """View leads to cart within a minute, cart to buy; the other two come when they come."""
    rng = np.random.default_rng(seed)
    user, time, behaviour = [], [], []
    for who in range(users):
        for start in rng.uniform(0, 5e6, 6):
            moments = start + np.cumsum(rng.exponential([1.0, 3e4, 5e4]))  # ms
            length = rng.integers(1, 4)
            user += [who] * length
            time += moments[:length].tolist()
            behaviour += [0, 1, 2][:length]
        for code in (3, 4):
            user += [who] * 4
            time += rng.uniform(0, 5e6, 4).tolist()
            behaviour += [code] * 4
    columns = (np.array(user, np.int32), np.array(time).astype(np.int64), np.array(behaviour, np.int32))
    return EventLog.from_columns(*columns, NAMES)


def add_project(store: Store, name: str = "Small shop") -> Project:
    """A project over the small log."""
    raw = RawEvents.from_log(small_log())
    log = store.add_log(name, raw.fingerprint, lambda folder: raw.save(folder / EVENTS_FILE))
    return store.save_project(replace(store.create_project(name), log_id=log.fingerprint))


def add_dense_sketch(store: Store, name: str, behaviours: int) -> Project:
    """A project without a log in which each behaviour leads to all later ones."""
    names = tuple(f"step {number}" for number in range(behaviours))
    project = store.save_project(with_behaviours(store.create_project(name), names, {}))
    pairs = [(cause, effect) for place, cause in enumerate(names) for effect in names[place + 1 :]]
    said = tuple(Verdict(Act.ADD, *pair, "Ada", "2026-11-01T10:00:00+00:00") for pair in pairs)
    store.append_verdicts(project.id, History(said), 0)
    return project

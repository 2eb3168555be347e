"""The logs of the table, in groups. A group is a family of worlds, or one log; its line is the mean over its worlds.

Seeds are those of no training: worlds of the prior and of its held-out families come from a seed of their own, and the
demos from other seeds than the app shows. The experts' graph of the real alarm log is used for its lines alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.clusters import activity_bias, thousand_behaviours, twenty_types
from benchmarks.known import Known
from benchmarks.nulls import heterogeneous, independent
from benchmarks.published import balanced, hawkes, self_correcting, two_causes
from causalviz.errors import UnusableLog
from causalviz.pipeline import read_log
from causalviz.worlds import HELD_OUT, STORIES, Prior, demo_log, draw_plan, simulate
from causalviz.worlds.demos import DemoName

Group = Callable[[int], Known]

UNSEEN_SEED = 987_654_321
FIRST_DEMO_SEED = 1
MAX_DRAWS = 100
ALARMS = "wireless alarms"
SINGLE = frozenset({ALARMS, "20 types x 100 k", "1000 behaviours x 1 M"})  # one log is enough, or all there is
LARGE = frozenset({"20 types x 100 k", "1000 behaviours x 1 M"})  # never resampled


def groups(data: Path) -> dict[str, Group]:
    """All groups by name: from the number of a world to the world.

    Args:
        data: Folder of the open logs; without the alarm log in it that group is left out.
    """
    found: dict[str, Group] = {}
    if (data / "wireless_alarms").is_dir():
        found[ALARMS] = partial(_alarms, data / "wireless_alarms")
    found |= {f"demo {name}": partial(_demo, name) for name in STORIES}
    found["unseen worlds"] = partial(_unseen, Prior(null=0.0), 0)
    found |= held_out(HELD_OUT)
    found |= {
        "Hawkes": hawkes,
        "Hawkes, even counts": balanced(hawkes),
        "self-correcting": self_correcting,
        "two causes": two_causes,
        "activity bias": activity_bias,
        "null: all differ": heterogeneous,
        "null: season": independent,
        "null: of the prior": partial(_unseen, Prior(null=1.0), 99),
        "20 types x 100 k": twenty_types,
        "1000 behaviours x 1 M": thousand_behaviours,
    }
    return found


def held_out(families: Mapping[str, Prior]) -> dict[str, Group]:
    """A group for each family of worlds that no training draws."""
    return {f"held out: {name}": partial(_unseen, prior, 1 + k) for k, (name, prior) in enumerate(families.items())}


def _alarms(folder: Path, _: int) -> Known:
    log = read_log(folder / "Alarm.csv", user="device_id", event="alarm_id", time="start_timestamp")
    order = [int(name) for name in log.names]
    truth = np.load(folder / "DAG.npy").astype(bool)
    return Known(log, truth[np.ix_(order, order)])


def _demo(name: DemoName, seed: int) -> Known:
    world = demo_log(name, seed=FIRST_DEMO_SEED + seed)
    return Known(world.log, world.truth)


def _unseen(prior: Prior, family: int, seed: int) -> Known:
    """A world of a prior, the first of its seed that has events of two behaviours and, unless all are null, an edge."""
    for attempt in range(MAX_DRAWS):
        rng = np.random.default_rng([UNSEEN_SEED, family, seed, attempt])
        try:
            world = simulate(draw_plan(prior, rng), rng)
        except UnusableLog:
            continue  # chance left this world without events
        if world.log.n_behaviours > 1 and (world.truth.any() or prior.null == 1):
            return Known(world.log, world.truth)
    raise UnusableLog(f"{MAX_DRAWS} worlds in a row have no events or no edges; widen their prior.")

"""How good are the shipped prior's probabilities? Beside every answer stand the free lines, in the same run.

    python -m causalviz benchmark

Logs: the three demos (other seeds than the app shows), worlds of the prior that no training saw, logs without any
edge, and the real alarm log with its expert graph where the open data lie beside the checkout. The threshold is 0.5
everywhere, fixed before looking; the expert graph is used for these lines and for nothing else.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from causalviz import discover, read_log
from causalviz.errors import UnusableLog
from causalviz.evaluate.metrics import Scores, compare
from causalviz.events.log import TICKS_PER_S, EventLog
from causalviz.worlds import STORIES, Prior, demo_log, draw_plan, simulate

Truth = NDArray[np.bool_]

SHOWN = ("auroc", "auprc", "f1", "shd", "orientation", "ece")
UNSEEN_SEED = 987_654_321  # worlds of the shipped prior come from other seeds
WORLDS = 40
DAY_S = 86_400


def main(data: Path = Path("../shared/data")) -> None:
    """Prints the table."""
    print(f"{'log':<22}{'method':<18}" + "".join(f"{name:>12}" for name in SHOWN) + f"{'drawn':>8}{'seconds':>9}")
    for name, log, truth in _known_logs(data):
        started = time.perf_counter()
        found = discover(log)
        seconds = time.perf_counter() - started
        for method, scores in compare(found.probability, truth, found.counts).items():
            _line(name, "CausalViz" if method == "answer" else method, scores, seconds if method == "answer" else None)
    _worlds()
    _no_edges()


def independent_log(seed: int, behaviours: int = 20, users: int = 2000) -> EventLog:
    """Behaviours that cause nothing: activity differs 10-fold between users, and there is a daily season."""
    rng = np.random.default_rng(seed)
    events = rng.poisson(np.exp(rng.uniform(np.log(4), np.log(40), users))) + 1
    user = np.repeat(np.arange(users, dtype=np.int32), events)
    M = len(user)
    hour = rng.random(8 * M)
    hour = hour[rng.random(8 * M) < (1 + np.sin(2 * np.pi * hour)) / 2][:M]
    time_ticks = ((rng.integers(0, 30, M) + hour) * DAY_S * TICKS_PER_S).astype(np.int64)
    mark = rng.choice(behaviours, M, p=rng.dirichlet(np.full(behaviours, 2.0))).astype(np.int32)
    return EventLog.from_columns(user, time_ticks, mark, [f"b{code}" for code in range(behaviours)])


def _known_logs(data: Path) -> Iterator[tuple[str, EventLog, Truth]]:
    for name in STORIES:
        world = demo_log(name, seed=1)
        yield f"demo {name}", world.log, world.truth
    folder = data / "wireless_alarms"
    if not folder.is_dir():
        print(f"(no {folder}: the real alarm log is left out)")
        return
    log = read_log(folder / "Alarm.csv", user="device_id", event="alarm_id", time="start_timestamp")
    order = [int(name) for name in log.names]
    truth = np.load(folder / "DAG.npy").astype(bool)
    yield "wireless alarms", log, truth[np.ix_(order, order)]


def _worlds() -> None:
    """All pairs of many unseen worlds, method by method, scored as means over the worlds that have edges."""
    rows: dict[str, list[Scores]] = {}
    seconds: list[float] = []
    for number in range(WORLDS):
        rng = np.random.default_rng([UNSEEN_SEED, number])
        try:
            world = simulate(draw_plan(Prior(null=0.0), rng), rng)
        except UnusableLog:
            continue  # chance left this world without events
        if not world.truth.any():
            continue
        started = time.perf_counter()
        found = discover(world.log)
        seconds.append(time.perf_counter() - started)
        for method, scores in compare(found.probability, world.truth, found.counts).items():
            rows.setdefault(method, []).append(scores)
    for method, scores in rows.items():
        mean = Scores(*(float(np.nanmean([s[k] for s in scores])) for k in range(len(Scores._fields))))  # type: ignore[arg-type]
        label = "CausalViz" if method == "answer" else method
        _line(f"{len(seconds)} unseen worlds", label, mean, float(np.mean(seconds)) if method == "answer" else None)


def _no_edges() -> None:
    for seed in range(3):
        found = discover(independent_log(seed))
        drawn = np.nan_to_num(found.probability) >= 0.5
        pairs = drawn.size - len(drawn)
        print(f"{f'no edges, seed {seed}':<22}{'CausalViz':<18}{int(drawn.sum())} of {pairs} pairs drawn")


def _line(log: str, method: str, scores: Scores, seconds: float | None) -> None:
    values = "".join(f"{getattr(scores, name):>12.3f}" for name in SHOWN)
    print(f"{log:<22}{method:<18}{values}{scores.drawn:>8.0f}" + (f"{seconds:>9.2f}" if seconds else ""))


if __name__ == "__main__":
    main()

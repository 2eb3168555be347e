"""Which item next: scores beside the baselines on held-out time, and seconds at the size of a large shop.

    python -m benchmarks.recommend_items next [--data DIR] [--split time|last] [--cold] [--only LOG]
    python -m benchmarks.recommend_items speed [--users N --items N --views X]

Logs: a simulated shop with hundreds of items in categories (``benchmarks.shop_world``, other seeds than it was built
with), the demo shop with three items, and twenty real sessions of OTTO's, far too few to say much. The graph over event
types is discovered in the learned part. With ``--cold`` only items are asked for that nobody had touched there: one in
twenty of the simulated shop's comes late. ``speed`` gives the true graph, and counts neither the simulation nor a first
small round in which everything is compiled.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.shop_world import KINDS, LINKS, shop_world
from causalviz.events.raw import RawEvents
from causalviz.events.readers import read_events
from causalviz.events.rules import Rules, apply_rules
from causalviz.forecasting import Split
from causalviz.item_forecasting import compare_items
from causalviz.lags.grid import LagGrid
from causalviz.recommend.item_states import ItemEvents, items_now
from causalviz.recommend.items import fit_items
from causalviz.recommend.tables import BLOCK
from causalviz.worlds.demos import demo_log

SEED = 2026
TOP = 10


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recommend_items")
    parser.add_argument("part", choices=("next", "speed"))
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), metavar="DIR")
    parser.add_argument("--split", choices=("time", "last"), default="time")
    parser.add_argument("--cold", action="store_true", help="ask only for items that were not there to learn from")
    parser.add_argument("--only", nargs="+", default=[], metavar="LOG", help="logs whose names begin so")
    parser.add_argument("--users", type=int, default=1_000_000, metavar="N")
    parser.add_argument("--items", type=int, default=100_000, metavar="N")
    parser.add_argument("--views", type=float, default=4.7, metavar="X", help="per user that nothing led to")
    options = parser.parse_args(arguments)
    if options.part == "next":
        print_next(options.data, options.split, options.only, options.cold)
    else:
        print_speed(options.items, options.users, options.views)


def logs(data: Path, only: Sequence[str]) -> Iterator[tuple[str, str | None, RawEvents]]:
    """Name, goal and events, each read when its turn comes."""
    readers: dict[tuple[str, str | None], Callable[[], RawEvents]] = {
        ("shop, 500 items", None): partial(_shop, 500, 4_000),
        ("shop, 500 items", "buy"): partial(_shop, 500, 4_000),
        ("shop, 2000 items", None): partial(_shop, 2_000, 3_000),
        ("demo shop", None): _demo,
        ("demo shop", "buy"): _demo,
    }
    if data.is_dir():
        readers["otto", None] = lambda: read_events(data / "otto_sessions" / "train.jsonl").raw
    for (name, goal), read in readers.items():
        if not only or any(name.startswith(start) for start in only):
            yield name, goal, read()


def _shop(items: int, users: int) -> RawEvents:
    return shop_world(items, users, 8.0, np.random.default_rng([SEED, items]))


def _demo() -> RawEvents:
    return RawEvents.from_log(demo_log("shop", seed=1).log)


def print_next(data: Path, split: Split, only: Sequence[str], cold: bool) -> None:
    """A line for each log, goal and method."""
    for name, goal, raw in logs(data, only):
        began = time.perf_counter()
        found = compare_items(raw, goal=goal, split=split, top=TOP, cold=cold)
        assert found is not None
        print(
            f"{name}, next {goal or 'item'}: {found.questions:,} questions, {found.users:,} users, "
            f"{found.items:,} items, {found.edges} edges, top {found.top}, {time.perf_counter() - began:.1f} s"
        )
        for row in found.table().itertuples():
            lead = f"{row.ndcg_gain:+.4f} ({row.ndcg_gain_low:+.4f} to {row.ndcg_gain_high:+.4f})"
            print(
                f"  {row.method:<14} NDCG {row.ndcg:.4f} ({row.ndcg_low:.4f} to {row.ndcg_high:.4f})  "
                f"HR {row.hit_rate:.3f}  MRR {row.mrr:.3f}  cover {row.coverage:.2f}  novel {row.novelty:.2f}  "
                f"{lead if np.isfinite(row.ndcg_gain) else ''}"
            )


def print_speed(items: int, users: int, views: float) -> None:
    """Seconds of one core for the fit, of everybody's ten best items, of one user's; the peak of memory."""
    drawn = np.zeros((len(KINDS), len(KINDS)), dtype=bool)
    for cause, effect, *_ in LINKS:
        drawn[cause, effect] = True
    _rounds(shop_world(200, 300, 8.0, np.random.default_rng(SEED)), drawn)
    raw = shop_world(items, users, views, np.random.default_rng(SEED))
    fitted, crowd, one = _rounds(raw, drawn)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"{len(raw.item_names):,} items, {len(raw.user_names):,} users, {raw.n_events:,} events: "
        f"fit {fitted:.1f} s of one core; "
        f"top {TOP} of all users {crowd:.1f} s; of one {1e3 * one:.2f} ms; peak {peak:.1f} GB with the simulation"
    )


def _rounds(raw: RawEvents, drawn: np.ndarray) -> tuple[float, float, float]:
    """Seconds of one core: of the fit, of all users, of one."""
    grid = LagGrid.from_log(apply_rules(raw, Rules()))
    began = time.process_time()
    events = ItemEvents.of_raw(raw)
    rates = fit_items(events, grid, drawn)
    fitted = time.process_time() - began
    began = time.process_time()
    for start in range(0, events.n_users, BLOCK):
        users = np.arange(start, min(start + BLOCK, events.n_users))
        rates.top(items_now(events, grid, users), TOP)
    crowd = time.process_time() - began
    began = time.process_time()
    for user in range(50):
        rates.top(items_now(events, grid, np.array([user % events.n_users])), TOP)
    return fitted, crowd, (time.process_time() - began) / 50


if __name__ == "__main__":
    main(sys.argv[1:])

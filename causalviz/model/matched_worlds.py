"""Matched worlds as examples: simulated logs that resemble one log, each with a graph of its own.

Some are learned from, others are kept aside. Those kept aside are the same for every training on one log with equally
many of them, whatever its seed, so that the scores of two models are scores on the same worlds. A few are simulated
ahead of the one that is asked for, and no more: who stops asking, stops the work.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from itertools import islice
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from causalviz.model.candidates import Candidates
from causalviz.model.structure import Structure
from causalviz.model.threads import one_core_for_algebra
from causalviz.model.training import Example
from causalviz.model.world_examples import plan_features
from causalviz.worlds.matching import Profile, draw_matched_plan
from causalviz.worlds.prior import TRAINED

WORKERS = 2  # threads that simulate; the slow parts leave Python's lock alone
AHEAD = 2  # worlds under way besides those of the workers
TRIES = 2  # seeds for each world that is wanted; a world without enough events is of no use
KEPT_ASIDE_SEED = 20_260


class Wanted(NamedTuple):
    """How many worlds are kept aside, how many are learned from, and the seed of the latter."""

    aside: int
    learned: int
    seed: int


class Matched(NamedTuple):
    """Worlds kept aside, and worlds to learn from, in the order of their seeds."""

    aside: list[Example]
    learned: list[Example]


class World(NamedTuple):
    """A simulated one: edge (E, D), node (K, F), candidates, label (E,), and whether it is kept aside."""

    edge: NDArray[np.float32]
    node: NDArray[np.float32]
    candidates: Candidates
    label: NDArray[np.float32]
    aside: bool


def matched_worlds(
    profile: Profile, wanted: Wanted, on_world: Callable[[int], None], stop: Callable[[], bool]
) -> Matched:
    """Simulates worlds, always the same ones in the same order.

    Args:
        profile: Of the log.
        wanted: How many.
        on_world: Told after each how many there are.
        stop: Asked after each; when it says True, those so far are returned.
    """
    found = Matched([], [])
    with one_core_for_algebra(), closing(_in_order(profile, wanted)) as worlds:
        for world in worlds:
            (found.aside if world.aside else found.learned).append(_example(world))
            on_world(len(found.aside) + len(found.learned))
            if stop():
                break
    return found


def _example(world: World) -> Example:
    label = torch.from_numpy(world.label)
    return Example(
        torch.from_numpy(world.edge),
        torch.from_numpy(world.node),
        Structure.of(world.candidates, len(world.node)),
        label,
        torch.ones_like(label),
    )


def _in_order(profile: Profile, wanted: Wanted) -> Generator[World, None, None]:
    """Worlds in the order of their seeds, however the threads share them."""
    pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="matched worlds")
    try:
        for n, seed, aside in ((wanted.aside, KEPT_ASIDE_SEED, True), (wanted.learned, wanted.seed, False)):
            row = np.random.SeedSequence(seed, spawn_key=(int(aside),))
            yield from islice(_useful(pool, profile, iter(row.spawn(TRIES * n)), aside), n)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _useful(
    pool: ThreadPoolExecutor, profile: Profile, seeds: Iterator[np.random.SeedSequence], aside: bool
) -> Iterator[World]:
    under_way: deque[Future[World | None]] = deque()
    for seed in islice(seeds, WORKERS + AHEAD):
        under_way.append(pool.submit(_simulated, profile, seed, aside))
    try:
        while under_way:
            world = under_way.popleft().result()
            under_way.extend(pool.submit(_simulated, profile, seed, aside) for seed in islice(seeds, 1))
            if world is not None:
                yield world
    finally:
        for future in under_way:
            future.cancel()


def _simulated(profile: Profile, seed: np.random.SeedSequence, aside: bool) -> World | None:
    priors, shares = zip(*TRAINED.values(), strict=True)
    rng = np.random.default_rng(seed)
    prior = priors[rng.choice(len(priors), p=shares)]
    found = plan_features(draw_matched_plan(profile, prior, rng), rng)
    if found is None:
        return None
    features, signs = found
    label = (signs[features.cause, features.effect] != 0).astype(np.float32)
    return World(features.edge, features.node, features.candidates, label, aside)

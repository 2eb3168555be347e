"""Matched worlds as examples: simulated logs that resemble one log, each with a graph of its own.

Some are learned from, others are kept aside. Those kept aside are the same for every training on one log with equally
many of them, whatever its seed, so that the scores of two models are scores on the same worlds. A few are simulated
ahead of the one that is asked for, and no more: who stops asking, stops the work.

They can be simulated *apart*, in a process of its own at low priority (``python -m causalviz.model.matched_worlds``),
so that a server stays free to answer. It is told a profile as one line of JSON and sends each world as the length of
an ``.npz`` and the ``.npz``; where nobody reads, it waits, and where nobody is left, it ends.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import IO, NamedTuple, cast

import numpy as np
import torch
from numpy.typing import NDArray

from causalviz.errors import TrainingFailed
from causalviz.events.log import Behaviour
from causalviz.model.candidates import Candidates
from causalviz.model.network import Structure
from causalviz.model.training import Example
from causalviz.model.world_examples import plan_features
from causalviz.worlds.matching import Profile, draw_matched_plan
from causalviz.worlds.prior import TRAINED

WORKERS = 2  # threads that simulate; the slow parts leave Python's lock alone
AHEAD = 2  # worlds under way besides those of the workers
TRIES = 2  # seeds for each world that is wanted; a world without enough events is of no use
KEPT_ASIDE_SEED = 20_260
LENGTH_BYTES = 8
NICENESS = 5  # gentler than a page, and still on its way where other work fills the machine
ROOT = Path(__file__).resolve().parents[2]


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
    profile: Profile, wanted: Wanted, on_world: Callable[[int], None], stop: Callable[[], bool], *, apart: bool = False
) -> Matched:
    """Simulates worlds, always the same ones in the same order.

    Args:
        profile: Of the log.
        wanted: How many.
        on_world: Told after each how many there are.
        stop: Asked after each; when it says True, those so far are returned.
        apart: Whether another process simulates them.

    Raises:
        TrainingFailed: If the other process ended before its time.
    """
    found = Matched([], [])
    with closing(_apart(profile, wanted) if apart else _here(profile, wanted)) as worlds:
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


def _here(profile: Profile, wanted: Wanted) -> Generator[World, None, None]:
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
    features, truth = found
    label = truth[features.cause, features.effect].astype(np.float32)
    return World(features.edge, features.node, features.candidates, label, aside)


def _apart(profile: Profile, wanted: Wanted) -> Generator[World, None, None]:
    """The same worlds from another process."""
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    worker = subprocess.Popen(
        [sys.executable, "-m", "causalviz.model.matched_worlds"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), "OMP_NUM_THREADS": "1"},
    )
    asked, sent = cast("IO[bytes]", worker.stdin), cast("IO[bytes]", worker.stdout)
    try:
        asked.write((_told(profile, wanted) + "\n").encode())
        asked.flush()
        while (world := _received(sent)) is not None:
            yield world
        code = worker.wait()
        if code != 0:
            raise TrainingFailed(
                f"The process that simulates worlds was ended before its time (code {code}), as a system short of "
                "memory does; choose fewer worlds or close other programs, and start again."
            )
    except BrokenPipeError as error:
        raise TrainingFailed("The process that simulates worlds did not start; start the training again.") from error
    finally:
        worker.kill()
        worker.wait()
        sent.close()
        with suppress(BrokenPipeError):  # it did not read what it was asked
            asked.close()


def _told(profile: Profile, wanted: Wanted) -> str:
    return json.dumps({**asdict(profile), "shares": profile.shares.tolist(), "wanted": wanted})


def _understood(line: str) -> tuple[Profile, Wanted]:
    told = json.loads(line)
    wanted = Wanted(*told.pop("wanted"))
    told["behaviours"] = tuple(Behaviour(**behaviour) for behaviour in told["behaviours"])
    told["gaps_s"] = tuple(told["gaps_s"])
    return Profile(**{**told, "shares": np.array(told["shares"])}), wanted


def _sent(world: World, out: IO[bytes]) -> None:
    packed = io.BytesIO()
    pairs = np.stack(world.candidates)
    np.savez(packed, edge=world.edge, node=world.node, pairs=pairs, label=world.label, aside=np.array(world.aside))
    out.write(packed.tell().to_bytes(LENGTH_BYTES, "big") + packed.getvalue())
    out.flush()


def _received(source: IO[bytes]) -> World | None:
    """The next world; None where the other process sends no more."""
    size = int.from_bytes(source.read(LENGTH_BYTES), "big")
    packed = source.read(size)
    if size == 0 or len(packed) < size:
        return None
    with np.load(io.BytesIO(packed)) as arrays:
        return World(
            arrays["edge"], arrays["node"], Candidates(*arrays["pairs"]), arrays["label"], bool(arrays["aside"])
        )


def _main() -> None:
    """The other process: worlds to the standard output, whatever else is printed to the standard error."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    torch.set_num_threads(1)
    try:
        with closing(_here(*_understood(sys.stdin.readline()))) as worlds:
            for world in worlds:
                _sent(world, out)
    except BrokenPipeError:
        os._exit(0)  # nobody is left who could read; closing the pipe would only fail again


if __name__ == "__main__":
    _main()

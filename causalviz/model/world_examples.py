"""Worlds as examples, on disk and in memory: simulated once by parallel processes, read as often as training likes.

Chunks of worlds are cached by prior, seed and make, so that a longer run goes on where a shorter one stopped. In memory
an example stays small, its features in half precision and its triangles not at all: both are made when a batch asks for
it, which costs less than the step that follows.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple, overload

import numpy as np
import torch
from numpy.typing import NDArray

from causalviz.errors import UnusableLog
from causalviz.model.candidates import Candidates
from causalviz.model.evidence import gather_evidence
from causalviz.model.features import PairFeatures, pair_features
from causalviz.model.structure import Structure
from causalviz.model.threads import stay_on_one_core
from causalviz.model.training import Example
from causalviz.worlds.plan import WorldPlan
from causalviz.worlds.prior import Prior, draw_plan
from causalviz.worlds.simulator import simulate

CHUNK = 50
MIN_EVENTS = 50  # of a world that is worth a look
MAKE = 8  # raise when what a chunk holds changes its meaning: cached ones of another make are not read

Progress = Callable[[str, int, int], None]


class Small(NamedTuple):
    """One world as it is kept.

    Attributes:
        edge: (E, D) float16.
        node: (K, F).
        candidates: The E pairs.
        signs: (K, K) 1 where an edge sets off, -1 where it prevents, 0 where there is none.
        columns: D names.
    """

    edge: NDArray[np.float16]
    node: NDArray[np.float32]
    candidates: Candidates
    signs: NDArray[np.int8]
    columns: tuple[str, ...]

    def of_candidates(self) -> NDArray[np.int8]:
        """(E,) the sign of each candidate, 0 where it is no edge."""
        return self.signs[self.candidates.cause, self.candidates.effect]

    def true_edges(self) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
        """Features (n, D) and signs (n,) of the candidates that are edges."""
        sign = self.of_candidates()
        return self.edge[sign != 0].astype(np.float32), sign[sign != 0]


class WorldExamples(Sequence[Example]):
    """Worlds that become examples when they are asked for.

    Attributes:
        worlds: The worlds as they are kept.
    """

    def __init__(self, worlds: Sequence[Small]) -> None:
        self.worlds = worlds

    def __len__(self) -> int:
        return len(self.worlds)

    @overload
    def __getitem__(self, place: int) -> Example: ...
    @overload
    def __getitem__(self, place: slice) -> WorldExamples: ...
    def __getitem__(self, place: int | slice) -> Example | WorldExamples:
        if isinstance(place, slice):
            return WorldExamples(self.worlds[place])
        world = self.worlds[place]
        label = torch.from_numpy((world.of_candidates() != 0).astype(np.float32))
        return Example(
            torch.from_numpy(world.edge.astype(np.float32)),
            torch.from_numpy(world.node),
            Structure.of(world.candidates, len(world.signs)),
            label,
            torch.ones_like(label),
        )

    def labels(self) -> NDArray[np.float64]:
        """Answers of all candidates of all worlds, joined."""
        pieces = [world.of_candidates() != 0 for world in self.worlds]
        return np.concatenate(pieces).astype(np.float64) if pieces else np.empty(0)


def simulate_examples(
    cache: Path, prior: Prior, n: int, seed: int, workers: int, on_progress: Progress | None = None
) -> WorldExamples:
    """The first n worlds of a prior and seed, always the same ones in the same order; from the cache where it has them.

    Args:
        cache: Folder of the chunks.
        prior: Ranges of the worlds.
        n: How many.
        seed: Of the worlds.
        workers: Parallel processes.
        on_progress: Told (stage, done, total).
    """
    folder = cache / _key(prior, seed)
    folder.mkdir(parents=True, exist_ok=True)
    chunks = range(-(-n // CHUNK))
    jobs = [(str(folder), prior, seed, c) for c in chunks if not (folder / f"{c:05d}.npz").exists()]
    if jobs:
        context = multiprocessing.get_context("spawn")
        with context.Pool(workers, initializer=stay_on_one_core) as pool:
            for done, _ in enumerate(pool.imap_unordered(_make_chunk, jobs), start=1):
                if on_progress is not None:
                    on_progress("worlds", (len(chunks) - len(jobs) + done) * CHUNK, len(chunks) * CHUNK)
    return WorldExamples([world for c in chunks for world in _read_chunk(folder / f"{c:05d}.npz")][:n])


def simulated_features(prior: Prior, rng: np.random.Generator) -> tuple[PairFeatures, NDArray[np.int8]]:
    """Features and true signs of one world; a plan that yields no usable log is drawn again."""
    while True:
        found = plan_features(draw_plan(prior, rng), rng)
        if found is not None:
            return found


def plan_features(plan: WorldPlan, rng: np.random.Generator) -> tuple[PairFeatures, NDArray[np.int8]] | None:
    """Features and true signs of one plan's world; None where chance left too little of it."""
    try:
        world = simulate(plan, rng)
    except UnusableLog:
        return None
    if world.log.n_events < MIN_EVENTS or world.log.n_behaviours < 2:
        return None
    return pair_features(gather_evidence(world.log, seed=int(rng.integers(2**31)))), plan.signs


def _key(prior: Prior, seed: int) -> str:
    text = json.dumps([MAKE, asdict(prior), seed], sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _make_chunk(job: tuple[str, Prior, int, int]) -> int:
    folder, prior, seed, chunk = job
    arrays: dict[str, NDArray[np.generic]] = {}
    for place in range(CHUNK):
        features, signs = simulated_features(prior, np.random.default_rng([seed, chunk, place]))
        arrays[f"edge{place}"] = features.edge.astype(np.float16)
        arrays[f"node{place}"] = features.node
        arrays[f"pair{place}"] = np.stack([features.cause, features.effect, features.candidates.reverse])
        arrays[f"signs{place}"] = signs
    arrays["columns"] = np.array(features.column_names)  # the same of every world
    part = Path(folder) / f"{chunk:05d}.part.npz"
    np.savez(part, **arrays)  # type: ignore[arg-type]
    part.replace(Path(folder) / f"{chunk:05d}.npz")
    return chunk


def _read_chunk(path: Path) -> list[Small]:
    with np.load(path) as arrays:
        columns = tuple(arrays["columns"].tolist())
        return [
            Small(
                arrays[f"edge{place}"],
                arrays[f"node{place}"],
                Candidates(*arrays[f"pair{place}"]),
                arrays[f"signs{place}"],
                columns,
            )
            for place in range(CHUNK)
        ]

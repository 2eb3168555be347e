"""How the shipped prior model is made: worlds -> examples -> network -> card.

Worlds are simulated and turned into features by parallel processes, in chunks that are cached on disk by prior,
seed and make of the features, so that a longer run goes on where a shorter one stopped.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from causalviz.errors import UnusableLog
from causalviz.model.calibration import calibration_error, fit_platt, sigmoid
from causalviz.model.candidates import choose_candidates
from causalviz.model.features import PairFeatures, gather_evidence, pair_features
from causalviz.model.network import EdgeModel, EdgeNetwork, NetworkConfig, Structure
from causalviz.model.training import EpochReport, Example, TrainConfig, predict, train
from causalviz.worlds.prior import Prior, draw_plan
from causalviz.worlds.simulator import simulate

CHUNK = 50
FEATURES_MAKE = 3  # raise when the meaning of a feature changes: cached chunks of another make are not read


@dataclass(frozen=True, kw_only=True)
class PretrainConfig:
    """How the prior model is made; the defaults make the shipped one.

    Attributes:
        worlds: Simulated logs to learn from.
        heldout: Further ones for calibration and for the card's scores (half each).
        seed: Of worlds and training.
        training: The loop's settings.
        hidden: H of the network.
        workers: Parallel processes.
    """

    worlds: int = 5000
    heldout: int = 400
    seed: int = 0
    training: TrainConfig = field(default_factory=lambda: TrainConfig(epochs=9))
    hidden: int = 48
    workers: int = 2


def pretrain(
    cache: Path,
    config: PretrainConfig,
    prior: Prior | None = None,
    *,
    on_progress: Callable[[str, int, int], None] | None = None,
    on_epoch: Callable[[EpochReport], None] | None = None,
) -> EdgeModel:
    """Makes a prior model; the same settings give the same model on the same machine.

    Args:
        cache: Folder of the cached examples.
        config: How.
        prior: Ranges of the worlds.
        on_progress: Told (stage, done, total).
        on_epoch: Told after each epoch.

    Returns:
        The calibrated model with its card.
    """
    prior = prior or Prior()
    started = time.perf_counter()
    total = config.worlds + config.heldout
    examples = list(simulate_examples(cache, prior, total, config.seed, config.workers, on_progress))
    heldout, learned = examples[: config.heldout], examples[config.heldout :]
    network = first_network(learned, config)
    network = train(network, learned, heldout[::2], config.training, on_epoch=on_epoch)
    slope, intercept = _calibrate(network, heldout[::2])
    card: dict[str, object] = {
        "made by": "python -m causalviz pretrain",
        "prior": asdict(prior),
        "settings": asdict(config),
        "worlds learned from": len(learned),
        "pairs learned from": int(sum(len(e.label) for e in learned)),
        "scores on worlds never seen": _scores(network, slope, intercept, heldout[1::2]),
        "seconds": round(time.perf_counter() - started),
    }
    return EdgeModel(network, slope, intercept, card)


def first_network(examples: Sequence[Example], config: PretrainConfig) -> EdgeNetwork:
    """An untrained network whose standardisation fits the examples."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        shape = NetworkConfig(
            edge_features=examples[0].edge.shape[1],
            node_features=examples[0].node.shape[1],
            hidden=config.hidden,
        )
        network = EdgeNetwork(shape)
    network.standardise(torch.cat([e.edge for e in examples]), torch.cat([e.node for e in examples]))
    return network


def _calibrate(network: EdgeNetwork, examples: Sequence[Example]) -> tuple[float, float]:
    label = np.concatenate([e.label.numpy() for e in examples]).astype(np.float64)
    return fit_platt(predict(network, examples), label)


def _scores(network: EdgeNetwork, slope: float, intercept: float, examples: Sequence[Example]) -> dict[str, float]:
    probability = sigmoid(slope * predict(network, examples) + intercept)
    label = np.concatenate([e.label.numpy() for e in examples])
    return {
        "AUROC": round(float(roc_auc_score(label, probability)), 4),
        "AUPRC": round(float(average_precision_score(label, probability)), 4),
        "ECE": round(calibration_error(probability, label), 4),
        "edges": int(label.sum()),
        "pairs": len(label),
    }


def simulate_examples(
    cache: Path,
    prior: Prior,
    n: int,
    seed: int,
    workers: int,
    on_progress: Callable[[str, int, int], None] | None = None,
) -> Iterator[Example]:
    """Yields n examples, always the same ones in the same order, from the cache where it has them."""
    folder = cache / _key(prior, seed)
    folder.mkdir(parents=True, exist_ok=True)
    chunks = range(-(-n // CHUNK))
    jobs = [(str(folder), prior, seed, c) for c in chunks if not (folder / f"{c:05d}.npz").exists()]
    if jobs:
        context = multiprocessing.get_context("spawn")
        with context.Pool(workers, initializer=_one_thread) as pool:
            for done, _ in enumerate(pool.imap_unordered(_make_chunk, jobs), start=1):
                if on_progress is not None:
                    on_progress("worlds", (len(chunks) - len(jobs) + done) * CHUNK, len(chunks) * CHUNK)
    left = n
    for c in chunks:
        for example in _read_chunk(folder / f"{c:05d}.npz"):
            if left > 0:
                yield example
                left -= 1


def _key(prior: Prior, seed: int) -> str:
    text = json.dumps([FEATURES_MAKE, asdict(prior), seed], sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _one_thread() -> None:
    torch.set_num_threads(1)
    os.environ["OMP_NUM_THREADS"] = "1"


def _make_chunk(job: tuple[str, Prior, int, int]) -> int:
    folder, prior, seed, chunk = job
    arrays: dict[str, NDArray[np.generic]] = {}
    for place in range(CHUNK):
        features, truth = simulated_features(prior, np.random.default_rng([seed, chunk, place]))
        arrays[f"edge{place}"] = features.edge.astype(np.float16)
        arrays[f"node{place}"] = features.node
        arrays[f"truth{place}"] = truth
    part = Path(folder) / f"{chunk:05d}.part.npz"
    np.savez(part, **arrays)  # type: ignore[arg-type]
    part.replace(Path(folder) / f"{chunk:05d}.npz")
    return chunk


def simulated_features(prior: Prior, rng: np.random.Generator) -> tuple[PairFeatures, NDArray[np.bool_]]:
    """Features and true graph of one world; a plan that yields no usable log is drawn again."""
    while True:
        try:
            world = simulate(draw_plan(prior, rng), rng)
        except UnusableLog:
            continue
        if world.log.n_events >= 50:
            evidence = gather_evidence(world.log, seed=int(rng.integers(2**31)))
            return pair_features(evidence), world.truth


def _read_chunk(path: Path) -> Iterator[Example]:
    with np.load(path) as arrays:
        for place in range(CHUNK):
            truth = arrays[f"truth{place}"]
            candidates = choose_candidates(np.zeros(truth.shape))
            label = torch.from_numpy(truth[candidates.cause, candidates.effect].astype(np.float32))
            yield Example(
                torch.from_numpy(arrays[f"edge{place}"].astype(np.float32)),
                torch.from_numpy(arrays[f"node{place}"]),
                Structure.of(candidates, len(truth)),
                label,
                torch.ones_like(label),
            )

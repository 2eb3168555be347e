"""Which of several models judges worlds that none of them learned from best?

    python -m benchmarks.priors MODEL [MODEL ...] [--only FAMILY ...] [--worlds N] [--seed N] [--cache DIR]

A MODEL is a folder that ``pretrain`` wrote. Each is scored on the same N worlds of every part of the mixture and of
every held-out family, drawn with a seed that no training uses: loss in nats per pair, AUROC, AUPRC and ECE. Real logs
have no say in this table; that features are hidden from the members of the panel was chosen with the alarms in sight
(README). Worlds take longer to draw than to judge: a cache keeps them for the next model.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score

from causalviz.model.calibration import calibration_error, sigmoid
from causalviz.model.checkpoint import load_model
from causalviz.model.edge_model import EdgeModel
from causalviz.model.training import predict
from causalviz.model.world_examples import WorldExamples, simulate_examples
from causalviz.worlds.prior import HELD_OUT, TRAINED

WORLDS, SEED, WORKERS = 100, 1, 2  # the shipped model's own worlds have seed 0


def line(model: EdgeModel, worlds: WorldExamples) -> str:
    """A model's scores on the pairs of all worlds."""
    logit = model.slope * predict(model.network, worlds) + model.intercept
    label = worlds.labels()
    loss = float(np.mean(np.logaddexp(0, logit) - label * logit))
    auroc, auprc = roc_auc_score(label, logit), average_precision_score(label, logit)
    return f"loss {loss:.4f}  AUROC {auroc:.3f}  AUPRC {auprc:.3f}  ECE {calibration_error(sigmoid(logit), label):.4f}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints a line for each family and model."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.priors", description=__doc__.splitlines()[0])
    parser.add_argument("models", type=Path, nargs="+", metavar="MODEL")
    families = {name: prior for name, (prior, _) in TRAINED.items()} | dict(HELD_OUT)
    parser.add_argument("--only", nargs="+", choices=families, default=tuple(families), metavar="FAMILY")
    parser.add_argument("--worlds", type=int, default=WORLDS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--cache", type=Path, help="folder that keeps the worlds")
    chosen = parser.parse_args(arguments)
    models = {folder: load_model(folder) for folder in chosen.models}
    with nullcontext(chosen.cache) if chosen.cache else tempfile.TemporaryDirectory(prefix="priors-") as cache:
        for name in chosen.only:
            worlds = simulate_examples(Path(cache), families[name], chosen.worlds, chosen.seed, WORKERS)
            for folder, model in models.items():
                print(f"{name:16} {folder.name:16} {line(model, worlds)}", flush=True)


if __name__ == "__main__":
    main()

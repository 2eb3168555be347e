"""Does a behaviour set off itself, and how much? Measured on worlds that know it.

    python -m benchmarks.repeats [--worlds N]        the scores on held-out worlds
    python -m benchmarks.repeats fit [--worlds N]    the constants of ``causalviz.model.repeats``, on other worlds

The worlds are those of ``benchmarks.recommend``'s third family, the graph is the one discovered. True is the diagonal
of a plan's offspring; a behaviour repeats itself if that is at least ``LEAST``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.metrics import roc_auc_score

from benchmarks.recommend import PRIOR
from causalviz.errors import UnusableLog
from causalviz.lags import LagGrid
from causalviz.model.repeats import MOST, SCORE, Fits, fit_both, repeat_columns, repeat_score
from causalviz.pipeline import discover
from causalviz.recommend.drawn import drawn_mask
from causalviz.worlds import draw_plan, simulate

Floats = NDArray[np.float64]

FIT_SEED, HELD_OUT_SEED = 601, 77
FIT_WORLDS, WORLDS = 74, 24
LEAST = 0.02
RIDGE = 0.5  # of the fitted weights


class Known(NamedTuple):
    """A world's fits and what each behaviour truly sets off of itself, (V,)."""

    fits: Fits
    grid: LagGrid
    true: Floats


def main(arguments: Sequence[str]) -> None:
    """Prints the scores, or with ``fit`` the constants."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.repeats")
    parser.add_argument("part", nargs="?", choices=("score", "fit"), default="score")
    parser.add_argument("--worlds", type=int, metavar="N")
    options = parser.parse_args(arguments)
    if options.part == "fit":
        print(f"SCORE = {fit_score(list(worlds(FIT_SEED, options.worlds or FIT_WORLDS)))}")
        return
    for line in score_lines(list(worlds(HELD_OUT_SEED, options.worlds or WORLDS))):
        print(line)


def worlds(seed: int, number: int) -> Iterator[Known]:
    """The first ``number`` worlds of a seed; those that chance left without events are passed over."""
    for place in range(number):
        rng = np.random.default_rng([seed, len("prior"), place])  # held out: the worlds of ``benchmarks.recommend``
        plan = draw_plan(PRIOR, rng)
        try:
            log = simulate(plan, rng).log
        except UnusableLog:
            continue
        found = discover(log)
        seen = ~plan.recording.hidden
        fits = fit_both(log, found.counts.grid, drawn_mask(found.graph()))
        yield Known(fits, found.counts.grid, np.diag(plan.influences.offspring)[seen])


def score_lines(known: Sequence[Known]) -> Iterator[str]:
    """How well repeats are told from visits, and the error of what passes through a behaviour, 1 / (1 - amount)."""
    true = np.concatenate([world.true for world in known])
    score = np.concatenate([repeat_score(world.fits, world.grid) for world in known])
    own = np.concatenate([np.minimum((w.fits.others.own + w.fits.all.own) / 2, MOST) for w in known])
    repeats = true >= LEAST
    yield f"{len(known)} worlds, {len(true)} behaviours, {repeats.mean():.2f} of which repeat themselves"
    yield f"told apart: AUROC {roc_auc_score(repeats, score):.3f}"
    for name, amount in {"none": 0 * own, "own": own, "weighted": own / (1 + np.exp(-score))}.items():
        error = np.abs(np.log((1 - amount) / (1 - true)))
        yield f"{name:<10} error of the factor: median {np.median(error):.3f}, mean {error.mean():.3f}"


def fit_score(known: Sequence[Known]) -> dict[str, float]:
    """Weights of a ridge logistic regression of repeating on the columns; the constant is nameless."""
    columns = [repeat_columns(world.fits, world.grid) for world in known]
    names = tuple(columns[0])
    X = np.concatenate([np.stack([np.ones(len(one[names[0]])), *one.values()], axis=1) for one in columns])
    repeats = np.concatenate([world.true for world in known]) >= LEAST

    def loss(weights: Floats) -> tuple[float, Floats]:
        logit = X @ weights
        penalty = RIDGE * np.r_[0.0, weights[1:]]
        value = np.logaddexp(0, logit).sum() - logit[repeats].sum() + 0.5 * penalty @ weights
        return float(value), X.T @ (1 / (1 + np.exp(-logit)) - repeats) + penalty

    weights = minimize(loss, np.zeros(X.shape[1]), jac=True, method="L-BFGS-B").x
    assert set(names) == set(SCORE) - {""}
    return dict(zip(("", *names), np.round(weights, 3).tolist(), strict=True))


if __name__ == "__main__":
    main(sys.argv[1:])

"""What amounts are learned from: worlds in which every event's cause is known, judged like any log.

Each world is counted and fitted, its graph drawn by the edge network, both confined processes fitted within it, and
beside all that stands what every drawn and undrawn edge and every behaviour truly set off in this very log. Worlds
without a graph, clickstreams, in which no event has one cause, and very large worlds are left out.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from causalviz.errors import UnusableLog
from causalviz.model.amounts import Lesson, drawn_rows, other_rows, repeat_rows
from causalviz.model.calibration import sigmoid
from causalviz.model.edge_model import EdgeModel
from causalviz.model.effects import measure_effects
from causalviz.model.evidence import gather_evidence
from causalviz.model.features import PairFeatures, pair_features
from causalviz.model.repeats import MOST, fit_both
from causalviz.model.signs import DRAWN, Signs
from causalviz.model.threads import stay_on_one_core
from causalviz.worlds.plan import World
from causalviz.worlds.prior import Prior, draw_plan
from causalviz.worlds.simulator import simulate

Floats = NDArray[np.float64]
Progress = Callable[[str, int, int], None]

EVENTS = (2_000, 40_000)  # of a world
LEAST_EVENTS = 500  # that chance may leave
CHUNK, TOLD = 8, 50  # worlds that a process takes at once; after how many it is told

_judges: list[tuple[EdgeModel, Signs]] = []  # of this process


def amount_lessons(
    model: EdgeModel,
    signs: Signs,
    mixture: Mapping[str, tuple[Prior, float]],
    n: int,
    seed: int,
    workers: int,
    on_progress: Progress | None = None,
) -> list[Lesson]:
    """The lessons of n worlds, always the same ones in the same order, without those that chance left too small.

    Args:
        model: What draws their graphs.
        signs: What tells which edges set off.
        mixture: Ranges of the worlds by name, and the share drawn from each.
        n: How many worlds.
        seed: Of the worlds.
        workers: Parallel processes.
        on_progress: Told (stage, done, total).
    """
    priors, shares = zip(*mixture.values(), strict=True)
    jobs = [(priors, shares, seed, number) for number in range(n)]
    found = []
    with multiprocessing.get_context("spawn").Pool(workers, _begin, (model, signs)) as pool:
        for done, lesson in enumerate(pool.imap(_lesson, jobs, chunksize=CHUNK), start=1):
            if lesson is not None:
                found.append(lesson)
            if on_progress is not None and done % TOLD == 0:
                on_progress("worlds of known amounts", done, n)
    return found


def lesson_of(world: World, model: EdgeModel, signs: Signs) -> Lesson:
    """What one branching world teaches."""
    evidence, truth = gather_evidence(world.log), world.plan.signs
    features, grid = pair_features(evidence), evidence.counts.grid
    probability = _probabilities(model, features, len(truth))
    drawn = probability >= DRAWN
    free = np.nan_to_num(measure_effects(evidence, signs.scores(features, evidence.counts, probability)).offspring)
    fits = fit_both(world.log, grid, drawn)
    per_cause = _set_off(world)
    own = np.minimum(np.diag(per_cause), MOST)
    i, j = features.cause, features.effect
    sets_off, inside = (truth[i, j] == 1) & (free[i, j] > 0), drawn[i, j]
    within, beside = np.flatnonzero(sets_off & inside), np.flatnonzero(sets_off & ~inside)
    passed = per_cause[i, j] / (1 - own[j])
    return Lesson(
        drawn_rows(features, free, fits, within), passed[within], other_rows(features, free, beside), passed[beside],
        repeat_rows(features, fits, grid), own,
    )  # fmt: skip


def _begin(model: EdgeModel, signs: Signs) -> None:
    stay_on_one_core()
    _judges[:] = [(model, signs)]


def _lesson(job: tuple[tuple[Prior, ...], tuple[float, ...], int, int]) -> Lesson | None:
    priors, shares, seed, number = job
    rng = np.random.default_rng([seed, number])
    prior = replace(
        priors[rng.choice(len(priors), p=shares)],
        null=0.0, clickstream=0.0, many_share=0.0, large_share=0.0, events=EVENTS,
    )  # fmt: skip
    try:
        world = simulate(draw_plan(prior, rng), rng)
    except UnusableLog:
        return None
    if world.log.n_events < LEAST_EVENTS or world.log.n_behaviours < 2:
        return None
    return lesson_of(world, *_judges[0])


def _probabilities(model: EdgeModel, features: PairFeatures, K: int) -> Floats:
    """(K, K) of the candidates, 0 elsewhere."""
    probability = np.zeros((K, K))
    probability[features.cause, features.effect] = sigmoid(model.logits(features))
    return probability


def _set_off(world: World) -> Floats:
    """(V, V) events of the log that one event of each behaviour set off, on average."""
    V, (cause, effect, _) = world.log.n_behaviours, world.set_off
    number = np.bincount(cause * V + effect, minlength=V * V).reshape(V, V)
    return np.asarray(number / np.maximum(np.bincount(world.log.behaviour, minlength=V), 1)[:, None])

"""Are the amounts right? What edges set off and behaviours repeat, on worlds that know it.

    python -m benchmarks.amounts [--worlds N]

The worlds are those of ``benchmarks.recommend``'s third family, which no training saw; each graph is drawn by the
shipped network. True is what set what off in this very log, of an edge times the repeats of its effect. The first
estimate of a drawn edge is the geometric mean of three processes, of any other that of the free one, of a repeat the
mean of the two confined ones. Errors are of the logarithm of 0.002 events and the amount; of repeats, of the logarithm
of what passes through, 1 / (1 - amount).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.recommend import PRIOR, SEED
from causalviz.errors import UnusableLog
from causalviz.model.amount_lessons import lesson_of
from causalviz.model.amounts import LEAST, LEAST_OWN, PAIR_KINDS, Amounts, Answers, Lesson, load_amounts
from causalviz.model.checkpoint import load_prior
from causalviz.model.repeats import MOST, Repeats
from causalviz.model.signs import load_signs
from causalviz.worlds import draw_plan, simulate

Floats = NDArray[np.float64]
Scale = Callable[[Floats], Floats]

WORLDS = 24


def main(arguments: Sequence[str]) -> None:
    """Prints the scores."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.amounts")
    parser.add_argument("--worlds", type=int, default=WORLDS, metavar="N")
    options = parser.parse_args(arguments)
    for line in score_lines(list(lessons(options.worlds)), load_amounts()):
        print(line)


def lessons(number: int) -> Iterator[Lesson]:
    """Of the first worlds of ``benchmarks.recommend``; those that chance left without events are passed over."""
    model, signs = load_prior(), load_signs()
    for place in range(number):
        rng = np.random.default_rng([SEED, len("prior"), place])
        try:
            world = simulate(draw_plan(PRIOR, rng), rng)
        except UnusableLog:
            continue
        yield lesson_of(world, model, signs)


def score_lines(known: Sequence[Lesson], amounts: Amounts) -> Iterator[str]:
    """A line for drawn edges, for edges that are not drawn, and for repeats."""
    for name in PAIR_KINDS:
        rows = [getattr(world, name) for world in known]
        truth = np.concatenate([getattr(world, f"{name}_truth") for world in known])
        first = np.exp(np.concatenate([part.base for part in rows])) - LEAST
        parts = [amounts.set_off(name, part, np.zeros(len(part.base))) for part in rows]
        yield _line(f"edges, {name}", truth, first, _joined(parts), lambda amount: np.log(amount + LEAST))
    truth = np.concatenate([world.repeats_truth for world in known])
    first = np.minimum(np.concatenate([_first_repeats(world) for world in known]), MOST)
    found = _joined([amounts.own(world.repeats) for world in known])
    yield _line("repeats", truth, first, found, lambda amount: -np.log(1 - amount))


def _first_repeats(world: Lesson) -> Floats:
    columns = [world.repeats.columns.index(f"{fit}: repeats") for fit in ("all", "others")]
    return np.asarray((np.exp(world.repeats.values[:, columns]) - LEAST_OWN).mean(axis=1), dtype=np.float64)


def _joined(parts: Sequence[Answers | Repeats]) -> Answers:
    return Answers(*(np.concatenate([getattr(part, name) for part in parts]) for name in Answers._fields))


def _line(name: str, truth: Floats, first: Floats, found: Answers, scale: Scale) -> str:
    before, after = (np.abs(scale(amount) - scale(truth)) for amount in (first, found.amount))
    held = np.mean((found.low <= truth) & (truth <= found.high))
    errors = (f"{np.median(error):.3f}, mean {error.mean():.3f}" for error in (before, after))
    return (
        f"{name:<16} error, median {' at first; '.join(errors)} learned; 90 % intervals hold {held:.2f} of {len(truth)}"
    )


if __name__ == "__main__":
    main(sys.argv[1:])

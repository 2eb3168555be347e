"""Where a drawn graph differs from the true one, edge by edge; as many mistakes as its structural Hamming distance."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from causalviz.evaluate.metrics import scored_pairs


class Kind(StrEnum):
    """What is wrong with an edge."""

    FALSE = "false"
    MISSED = "missed"
    REVERSED = "reversed"


class Mistake(NamedTuple):
    """One wrong edge: as drawn, or, where it was missed, as it should have been drawn.

    Attributes:
        kind: What is wrong.
        cause: Name.
        effect: Name.
        probability: What the answer said of this pair.
    """

    kind: Kind
    cause: str
    effect: str
    probability: float


def find_mistakes(
    names: Sequence[str],
    probability: NDArray[np.float64],
    drawn: NDArray[np.bool_],
    truth: NDArray[np.bool_],
    known: NDArray[np.bool_] | None = None,
) -> tuple[Mistake, ...]:
    """Lists the wrong edges, those of which the answer was surest first.

    Args:
        names: The K behaviours.
        probability: (K, K) of the answer, [cause, effect].
        drawn: (K, K) what it draws.
        truth: (K, K).
        known: (K, K) True for the pairs of which the truth speaks; None for all.
    """
    scored = scored_pairs(truth, known)
    extra, missed = drawn & ~truth & scored, truth & ~drawn & scored
    turned = extra & missed.T
    kinds = {Kind.FALSE: extra & ~turned, Kind.MISSED: missed & ~turned.T, Kind.REVERSED: turned}
    found = [
        Mistake(kind, names[i], names[j], float(probability[i, j]))
        for kind, where in kinds.items()
        for i, j in zip(*where.nonzero(), strict=True)
    ]
    return tuple(sorted(found, key=lambda mistake: (-_surety(mistake), mistake.cause, mistake.effect)))


def _surety(mistake: Mistake) -> float:
    """How far the probability lies on the wrong side."""
    return 1 - mistake.probability if mistake.kind is Kind.MISSED else mistake.probability

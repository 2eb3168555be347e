"""Which ordered pairs are worth scoring.

With few behaviours every pair is a candidate. With many, each behaviour keeps its ``per_behaviour`` most
suspicious causes and effects, by what the Hawkes process blames on them and by their lift. Candidates come in
both directions, because the network compares an edge with its reverse.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

DENSE_LIMIT = 48
PER_BEHAVIOUR = 20


class Candidates(NamedTuple):
    """E ordered pairs: (E,) causes, (E,) effects, and (E,) the row of each one's reverse."""

    cause: NDArray[np.int64]
    effect: NDArray[np.int64]
    reverse: NDArray[np.int64]


def choose_candidates(suspicion: NDArray[np.float64], per_behaviour: int = PER_BEHAVIOUR) -> Candidates:
    """Chooses the pairs to score.

    Args:
        suspicion: (K, K) larger where an influence is more likely; the diagonal is ignored.
        per_behaviour: Causes and effects kept for each behaviour when K exceeds ``DENSE_LIMIT``.

    Returns:
        The candidates, sorted by (cause, effect).
    """
    K = len(suspicion)
    chosen = np.ones((K, K), dtype=bool)
    if K > DENSE_LIMIT:
        score = suspicion.copy()
        np.fill_diagonal(score, -np.inf)
        chosen = _top(score, per_behaviour) | _top(score.T, per_behaviour).T
        chosen |= chosen.T
    np.fill_diagonal(chosen, False)
    cause, effect = np.nonzero(chosen)
    row = np.zeros((K, K), dtype=np.int64)
    row[cause, effect] = np.arange(len(cause))
    return Candidates(cause, effect, row[effect, cause])


def _top(score: NDArray[np.float64], k: int) -> NDArray[np.bool_]:
    """(K, K) True at the k largest of each row."""
    best = np.argpartition(-score, k, axis=1)[:, :k]
    mask = np.zeros(score.shape, dtype=bool)
    np.put_along_axis(mask, best, True, axis=1)
    return mask

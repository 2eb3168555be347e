"""Shapes of the true graph: who causes whom, before anything is said about strength or delay.

Every shape is drawn over behaviours in random order, so that labels tell nothing, and every one of them has the
same mean out-degree, so that the shape alone does not tell how dense a world is.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Topology = Literal["random", "hubs", "layers", "funnel", "ring"]

DENSEST = 0.8  # of all ordered pairs


def draw_topology(shape: Topology, K: int, degree: float, rng: np.random.Generator) -> Bools:
    """(K, K) a random graph of one shape, [cause, effect], without self-influences.

    Args:
        shape: ``random``: every pair alike; ``hubs``: some behaviours cause much, some are caused by much;
            ``layers``: acyclic, causes come first in a hidden order; ``funnel``: each step leads to the next ones,
            now and then past one; ``ring``: each causes its neighbours on a circle, round and round.
        K: Behaviours, at least 2.
        degree: Mean number of effects of a behaviour.
        rng: Source of all randomness.
    """
    weight = _weights(shape, K, degree, rng)
    np.fill_diagonal(weight, 0)
    return np.asarray(rng.random((K, K)) < np.minimum(weight * degree * K / weight.sum(), DENSEST) * (weight > 0))


def _weights(shape: Topology, K: int, degree: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """(K, K) how likely each pair is an edge, up to a factor; the diagonal means nothing."""
    place = rng.permutation(K)  # of each behaviour in the shape's own order
    ahead = np.subtract.outer(place, place).T  # (K, K) how far the effect lies behind the cause in that order
    if shape == "hubs":
        return np.asarray(np.outer(rng.pareto(1.5, K) + 0.2, rng.pareto(1.5, K) + 0.2), dtype=np.float64)
    if shape == "layers":
        return np.asarray(ahead > 0, dtype=np.float64)
    if shape == "funnel":
        return np.asarray(np.where(ahead > 0, np.exp(-(ahead - 1.0)), 0.01), dtype=np.float64)
    if shape == "ring":
        round_ = np.minimum(ahead % K, -ahead % K)
        return np.asarray(np.exp(-2.0 * (round_ - 1.0) / max(1.0, degree / 2)))
    return np.ones((K, K))


def draw_item_edges(kinds: Ints, items: Ints, rng: np.random.Generator) -> Bools:
    """(K, K) edges between kinds, mostly within one item, now and then across items.

    Args:
        kinds: (K,) codes.
        items: (K,) codes, -1 where a behaviour has no item.
        rng: Source of all randomness.
    """
    n_kinds = int(kinds.max()) + 1
    between_kinds = rng.random((n_kinds, n_kinds)) < rng.uniform(0.15, 0.5)
    np.fill_diagonal(between_kinds, False)
    same_item = np.equal.outer(items, items) | (items == -1)[:, None] | (items == -1)[None, :]
    keep = np.where(same_item, rng.uniform(0.8, 1.0), rng.choice([0.0, 0.0, 0.08]))
    edges = between_kinds[np.ix_(kinds, kinds)] & (rng.random(same_item.shape) < keep)
    np.fill_diagonal(edges, False)
    return np.asarray(edges, dtype=bool)

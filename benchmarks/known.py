"""A known log: events together with the graph that made them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from causalviz.events.log import TICKS_PER_S, EventLog


class Known(NamedTuple):
    """A log of K behaviours and its true graph, (K, K) bool, [cause, effect]."""

    log: EventLog
    truth: NDArray[np.bool_]


def known_of(
    user: NDArray[np.int64],
    time_s: NDArray[np.float64],
    mark: NDArray[np.int64],
    truth: NDArray[np.bool_],
    rng: np.random.Generator,
) -> Known:
    """Makes a log of raw columns, its behaviours under new labels in random order, its clock in milliseconds.

    Args:
        user: (M,) whole numbers; users without events vanish.
        time_s: (M,) seconds.
        mark: (M,) codes of behaviours.
        truth: (K, K), [cause, effect], over the same codes; the diagonal is dropped.
        rng: Source of the order.
    """
    K = len(truth)
    place = rng.permutation(K)  # (K,) old code -> new code
    shown = np.zeros((K, K), dtype=bool)
    shown[np.ix_(place, place)] = truth & ~np.eye(K, dtype=bool)
    _, dense = np.unique(user, return_inverse=True)
    ticks = np.floor(time_s * TICKS_PER_S).astype(np.int64)
    names = [f"b{code}" for code in range(K)]
    return Known(EventLog.from_columns(dense.astype(np.int32), ticks, place[mark].astype(np.int32), names), shown)


def rarer_causes(known: Known) -> float:
    """Share of the true edges whose cause is rarer than their effect: 0.5 if counts tell nothing, NaN without edges."""
    events = np.bincount(known.log.behaviour, minlength=known.log.n_behaviours)
    cause, effect = np.nonzero(known.truth)
    if not len(cause):
        return float("nan")
    return float(np.mean((events[cause] < events[effect]) + 0.5 * (events[cause] == events[effect])))

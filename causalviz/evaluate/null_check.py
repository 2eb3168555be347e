"""What would be drawn if nothing caused anything: the same log with its behaviours shuffled.

Each user keeps every moment and every behaviour, but which behaviour happens at which of the user's moments is drawn
anew. The draw is matched in time: each behaviour keeps its own hours of the day and its own part of the recording, as
all users together show them. So activity, taste, sessions, the hours and the seasons stay as they are, and the order in
which behaviours follow each other is lost. Every edge that is drawn in such a log is a false one.

With a(m, s) the share of the events of behaviour m that fall into stratum s, an arrangement of a user's behaviours over
that user's moments has the probability

    product over moments of a(m, hour) a(m, part),    up to a constant,

from which the chain of Metropolis draws: from a uniform shuffle on, random pairs of a user's moments swap their
behaviours where that makes the arrangement likelier, and sometimes where it does not. Strata of all users, and not of
each, are matched on purpose: within a user's own strata the shuffle would leave slow influences where they were.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from causalviz.events.log import TICKS_PER_S, EventLog

HOUR = 3_600 * TICKS_PER_S
HOURS = 24
PARTS = 8  # of the recording's span
LEAST_DAYS = 2  # a shorter log shows no hours of the day
SWEEPS = 20  # chances to swap for each moment; the weights are mild, so few are enough
PRIOR = 24.0  # events as all behaviours have them, that each behaviour's share is drawn to

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Shuffled(NamedTuple):
    """A shuffled log, and the share of its events that could move: those of users with several."""

    log: EventLog
    movable: float


def shuffle_behaviours(log: EventLog, seed: int | Sequence[int]) -> Shuffled:
    """Shuffles the behaviours of each user over that user's moments, matched in time.

    Args:
        log: M events.
        seed: Of the shuffle.
    """
    rng = np.random.default_rng(seed)
    hour, part = _strata(log.time)
    by_hour, by_part = _log_share(log, hour, HOURS), _log_share(log, part, PARTS)
    behaviour = log.behaviour[np.lexsort((rng.random(log.n_events), log.user))]  # (M,) uniform within each user
    for _ in range(SWEEPS):
        one, other = _pairs(log, rng)
        here, there = behaviour[one], behaviour[other]
        gain = sum(
            share[there, stratum[one]] + share[here, stratum[other]]
            - share[here, stratum[one]] - share[there, stratum[other]]
            for share, stratum in ((by_hour, hour), (by_part, part))
        )  # fmt: skip
        swap = np.log(rng.random(len(one))) < gain
        behaviour[one[swap]], behaviour[other[swap]] = there[swap], here[swap]
    shuffled = EventLog.from_columns(log.user, log.time, behaviour, log.behaviours, log.user_names)
    return Shuffled(shuffled, float(np.mean(np.diff(log.offsets)[log.user] > 1)))


def drawn_edges(answers: NDArray[np.float32], threshold: float) -> Ints:
    """(R,) how many pairs each of (R, K, K) answers draws."""
    if not len(answers):
        return np.empty(0, np.int64)
    off = ~np.eye(answers.shape[1], dtype=bool)
    return np.asarray((answers[:, off] >= np.float32(threshold)).sum(axis=1), dtype=np.int64)


def _strata(time: NDArray[np.int64]) -> tuple[Ints, Ints]:
    """(M,), (M,) hour of the day (UTC) and part of the span of each event."""
    start, end = int(time.min()), int(time.max()) + 1
    dated = end - start >= LEAST_DAYS * HOURS * HOUR
    hour = time // HOUR % HOURS if dated else np.zeros_like(time)
    return hour, (time - start) * PARTS // (end - start)


def _log_share(log: EventLog, stratum: Ints, strata: int) -> Floats:
    """(K, strata) logarithms of the share of each behaviour's events in each stratum."""
    counts = np.zeros((log.n_behaviours, strata))
    np.add.at(counts, (log.behaviour, stratum), 1.0)
    usual = (counts.sum(axis=0) + 1e-9) / (counts.sum() + 1e-9 * strata)
    return np.log((counts + PRIOR * usual) / (counts.sum(axis=1, keepdims=True) + PRIOR))


def _pairs(log: EventLog, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Random pairs of moments of the same user; each moment is in one pair at most."""
    order = np.lexsort((rng.random(log.n_events), log.user))  # users in their order, their moments in any
    place = np.arange(log.n_events) - log.offsets[log.user]
    first = np.flatnonzero((place % 2 == 0) & (np.arange(log.n_events) + 1 < log.offsets[log.user + 1]))
    return order[first], order[first + 1]

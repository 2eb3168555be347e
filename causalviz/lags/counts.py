"""Lag counts: the sufficient statistics of a log, whole numbers that add up over users.

For behaviours i, j and lag bin l, summed over the users of a group:

    pairs[i, j, l]     events of j that come after an event of i at that lag, every such pair once,
    nearest[i, j, l]   the same for the latest i before each j only,
    at_risk[i, l]      ticks during which the latest i lies that far back, so that a j would have counted there,
    expected[i, j, l]  pairs if a user's marks were shuffled over that user's moments:  T_l n_i n_j / (n (n - 1)),
                       with T_l all pairs of the user at that lag; times and activity cancel, order remains.

Because all are integers, batches, files and cluster partitions of whole users merge with ``+`` in any order, bit
for bit. The leading axis splits the users by a hash of their name into G groups: the spread between the groups is
the error of every count, for free.
"""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, fields
from queue import SimpleQueue

import numpy as np
from numpy.typing import NDArray

from causalviz.events.log import Batch, Behaviour, Histories
from causalviz.lags.grid import LagGrid
from causalviz.lags.kernel import count_users

Ints = NDArray[np.int64]

EXPECTED_SCALE = 4096  # ``expected`` counts in this fraction of a pair
GROUPS = 16
WORKERS = 2  # threads; the kernel needs no Python
LEAST_SHARED = 2_000_000  # events from which on two count
MOST_SHARED_BYTES = 64 * 2**20  # of one LagCounts, as each thread has its own
MAX_BYTES = 512 * 2**20  # of one LagCounts; with very many behaviours there are fewer groups


@dataclass(frozen=True, eq=False, kw_only=True)
class LagCounts:
    """Counts over G groups of users, K behaviours and L lag bins; first axis group, then cause, then effect.

    Attributes:
        behaviours: The K behaviours.
        grid: The L lag bins.
        users: (G,) users.
        span: (G,) ticks between each user's first and last event, summed.
        events: (G, K) events.
        users_with: (G, K) users with at least one.
        pairs: (G, K, K, L); see the module.
        nearest: (G, K, K, L).
        expected: (G, K, K, L) in units of 1 / ``EXPECTED_SCALE``.
        at_risk: (G, K, L) ticks.
        ties: (G, K, K) pairs at the same moment; symmetric, the diagonal counts each pair once.
        follows: (G, K, K) moments with j directly after moments with i.
    """

    behaviours: tuple[Behaviour, ...]
    grid: LagGrid
    users: Ints
    span: Ints
    events: Ints
    users_with: Ints
    pairs: Ints
    nearest: Ints
    expected: Ints
    at_risk: Ints
    ties: Ints
    follows: Ints

    def __add__(self, other: LagCounts) -> LagCounts:
        """Counts of the users of both.

        Raises:
            ValueError: If behaviours, grid or number of groups differ.
        """
        if (self.behaviours, self.grid, len(self.users)) != (other.behaviours, other.grid, len(other.users)):
            raise ValueError("only counts of the same behaviours, grid and groups add up")
        sums = {name: getattr(self, name) + getattr(other, name) for name in self.arrays()}
        return LagCounts(behaviours=self.behaviours, grid=self.grid, **sums)

    def arrays(self) -> dict[str, Ints]:
        """The counted arrays by name."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("behaviours", "grid")}

    def total(self) -> LagCounts:
        """The same over all users: G = 1."""
        sums = {name: array.sum(axis=0, keepdims=True) for name, array in self.arrays().items()}
        return LagCounts(behaviours=self.behaviours, grid=self.grid, **sums)


def no_counts(behaviours: Sequence[Behaviour], grid: LagGrid, groups: int | None = None) -> LagCounts:
    """Counts of no users, the zero of ``+``.

    Args:
        behaviours: K behaviours.
        grid: L lag bins.
        groups: G; None for ``GROUPS``, or as many as ``MAX_BYTES`` allow.
    """
    K, L = len(behaviours), grid.n_bins
    G = groups or max(1, min(GROUPS, MAX_BYTES // (3 * K * K * L * 8)))
    shapes = {
        "users": (G,), "span": (G,), "events": (G, K), "users_with": (G, K), "pairs": (G, K, K, L),
        "nearest": (G, K, K, L), "expected": (G, K, K, L), "at_risk": (G, K, L), "ties": (G, K, K),
        "follows": (G, K, K),
    }  # fmt: skip
    arrays = {name: np.zeros(shape, dtype=np.int64) for name, shape in shapes.items()}
    return LagCounts(behaviours=tuple(behaviours), grid=grid, **arrays)


def count_lags(
    log: Histories,
    grid: LagGrid,
    groups: int | None = None,
    *,
    users: NDArray[np.bool_] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> LagCounts:
    """Counts one log, batch by batch of whole users.

    Args:
        log: M events of K behaviours.
        grid: L lag bins.
        groups: G; see ``no_counts``.
        users: (U,) who counts; None for all.
        on_progress: Told (events counted, events in all).

    Returns:
        Its counts. A moment costs at most K x L steps, however many events lie within reach of it.
    """
    counts = no_counts(log.behaviours, grid, groups)
    group = group_of(log.user_names, len(counts.users))
    edges = np.asarray(grid.edges, dtype=np.int64)
    first = counts.arrays()
    size = sum(array.nbytes for array in first.values())
    workers = WORKERS if log.n_events > LEAST_SHARED and size <= MOST_SHARED_BYTES else 1
    sums = [first, *(no_counts(log.behaviours, grid, len(counts.users)).arrays() for _ in range(workers - 1))]
    idle: SimpleQueue[list[Ints]] = SimpleQueue()  # each worker counts into arrays of its own
    for arrays in sums:
        idle.put(list(arrays.values()))

    def count(batch: Batch) -> int:
        mine = idle.get()
        try:
            count_users(*batch, group, edges, EXPECTED_SCALE, *mine)
        finally:
            idle.put(mine)
        return len(batch.user)

    batches = log.batches() if users is None else (_of_users(batch, users) for batch in log.batches())
    done = 0
    with ThreadPoolExecutor(workers) as pool:
        for counted in _in_turn(pool, count, batches, workers):
            done += counted
            if on_progress is not None:
                on_progress(done, log.n_events)
    for others in sums[1:]:
        for name, array in others.items():
            first[name] += array
    return counts


def _in_turn(
    pool: ThreadPoolExecutor, count: Callable[[Batch], int], batches: Iterable[Batch], workers: int
) -> Iterator[int]:
    """What each batch gave, in their order; one more is read while as many as there are workers are counted."""
    under_way: deque[Future[int]] = deque()
    for batch in batches:
        under_way.append(pool.submit(count, batch))
        if len(under_way) > workers:
            yield under_way.popleft().result()
    for task in under_way:
        yield task.result()


def _of_users(batch: Batch, users: NDArray[np.bool_]) -> Batch:
    rows = users[batch.user]  # (m,)
    some = Batch(batch.user[rows], batch.time[rows], batch.behaviour[rows])
    for column in some:
        column.flags.writeable = False  # as in an EventLog, so that the kernel is not compiled once more
    return some


def group_of(user_names: Sequence[str], groups: int) -> Ints:
    """(U,) the group of each user: a hash of the name, the same in every file and on every machine."""
    return np.fromiter((zlib.crc32(name.encode()) % groups for name in user_names), np.int64, len(user_names))

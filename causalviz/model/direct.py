"""Direct effects within a drawn graph: of the events that happened, and of one event more.

**Of those that happened**, what a drawn cause sets off, and each behaviour of itself, is told by ``Amounts``
(``causalviz.model.amounts``). What a cause prevents is what came all the same, the
n_ij effects within the window W_ij after the latest cause, over the share that is kept
(``causalviz.model.prevention``), less these: n_ij (1 / kept_ij - 1) / n_i per cause.

**One event more** sets off as much. But it does not prevent as much as those that happened prevent on average: a user
who is kept away for good is kept away by the first event, and at an even moment there may be nothing to keep away.
What it prevents are effects that no other such event had already reached,

    A_ij = -(1 - kept_ij) / U  sum over effects n of j without an i in the W_ij before  of  min(W_ij, t_n - s_u) / S_u,

with U users and the expected share of the user's stay, from s_u on and S_u long (``causalviz.model.stays``), at which
one i more would have come early enough and not too early. Among these effects are repeats of others that would be
prevented too; what passes through j is multiplied by 1 / (1 - a_j), so that A_ij is given less by this factor. Again
two readings err on different sides, and A_ij is their geometric mean: a fitted window may be a trend that lasts, and is
too long; the lags' own one ends with them, and is too short.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from causalviz.events.log import EventLog
from causalviz.model.prevention import Preventions
from causalviz.model.repeats import Repeats
from causalviz.model.stays import Stays

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

LEAST_KEPT = 0.5  # effects: where none came, a cause that keeps all of them away is still one that prevents


@dataclass(frozen=True, eq=False)
class Direct:
    """Expected further events of each behaviour that one event of each sets off directly, (K, K), [cause, effect].

    Attributes:
        offspring: 0 where no edge is drawn, negative where the cause prevents; repeats on the diagonal.
        low: Lower end of each 90 % interval.
        high: Upper end.
    """

    offspring: Floats
    low: Floats
    high: Floats

    def within(self, drawn: Mask, repeats: Repeats) -> Direct:
        """The same with the drawn edges only, and the repeats of each behaviour.

        Args:
            drawn: (K, K), [cause, effect].
            repeats: (K,) of each behaviour.
        """
        kept = drawn & ~np.eye(len(drawn), dtype=bool)
        offspring, low, high = (
            np.where(kept, np.nan_to_num(matrix), 0.0) + np.diag(own)
            for matrix, own in zip((self.offspring, self.low, self.high), repeats, strict=True)
        )
        return Direct(offspring, np.minimum(low, offspring), np.maximum(high, offspring))

    def times(self, factor: Floats) -> Direct:
        """All of it multiplied, (K, K); ends that say the opposite of their estimate stay."""
        low, high = (
            np.where(self.offspring * end > 0, factor * end, end) for end in (self.low, self.high)
        )  # fmt: skip
        return Direct(factor * self.offspring, low, high)

    def preventing(self, amount: Floats) -> Direct:
        """The same with other amounts where a cause prevents, (K, K) negative; the ends move by the same factor."""
        prevents = self.offspring < 0
        return self.times(np.where(prevents, amount / np.where(prevents, self.offspring, 1.0), 1.0))


def kept_away(direct: Direct, preventions: Preventions, log: EventLog) -> Direct:
    """The same with the preventions as they were fitted.

    Args:
        direct: Of the events that happened, within the drawn graph.
        preventions: Of the drawn edges.
        log: M events.
    """
    prevents = direct.offspring < 0
    came = _within(log.user, log.time, log.behaviour, np.where(prevents, preventions.window, 0.0))
    causes = np.maximum(np.bincount(log.behaviour, minlength=len(came)), 1.0)[:, None]
    amount = -np.maximum(came, LEAST_KEPT) * (1 / preventions.kept - 1) / causes
    return direct.preventing(amount)


def once_more(direct: Direct, readings: Sequence[tuple[Preventions, Stays]], log: EventLog) -> Direct:
    """The same of one event more, at an even moment of a user's stay.

    Args:
        direct: Of those that happened, within the drawn graph.
        readings: Preventions of the drawn edges with the stays of the U users, whose geometric mean is taken.
        log: M events.
    """
    prevents = direct.offspring < 0
    product = np.ones(prevents.shape)
    for preventions, stays in readings:
        window = np.where(prevents, preventions.window, 0.0)
        product *= (1 - preventions.kept) * _unprevented(log.user, log.time, log.behaviour, window, *stays)
    amount = -(product ** (1 / len(readings))) / log.n_users * (1 - np.diag(direct.offspring))
    return direct.preventing(amount)


@njit(cache=True, nogil=True)
def _within(user, time, marks, window):  # type: ignore[no-untyped-def]
    """(K, K) effects after the latest cause that lie within the window."""
    K = len(window)
    found = np.zeros((K, K), np.float64)
    last = np.empty(K, np.float64)
    for n in range(len(user)):
        j, t = marks[n], np.float64(time[n])
        if n == 0 or user[n] != user[n - 1]:
            last[:] = -np.inf
        for i in range(K):
            if last[i] < t <= last[i] + window[i, j]:
                found[i, j] += 1.0
        last[j] = t
    return found


@njit(cache=True, nogil=True)
def _unprevented(user, time, marks, window, first, inverse, lead):  # type: ignore[no-untyped-def]
    """(K, K) effects without the cause in the window before, each by the share of the stay that lies in it."""
    K = len(window)
    found = np.zeros((K, K), np.float64)
    last = np.empty(K, np.float64)
    for n in range(len(user)):
        u, j, t = user[n], marks[n], np.float64(time[n])
        if n == 0 or u != user[n - 1]:
            last[:] = -np.inf
        before = min((t - first[u]) * inverse[u] + lead[u], 1.0)  # of the stay
        for i in range(K):
            if window[i, j] > 0.0 and t - last[i] > window[i, j]:
                found[i, j] += min(window[i, j] * inverse[u], before)
        last[j] = t
    return found

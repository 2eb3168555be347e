"""Surprise: what a fitted Hawkes process does not foretell, by user, and so whether its blame can be believed.

For each user u and behaviour j the residual is what happened less what the process expects,

    r_uj = n_uj - b_j c_u - sum over events of u of  sum_l g_ijl x (ticks of lag bin l in which u was seen),

i the event's behaviour, g its kernel, b_j the background and c_u its integral, the user's number of events. Of a true
Hawkes process this is a martingale at its end: its mean is 0 and its variance the expected count (Bremaud & Jacod,
Advances in Applied Probability 1977; as a test of fit, Ogata, JASA 1988). So

    by user   s_j  = sum_u r_uj^2 / N_j  is about 1, less the behaviour's share, since c_u counts its own events too; it
                     is above where users differ, and below where counts correct themselves,
    in time   s'_j = the same over quarters of each user's time: above 1 where a behaviour waxes and wanes,
    together  z_ij = sum_u r_ui r_uj / sqrt(sum_u r_ui^2 r_uj^2): like a normal number or lower, unless something that
                     was not recorded (a liking, a campaign) makes both more frequent with the same users.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from causalviz.events.log import EventLog

Floats = NDArray[np.float64]

QUARTERS = 4
AT_ONCE = 4_000_000  # residuals in memory


class Surprise(NamedTuple):
    """How far a log's counts stray from what a process expects; see the module's docstring.

    Attributes:
        by_user: (K,) s_j, 0 where a behaviour has no events.
        in_time: (K,) s'_j.
        together: (K, K) z_ij, symmetric; 0 where nobody has residuals of both.
    """

    by_user: Floats
    in_time: Floats
    together: Floats


def surprise(log: EventLog, edges: NDArray[np.int64], kernel: Floats) -> Surprise:
    """Compares a log with the process that was fitted to it.

    Args:
        log: M events of K behaviours by U users.
        edges: (L + 1,) of the lag bins, ticks.
        kernel: (K, K L + 1) a row of an effect: heights by cause and lag, per tick, and the background's.

    Returns:
        The surprise; its cost grows with M K L + U K^2.
    """
    K, U = log.n_behaviours, log.n_users
    heights = np.ascontiguousarray(kernel[:, :-1].reshape(K, K, -1).transpose(1, 2, 0))  # (cause, lag, effect)
    base = kernel[:, -1].copy()
    counts = np.maximum(np.bincount(log.behaviour, minlength=K), 1)  # (K,)
    by_user, in_time, joint, spread = np.zeros(K), np.zeros(K), np.zeros((K, K)), np.zeros((K, K))
    marks, step = log.behaviour.astype(np.int64), max(1, AT_ONCE // (QUARTERS * K))
    for first in range(0, U, step):
        offsets = log.offsets[first : first + step + 1]
        parts = _residuals(offsets, log.time, marks, edges, heights, base)  # (users, QUARTERS, K)
        r = parts.sum(axis=1)
        squares = r**2
        by_user += squares.sum(axis=0)
        in_time += (parts**2).sum(axis=(0, 1))
        joint += r.T @ r
        spread += squares.T @ squares
    together = np.divide(joint, np.sqrt(spread), out=np.zeros((K, K)), where=spread > 0)
    return Surprise(by_user / counts, in_time / counts, together)


@njit(cache=True, nogil=True)
def _residuals(offsets, time, marks, edges, heights, base):  # type: ignore[no-untyped-def]
    """(users, QUARTERS, K) r_uj by quarters of the time from each user's first event to the last."""
    U, L, K = len(offsets) - 1, len(edges) - 1, len(base)
    residual = np.zeros((U, QUARTERS, K), np.float64)
    for u in range(U):
        first, end = offsets[u], offsets[u + 1]
        if first == end:
            continue
        start, last = time[first], time[end - 1]
        quarter = (last - start) / QUARTERS
        for q in range(QUARTERS):
            for j in range(K):
                residual[u, q, j] = -base[j] * (end - first) / QUARTERS
        for n in range(first, end):
            since = time[n] - start
            q = min(QUARTERS - 1, int(since / quarter)) if quarter > 0.0 else 0
            residual[u, q, marks[n]] += 1.0
            for bin_ in range(L):
                low, high = since + edges[bin_], min(since + edges[bin_ + 1], last - start)
                if low >= high:
                    break
                height = heights[marks[n], bin_]
                for q in range(int(low / quarter), QUARTERS):
                    ticks = min(high, (q + 1) * quarter) - max(low, q * quarter)
                    if ticks <= 0.0:
                        break
                    for j in range(K):
                        residual[u, q, j] -= height[j] * ticks
    return residual

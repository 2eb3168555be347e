"""Least-squares regression of "the next event is j" on what happened before it.

Given that an event happens, which behaviour is it? For every event the predictors count the earlier events of
each behaviour in C coarse lag bins; the answer for j is its indicator. Conditioning on an event having happened
cancels activity and season, and conditioning on the other behaviours separates direct from indirect influence.
Predictors are centred by user, in part where a user has few events, so that taste does not pass for a cause.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from causalviz.events.log import EventLog
from causalviz.lags import LagGrid

Floats = NDArray[np.float64]

COARSE_BINS = 3
MAX_ROWS = 60_000
MAX_CELLS = 12_000_000  # rows x predictors; keeps one regression within a second
SHRINKAGE_EVENTS = 10.0  # a user with this many events is centred half-way


class MarkRegression(NamedTuple):
    """Coefficients and t-values, both (K, K, C): [cause, effect, coarse lag bin].

    A coefficient is the change of the probability that the next event is the effect per (log1p) earlier cause.
    """

    coefficient: Floats
    t_value: Floats


def fit_marks(log: EventLog, grid: LagGrid) -> MarkRegression:
    """Fits the regression on the first whole histories that keep the table within ``MAX_CELLS``.

    Args:
        log: The (sample of the) log.
        grid: L lag bins, joined into ``COARSE_BINS``.

    Returns:
        Coefficients and t-values.
    """
    K = log.n_behaviours
    edges = np.asarray(grid.edges, dtype=np.int64)
    coarse = np.minimum(np.arange(grid.n_bins) * COARSE_BINS // grid.n_bins, COARSE_BINS - 1)
    rows = min(MAX_ROWS, MAX_CELLS // (K * COARSE_BINS), log.n_events)
    user, marks = log.user[:rows], log.behaviour[:rows].astype(np.int64)
    X = np.log1p(_lagged_counts(user, log.time[:rows], marks, edges, coarse, K))  # (rows, K*C)
    X -= _user_means(X, user)
    gram = X.T @ X + np.eye(K * COARSE_BINS) * (1e-3 * rows + 1.0)  # (K*C, K*C)
    inverse = np.linalg.inv(gram)
    onehot_products = np.stack([X[marks == j].sum(axis=0, dtype=np.float64) for j in range(K)], axis=1)  # (K*C, K)
    share = np.bincount(marks, minlength=K) / rows
    beta = inverse @ (onehot_products - X.sum(axis=0, dtype=np.float64)[:, None] * share)
    error = np.sqrt(np.outer(np.diag(inverse), share * (1 - share)) + 1e-12)
    shape = (K, COARSE_BINS, K)
    return MarkRegression(np.moveaxis(beta.reshape(shape), 1, 2), np.moveaxis((beta / error).reshape(shape), 1, 2))


def _user_means(X: NDArray[np.float32], user: NDArray[np.int32]) -> NDArray[np.float32]:
    """(rows, K*C) each row's user mean, shrunk towards the mean of all."""
    starts = np.flatnonzero(np.diff(user, prepend=user[0] - 1))
    lengths = np.diff(np.append(starts, len(user)))
    means = np.add.reduceat(X, starts, axis=0) / lengths[:, None]
    trust = (lengths / (lengths + SHRINKAGE_EVENTS))[:, None]
    shrunk = trust * means + (1 - trust) * X.mean(axis=0)
    return np.asarray(np.repeat(shrunk, lengths, axis=0), dtype=np.float32)


@njit(cache=True, nogil=True)
def _lagged_counts(user, time, marks, edges, coarse, K):  # type: ignore[no-untyped-def]
    """(rows, K*C) float32 earlier events of each behaviour by coarse lag bin, column i*C + c."""
    rows = len(user)
    L = len(edges) - 1
    C = coarse[L - 1] + 1
    X = np.zeros((rows, K * C), np.float32)
    first = 0  # of the events at the same moment
    for n in range(rows):
        if user[n] != user[first] or time[n] != time[first]:
            first = n
        bin_ = 0
        m = first - 1
        looked = 0
        while m >= 0 and user[m] == user[n] and looked < 200:
            lag = time[n] - time[m]
            if lag > edges[L]:
                break
            if lag > 0:
                while lag > edges[bin_ + 1]:
                    bin_ += 1
                X[n, marks[m] * C + coarse[bin_]] += 1.0
                looked += 1
            m -= 1
    return X

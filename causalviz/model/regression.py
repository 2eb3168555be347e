"""Two least-squares regressions on what happened before: which behaviour is next, and how often does it come?

The predictors count the earlier events of each behaviour, in C coarse lag bins (log1p) and ever since the user came
(square root). ``marks``: given that an event happens, is it a j? Conditioning on an event having happened cancels
activity and season, but where one effect comes more often, all others come less often *among the events*. ``rates``:
how many events of j per unit of time? This is the least-squares estimate of an additive intensity,

    theta_j = G^-1 b_j,   G = integral of x(t) x(t)' dt,   b_j = sum of x at the events of j

(Hansen, Reynaud-Bouret & Rivoirard 2015), with the integral taken over moments drawn after events, their distance d
uniform on the logarithm, each weighted by 1 / sum over earlier events of 1 / d, which makes them uniform in time
(Horvitz & Thompson 1952). Counts of all behaviours together are predictors too, so that what merely falls into a
session is nobody's doing. What makes one effect more frequent leaves the rates of the others alone: a scarcity that
shows here too is an inhibition.

In both, the other behaviours are held fixed, which separates direct from indirect influence, and predictors are
centred by user, in part where a user has few events, so that taste does not pass for a cause. Every coefficient has
two errors: that of independent rows, and that of independent groups of users (Liang & Zeger 1986).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from causalviz.events.log import EventLog
from causalviz.lags import LagGrid

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Table = NDArray[np.float32]

COARSE_BINS = 3
COLUMNS = COARSE_BINS + 1  # of each cause: the lag bins, and ever before
WIDE = 128  # behaviours from which on the lag bins are joined into one, for the table's sake
MAX_ROWS = 200_000
MAX_CELLS = 12_000_000  # rows x predictors; keeps one regression within a second
MIN_ROWS = 12_000  # a very wide table is given so many rows all the same
MAX_LOOKED = 200  # earlier events counted for one row; a denser window keeps its latest
HEAVIEST = 0.98  # quantile at which weights are cut: a few moments in long gaps must not decide alone
SHRINKAGE_EVENTS = 10.0  # a user with this many events is centred half-way
GROUPS = 16  # of users, for the errors


class Regression(NamedTuple):
    """All (K, K, C + 1): [cause, effect, coarse lag bin, then ever before].

    Attributes:
        coefficient: Change per unit of the predictor: of the probability that the event is the effect (marks), of the
            effect's rate over its mean rate (rates).
        t_value: Coefficient over its error if rows were independent.
        steady_t: Coefficient over its error if groups of users were.
    """

    coefficient: Floats
    t_value: Floats
    steady_t: Floats


class Regressions(NamedTuple):
    """Which behaviour is next, and how often each comes."""

    marks: Regression
    rates: Regression


class RegressionTables(NamedTuple):
    """The rows of both regressions: n events of K behaviours, m moments, P predictors.

    The first K * (C + 1) predictors are the causes' (C lag bins and "ever before" each), the others of all causes
    together; ``marks`` lacks the C counts of all causes by bin.

    Attributes:
        bins: C.
        behaviour: (n,) what happened.
        user: (n,) to whom.
        marks: (n, P - C) predictors, centred by user.
        cases: (n, P) predictors at the events, centred at the mean of the user's moments.
        moments: (m, P) predictors at the moments, centred likewise.
        moment_user: (m,) whose moment it is.
        weight: (m,) of each moment, which makes them uniform in time.
    """

    bins: int
    behaviour: Ints
    user: NDArray[np.int32]
    marks: Table
    cases: Table
    moments: Table
    moment_user: NDArray[np.int32]
    weight: Floats


def fit_regressions(log: EventLog, grid: LagGrid, *, seed: int = 0) -> Regressions:
    """Fits both on the first whole histories that keep the table within ``MAX_CELLS``.

    Args:
        log: The (sample of the) log.
        grid: L lag bins, joined into ``COARSE_BINS``.
        seed: Of the moments to compare with.

    Returns:
        Coefficients and t-values.
    """
    rows, K = regression_tables(log, grid, seed=seed), log.n_behaviours
    return Regressions(
        _mark_regression(rows.marks, rows.behaviour, rows.user, K, rows.bins),
        _rate_regression(
            rows.cases, rows.behaviour, rows.user, rows.moments, rows.moment_user, rows.weight, K, rows.bins
        ),
    )


def regression_tables(log: EventLog, grid: LagGrid, *, seed: int = 0) -> RegressionTables:
    """The rows that ``fit_regressions`` reads, for those who hold other behaviours fixed.

    Args:
        log: The (sample of the) log.
        grid: L lag bins, joined into ``COARSE_BINS``.
        seed: Of the moments to compare with.
    """
    K = log.n_behaviours
    C = COARSE_BINS if K <= WIDE else 1
    edges = np.asarray(grid.edges, dtype=np.int64)
    coarse = np.minimum(np.arange(grid.n_bins) * C // grid.n_bins, C - 1)
    n = min(MAX_ROWS, max(MIN_ROWS, MAX_CELLS // (K * (C + 1))), log.n_events)
    user, time, marks = log.user[:n], log.time[:n], log.behaviour[:n].astype(np.int64)
    at, before, weight = _moments(user, time, edges, np.random.default_rng(seed))
    whose = np.concatenate([user, user[before]])
    is_first = (np.diff(user, prepend=-1) != 0) | (np.diff(time, prepend=time[0] - 1) != 0)  # of its moment
    earlier = np.maximum.accumulate(np.where(is_first, np.arange(n), 0)) - 1
    moments = (np.concatenate([time, at]), np.concatenate([earlier, before]))
    X = _predictors(user, time, marks, whose, *moments, edges, coarse, K)  # (rows, K*(C+1) + C + 3)
    own = K * (C + 1)
    mark_table = np.delete(X[:n] - _user_means(X[:n], user, np.ones(n), [user])[0], np.s_[own : own + C], axis=1)
    of_moments, of_events = _user_means(X[n:], user[before], weight, [user[before], user])
    seconds, cases = X[n:] - of_moments, X[:n] - of_events
    return RegressionTables(C, marks, user, mark_table, cases, seconds, user[before], weight)


def _predictors(
    user: NDArray[np.int32], time: Ints, marks: Ints, whose: NDArray[np.int32], at: Ints, before: Ints,
    edges: Ints, coarse: Ints, K: int
) -> Table:  # fmt: skip
    """(rows, K*(C+1) + C + 3): counts by cause and bin, then of all causes by bin, how many and how long so far."""
    C = int(coarse[-1]) + 1
    own = K * (C + 1)
    X = np.empty((len(at), own + C + 3), np.float32)
    mine = (before >= 0) & (user[np.maximum(before, 0)] == whose)
    ever = np.where(mine[:, None], _so_far(user, marks, K)[np.maximum(before, 0)], np.float32(0))  # (rows, K)
    start = time[np.searchsorted(user, whose)]
    passed = (at - start) / float(edges[-1])  # in longest lags
    by_cause = X[:, :own].reshape(len(at), K, C + 1)  # a view: the table is filled in place, once
    logs = np.log1p(np.arange(MAX_LOOKED + 1, dtype=np.float32))
    _count_lagged(by_cause, X[:, own : own + C], user, time, marks, whose, at, before, edges, coarse, logs)
    np.sqrt(ever, out=by_cause[..., C])
    X[:, own + C] = np.sqrt(ever.sum(axis=1))
    X[:, own + C + 1] = np.sqrt(passed)
    X[:, own + C + 2] = np.minimum(passed, 1e4)
    return X


def _mark_regression(X: Table, marks: Ints, user: NDArray[np.int32], K: int, C: int) -> Regression:
    rows = len(X)
    share = np.bincount(marks, minlength=K) / rows
    sums = sums_of_groups(X, marks, user % GROUPS, GROUPS, K)
    answers = sums - sums.sum(axis=2, keepdims=True) * share
    grams = [X[part].T @ X[part] for part in _groups(user)]
    inverse = _inverse(grams, len(X))
    beta = inverse @ answers.sum(0)
    variance = np.abs(np.diag(inverse))  # below 0 only by rounding, where columns can hardly be told apart
    error = np.sqrt(np.outer(variance, share * (1 - share)) + 1e-12)
    return _regression(beta, np.asarray(error), _group_error(inverse, grams, answers, beta), np.ones(K), C)


def _rate_regression(
    X: Table, marks: Ints, user: NDArray[np.int32],
    others: Table, whose: NDArray[np.int32], weight: Floats, K: int, C: int
) -> Regression:  # fmt: skip
    """X (n, P) at the events, others (m, P) at moments whose weights (m,) make them uniform in time."""
    X = np.hstack([X, np.ones((len(X), 1), np.float32)])
    others = np.hstack([others, np.ones((len(others), 1), np.float32)])
    weighted = others * weight[:, None].astype(np.float32)
    answers = sums_of_groups(X, marks, user % GROUPS, GROUPS, K)
    grams = [weighted[part].T @ others[part] for part in _groups(whose)]
    inverse = _inverse(grams, len(others))
    beta = inverse @ answers.sum(0)  # events of j per moment
    projected = (X @ inverse.astype(np.float32)) ** 2  # (n, P)
    error = np.sqrt(_sums(projected, np.ones(len(X)), marks, K).T + 1e-12)
    mean_rate = (np.bincount(marks, minlength=K) + 1.0) / max(float(weight.sum()), 1.0)
    return _regression(beta, error, _group_error(inverse, grams, answers, beta), np.asarray(mean_rate), C)


def _regression(beta: Floats, error: Floats, group_error: Floats, unit: Floats, C: int) -> Regression:
    return Regression(
        _by_bin(beta / unit, C), _by_bin(beta / error, C), _by_bin(beta / np.maximum(group_error, error / 2), C)
    )


def _group_error(inverse: Floats, grams: Sequence[Table], answers: Floats, beta: Floats) -> Floats:
    """(P, K) error of beta if the groups were independent: the sandwich, one column of residuals per group.

    Two products per group are the most of a wide regression; in single precision, as the tables are, they take half.
    """
    variance = np.zeros_like(beta)
    bread, slope = inverse.astype(np.float32), beta.astype(np.float32)
    for gram, answer in zip(grams, answers, strict=True):
        variance += (bread @ (answer.astype(np.float32) - gram @ slope)) ** 2
    return np.asarray(np.sqrt(variance * GROUPS / (GROUPS - 1) + 1e-12), dtype=np.float64)


def _groups(user: NDArray[np.int32]) -> list[NDArray[np.intp]]:
    """Rows of each of the ``GROUPS`` groups of users."""
    return [np.flatnonzero(user % GROUPS == g) for g in range(GROUPS)]


def sums_of_groups(X: Table, marks: Ints, group: NDArray[np.integer], n: int, K: int) -> Floats:
    """(n, P, K) sums of the rows of each mark in each of n groups.

    Args:
        X: (rows, P).
        marks: (rows,) below K.
        group: (rows,) below n.
        n: How many groups.
        K: How many marks.
    """
    return _sums(X, np.ones(len(X)), group * K + marks, n * K).reshape(n, K, -1).transpose(0, 2, 1)


@njit(cache=True, nogil=True)
def _sums(X, weight, code, n):  # type: ignore[no-untyped-def]
    """(n, P) weighted sums of the rows of each code, in double precision."""
    sums = np.zeros((n, X.shape[1]), np.float64)
    for row in range(len(X)):
        for column in range(X.shape[1]):
            sums[code[row], column] += weight[row] * X[row, column]
    return sums


def _inverse(grams: Sequence[Table], rows: int) -> Floats:
    """(P, P) inverse of the groups' sum and a ridge."""
    gram: Floats = np.stack(grams).sum(axis=0, dtype=np.float64)
    return np.asarray(np.linalg.inv(gram + np.eye(len(gram)) * (1e-3 * rows + 1.0)), dtype=np.float64)


def _by_bin(values: Floats, C: int) -> Floats:
    """(K, K, COLUMNS) from (K*(C+1) or more, K); rows beyond are not about single causes."""
    K = values.shape[1]
    by_cause = np.moveaxis(values[: K * (C + 1)].reshape(K, C + 1, K), 1, 2)
    lags = np.repeat(by_cause[..., :C], COARSE_BINS // C, axis=2)
    return np.concatenate([lags, by_cause[..., C:]], axis=2)


def _user_means(X: Table, user: NDArray[np.int32], weight: Floats, readers: Sequence[NDArray[np.int32]]) -> list[Table]:
    """For each reader (rows, P) its users' means, shrunk towards the mean of all, which users without rows get.

    Args:
        X: (n, P).
        user: (n,) whose each row is.
        weight: (n,) of each row.
        readers: User codes of other tables' rows, or of these.
    """
    known, place = np.unique(user, return_inverse=True)
    total = np.bincount(place, weights=weight)
    sums = _sums(X, weight, place, len(known))
    overall = sums.sum(axis=0) / max(float(total.sum()), 1e-12)
    trust = (total / (total + SHRINKAGE_EVENTS))[:, None]
    own = sums / np.maximum(total, 1e-12)[:, None]
    means = np.vstack([trust * own + (1 - trust) * overall, overall]).astype(np.float32)
    code = np.append(known, np.iinfo(np.int32).max)  # the last stands for every user without rows
    read = []
    for whose in readers:
        found = np.searchsorted(known, whose)
        read.append(means[np.where(code[found] == whose, found, len(known))])
    return read


def _so_far(user: NDArray[np.int32], marks: Ints, K: int) -> NDArray[np.int32]:
    """(n, K) events of each behaviour of the same user up to and with each event."""
    ones = np.zeros((len(user), K), np.int32)
    ones[np.arange(len(user)), marks] = 1
    total = ones.cumsum(axis=0, dtype=np.int32)
    first = np.searchsorted(user, user)  # row of the user's first event
    return np.asarray(total - total[first] + ones[first])


def _moments(user: NDArray[np.int32], time: Ints, edges: Ints, rng: np.random.Generator) -> tuple[Ints, Ints, Floats]:
    """Moments of the histories, the row of the latest event before each, and weights; at most one per event."""
    low, high = max(1.0, edges[1] / 4), float(edges[-1])
    lag = np.exp(rng.uniform(np.log(low), np.log(high), len(user))).astype(np.int64) + 1
    at, before = _within(user, time, lag)
    weight = 1.0 / _crowding(user, time, at, before, low, high)
    weight = np.minimum(weight, np.quantile(weight, HEAVIEST)) if len(weight) else weight
    return at, before, weight / max(weight.mean(), 1e-300) if len(weight) else weight


@njit(cache=True, nogil=True)
def _within(user, time, lag):  # type: ignore[no-untyped-def]
    """The moments ``time + lag`` that lie before their user's last event."""
    rows = len(user)
    at = np.empty(rows, np.int64)
    before = np.empty(rows, np.int64)
    found = 0
    end = 0
    for n in range(rows):
        if end <= n:
            end = n
            while end + 1 < rows and user[end + 1] == user[n]:
                end += 1
            end += 1  # one behind the user's last event
        moment = time[n] + lag[n]
        if moment >= time[end - 1]:
            continue
        low, high = n, end - 1  # the latest event before the moment lies in low .. high - 1
        while high - low > 1:
            middle = (low + high) // 2
            if time[middle] < moment:
                low = middle
            else:
                high = middle
        at[found] = moment
        before[found] = low
        found += 1
    return at[:found], before[:found]


@njit(cache=True, nogil=True)
def _crowding(user, time, at, before, low, high):  # type: ignore[no-untyped-def]
    """How densely moments fall at each moment: the sum of 1 / distance over the events from which it may be drawn."""
    crowding = np.empty(len(at), np.float64)
    for n in range(len(at)):
        level = 0.0
        m = before[n]
        looked = 0
        while m >= 0 and user[m] == user[before[n]] and looked < MAX_LOOKED:
            lag = float(at[n] - time[m])
            if lag > high + 1.0:
                break
            level += 1.0 / max(lag, low)
            looked += 1
            m -= 1
        crowding[n] = max(level, 1.0 / high)
    return crowding


@njit(cache=True, nogil=True)
def _count_lagged(by_cause, of_all, user, time, marks, whose, at, before, edges, coarse, logs):  # type: ignore[no-untyped-def]
    """Fills in log1p of the events before each moment, of each behaviour by coarse lag bin, and of all together.

    Args:
        by_cause: (rows, K, C or more) to be filled.
        of_all: (rows, C) to be filled.
        user: (n,) of the events, as ``time`` and ``marks``.
        time: (n,).
        marks: (n,).
        whose: (rows,) whose moment it is, as ``at`` and ``before``, the event before it.
        at: (rows,).
        before: (rows,).
        edges: L + 1 of the lag bins.
        coarse: (L,) which of the C each belongs to.
        logs: log1p of 0, 1, ..., ``MAX_LOOKED``.
    """
    L = len(edges) - 1
    C = coarse[L - 1] + 1
    by_cause[:, :, :C] = 0.0
    of_all[:] = 0.0
    for n in range(len(at)):
        bin_ = 0
        m = before[n]
        looked = 0
        while m >= 0 and user[m] == whose[n] and looked < MAX_LOOKED:
            lag = at[n] - time[m]
            if lag > edges[L]:
                break
            if lag > 0:
                while lag > edges[bin_ + 1]:
                    bin_ += 1
                by_cause[n, marks[m], coarse[bin_]] += 1.0
                of_all[n, coarse[bin_]] += 1.0
                looked += 1
            m -= 1
        for c in range(C):
            of_all[n, c] = logs[int(of_all[n, c])]
            for i in range(by_cause.shape[1]):
                if by_cause[n, i, c] > 0.0:
                    by_cause[n, i, c] = logs[int(by_cause[n, i, c])]

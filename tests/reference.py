"""Slow twins: the definitions of the counts, written as plainly as they can be read."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from causalviz.events.log import EventLog
from causalviz.lags import LagGrid


def slow_pairs(log: EventLog, grid: LagGrid) -> np.ndarray:
    """(K, K, L) every ordered pair of one user's events at a positive lag."""
    pairs = np.zeros((log.n_behaviours, log.n_behaviours, grid.n_bins), dtype=np.int64)
    for m in range(log.n_events):
        for n in range(log.n_events):
            lag = log.time[n] - log.time[m]
            if log.user[m] == log.user[n] and 0 < lag <= grid.edges[-1]:
                pairs[log.behaviour[m], log.behaviour[n], np.searchsorted(grid.edges, lag) - 1] += 1
    return pairs


def slow_nearest(log: EventLog, grid: LagGrid) -> np.ndarray:
    """(K, K, L) for each event, the latest earlier moment of each behaviour of the same user."""
    nearest = np.zeros((log.n_behaviours, log.n_behaviours, grid.n_bins), dtype=np.int64)
    for n in range(log.n_events):
        for i in range(log.n_behaviours):
            earlier = log.time[(log.user == log.user[n]) & (log.behaviour == i) & (log.time < log.time[n])]
            if len(earlier) and log.time[n] - earlier.max() <= grid.edges[-1]:
                bin_ = np.searchsorted(grid.edges, log.time[n] - earlier.max()) - 1
                nearest[i, log.behaviour[n], bin_] += 1
    return nearest


def slow_at_risk(log: EventLog, grid: LagGrid) -> np.ndarray:
    """(K, L) tick by tick, how long the latest event of each behaviour lies in each bin, to the user's last event."""
    at_risk = np.zeros((log.n_behaviours, grid.n_bins), dtype=np.int64)
    for user in range(log.n_users):
        mine = log.user == user
        for tick in range(int(log.time[mine].min()) + 1, int(log.time[mine].max()) + 1) if mine.any() else ():
            for i in range(log.n_behaviours):
                earlier = log.time[mine & (log.behaviour == i) & (log.time < tick)]
                if len(earlier) and tick - earlier.max() <= grid.edges[-1]:
                    at_risk[i, np.searchsorted(grid.edges, tick - earlier.max()) - 1] += 1
    return at_risk


def slow_ties(log: EventLog) -> np.ndarray:
    """(K, K) unordered pairs at the same moment, written at both places."""
    ties = np.zeros((log.n_behaviours, log.n_behaviours), dtype=np.int64)
    for m in range(log.n_events):
        for n in range(m):
            if log.user[m] == log.user[n] and log.time[m] == log.time[n]:
                i, j = log.behaviour[m], log.behaviour[n]
                ties[i, j] += 1
                if i != j:
                    ties[j, i] += 1
    return ties


def slow_follows(log: EventLog) -> np.ndarray:
    """(K, K) neighbouring moments of one user, behaviour by behaviour."""
    follows = np.zeros((log.n_behaviours, log.n_behaviours), dtype=np.int64)
    for user in range(log.n_users):
        mine = log.user == user
        moments = [set(log.behaviour[mine & (log.time == moment)]) for moment in np.unique(log.time[mine])]
        for before, after in pairwise(moments):
            for i in before:
                for j in after:
                    follows[i, j] += 1
    return follows


def slow_expected(log: EventLog, grid: LagGrid) -> np.ndarray:
    """(K, K, L) pairs under shuffled marks, in pairs."""
    expected = np.zeros((log.n_behaviours, log.n_behaviours, grid.n_bins))
    for user in range(log.n_users):
        mine = np.flatnonzero(log.user == user)
        n = len(mine)
        if n < 2:
            continue
        own = np.bincount(log.behaviour[mine], minlength=log.n_behaviours)
        both = np.outer(own, own) - np.diag(own)
        one = log.take_users(np.array([user]))
        reach = slow_pairs(one, grid).sum(axis=(0, 1))  # (L,)
        expected += both[:, :, None] / (n * (n - 1)) * reach
    return expected

"""The counting kernel: one user at a time, one moment at a time, whole numbers only.

A *moment* is all events of a user at the same time. For each edge l of the grid a pointer a_l stands behind the
events that lie further back than that edge, so bin l holds the events a_(l+1) .. a_l - 1. Where few events are
within reach they are visited one by one; where a history is dense (a bot, an alarm storm), a count per behaviour
is kept for each bin instead, and a moment costs K x L steps however full its window is. Both give the same counts.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def count_users(  # type: ignore[no-untyped-def]
    user,
    time,
    mark,
    group,
    edges,
    scale,
    users,
    span,
    events,
    users_with,
    pairs,
    nearest,
    expected,
    at_risk,
    ties,
    follows,
):
    """Adds a batch of whole users to the counts.

    Args:
        user: (m,) codes, in runs; ``time`` (m,) ticks, nondecreasing within a run; ``mark`` (m,) behaviour codes.
        group: (U,) group of each user code.
        edges: (L + 1,) lag edges, ticks.
        scale: ``EXPECTED_SCALE``.
        users, span, events, users_with, pairs, nearest, expected, at_risk, ties, follows: Arrays of ``LagCounts``.
    """
    m, K, L = len(user), events.shape[1], len(edges) - 1
    own = np.zeros(K, np.int64)  # this user's events of each behaviour
    present = np.empty(K, np.int64)  # the behaviours among them
    last = np.empty(K, np.int64)
    window = np.zeros((L, K), np.int64)
    here = np.zeros(K, np.int64)  # events of each behaviour in this moment
    before = np.empty(K, np.int64)  # the behaviours of the moment before
    now = np.empty(K, np.int64)
    pointer = np.empty(L + 1, np.int64)
    reach = np.empty(L, np.int64)
    start = 0
    while start < m:
        end = start + 1
        while end < m and user[end] == user[start]:
            end += 1
        g = group[user[start]]
        n_present = _tally(mark, start, end, own, present)
        users[g] += 1
        span[g] += time[end - 1] - time[start]
        for p in range(n_present):
            events[g, present[p]] += own[present[p]]
            users_with[g, present[p]] += 1
        within = _reach(time, start, end, edges, pointer, reach)
        _expect(own, present, n_present, end - start, reach, scale, expected[g])
        dense = within > (end - start) * n_present * L
        if dense:
            _count_dense(time, mark, start, end, edges, present, n_present, pointer, window, pairs[g])
        elif within > 0:
            _count_sparse(time, mark, start, end, edges, pointer, pairs[g])
        _count_moments(time, mark, start, end, edges, present, n_present, last, here, before, now,
                       nearest[g], at_risk[g], ties[g], follows[g])  # fmt: skip
        for p in range(n_present):
            own[present[p]] = 0
        start = end


@njit(cache=True, nogil=True)
def _tally(mark, start, end, own, present):  # type: ignore[no-untyped-def]
    """Counts the user's events per behaviour; returns how many behaviours there are."""
    found = 0
    for n in range(start, end):
        if own[mark[n]] == 0:
            present[found] = mark[n]
            found += 1
        own[mark[n]] += 1
    return found


@njit(cache=True, nogil=True)
def _advance(time, n, edges, pointer):  # type: ignore[no-untyped-def]
    """Moves each pointer behind the events that lie further back from event n than its edge."""
    for bin_ in range(len(edges)):
        while time[n] - time[pointer[bin_]] > edges[bin_]:
            pointer[bin_] += 1


@njit(cache=True, nogil=True)
def _reach(time, start, end, edges, pointer, reach):  # type: ignore[no-untyped-def]
    """Counts all pairs of the user per bin, whatever the marks; returns their sum."""
    L = len(edges) - 1
    pointer[:] = start
    reach[:] = 0
    for n in range(start, end):
        _advance(time, n, edges, pointer)
        for bin_ in range(L):
            reach[bin_] += pointer[bin_] - pointer[bin_ + 1]
    return reach.sum()


@njit(cache=True, nogil=True)
def _expect(own, present, n_present, n, reach, scale, expected):  # type: ignore[no-untyped-def]
    """Adds the pairs that shuffled marks would give, rounded to whole units of 1 / scale."""
    if n < 2:
        return
    for p in range(n_present):
        i = present[p]
        for q in range(n_present):
            j = present[q]
            share = own[i] * (own[j] - (1 if i == j else 0)) / (float(n) * (n - 1))
            for bin_ in range(len(reach)):
                expected[i, j, bin_] += np.int64(np.round(reach[bin_] * share * scale))


@njit(cache=True, nogil=True)
def _count_sparse(time, mark, start, end, edges, pointer, pairs):  # type: ignore[no-untyped-def]
    """Visits every event within reach."""
    L = len(edges) - 1
    pointer[:] = start
    for n in range(start, end):
        _advance(time, n, edges, pointer)
        j = mark[n]
        for bin_ in range(L):
            for m in range(pointer[bin_ + 1], pointer[bin_]):
                pairs[mark[m], j, bin_] += 1


@njit(cache=True, nogil=True)
def _count_dense(time, mark, start, end, edges, present, n_present, pointer, window, pairs):  # type: ignore[no-untyped-def]  # fmt: skip
    """Keeps a count per behaviour and bin, moved along with the pointers."""
    L = len(edges) - 1
    pointer[:] = start
    window[:] = 0
    for n in range(start, end):
        for bin_ in range(L + 1):
            while time[n] - time[pointer[bin_]] > edges[bin_]:
                i = mark[pointer[bin_]]
                if bin_ < L:
                    window[bin_, i] += 1
                if bin_ > 0:
                    window[bin_ - 1, i] -= 1
                pointer[bin_] += 1
        j = mark[n]
        for p in range(n_present):
            i = present[p]
            for bin_ in range(L):
                pairs[i, j, bin_] += window[bin_, i]


@njit(cache=True, nogil=True)
def _count_moments(  # type: ignore[no-untyped-def]
    time, mark, start, end, edges, present, n_present, last, here, before, now, nearest, at_risk, ties, follows
):
    """Nearest-previous pairs, time at risk, ties and direct follows, a moment at a time."""
    for p in range(n_present):
        last[present[p]] = -1  # an index: not seen yet
    n_before = 0
    first = start
    while first < end:
        beyond = first
        n_now = 0
        while beyond < end and time[beyond] == time[first]:
            if here[mark[beyond]] == 0:
                now[n_now] = mark[beyond]
                n_now += 1
            here[mark[beyond]] += 1
            beyond += 1
        for p in range(n_present):
            i = present[p]
            if last[i] >= 0:
                bin_ = _bin_of(time[first] - time[last[i]], edges)
                if bin_ >= 0:
                    for q in range(n_now):
                        nearest[i, now[q], bin_] += here[now[q]]
        for q in range(n_now):
            j = now[q]
            if last[j] >= 0:
                _expose(time[first] - time[last[j]], edges, at_risk[j])
            for p in range(n_before):
                follows[before[p], j] += 1
            for p in range(q):
                ties[now[p], j] += here[now[p]] * here[j]
                ties[j, now[p]] += here[now[p]] * here[j]
            ties[j, j] += here[j] * (here[j] - 1) // 2
        for q in range(n_now):
            last[now[q]] = first
            before[q] = now[q]
            here[now[q]] = 0
        n_before = n_now
        first = beyond
    for p in range(n_present):
        i = present[p]
        _expose(time[end - 1] - time[last[i]], edges, at_risk[i])


@njit(cache=True, nogil=True)
def _bin_of(lag, edges):  # type: ignore[no-untyped-def]
    """The bin of a positive lag, -1 beyond the last edge."""
    for bin_ in range(len(edges) - 1):
        if lag <= edges[bin_ + 1]:
            return bin_
    return -1


@njit(cache=True, nogil=True)
def _expose(lag, edges, at_risk):  # type: ignore[no-untyped-def]
    """Adds the ticks that a wait of this length spends in each bin."""
    for bin_ in range(len(edges) - 1):
        if lag <= edges[bin_]:
            break
        at_risk[bin_] += min(lag, edges[bin_ + 1]) - edges[bin_]

"""The counting kernel: one user at a time, one moment at a time, whole numbers only.

A *moment* is all events of a user at the same time. Where few events are within reach they are visited one by one,
backwards from each event. Where a history is dense (a bot, an alarm storm), a pointer a_l for each edge l of the grid
stands behind the events that lie further back than that edge, so that bin l holds the events a_(l+1) .. a_l - 1; a
count per behaviour is kept for each bin, and a moment costs K x L steps however full its window is. Both give the same
counts.
"""

from __future__ import annotations

import numpy as np
from numba import njit

MEMO = 4096  # products of two behaviours' events whose expected pairs are kept while a user is counted


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
    seen = np.full(K, -1, np.int64)  # the event that met a behaviour last
    waits = np.zeros(K, np.int64)  # how often a behaviour was waited for beyond the last edge
    known = np.full(MEMO, -1, np.int64)  # the user for whom a product's expected pairs are kept
    kept = np.empty((MEMO, L), np.int64)
    for start in _starts(user, group, len(users)):
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
        dense = _within(time, start, end, edges[L]) > (end - start) * n_present * L
        if dense:
            _reach(time, start, end, edges, pointer, reach)
            _count_dense(time, mark, start, end, edges, present, n_present, pointer, window, pairs[g])
        else:
            _count_sparse(time, mark, start, end, edges, reach, seen, pairs[g], nearest[g])
        _expect(own, present, n_present, end - start, reach, scale, start, known, kept, expected[g])
        _count_moments(time, mark, start, end, edges, present, n_present, last, here, before, now, waits, dense,
                       nearest[g], at_risk[g], ties[g], follows[g])  # fmt: skip
        for p in range(n_present):
            own[present[p]] = 0
    _mirror(expected)


@njit(cache=True, nogil=True)
def _starts(user, group, groups):  # type: ignore[no-untyped-def]
    """Where each user's events begin, one group after the other, because the counts of one stay in the cache."""
    size = np.zeros(groups + 1, np.int64)
    for n in range(len(user)):
        if n == 0 or user[n] != user[n - 1]:
            size[group[user[n]] + 1] += 1
    place = np.cumsum(size)
    starts = np.empty(place[-1], np.int64)
    for n in range(len(user)):
        if n == 0 or user[n] != user[n - 1]:
            starts[place[group[user[n]]]] = n
            place[group[user[n]]] += 1
    return starts


@njit(cache=True, nogil=True)
def _mirror(expected):  # type: ignore[no-untyped-def]
    """Shuffled marks have no order: what was added for i <= j holds for (j, i) as well."""
    for g in range(expected.shape[0]):
        for i in range(expected.shape[1]):
            for j in range(i):
                expected[g, i, j] = expected[g, j, i]


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
def _within(time, start, end, window):  # type: ignore[no-untyped-def]
    """How many pairs of the user's events, at different moments, lie within the window."""
    far, first, within = start, start, 0
    for n in range(start, end):
        if time[n] != time[first]:
            first = n
        while time[n] - time[far] > window:
            far += 1
        within += first - far
    return within


@njit(cache=True, nogil=True)
def _reach(time, start, end, edges, pointer, reach):  # type: ignore[no-untyped-def]
    """Counts all pairs of the user per bin, whatever the marks."""
    pointer[:] = start
    reach[:] = 0
    for n in range(start, end):
        _advance(time, n, edges, pointer)
        for bin_ in range(len(reach)):
            reach[bin_] += pointer[bin_] - pointer[bin_ + 1]


@njit(cache=True, nogil=True)
def _expect(own, present, n_present, n, reach, scale, user, known, kept, expected):  # type: ignore[no-untyped-def]
    """Adds the pairs that shuffled marks would give, rounded to whole units of 1 / scale, for i <= j.

    They depend on the product of both behaviours' events alone, and many pairs of behaviours share one.
    """
    if reach.sum() == 0:
        return
    L = len(reach)
    spare = len(known) - 1  # for products too large to be kept
    for p in range(n_present):
        i = present[p]
        for q in range(p, n_present):
            j = present[q]
            product = own[i] * (own[j] - (1 if i == j else 0))
            row = min(product, spare)
            if row == spare or known[row] != user:
                known[row] = user
                share = product / (float(n) * (n - 1))
                for bin_ in range(L):
                    kept[row, bin_] = np.int64(np.round(reach[bin_] * share * scale))
            low, high = min(i, j), max(i, j)
            for bin_ in range(L):
                expected[low, high, bin_] += kept[row, bin_]


@njit(cache=True, nogil=True)
def _count_sparse(time, mark, start, end, edges, reach, seen, pairs, nearest):  # type: ignore[no-untyped-def]
    """Visits every event within reach, the latest first; also counts all pairs per bin, whatever the marks."""
    reach[:] = 0
    for i in range(len(seen)):
        seen[i] = -1
    window = edges[len(reach)]
    first = start
    for n in range(start, end):
        if time[n] != time[first]:
            first = n
        j, bin_ = mark[n], 0
        for m in range(first - 1, start - 1, -1):
            lag = time[n] - time[m]
            if lag > window:
                break
            while lag > edges[bin_ + 1]:
                bin_ += 1
            i = mark[m]
            pairs[i, j, bin_] += 1
            reach[bin_] += 1
            if seen[i] != n:
                seen[i] = n
                nearest[i, j, bin_] += 1


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
    time,
    mark,
    start,
    end,
    edges,
    present,
    n_present,
    last,
    here,
    before,
    now,
    waits,
    dense,
    nearest,
    at_risk,
    ties,
    follows,
):
    """Time at risk, ties and direct follows, a moment at a time; of a dense history nearest-previous pairs too."""
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
        for p in range(n_present if dense else 0):
            i = present[p]
            if last[i] >= 0:
                bin_ = _bin_of(time[first] - time[last[i]], edges)
                if bin_ >= 0:
                    for q in range(n_now):
                        nearest[i, now[q], bin_] += here[now[q]]
        for q in range(n_now):
            j = now[q]
            if last[j] >= 0:
                waits[j] += _expose(time[first] - time[last[j]], edges, at_risk[j])
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
        waits[i] += _expose(time[end - 1] - time[last[i]], edges, at_risk[i])
        for bin_ in range(len(edges) - 1):
            at_risk[i, bin_] += waits[i] * (edges[bin_ + 1] - edges[bin_])
        waits[i] = 0


@njit(cache=True, nogil=True)
def _bin_of(lag, edges):  # type: ignore[no-untyped-def]
    """The bin of a positive lag, -1 beyond the last edge."""
    for bin_ in range(len(edges) - 1):
        if lag <= edges[bin_ + 1]:
            return bin_
    return -1


@njit(cache=True, nogil=True)
def _expose(lag, edges, at_risk):  # type: ignore[no-untyped-def]
    """Adds the ticks that a wait of this length spends in each bin; returns 1 for one beyond the last, not added."""
    if lag >= edges[-1]:
        return 1
    for bin_ in range(len(edges) - 1):
        if lag <= edges[bin_]:
            break
        at_risk[bin_] += min(lag, edges[bin_ + 1]) - edges[bin_]
    return 0

"""The counting kernel: one user at a time, one moment at a time, whole numbers only.

A *moment* is all events of a user at the same time. Where few events are within reach they are visited one by one,
backwards from each event. Where a history is dense (a bot, an alarm storm), a pointer a_l for each edge l of the grid
stands behind the events that lie further back than that edge, so that bin l holds the events a_(l+1) .. a_l - 1; a
count per behaviour is kept for each bin, and a moment costs K x L steps however full its window is. Both give the same
counts.

What belongs to one effect lies together (``met``), and users come group by group, so that the cells that a moment
touches are in the processor's cache; each group is folded into the counts at its end. All of it is one file because
Numba's cache of compiled code does not see changes in another.
"""

from __future__ import annotations

import numpy as np
from numba import njit

MEMO = 4096  # products of two behaviours' events whose expected pairs are kept while a user is counted
NEVER = -(2**63)  # ticks; before all times
FOREVER = 2**63 - 1


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
    ends = np.append(edges[1:], FOREVER)  # (L + 1,) of the bins, and of all that is longer
    octaves = _octaves(ends)
    met = np.zeros((K, K, L, 2), np.int64)  # pairs and nearest-previous pairs of a group; effect, cause, bin
    waits = np.zeros((K, L + 1, 2), np.int64)  # a group's waits for the same behaviour by bin: how many, ticks
    own = np.zeros(K, np.int64)  # this user's events of each behaviour
    present = np.empty(K, np.int64)  # the behaviours among them
    last = np.empty(K, np.int64)
    window = np.zeros((L, K), np.int64)
    here = np.zeros(K, np.int64)  # events of each behaviour in this moment
    before = np.empty(K, np.int64)  # the behaviours of the moment before
    now = np.empty(K, np.int64)
    pointer = np.empty(L + 1, np.int64)
    reach = np.empty(L, np.int64)
    seen = np.empty(K, np.int64)  # the event that met a behaviour last
    known = np.full(MEMO, -1, np.int64)  # the user for whom a product's expected pairs are kept
    kept = np.empty((MEMO, L), np.int64)
    starts = _starts(user, group, len(users))
    for place in range(len(starts)):
        start = starts[place]
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
        dense = _is_dense(time, start, end, edges[L], n_present * L)
        if dense:
            _reach(time, start, end, edges, pointer, reach)
            _count_dense(time, mark, start, end, edges, present, n_present, pointer, window, met)
        else:
            _count_sparse(time, mark, start, end, ends, octaves, reach, seen, met)
        _expect(own, present, n_present, end - start, reach, scale, start, known, kept, expected[g])
        _count_moments(time, mark, start, end, ends, octaves, present, n_present, last, here, before, now, dense,
                       met, waits, ties[g], follows[g])  # fmt: skip
        for p in range(n_present):
            own[present[p]] = 0
        if place + 1 == len(starts) or group[user[starts[place + 1]]] != g:
            _fold_pairs(met, users_with[g], pairs[g], nearest[g])
            _fold_waits(waits, edges, at_risk[g])
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
def _fold_pairs(met, users_with, pairs, nearest):  # type: ignore[no-untyped-def]
    """Adds a group's pairs to its counts, cause first, and empties them."""
    for j in range(len(met)):
        if users_with[j] == 0:
            continue
        for i in range(len(met)):
            for bin_ in range(met.shape[2]):
                pairs[i, j, bin_] += met[j, i, bin_, 0]
                nearest[i, j, bin_] += met[j, i, bin_, 1]
        met[j] = 0


@njit(cache=True, nogil=True)
def _fold_waits(waits, edges, at_risk):  # type: ignore[no-untyped-def]
    """Adds the ticks that a group's waits spent in each bin, and empties them.

    A wait spends in its own bin what it is longer than the bin's lower edge, and in each bin before it the whole width.
    """
    L = len(edges) - 1
    for i in range(len(waits)):
        longer = waits[i, L, 0]
        for bin_ in range(L - 1, -1, -1):
            number, ticks = waits[i, bin_]
            at_risk[i, bin_] += longer * (edges[bin_ + 1] - edges[bin_]) + ticks - number * edges[bin_]
            longer += number
    waits[:] = 0


@njit(cache=True, nogil=True)
def _octaves(ends):  # type: ignore[no-untyped-def]
    """(63,) the first bin of the lags from 2^x on, where the search for a lag's bin begins.

    From 2^53 on a lag becomes a power of two that it does not reach when it is rounded to a float.
    """
    bins = np.zeros(63, np.uint64)
    for x in range(63):
        least = (1 << x) - (1 << max(x - 53, 0))
        while ends[bins[x]] < least:
            bins[x] += np.uint64(1)
    return bins


@njit(cache=True, nogil=True)
def _bin_of(lag, ends, octaves):  # type: ignore[no-untyped-def]
    """The bin of a positive lag; L beyond the last edge. The exponent of a float is the logarithm for free."""
    exponent = (np.float64(lag).view(np.uint64) >> np.uint64(52)) - np.uint64(1023)
    bin_ = octaves[exponent]
    while lag > ends[bin_]:
        bin_ += np.uint64(1)
    return bin_


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
def _is_dense(time, start, end, window, steps):  # type: ignore[no-untyped-def]
    """Whether more events lie within the window of an event, at different moments, than a moment costs steps."""
    most = (end - start) * steps
    if (end - start) * (end - start - 1) <= 2 * most:
        return False
    far, first, within = start, start, 0
    for n in range(start, end):
        if time[n] != time[first]:
            first = n
        while time[n] - time[far] > window:
            far += 1
        within += first - far
    return within > most


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
        i = np.uint64(present[p])
        for q in range(p, n_present):
            j = np.uint64(present[q])
            product = own[i] * (own[j] - (1 if i == j else 0))
            row = np.uint64(min(product, spare))
            if row == spare or known[row] != user:
                known[row] = user
                share = product / (float(n) * (n - 1))
                for bin_ in range(L):
                    kept[row, bin_] = np.int64(np.round(reach[bin_] * share * scale))
            low, high = min(i, j), max(i, j)
            for bin_ in range(L):
                expected[low, high, bin_] += kept[row, bin_]


@njit(cache=True, nogil=True)
def _count_sparse(time, mark, start, end, ends, octaves, reach, seen, met):  # type: ignore[no-untyped-def]
    """Visits every event within reach, the latest first; also counts all pairs per bin, whatever the marks."""
    reach[:] = 0
    seen[:] = -1
    window = ends[len(reach) - 1]
    first = start
    for n in range(start, end):
        if time[n] != time[first]:
            first = n
        j = np.uint64(mark[n])  # an index without a sign needs no test for counting from the end
        for m in range(first - 1, start - 1, -1):
            lag = time[n] - time[m]
            if lag > window:
                break
            bin_ = _bin_of(lag, ends, octaves)
            i = np.uint64(mark[m])
            reach[bin_] += 1
            met[j, i, bin_, 0] += 1
            met[j, i, bin_, 1] += seen[i] != n
            seen[i] = n


@njit(cache=True, nogil=True)
def _count_dense(time, mark, start, end, edges, present, n_present, pointer, window, met):  # type: ignore[no-untyped-def]  # fmt: skip
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
                met[j, i, bin_, 0] += window[bin_, i]


@njit(cache=True, nogil=True)
def _count_moments(  # type: ignore[no-untyped-def]
    time,
    mark,
    start,
    end,
    ends,
    octaves,
    present,
    n_present,
    last,
    here,
    before,
    now,
    dense,
    met,
    waits,
    ties,
    follows,
):
    """Waits, ties and direct follows, a moment at a time; of a dense history nearest-previous pairs too."""
    for p in range(n_present):
        last[present[p]] = NEVER
    n_before = 0
    first = start
    while first < end:
        moment = time[first]
        beyond = first
        n_now = 0
        while beyond < end and time[beyond] == moment:
            j = np.uint64(mark[beyond])
            if here[j] == 0:
                now[n_now] = j
                n_now += 1
            here[j] += 1
            beyond += 1
        for p in range(n_present if dense else 0):
            i = present[p]
            if last[i] != NEVER:
                bin_ = _bin_of(moment - last[i], ends, octaves)
                for q in range(n_now if bin_ < len(ends) - 1 else 0):
                    met[now[q], i, bin_, 1] += here[now[q]]
        for q in range(n_now):
            j = np.uint64(now[q])
            if last[j] != NEVER:
                _wait(moment - last[j], j, ends, octaves, waits)
            last[j] = moment
            for p in range(n_before):
                follows[np.uint64(before[p]), j] += 1
            if beyond - first > 1:
                for p in range(q):
                    ties[now[p], j] += here[now[p]] * here[j]
                    ties[j, now[p]] += here[now[p]] * here[j]
                ties[j, j] += here[j] * (here[j] - 1) // 2
        for q in range(n_now):
            before[q] = now[q]
            here[np.uint64(now[q])] = 0
        n_before = n_now
        first = beyond
    for p in range(n_present):
        i = np.uint64(present[p])
        if last[i] < time[end - 1]:
            _wait(time[end - 1] - last[i], i, ends, octaves, waits)


@njit(cache=True, nogil=True)
def _wait(lag, i, ends, octaves, waits):  # type: ignore[no-untyped-def]
    """Notes that a behaviour was waited for that long. An early return here would cost twice the whole."""
    bin_ = _bin_of(lag, ends, octaves)
    waits[i, bin_, 0] += 1
    waits[i, bin_, 1] += lag

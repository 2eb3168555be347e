"""The chances of all items, or of the best ones, compiled: see ``causalviz.recommend.items`` for what is computed.

Companions are given as rows of a sparse matrix: offsets, columns in order, shares, and what each row adds up to.
``score_top`` looks only at items that something speaks for: own ones, companions, and the most popular ones of all and
of each own category, which no other item of theirs can exceed.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def share_of(indptr, column, share, x, y):  # type: ignore[no-untyped-def]
    """S[x, y], by bisection."""
    low, high = indptr[x], indptr[x + 1]
    while low < high:
        middle = (low + high) // 2
        if column[middle] < y:
            low = middle + 1
        else:
            high = middle
    return share[low] if low < indptr[x + 1] and column[low] == y else 0.0


@njit(cache=True, nogil=True)
def _gather(  # type: ignore[no-untyped-def]
    s, weight, of_category, start, own, indptr, column, share, summed, group, of_group, score, touched
):
    """Adds up what companions give to each item and what is left to each category; returns how many were touched."""
    T = 0
    N = start[s + 1] - start[s]
    for n in range(start[s], start[s + 1]):
        x = own[n]
        of_group[group[x]] += weight[n] * (1.0 - summed[x]) + of_category / N
        for p in range(indptr[x], indptr[x + 1]):
            if score[column[p]] == 0.0:
                touched[T] = column[p]
                T += 1
            score[column[p]] += weight[n] * share[p] + 1e-300  # never 0, so that nothing is touched twice
    return T


@njit(cache=True, nogil=True)
def _attention(y, everybody, group, popular, in_group, of_group, score):  # type: ignore[no-untyped-def]
    """What companions, its category and everybody give to one item."""
    return score[y] + of_group[group[y]] * in_group[y] + everybody * popular[y]


@njit(cache=True, nogil=True)
def _free(s, weight, of_category, everybody, start, own, group, popular, in_group, of_group, score):  # type: ignore[no-untyped-def]
    """All attention, less that to own items."""
    N = start[s + 1] - start[s]
    total = everybody + (of_category if N > 0 else 0.0)
    for n in range(start[s], start[s + 1]):
        x = own[n]
        total += weight[n]
        total -= _attention(x, everybody, group, popular, in_group, of_group, score)
    return total


@njit(cache=True, nogil=True)
def score_all(  # type: ignore[no-untyped-def]
    weight,
    of_category,
    everybody,
    start,
    own,
    continued,
    other,
    indptr,
    column,
    share,
    summed,
    group,
    popular,
    in_group,
    C,
    found,
):
    """Writes the chance of every item."""
    of_group, score = np.zeros(C), np.zeros(len(popular))
    touched = np.empty(len(popular), np.int64)
    for s in range(len(other)):
        T = _gather(s, weight, of_category, start, own, indptr, column, share, summed, group, of_group, score, touched)
        free = _free(s, weight, of_category, everybody, start, own, group, popular, in_group, of_group, score)
        scale = other[s] / free if free > 1e-12 else 0.0
        for y in range(len(popular)):
            found[s, y] = scale * _attention(y, everybody, group, popular, in_group, of_group, score)
        for n in range(start[s], start[s + 1]):
            found[s, own[n]] = continued[n]
            of_group[group[own[n]]] = 0.0
        for t in range(T):
            score[touched[t]] = 0.0


@njit(cache=True, nogil=True)
def _offer(item, chance, y, value):  # type: ignore[no-untyped-def]
    """Puts an item where it belongs among the best; of equal chances the lower code first."""
    k = len(item)
    if item[k - 1] >= 0 and (value < chance[k - 1] or (value == chance[k - 1] and y > item[k - 1])):
        return
    place = k - 1
    while place > 0 and (
        item[place - 1] < 0 or value > chance[place - 1] or (value == chance[place - 1] and y < item[place - 1])
    ):
        item[place], chance[place] = item[place - 1], chance[place - 1]
        place -= 1
    item[place], chance[place] = y, value


@njit(cache=True, nogil=True)
def score_top(  # type: ignore[no-untyped-def]
    weight,
    of_category,
    everybody,
    start,
    own,
    continued,
    other,
    indptr,
    column,
    share,
    summed,
    group,
    popular,
    in_group,
    C,
    by_popularity,
    by_group,
    begins,
    item,
    chance,
    source,
    entry,
    part,
):
    """Writes the best items of each state, and what speaks most for each."""
    k = item.shape[1]
    of_group, score = np.zeros(C), np.zeros(len(popular))
    touched = np.empty(len(popular), np.int64)
    is_own, is_seen = np.full(len(popular), -1, np.int64), np.full(len(popular), -1, np.int64)
    for s in range(len(other)):
        first, end = start[s], start[s + 1]
        T = _gather(s, weight, of_category, start, own, indptr, column, share, summed, group, of_group, score, touched)
        free = _free(s, weight, of_category, everybody, start, own, group, popular, in_group, of_group, score)
        scale = other[s] / free if free > 1e-12 else 0.0
        for n in range(first, end):
            is_own[own[n]] = s
            is_seen[own[n]] = s
            _offer(item[s], chance[s], own[n], continued[n])
        for t in range(T):
            y = touched[t]
            if is_seen[y] != s:
                is_seen[y] = s
                value = scale * _attention(y, everybody, group, popular, in_group, of_group, score)
                _offer(item[s], chance[s], y, value)
        for g in range(-1, end - first):  # everybody's items, then those of each own item's category
            if g < 0:
                low, high = 0, len(popular)
            else:
                c = group[own[first + g]]
                low, high = begins[c], begins[c + 1]
            fresh = 0
            while low < high and fresh < k:
                y = by_popularity[low] if g < 0 else by_group[low]
                if is_own[y] != s:
                    fresh += 1
                    if is_seen[y] != s:
                        is_seen[y] = s
                        value = scale * _attention(y, everybody, group, popular, in_group, of_group, score)
                        _offer(item[s], chance[s], y, value)
                low += 1
        for r in range(k):
            y = item[s, r]
            if is_own[y] == s:
                part[s, r] = 1.0
                for n in range(first, end):
                    if own[n] == y:
                        entry[s, r] = n
                continue
            common, theirs = everybody * popular[y], of_group[group[y]] * in_group[y]
            total = score[y] + theirs + common
            best = common
            source[s, r] = 3
            if theirs > max(score[y], common):
                source[s, r] = 2
            elif score[y] > common:
                source[s, r] = 1
            if source[s, r] < 3:
                best = -1.0
                for n in range(first, end):
                    x = own[n]
                    gives = 0.0
                    if source[s, r] == 1:
                        gives = weight[n] * share_of(indptr, column, share, x, y)
                    elif group[x] == group[y]:
                        gives = (weight[n] * (1.0 - summed[x]) + of_category / (end - first)) * in_group[y]
                    if gives > best:
                        best = gives
                        entry[s, r] = n
            part[s, r] = best / total if total > 0.0 else 0.0
        for n in range(first, end):
            of_group[group[own[n]]] = 0.0
        for t in range(T):
            score[touched[t]] = 0.0

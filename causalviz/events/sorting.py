"""Sorting histories in place: one user at a time, and only where something is out of order.

Most logs are written as things happen. Once the users are told apart, their histories are in order already, so that a
look costs less than a sort. ``kind`` is any whole number that orders the events of one moment.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def order_by_user(user, offsets):  # type: ignore[no-untyped-def]
    """(m,) int64: the rows user by user, each user's in their old order.

    Args:
        user: (m,) codes 0..U-1.
        offsets: (U + 1,) where each user's rows begin.
    """
    place = offsets.copy()
    order = np.empty(len(user), np.int64)
    for row in range(len(user)):
        order[place[user[row]]] = row
        place[user[row]] += 1
    return order


@njit(cache=True, nogil=True)
def count_backwards(time, offsets):  # type: ignore[no-untyped-def]
    """How many events stand after a later one of their user, and by how many ticks at most."""
    events, furthest = 0, 0
    for user in range(len(offsets) - 1):
        for row in range(offsets[user] + 1, offsets[user + 1]):
            back = time[row - 1] - time[row]
            if back > 0:
                events += 1
                furthest = max(furthest, back)
    return events, furthest


@njit(cache=True, nogil=True)
def sort_histories(time, kind, offsets):  # type: ignore[no-untyped-def]
    """Sorts each user's rows by (time, kind), in place."""
    for user in range(len(offsets) - 1):
        start, end = offsets[user], offsets[user + 1]
        for row in range(start + 1, end):
            if time[row] < time[row - 1]:
                order = np.argsort(time[start:end], kind="mergesort")
                time[start:end] = time[start:end][order]
                kind[start:end] = kind[start:end][order]
                break
        _sort_moments(time, kind, start, end)


@njit(cache=True, nogil=True)
def _sort_moments(time, kind, start, end):  # type: ignore[no-untyped-def]
    first = start
    while first < end:
        beyond = first + 1
        is_sorted = True
        while beyond < end and time[beyond] == time[first]:
            is_sorted = is_sorted and kind[beyond] >= kind[beyond - 1]
            beyond += 1
        if not is_sorted:
            kind[first:beyond] = np.sort(kind[first:beyond])
        first = beyond


@njit(cache=True, nogil=True)
def count_repeats(time, kind, offsets):  # type: ignore[no-untyped-def]
    """How many sorted events repeat the user, time and kind of the one before."""
    repeats = 0
    for user in range(len(offsets) - 1):
        for row in range(offsets[user] + 1, offsets[user + 1]):
            if time[row] == time[row - 1] and kind[row] == kind[row - 1]:
                repeats += 1
    return repeats

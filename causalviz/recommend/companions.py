"""Companions: which items come after which, within the time in which causes act, beyond what popularity explains.

For items x and y, C_xy adds up the pairs of an event to x and a later one to y of the same user, at most the longest
lag apart and within the user's ``REACH`` latest events; a pair counts as much as its earlier event is worth by its type
and its age at the moment before the later one, which is all that can be known when y is asked for. Ties count for
nothing, for they have no direction. Popular items come after everything, so the share of y among what comes after x is

    S_xy = r_x (C_xy / n_y^a) / sum over z of C_xz / n_z^a,     r_x = C_x. / (C_x. + d),

n_y being the number of events to y (conditional probability with popularity scaled down by an exponent a, Deshpande &
Karypis 2004, section 4.2). The less was seen of x, the less of its answer is its own: 1 - r_x is left to its category.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from causalviz.recommend.item_states import ItemEvents

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

REACH = 30  # latest events to items before one that may be followed by it
PAIRS = 40_000_000  # in memory at a time, 8 bytes each


class CompanionConfig(NamedTuple):
    """How shares are counted.

    Attributes:
        exponent: a, how far popularity is taken out: 0 not at all, 1 wholly.
        drawn: d, pairs that count for the category in place of the item.
        kept: Companions kept of each item, the largest shares.
    """

    exponent: float = 0.5
    drawn: float = 5.0
    kept: int = 100


USUAL = CompanionConfig()


def count_companions(
    events: ItemEvents, edges: Ints, worth: Floats, config: CompanionConfig, *,
    until: int | None = None,
) -> csr_matrix:  # fmt: skip
    """The shares S.

    Args:
        events: M of them.
        edges: (L + 1,) of the lag bins, ticks; the last one bounds the pairs.
        worth: (T, L + 2) of the earlier event by type and age.
        config: Settings.
        until: Pairs whose later event lies behind this tick are not counted; None for all.

    Returns:
        (I, I) rows x, columns y in order, rows adding up to r_x at most.
    """
    shelf = events.shelf
    last = np.iinfo(np.int64).max if until is None else until
    walk = (events.user, events.time, events.kind, events.item, edges, worth, REACH, last)
    number = np.zeros(shelf.n_items, np.int64)
    nothing = np.empty(0, np.int64)
    _walk(*walk, 0, shelf.n_items, number, nothing, nothing.astype(np.int32), nothing.astype(np.float32), False)
    often = np.bincount(events.item[(events.item >= 0) & (events.time <= last)], minlength=shelf.n_items)
    damping = np.maximum(often, 1.0) ** -config.exponent
    begun = np.concatenate([[0], np.cumsum(number)])
    indptr, columns, shares = [np.zeros(1, np.int64)], [], []
    row = 0
    while row < shelf.n_items:
        end = max(row + 1, int(np.searchsorted(begun, begun[row] + PAIRS, side="right")) - 1)
        place = begun[row : end + 1] - begun[row]
        after, weight = np.empty(place[-1], np.int32), np.empty(place[-1], np.float32)
        _walk(*walk, row, end, number, place[:-1].copy(), after, weight, True)
        sizes = np.minimum(number[row:end], config.kept)
        out = np.concatenate([[0], np.cumsum(sizes)])
        column, share, kept = np.empty(out[-1], np.int32), np.empty(out[-1]), np.zeros(end - row, np.int64)
        _reduce(place, after, weight, damping, config.drawn, config.kept, out, column, share, kept)
        used = np.arange(out[-1]) - np.repeat(out[:-1], sizes) < np.repeat(kept, sizes)
        indptr.append(indptr[-1][-1] + np.cumsum(kept))
        columns.append(column[used])
        shares.append(share[used])
        row = end
    return csr_matrix(
        (np.concatenate(shares), np.concatenate(columns), np.concatenate(indptr)), (shelf.n_items, shelf.n_items)
    )


@njit(cache=True, nogil=True)
def _walk(  # type: ignore[no-untyped-def]
    user, time, kind, item, edges, worth, reach, until, low, high, number, place, after, weight, is_filling
):
    """Counts the pairs of each earlier item, or writes those of items low..high - 1 at their places."""
    longest = edges[len(edges) - 1]
    for n in range(len(user)):
        y = item[n]
        if y < 0 or time[n] > until:
            continue
        seen = 0
        m = n - 1
        before = time[n]  # the moment before
        while m >= 0 and user[m] == user[n] and seen < reach and time[n] - time[m] <= longest:
            if before == time[n]:
                before = time[m]
            x = item[m]
            if x >= 0:
                seen += 1
                if x != y and time[m] < time[n]:
                    if not is_filling:
                        number[x] += 1
                    elif low <= x < high:
                        age = 0
                        while before - time[m] > edges[age]:
                            age += 1
                        after[place[x - low]] = y
                        weight[place[x - low]] = worth[kind[m], age]
                        place[x - low] += 1
            m -= 1


@njit(cache=True, nogil=True)
def _reduce(place, after, weight, damping, drawn, most, out, column, share, kept):  # type: ignore[no-untyped-def]
    """Adds up the pairs of each row, keeps its largest shares and scales them."""
    total = np.zeros(len(damping))
    touched = np.empty(len(damping), np.int32)
    for x in range(len(kept)):
        T = 0
        counted = 0.0
        for p in range(place[x], place[x + 1]):
            y = after[p]
            if total[y] == 0.0:
                touched[T] = y
                T += 1
            total[y] += weight[p]
            counted += weight[p]
        if counted <= 0.0:
            for t in range(T):
                total[touched[t]] = 0.0
            continue
        found = np.sort(touched[:T])
        value = np.empty(T)
        for t in range(T):
            value[t] = total[found[t]] * damping[found[t]]
            total[found[t]] = 0.0
        least = 0.0
        if most < T:
            least = np.partition(value, T - most)[T - most]
        whole = value.sum()
        scale = counted / (counted + drawn) / whole
        k = 0
        for t in range(T):
            if value[t] >= least and k < most and value[t] > 0.0:
                column[out[x] + k] = found[t]
                share[out[x] + k] = value[t] * scale
                k += 1
        kept[x] = k

"""Gaps: how long users pause between neighbouring events, and the exact quantiles of that, at constant memory.

Two passes over the log. The first counts the gaps in some ten thousand classes, each a thousandth wide; the second
lists the values of the few classes in which the wanted ranks lie.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from causalviz.events.log import Histories

Ints = NDArray[np.int64]

CLASS_BITS = 10  # of the mantissa of a gap as a float; with the exponent they name its class
ONE = 1023 << CLASS_BITS  # the class of one tick
CLASSES = 64 << CLASS_BITS  # of whole ticks up to 2^63


def gap_quantiles(log: Histories, shares: Sequence[float]) -> list[float]:
    """Quantiles of the positive gaps, linear between neighbouring ranks as ``np.quantile`` has them.

    Args:
        log: M events.
        shares: Each 0 to 1.

    Returns:
        Ticks, one for each share; none if no user has two moments.
    """
    in_class = np.zeros(CLASSES, dtype=np.int64)
    for gaps in _gaps(log):
        in_class += np.bincount(_class_of(gaps), minlength=CLASSES)
    up_to = np.cumsum(in_class)
    count = int(up_to[-1])
    if not count:
        return []
    places = [share * (count - 1) for share in shares]  # ranks from 0, with a fraction
    ranks = np.array([[int(place), min(int(place) + 1, count - 1)] for place in places])
    wanted = np.unique(np.searchsorted(up_to, ranks.ravel(), side="right"))
    values, events = _values_in(log, wanted)
    whose = np.searchsorted(wanted, _class_of(values))  # the wanted class of each value
    unlisted = up_to[wanted] - np.cumsum(in_class[wanted])  # smaller gaps that are in no wanted class
    ends = unlisted[whose] + np.cumsum(events)  # one more than the last rank of each value
    found = values[np.searchsorted(ends, ranks, side="right")]  # (shares, 2)
    return [float(np.quantile(pair, place - int(place))) for pair, place in zip(found, places, strict=True)]


def _gaps(log: Histories) -> Iterator[Ints]:
    """The positive gaps, a batch of users at a time."""
    for batch in log.batches():
        gaps = np.diff(batch.time)[np.diff(batch.user) == 0]
        yield gaps[gaps > 0]


def _class_of(gaps: Ints) -> Ints:
    """(n,) nondecreasing in the gap; below 2^53 ticks a float holds it exactly."""
    return (gaps.astype(np.float64).view(np.int64) >> (52 - CLASS_BITS)) - ONE


def _values_in(log: Histories, classes: Ints) -> tuple[Ints, Ints]:
    """The different gaps in some classes, sorted, and how often each occurs."""
    values, events = np.empty(0, np.int64), np.empty(0, np.int64)
    wanted = np.zeros(CLASSES, dtype=bool)
    wanted[classes] = True
    for gaps in _gaps(log):
        met, times = np.unique(gaps[wanted[_class_of(gaps)]], return_counts=True)
        values, place = np.unique(np.concatenate([values, met]), return_inverse=True)
        events = np.bincount(place, np.concatenate([events, times]), len(values)).astype(np.int64)
    return values, events

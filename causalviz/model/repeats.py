"""Repeats: how many further events of its own kind one event of a behaviour sets off.

People click again and alarms flap, and whatever leads to such a behaviour leads to its repeats as well: with a_j
further events of its own set off directly by each, everything that passes through j is multiplied by 1 / (1 - a_j).

In a log, repeats look like visits and like tastes: who views, views more. Two processes confined to the drawn graph
tell them apart as far as they can be (``causalviz.model.confined``): one whose background follows what strangers of j
did around the moment, which leaves too much to repeats where a visit is about one thing, and one whose background
follows everything, j included, which leaves too little. What the two leave, and what is known of the behaviour
besides, is weighed by what simulated worlds taught (``causalviz.model.amounts``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from causalviz.events.log import EventLog
from causalviz.lags import LagGrid
from causalviz.model.confined import Confined, fit_confined
from causalviz.model.evidence import sample_histories

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Progress = Callable[[int, int], None]

SAMPLE_EVENTS = 20_000  # in whole histories; with more, the error is that of telling repeats from visits
MOST = 0.95  # further events of its own: at 1 they would never end
LEAST = 0.01  # further events; added where a logarithm is taken
FIRST_BIN = 0.3  # of the first edge: where its lags are taken to lie


class Repeats(NamedTuple):
    """Further events of its own that one event of each behaviour sets off directly, (K,) each, below 1.

    Attributes:
        amount: Expected.
        low: Lower end of its 90 % interval, at least 0.
        high: Upper end.
    """

    amount: Floats
    low: Floats
    high: Floats

    @classmethod
    def none(cls, K: int) -> Repeats:
        """Of K behaviours none of which repeats itself."""
        return cls(np.zeros(K), np.zeros(K), np.zeros(K))


class Fits(NamedTuple):
    """The two processes: whose background others make, and all."""

    others: Confined
    all: Confined


def fit_both(log: EventLog, grid: LagGrid, drawn: Mask, *, on_progress: Progress | None = None) -> Fits:
    """Both processes on a sample.

    Args:
        log: M events of K behaviours; at most ``SAMPLE_EVENTS`` of them, in whole histories, are read.
        grid: L lag bins.
        drawn: (K, K) True where the graph has an edge, [cause, effect].
        on_progress: Told (steps done, in all).
    """
    sample = sample_histories(log, SAMPLE_EVENTS, seed=0)

    def second_half(done: int, total: int) -> None:
        if on_progress is not None:
            on_progress(total + done, 2 * total)

    def first_half(done: int, total: int) -> None:
        if on_progress is not None:
            on_progress(done, 2 * total)

    return Fits(
        fit_confined(sample, grid, drawn, "others", on_progress=first_half),
        fit_confined(sample, grid, drawn, "all", on_progress=second_half),
    )


def repeat_columns(fits: Fits, grid: LagGrid) -> Mapping[str, Floats]:
    """(K,) by name: what tells repeats from visits.

    Columns: gain, how much likelier the log is with the behaviour's repeats; visits, which share of all events comes
    because others happened around; others, how much all behaviours seem to repeat, as visits to one thing make them;
    wide, over how many orders of magnitude the lags of the repeats spread.
    """
    others, K = fits.others, len(fits.all.events)
    lag = np.log([FIRST_BIN * grid.edges[1], *grid.edges[1:]])  # (L + 1,)
    share = others.repeats + 1e-3
    share /= share.sum(axis=1, keepdims=True)
    mean = share @ lag
    return {
        "gain": np.log1p(100 * fits.all.gain / np.maximum(fits.all.events, 1.0)),
        "visits": np.full(K, np.log((others.around.sum() + 1.0) / max(float(others.events.sum()), 1.0))),
        "others": np.full(K, np.log(others.own.mean() + LEAST)),
        "wide": np.sqrt(np.maximum(share @ lag**2 - mean**2, 0.0)),
    }

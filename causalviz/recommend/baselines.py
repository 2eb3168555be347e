"""What a causal recommender has to beat: popularity, recency, first-order Markov, neighbouring behaviours.

All answer the same questions from the same states, and all rank every behaviour:

    popularity     everybody's counts,
    recency        what the user did last, the latest first, then by popularity,
    Markov         how often a behaviour followed directly after the latest moment's ones (Rendle et al. 2010, without
                   factors), drawn to popularity where a behaviour was rare,
    neighbours     cosine between the users of two behaviours, summed over what the user has done (item-kNN, Sarwar et
                   al. 2001).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from causalviz.events.log import EventLog
from causalviz.lags.grid import LagGrid
from causalviz.recommend.states import States, ask

Floats = NDArray[np.float64]

DRAWN = 5.0  # events by which Markov's shares are drawn to popularity


class Recommender(Protocol):
    """Whatever scores every behaviour in a state; a sequence model fits here as well as rates and counts."""

    def scores(self, states: States) -> Floats:
        """(S, K) the larger, the more to be expected."""
        ...


@dataclass(frozen=True, eq=False)
class Popularity:
    """``share`` (K,): everybody's shares."""

    share: Floats

    def scores(self, states: States) -> Floats:
        return np.tile(self.share, (len(states), 1))


@dataclass(frozen=True, eq=False)
class Recency:
    """``share`` (K,) ranks what a user has never done."""

    share: Floats

    def scores(self, states: States) -> Floats:
        return np.where(states.count > 0, 1.0 + 1.0 / (1.0 + states.seen_s), self.share)


@dataclass(frozen=True, eq=False)
class Markov:
    """``follow`` (K, K): share of each behaviour among what follows directly; [latest, next], rows add up to 1."""

    follow: Floats

    def scores(self, states: States) -> Floats:
        latest = (states.age == 0).astype(np.float64)
        return np.asarray(latest @ self.follow / np.maximum(latest.sum(axis=1, keepdims=True), 1.0))


@dataclass(frozen=True, eq=False)
class Neighbours:
    """``likeness`` (K, K): cosines between behaviours, the diagonal 1."""

    likeness: Floats

    def scores(self, states: States) -> Floats:
        return np.asarray((states.count > 0).astype(np.float64) @ self.likeness)


def fit_popularity(log: EventLog, grid: LagGrid) -> Popularity:
    """Counts; the grid is not needed."""
    del grid
    return Popularity(_shares(log))


def fit_recency(log: EventLog, grid: LagGrid) -> Recency:
    """Nothing but shares to fit."""
    del grid
    return Recency(_shares(log))


def fit_markov(log: EventLog, grid: LagGrid) -> Markov:
    """Counts what follows the latest moment."""
    questions, K = ask(log, grid), log.n_behaviours
    latest = questions.states.age == 0
    counts = np.stack([latest[questions.target == j].sum(axis=0) for j in range(K)], axis=1).astype(np.float64)
    return Markov((counts + DRAWN * _shares(log)) / (counts.sum(axis=1, keepdims=True) + DRAWN))


def fit_neighbours(log: EventLog, grid: LagGrid) -> Neighbours:
    """Cosines between the columns of the users' counts."""
    del grid
    pairs = log.user.astype(np.int64) * log.n_behaviours + log.behaviour
    counts = np.bincount(pairs, minlength=log.n_users * log.n_behaviours).reshape(log.n_users, log.n_behaviours)
    done = np.log1p(counts.astype(np.float64))
    length = np.maximum(np.sqrt((done**2).sum(axis=0)), 1e-12)
    likeness = (done.T @ done) / np.outer(length, length)
    np.fill_diagonal(likeness, 1.0)
    return Neighbours(likeness)


BASELINES: Sequence[tuple[str, Callable[[EventLog, LagGrid], Recommender]]] = (
    ("popularity", fit_popularity),
    ("recency", fit_recency),
    ("Markov", fit_markov),
    ("neighbours", fit_neighbours),
)


def _shares(log: EventLog) -> Floats:
    counts = np.bincount(log.behaviour, minlength=log.n_behaviours) + 1.0
    return np.asarray(counts / counts.sum())

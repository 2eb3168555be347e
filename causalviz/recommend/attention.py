"""Attention: what a user's own items lead to among all the others.

    attention(y) = sum over own items n of (e_n + taste / N) A[x_n, y] + category . q(y | c) + everybody . q(y)
    e_n          = sum over event types i that cause an asked one, or are one, of theta_i,age_i(n)
    A[x, .]      = S[x, .] + (1 - sum of S[x, .]) q(. | category of x)

S are the shares of companions (``causalviz.recommend.companions``; a pair is worth as much as the attention that its
earlier event gets, which is fitted with all worth 1 first, then once more), q the popularity, of all items or within a
category; a rare x thus speaks with the voice of its category, and a y that nobody has touched is reached through its
own. ``category . q(y | c)`` is the mean over the user's own items.

Attention is an intensity that past events excite, as in a Hawkes process whose marks are items, and linear in its few
parameters theta, taste, category and everybody. They maximise its Poisson likelihood, which is concave, by EM (each
event is divided among what may have excited it, Veen & Schoenberg 2008), on the latest part of the log with companions
and popularity from the part before, so that no pair speaks for itself; then both are counted on all.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from causalviz.lags.grid import LagGrid
from causalviz.recommend.companions import CompanionConfig, count_companions
from causalviz.recommend.continuation import came_entries
from causalviz.recommend.item_scoring import share_of
from causalviz.recommend.item_states import ItemEvents, ItemQuestions, ItemStates, Shelf, items_before

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STEPS = 200  # of EM
ROUNDS = 2  # companions are counted anew with what pairs turned out to be worth
LEAST_WORTH = 1e-4  # of a pair beside the most telling ones


@dataclass(frozen=True, eq=False)
class Attention:
    """The weights of attention.

    Attributes:
        edge: (T, L + 2) theta by event type and age; 0 for types that cause nothing asked for, and at the last age.
        taste: Of companions of all own items.
        category: Of the categories of all own items.
        everybody: Of popularity.
    """

    edge: Floats
    taste: float
    category: float
    everybody: float


@dataclass(frozen=True, eq=False)
class Leads:
    """What items lead to: A and q, in the form that is scored.

    Attributes:
        shelf: I items.
        companions: (I, I) S.
        popular: (I,) q.
    """

    shelf: Shelf
    companions: csr_matrix
    popular: Floats

    @cached_property
    def in_group(self) -> Floats:
        """(I,) q within the item's own category."""
        group = self.shelf.group
        return np.asarray(self.popular / np.bincount(group, self.popular, len(self.shelf.groups))[group])

    @cached_property
    def arrays(self) -> tuple[Ints, NDArray[np.int32], Floats, Floats, NDArray[np.int32], Floats, Floats, int]:
        """Offsets, columns and shares of S, what each row adds up to, categories, q, q within them, how many."""
        S = self.companions
        return (
            S.indptr.astype(np.int64), S.indices.astype(np.int32), S.data.astype(np.float64),
            np.asarray(S.sum(axis=1), dtype=np.float64).ravel(), self.shelf.group, self.popular, self.in_group,
            len(self.shelf.groups),
        )  # fmt: skip

    @cached_property
    def orders(self) -> tuple[Ints, Ints, Ints]:
        """Items by popularity; by category and popularity; and where each category begins there."""
        group = self.shelf.group
        ordered = np.lexsort((-self.popular, group))
        begins = np.searchsorted(group[ordered], np.arange(len(self.shelf.groups) + 1)).astype(np.int64)
        return np.argsort(-self.popular, kind="stable").astype(np.int64), ordered.astype(np.int64), begins


def entry_weights(attention: Attention, states: ItemStates) -> Floats:
    """(N,) e_n + taste / N of each entry."""
    number = np.diff(states.start)
    weight = np.repeat(attention.taste / np.maximum(number, 1), number)
    for t in np.flatnonzero(attention.edge.any(axis=1)):
        weight += attention.edge[t, states.age[:, t]]
    return np.asarray(weight)


def popularity(events: ItemEvents, goals: Ints, unseen: float) -> Floats:
    """(I,) shares of the asked events; others and the unseen count a little, so that no item has none."""
    to_items = events.item >= 0
    asked = np.isin(events.kind, goals)
    counts = np.bincount(events.item[to_items & asked], minlength=events.shelf.n_items).astype(np.float64)
    counts += unseen * (1.0 + np.bincount(events.item[to_items & ~asked], minlength=events.shelf.n_items))
    return np.asarray(counts / counts.sum())


def fit_attention(
    events: ItemEvents, grid: LagGrid, causes: Ints, goals: Ints, questions: ItemQuestions, cut: int, unseen: float,
    config: CompanionConfig,
) -> tuple[Attention, Floats]:  # fmt: skip
    """Fits the weights on questions whose answer was none of the user's own items.

    Args:
        events: M events.
        grid: L lag bins.
        causes: Codes of the event types whose ages tell.
        goals: Codes of those that are asked for.
        questions: Q of them, all behind ``cut``.
        cut: Companions and popularity are counted up to this tick.
        unseen: See ``popularity``.
        config: Of the companions.

    Returns:
        The weights, and (T, L + 2) what a pair of items is worth by its earlier event.
    """
    T, ages = len(events.shelf.kinds), grid.n_bins + 2
    found, worth = Attention(np.zeros((T, ages)), 1.0, 1.0, 1.0), np.ones((T, ages))
    if not len(questions):
        return found, worth
    states = items_before(events, grid, questions.stop)
    target = events.item[questions.event].astype(np.int64)
    other = came_entries(states, target) < 0
    if not other.any():
        return found, worth
    C, place = len(causes) * (ages - 1), np.full((T, ages), -1, np.int64)
    place[causes, :-1] = np.arange(C).reshape(len(causes), ages - 1)
    popular, edges = popularity(events.take(events.time <= cut), goals, unseen), np.asarray(grid.edges, np.int64)
    for _ in range(ROUNDS):
        before = Leads(events.shelf, count_companions(events, edges, worth, config, until=cut), popular)
        excited, exposed = np.zeros((len(states), C + 3)), np.zeros((len(states), C + 3))
        _spread(place, target, states.start, states.item, states.age, *before.arrays, excited, exposed)
        theta = _maximise(excited[other], exposed[other])
        edge = np.zeros((T, ages))
        edge[causes, :-1] = theta[:C].reshape(len(causes), ages - 1)
        found = Attention(edge, float(theta[C]), float(theta[C + 1]), float(theta[C + 2]))
        worth = worth_of(found)
    return found, worth


def worth_of(attention: Attention) -> Floats:
    """(T, L + 2) what a pair of items counts: the attention that its earlier event gets, beside the largest."""
    given = attention.edge + attention.taste
    most = given.max()
    return np.asarray(np.maximum(given / most, LEAST_WORTH) if most > 0 else np.ones_like(given))


def _maximise(excited: Floats, exposed: Floats) -> Floats:
    """(P,) theta >= 0 that maximise sum of log(excited . theta) - sum of exposed . theta, rows being questions.

    One event of everybody's is added, so that popularity always has some weight and every item a chance.
    """
    total = exposed.sum(axis=0)
    theta = np.full(excited.shape[1], 1.0 / excited.shape[1])
    for _ in range(STEPS):
        shares = excited * theta
        divided = (shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-300)).sum(axis=0)
        divided[-1] += 1.0
        theta = np.divide(divided, total, out=np.zeros_like(theta), where=total > 0)
    return theta


@njit(cache=True, nogil=True)
def _spread(  # type: ignore[no-untyped-def]
    place, target, start, own, age, indptr, column, share, summed, group, popular, in_group, C, excited, exposed
):
    """Writes what each parameter's unit would give to the item that came, and to all that are not own ones."""
    T, P = age.shape[1], excited.shape[1]
    stamp = np.full(len(popular), -1, np.int64)
    owned = np.zeros(C)  # popularity of own items within their category
    for s in range(len(target)):
        y = target[s]
        N = start[s + 1] - start[s]
        excited[s, P - 1] = popular[y]
        exposed[s, P - 1] = 1.0
        for n in range(start[s], start[s + 1]):
            stamp[own[n]] = s
            owned[group[own[n]]] += in_group[own[n]]
            exposed[s, P - 1] -= popular[own[n]]
        for n in range(start[s], start[s + 1]):
            x = own[n]
            left = 1.0 - summed[x]
            gives = share_of(indptr, column, share, x, y)
            if group[x] == group[y]:
                gives += left * in_group[y]
                excited[s, P - 2] += in_group[y] / N
            free = 1.0 - left * owned[group[x]]
            for p in range(indptr[x], indptr[x + 1]):
                if stamp[column[p]] == s:
                    free -= share[p]
            excited[s, P - 3] += gives / N
            exposed[s, P - 3] += free / N
            exposed[s, P - 2] += (1.0 - owned[group[x]]) / N
            for t in range(T):
                p = place[t, age[n, t]]
                if p >= 0:
                    excited[s, p] += gives
                    exposed[s, p] += free
        for n in range(start[s], start[s + 1]):
            owned[group[own[n]]] = 0.0

"""What item rates have to beat: popularity, recency, first-order Markov and item-kNN, over items.

The same ideas as in ``causalviz.recommend.baselines``, sparse, and from the same states:

    popularity     counts of the asked events,
    recency        the user's own items, the latest touched first, then by popularity,
    Markov         how often an item was touched at the moment directly after another one, itself included, drawn to
                   popularity; from the items of the latest moment,
    item-kNN       cosine between the users of two items (log of 1 + events, the item itself 1), over its ``NEAREST``,
                   summed over the user's own items (Sarwar et al. 2001), then by popularity.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags_array, vstack

from causalviz.recommend.attention import popularity
from causalviz.recommend.item_states import ItemEvents, ItemStates

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DRAWN = 5.0  # events by which Markov's shares are drawn to popularity
NEAREST = 100
PART = 2_000  # items compared at a time
UNSEEN = 1e-3  # popularity among items that nobody asked for is told by their other events


class ItemRecommender(Protocol):
    """Whatever scores every item in a state."""

    def scores(self, states: ItemStates) -> Floats:
        """(S, I) the larger, the more to be expected."""
        ...


@dataclass(frozen=True, eq=False)
class ItemPopularity:
    """``share`` (I,)."""

    share: Floats

    def scores(self, states: ItemStates) -> Floats:
        return np.tile(self.share, (len(states), 1))


@dataclass(frozen=True, eq=False)
class ItemRecency:
    """``share`` (I,) ranks what a user has never touched."""

    share: Floats

    def scores(self, states: ItemStates) -> Floats:
        ago = (np.repeat(states.time, np.diff(states.start)) - states.latest.max(axis=1)).astype(np.float64)
        found = np.tile(self.share, (len(states), 1))
        found[states.owner, states.item] = 1.0 + 1.0 / (1.0 + ago)
        return found


@dataclass(frozen=True, eq=False)
class LinkedItems:
    """Scores summed over a state's own items, with popularity behind.

    Attributes:
        links: (I, I) what each own item gives to every item.
        behind: (I,) what it gives to popularity.
        share: (I,) popularity.
        only_latest: Whether only items of the latest moment with items count.
    """

    links: csr_matrix
    behind: Floats
    share: Floats
    only_latest: bool

    def scores(self, states: ItemStates) -> Floats:
        touched, number = states.latest.max(axis=1), np.diff(states.start)
        latest = touched[np.minimum(states.start[:-1], max(len(touched) - 1, 0))] if len(touched) else touched
        counts = touched == np.repeat(latest, number) if self.only_latest else np.ones(len(touched), dtype=bool)
        own = csr_matrix((counts.astype(np.float64), states.item, states.start), (len(states), len(self.share)))
        behind = np.where(number > 0, own @ self.behind, 1.0)
        return np.asarray((own @ self.links).toarray() + behind[:, None] * self.share)


def fit_item_popularity(events: ItemEvents, goals: Ints) -> ItemPopularity:
    """Counts."""
    return ItemPopularity(popularity(events, goals, UNSEEN))


def fit_item_recency(events: ItemEvents, goals: Ints) -> ItemRecency:
    """Nothing but counts to fit."""
    return ItemRecency(popularity(events, goals, UNSEEN))


def fit_item_markov(events: ItemEvents, goals: Ints) -> LinkedItems:
    """Counts what follows the latest moment with items."""
    kept = events.item >= 0
    user, time, item = events.user[kept], events.time[kept], events.item[kept]
    moment = np.concatenate([[0], np.cumsum((np.diff(user) != 0) | (np.diff(time) != 0))])  # (M',)
    shape = (int(moment[-1]) + 1, events.shelf.n_items)
    present = csr_matrix((np.ones(len(item)), (moment, item)), shape)
    present.data[:] = 1.0  # doubles at one moment
    asked = csr_matrix((np.isin(events.kind[kept], goals).astype(np.float64), (moment, item)), shape)
    whose = np.empty(shape[0], np.int64)
    whose[moment] = user
    before = np.flatnonzero(np.diff(whose) == 0)
    follow = csr_matrix(present[before].T @ asked[before + 1])
    counted = np.asarray(follow.sum(axis=1)).ravel()
    links = csr_matrix(diags_array(1.0 / (counted + DRAWN)) @ follow)
    return LinkedItems(links, DRAWN / (counted + DRAWN), popularity(events, goals, UNSEEN), True)


def fit_item_neighbours(events: ItemEvents, goals: Ints) -> LinkedItems:
    """Cosines between the columns of the users' counts, the nearest of each row."""
    kept = events.item >= 0
    shape = (events.n_users, events.shelf.n_items)
    done = csr_matrix((np.ones(int(kept.sum())), (events.user[kept], events.item[kept])), shape)
    done.data = np.log1p(done.data)
    length = np.sqrt(np.asarray(done.multiply(done).sum(axis=0)).ravel())
    unit = csr_matrix(done @ diags_array(1.0 / np.maximum(length, 1e-12)))
    across, parts = csr_matrix(unit.T), []
    for start in range(0, shape[1], PART):
        near = csr_matrix(across[start : start + PART] @ unit)
        near.sort_indices()
        row = np.repeat(np.arange(near.shape[0]), np.diff(near.indptr))
        order = np.lexsort((-near.data, row))
        place = np.arange(len(order)) - near.indptr[row]
        best = order[place <= NEAREST]  # the item itself is among them
        parts.append(csr_matrix((near.data[best], (row[best], near.indices[best])), near.shape))
    share = popularity(events, goals, UNSEEN)
    return LinkedItems(csr_matrix(vstack(parts)), np.full(shape[1], 1e-6), share, False)


ITEM_BASELINES: Sequence[tuple[str, Callable[[ItemEvents, Ints], ItemRecommender]]] = (
    ("popularity", fit_item_popularity),
    ("recency", fit_item_recency),
    ("Markov", fit_item_markov),
    ("item-kNN", fit_item_neighbours),
)

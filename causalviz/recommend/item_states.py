"""Item states: what a user has done to which items, as of one moment, before anything later is known.

The *own items* of a state are those among the user's latest events (``MEMORY`` of them at most, so that a robot costs
no more than a shopper). Each has, for every event type, an age as in ``causalviz.recommend.states``: 0 if the type
happened to it at this very moment, l in 1..L if the latest one lies in lag bin l before it, L + 1 if beyond the
longest lag or never. Time is told by all of the user's events, those without an item included.

States are ragged, entry after entry, so that a million users with a few items each fit into memory.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numba import njit
from numpy.typing import NDArray

from causalviz.errors import UnusableLog
from causalviz.events.log import TICKS_PER_S, EventLog
from causalviz.events.raw import NO_CODE, RawEvents
from causalviz.lags.grid import LagGrid
from causalviz.recommend.states import NEVER

Ints = NDArray[np.int64]
Codes = NDArray[np.int32]
Mask = NDArray[np.bool_]

MEMORY = 200  # latest events to items from which a user's own items are taken


@dataclass(frozen=True, eq=False)
class Shelf:
    """What may be recommended: I items, each in one of C groups, and the T event types that may happen to them.

    Attributes:
        items: Names of the items.
        kinds: Names of the event types.
        groups: Names of the categories; the last one, "", takes in the items without any.
        group: (I,) the category of each item, the most frequent one of its events.
    """

    items: tuple[str, ...]
    kinds: tuple[str, ...]
    groups: tuple[str, ...]
    group: Codes

    @property
    def n_items(self) -> int:
        """I."""
        return len(self.items)


@dataclass(frozen=True, eq=False)
class ItemEvents:
    """M events of U users, sorted by user and time.

    Attributes:
        user: (M,) codes.
        time: (M,) ticks.
        kind: (M,) codes into the shelf's event types.
        item: (M,) codes into the shelf's items, -1 where an event has none.
        user_names: U names.
        shelf: What the codes mean.
    """

    user: Codes
    time: Ints
    kind: Codes
    item: Codes
    user_names: tuple[str, ...]
    shelf: Shelf

    @classmethod
    def of_raw(cls, raw: RawEvents) -> ItemEvents:
        """The events of a log with items.

        Raises:
            UnusableLog: If it has none.
        """
        if raw.item is None:
            raise UnusableLog("The log has no column of items; choose one to have items recommended.")
        shelf = Shelf(raw.item_names, raw.event_names, (*raw.category_names, ""), _groups(raw, raw.item))
        return cls(raw.user, raw.time, raw.event, raw.item, raw.user_names, shelf)

    @property
    def n_users(self) -> int:
        """U."""
        return len(self.user_names)

    @cached_property
    def begins(self) -> Ints:
        """(U + 1,) the first event of each user."""
        return np.searchsorted(self.user, np.arange(self.n_users + 1)).astype(np.int64)

    @cached_property
    def kinds_with_items(self) -> tuple[str, ...]:
        """The event types that happen to items."""
        return tuple(self.shelf.kinds[code] for code in np.unique(self.kind[self.item != NO_CODE]))

    def take(self, kept: Mask) -> ItemEvents:
        """Some of the events; users, items and their categories stay what they are."""
        return replace(self, user=self.user[kept], time=self.time[kept], kind=self.kind[kept], item=self.item[kept])

    def of_user(self, name: str) -> ItemEvents:
        """One user's events, as those of the only user.

        Raises:
            UnusableLog: If there is no such user.
        """
        if name not in self.user_names:
            raise UnusableLog(f"The log has no user {name!r}; give an id that it has.")
        one = self.take(self.user == self.user_names.index(name))
        return replace(one, user=np.zeros_like(one.user), user_names=(name,))

    def of_history(self, history: EventLog) -> ItemEvents:
        """A history over behaviours, read as events to this shelf's items; what the shelf does not have is left out."""
        kinds = {name: code for code, name in enumerate(self.shelf.kinds)}
        items = {name: code for code, name in enumerate(self.shelf.items)}
        kind = np.array([kinds.get(one.kind, NO_CODE) for one in history.behaviours], np.int32)[history.behaviour]
        item = np.array([items.get(one.item or "", NO_CODE) for one in history.behaviours], np.int32)[history.behaviour]
        item[kind == NO_CODE] = NO_CODE
        return replace(
            self, user=history.user, time=history.time, kind=np.maximum(kind, 0), item=item,
            user_names=history.user_names,
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class ItemStates:
    """S states; state s has the own items ``start[s]:start[s + 1]``, the latest touched first, N in all.

    Attributes:
        user: (S,) whose.
        time: (S,) ticks, the moment of each.
        start: (S + 1,) offsets into the entries.
        item: (N,) codes.
        age: (N, T) uint8, 0..L + 1; see the module.
        latest: (N, T) ticks of the latest event of each type, ``NEVER`` where there is none.
        count: (N,) events to the item so far.
        later: (N,) how many other own items were touched after the latest event to this one.
    """

    user: Ints
    time: Ints
    start: Ints
    item: Codes
    age: NDArray[np.uint8]
    latest: Ints
    count: Codes
    later: Codes

    def __len__(self) -> int:
        return len(self.user)

    @property
    def owner(self) -> Ints:
        """(N,) the state of each entry."""
        return np.repeat(np.arange(len(self)), np.diff(self.start))

    def ago_s(self, entry: Ints, kind: Ints) -> NDArray[np.float64]:
        """Seconds since the latest event of a type to an entry; infinite where there is none."""
        then = self.latest[entry, kind]
        ago = (self.time[self.owner[entry]] - np.maximum(then, 0)) / TICKS_PER_S
        return np.where(then == NEVER, np.inf, ago)


@dataclass(frozen=True, eq=False)
class ItemQuestions:
    """Q questions: which event each asks for, and how much of its user's history may be known.

    Attributes:
        event: (Q,) rows of the events.
        stop: (Q,) the first row of the event's moment, all of the user's rows before it being known.
    """

    event: Ints
    stop: Ints

    def __len__(self) -> int:
        return len(self.event)


def ask_items(events: ItemEvents, goals: Ints, asked: Mask | None = None) -> ItemQuestions:
    """Asks for events to items that have an earlier moment of their user.

    Args:
        events: M of them.
        goals: Codes of the event types that are asked for.
        asked: (M,) which events; None for all.
    """
    M = len(events.user)
    opens = np.ones(M, dtype=bool)  # the first event of its moment
    opens[1:] = (np.diff(events.user) != 0) | (np.diff(events.time) != 0)
    stop = np.maximum.accumulate(np.where(opens, np.arange(M), 0))
    wanted = (events.item != NO_CODE) & np.isin(events.kind, goals) & (stop > events.begins[events.user])
    rows = np.flatnonzero(wanted if asked is None else wanted & asked)
    return ItemQuestions(rows, stop[rows])


def items_now(events: ItemEvents, grid: LagGrid, users: Ints | None = None) -> ItemStates:
    """The states of users as of the last moment of their histories; users without events are left out.

    Args:
        events: Of whom.
        grid: L lag bins.
        users: Codes; None for all.
    """
    begins = events.begins
    chosen = np.arange(events.n_users) if users is None else users
    chosen = chosen[begins[chosen + 1] > begins[chosen]]
    return items_before(events, grid, begins[chosen + 1])


def items_before(events: ItemEvents, grid: LagGrid, stop: Ints) -> ItemStates:
    """The states that follow from all of a user's events before a row, as of the last of them.

    Args:
        events: M of them.
        grid: L lag bins.
        stop: (S,) rows, each behind an event of the user whose state it is.
    """
    user, time = events.user[stop - 1].astype(np.int64), events.time[stop - 1]
    begin, stamp = events.begins[user], np.full(events.shelf.n_items, -1, np.int64)
    number = np.zeros(len(stop), np.int64)
    _count(begin, stop, events.item, MEMORY, stamp, number)
    start = np.concatenate([[0], np.cumsum(number)])
    N, T = int(start[-1]), len(events.shelf.kinds)
    item, count, later = np.zeros(N, np.int32), np.zeros(N, np.int32), np.zeros(N, np.int32)
    latest, age = np.full((N, T), NEVER, np.int64), np.full((N, T), grid.n_bins + 1, np.uint8)
    stamp[:] = -1
    _fill(
        begin, stop, events.item, events.kind, events.time, MEMORY, np.asarray(grid.edges, np.int64), start, stamp,
        np.zeros(events.shelf.n_items, np.int64), item, age, latest, count, later,
    )  # fmt: skip
    return ItemStates(user, time, start, item, age, latest, count, later)


def _groups(raw: RawEvents, item: Codes) -> Codes:
    """(I,) the most frequent category of each item, of equal ones the first; the last code where it has none."""
    C = len(raw.category_names)
    group = np.full(len(raw.item_names), C, np.int32)
    if raw.category is None:
        return group
    told = (item != NO_CODE) & (raw.category != NO_CODE)
    pairs, often = np.unique(item[told].astype(np.int64) * C + raw.category[told], return_counts=True)
    order = np.lexsort((-pairs, often))  # the most frequent one is written last
    group[pairs[order] // C] = pairs[order] % C
    return group


@njit(cache=True, nogil=True)
def _count(begin, stop, item, memory, stamp, number):  # type: ignore[no-untyped-def]
    """How many own items each state has."""
    for s in range(len(stop)):
        seen = 0
        row = stop[s] - 1
        while row >= begin[s] and seen < memory:
            x = item[row]
            if x >= 0:
                seen += 1
                if stamp[x] != s:
                    stamp[x] = s
                    number[s] += 1
            row -= 1


@njit(cache=True, nogil=True)
def _fill(  # type: ignore[no-untyped-def]
    begin, stop, item, kind, time, memory, edges, start, stamp, place, own, age, latest, count, later
):
    """Writes the own items of each state, walking back from its moment."""
    for s in range(len(stop)):
        seen, filled = 0, start[s]
        row = stop[s] - 1
        now = moment = time[row]
        behind = 0  # own items touched after the moment that is walked over
        while row >= begin[s] and seen < memory:
            x = item[row]
            if x >= 0:
                seen += 1
                if time[row] < moment:
                    moment = time[row]
                    behind = filled - start[s]
                if stamp[x] != s:
                    stamp[x] = s
                    place[x] = filled
                    own[filled] = x
                    later[filled] = behind
                    filled += 1
                n = place[x]
                count[n] += 1
                if time[row] > latest[n, kind[row]]:
                    latest[n, kind[row]] = time[row]
                    for bin_ in range(len(edges)):
                        if now - time[row] <= edges[bin_]:
                            age[n, kind[row]] = bin_
                            break
            row -= 1

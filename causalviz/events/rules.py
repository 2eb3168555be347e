"""Rules: what counts as one behaviour, and the log that follows from it.

A behaviour is an event type, or an event type done to an item (or category) for the most frequent items, as in
"view A"; the other items of a type stay together as "view (other)". Before that, events may be left out that would bend
the counts (duplicates, those of a robot, those with a wrong date); after it, names are merged, renamed and hidden, in
this order. Behaviours stand in order of their number of events, the most frequent first, equal ones by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from causalviz.errors import SettingsError, UnusableLog
from causalviz.events.log import Behaviour, EventLog
from causalviz.events.raw import NO_CODE, RawEvents

__all__ = [
    "MAX_BEHAVIOURS", "Behaving", "Level", "RawEvents", "Rules", "apply_rules", "behaviours_of", "cells_of",
    "check_items", "merged", "places_of", "renamed",
]  # fmt: skip

Level = Literal["event", "item", "category"]

MAX_BEHAVIOURS: Final = 500  # more cannot be drawn; judging pair by pair takes half a minute then
RARE: Final = Behaviour("(rare)", "(rare)")


@dataclass(frozen=True)
class Rules:
    """How raw events become behaviours.

    Attributes:
        level: What is one behaviour: an event type, or that with an item or category.
        top_items: How many of the most frequent items (or categories) are told apart.
        merged: (new name, old names) each; the old become one.
        renamed: (old name, new name) each, one after the other.
        hidden: Names whose events are left out.
        drop_duplicates: Whether an event that repeats another's user, time, event and item is left out.
        without_users: Users who are left out.
        most_per_user: How many events of one user count, the first ones; None for all.
        period: Ticks of the first and the last moment whose events count; None for all.

    Raises:
        SettingsError: If the level is unknown, ``top_items`` or ``most_per_user`` is below 1, the period ends before it
            begins, or a new name is blank.
    """

    level: Level = "event"
    top_items: int = 8
    merged: tuple[tuple[str, tuple[str, ...]], ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    hidden: tuple[str, ...] = ()
    drop_duplicates: bool = False
    without_users: tuple[str, ...] = ()
    most_per_user: int | None = None
    period: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if self.level not in get_args(Level):
            raise SettingsError(f"There is no level {self.level!r}; choose one of {', '.join(get_args(Level))}.")
        if self.top_items < 1:
            raise SettingsError(f"At least one item must be told apart (got {self.top_items}); choose 1 or more.")
        if self.most_per_user is not None and self.most_per_user < 1:
            raise SettingsError(f"At least one event of a user must count (got {self.most_per_user}); choose more.")
        if self.period is not None and self.period[0] > self.period[1]:
            raise SettingsError(f"The period ends before it begins (got {self.period}); swap its ends.")
        if not all(new.strip() for new in [*(new for new, _ in self.merged), *(new for _, new in self.renamed)]):
            raise SettingsError("A behaviour needs a name that is not blank; type one.")


def renamed(rules: Rules, name: str, new: str) -> Rules:
    """The rules with one more renaming of a present behaviour."""
    return replace(rules, renamed=(*rules.renamed, (name, new)))


def merged(rules: Rules, names: Sequence[str], new: str) -> Rules:
    """The rules with some present behaviours made one; merging comes before renaming, so their earlier names count."""
    before = {after: old for old, after in rules.renamed}
    return replace(rules, merged=(*rules.merged, (new, tuple(before.get(name, name) for name in names))))


class Behaving(NamedTuple):
    """What each cell of a log becomes: ``code`` (C,) into ``behaviours``, ``NO_CODE`` where it is hidden or empty."""

    code: NDArray[np.int32]
    behaviours: tuple[Behaviour, ...]


class _Labelled(NamedTuple):
    """Cells whose codes point into behaviours: ``code`` (C,)."""

    code: NDArray[np.int64]
    behaviours: list[Behaviour]


def apply_rules(raw: RawEvents, rules: Rules) -> EventLog:
    """Makes the log of behaviours.

    Args:
        raw: The events as they were read.
        rules: What counts as one behaviour. Operations on names that do not occur are passed over.

    Returns:
        The log; users without events are left out. Of more than ``MAX_BEHAVIOURS`` behaviours, the rarest stand
        together as "(rare)".

    Raises:
        SettingsError: If the level needs items or categories that the log does not have.
        UnusableLog: If fewer than two behaviours are left.
    """
    kept = _counted(raw, rules)
    cell, cells = _cells(raw, kept, rules)
    code, behaviours = behaviours_of(cells, np.bincount(cell, minlength=len(cells)), rules)
    mark = code[cell]
    rows = np.flatnonzero(kept)[mark != NO_CODE]
    users, user = np.unique(raw.user[rows], return_inverse=True)
    return EventLog.from_columns(
        user.astype(np.int32),
        raw.time[rows],
        mark[mark != NO_CODE],
        behaviours,
        [raw.user_names[code] for code in users],
    )


def behaviours_of(cells: Sequence[Behaviour], events: NDArray[np.int64], rules: Rules) -> Behaving:
    """Groups the rare, merges, renames and hides.

    Args:
        cells: C combinations of event type and item, as ``cells_of`` makes them.
        events: (C,) how many events each has.
        rules: As for ``apply_rules``.

    Raises:
        UnusableLog: If fewer than two behaviours are left.
    """
    labelled = _Labelled(np.arange(len(cells)), list(cells))
    labelled = _unite(labelled, _group_rare(labelled, events))
    for new, old in rules.merged:
        labelled = _unite(labelled, _merge(labelled.behaviours, new, frozenset(old)))
    for before, after in rules.renamed:
        labelled = _unite(labelled, [replace(b, name=after) if b.name == before else b for b in labelled.behaviours])
    seen = np.array([b.name not in rules.hidden for b in labelled.behaviours])[labelled.code]  # (C,)
    counts = _events_of(labelled, np.where(seen, events, 0))
    order = _by_events(labelled.behaviours, counts)[: np.count_nonzero(counts)]
    if len(order) < 2:
        left = f"only {labelled.behaviours[order[0]].name!r}" if order else "no behaviour"
        raise UnusableLog(f"The rules leave {left}; a graph needs two behaviours, so hide, merge or leave out less.")
    recode = np.full(len(counts), NO_CODE, dtype=np.int32)
    recode[order] = np.arange(len(order), dtype=np.int32)
    code = np.where(seen, recode[labelled.code], np.int32(NO_CODE))
    return Behaving(code, tuple(labelled.behaviours[k] for k in order))


def check_items(level: Level, has_items: bool) -> None:
    """Refuses a level whose column the log does not have.

    Raises:
        SettingsError: If so.
    """
    if not has_items:
        raise SettingsError(
            f"The log has no column for the {level}, so it cannot tell behaviours apart by it; "
            'choose the level "event".'
        )


def places_of(items: NDArray[np.int64], rules: Rules) -> NDArray[np.int64]:
    """Where items stand: 0..N-1 the N most frequent, N the others, N + 1 no item (the last entry, ``NO_CODE``).

    Args:
        items: How many events each item has.
        rules: Say how many items are told apart.

    Returns:
        One place per item and one for no item.
    """
    top = np.argsort(-items, kind="stable")[: rules.top_items]
    place = np.full(len(items) + 1, len(top), dtype=np.int64)
    place[top] = np.arange(len(top))
    place[NO_CODE] = len(top) + 1
    return place


def cells_of(
    kinds: Sequence[str], items: Sequence[str], place: NDArray[np.int64], used: NDArray[np.int64]
) -> list[Behaviour]:
    """The behaviours of some combinations of event type and place, ``used`` (C,): type x (N + 2) + place."""
    wide = int(place[NO_CODE]) + 1
    told = [items[int(np.flatnonzero(place == k)[0])] for k in range(wide - 2)]
    return [behaviour_of(kinds[kind], told, k) for kind, k in zip(*divmod(used, wide), strict=True)]


def _counted(raw: RawEvents, rules: Rules) -> NDArray[np.bool_]:
    """(M,) which events count, whatever their names."""
    kept = ~raw.repeats if rules.drop_duplicates else np.ones(raw.n_events, dtype=bool)
    if rules.without_users:
        left_out = frozenset(rules.without_users)
        kept &= ~np.array([name in left_out for name in raw.user_names])[raw.user]
    if rules.period is not None:
        kept &= (raw.time >= rules.period[0]) & (raw.time <= rules.period[1])
    if rules.most_per_user is not None:
        place = np.cumsum(kept)  # (M,) counted from 1, over all users
        begins = np.flatnonzero(np.r_[True, np.diff(raw.user) != 0])
        before = np.repeat(place[begins] - kept[begins], np.diff(np.r_[begins, raw.n_events]))
        kept &= place - before <= rules.most_per_user
    return kept


def _cells(raw: RawEvents, kept: NDArray[np.bool_], rules: Rules) -> tuple[NDArray[np.int64], list[Behaviour]]:
    """The cell of each event that counts, and the cells."""
    event = raw.event[kept].astype(np.int64)
    if rules.level == "event":
        return event, [Behaviour(name, name) for name in raw.event_names]
    codes, names = (raw.item, raw.item_names) if rules.level == "item" else (raw.category, raw.category_names)
    check_items(rules.level, codes is not None)
    item = np.asarray(codes)[kept]
    place = places_of(np.bincount(item[item != NO_CODE], minlength=len(names)), rules)
    used, cell = np.unique(event * (place[NO_CODE] + 1) + place[item], return_inverse=True)
    return cell, cells_of(raw.event_names, names, place, used)


def behaviour_of(kind: str, told: Sequence[str], place: int) -> Behaviour:
    """An event type done to the item of a place among the top ones; one more is the others, two more is none."""
    if place < len(told):
        return Behaviour(f"{kind} {told[place]}", kind, told[place])
    return Behaviour(f"{kind} (other)" if place == len(told) else kind, kind)


def _events_of(labelled: _Labelled, events: NDArray[np.int64]) -> NDArray[np.int64]:
    counts = np.zeros(len(labelled.behaviours), dtype=np.int64)
    np.add.at(counts, labelled.code, events)
    return counts


def _by_events(behaviours: Sequence[Behaviour], counts: NDArray[np.int64]) -> list[int]:
    """The most frequent first, equal ones by name."""
    return sorted(range(len(counts)), key=lambda k: (-counts[k], behaviours[k].name))


def _group_rare(labelled: _Labelled, events: NDArray[np.int64]) -> list[Behaviour]:
    counts = _events_of(labelled, events)
    if np.count_nonzero(counts) <= MAX_BEHAVIOURS:
        return labelled.behaviours
    rare = set(_by_events(labelled.behaviours, counts)[MAX_BEHAVIOURS - 1 :])
    return [RARE if k in rare else behaviour for k, behaviour in enumerate(labelled.behaviours)]


def _merge(behaviours: Sequence[Behaviour], new: str, old: frozenset[str]) -> list[Behaviour]:
    kinds = {b.kind for b in behaviours if b.name in old}
    items = {b.item for b in behaviours if b.name in old}
    whole = Behaviour(new, kinds.pop() if len(kinds) == 1 else new, items.pop() if len(items) == 1 else None)
    return [whole if b.name in old else b for b in behaviours]


def _unite(labelled: _Labelled, behaviours: Sequence[Behaviour]) -> _Labelled:
    """Behaviours of the same name become one, which keeps the type and item that all of them share."""
    same: dict[str, Behaviour] = {}
    for behaviour in behaviours:
        other = same.setdefault(behaviour.name, behaviour)
        if other != behaviour:
            kind = behaviour.kind if behaviour.kind == other.kind else behaviour.name
            same[behaviour.name] = Behaviour(
                behaviour.name, kind, behaviour.item if behaviour.item == other.item else None
            )
    place = {name: code for code, name in enumerate(same)}
    recode = np.array([place[behaviour.name] for behaviour in behaviours], dtype=np.int64)
    return _Labelled(recode[labelled.code], list(same.values()))

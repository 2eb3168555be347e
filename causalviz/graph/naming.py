"""Names through time: what a behaviour that was named once is called now.

The rules of the events (``events.rules``) merge and rename behaviours, and take that back. Verdicts and knowledge were
written with the names of their day, and are never rewritten. A name *meant* a set of original behaviours: all that the
rules of that day called so,

    meant(name, then) = the inverse image of {name} under then's renamings, the last first, and then its merges,

and it is *now* what the present rules call these behaviours, if that is one behaviour of the log. A merge that was
taken back leaves several: then nothing is guessed, and the name stays as it was written. So do names that the log has
not got, which wait. Where verdicts on several behaviours become verdicts on one, the latest word stands.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from causalviz.events.rules import Rules
from causalviz.graph.verdicts import Verdict

Name = Callable[[str], str]


class Epoch(NamedTuple):
    """Rules that were in force until a time, ISO 8601."""

    until: str
    rules: Rules


def renaming(then: Rules, now: Rules, names: Iterable[str]) -> Name:
    """What names are called now.

    Args:
        then: The rules when a name was written.
        now: The present rules.
        names: The present behaviours.

    Returns:
        A function from a name then to the name now, or to itself where it has none.
    """
    present, found = frozenset(names), {}
    same = (then.merged, then.renamed) == (now.merged, now.renamed)

    def name_now(name: str) -> str:
        if same and name in present:
            return name
        if name not in found:
            meant = _meant(name, then) or {name}
            called = {_called(one, now) for one in meant} & present
            found[name] = called.pop() if len(called) == 1 else name
        return found[name]

    return name_now


def rules_at(at: str, past: Sequence[Epoch], now: Rules) -> Rules:
    """The rules that were in force at a time; ``past`` has the oldest first."""
    moment = datetime.fromisoformat(at)
    return next((epoch.rules for epoch in past if moment <= datetime.fromisoformat(epoch.until)), now)


def entries_now(
    entries: Sequence[Verdict], past: Sequence[Epoch], now: Rules, names: Collection[str]
) -> tuple[Verdict, ...]:
    """A history's entries with the names of today, one for one.

    Args:
        entries: As they were written.
        past: Former rules, the oldest first.
        now: The present rules.
        names: The present behaviours.
    """
    ways: dict[Rules, Name] = {}
    written = []
    for entry in entries:
        then = rules_at(entry.at, past, now)
        if then not in ways:
            ways[then] = renaming(then, now, names)
        written.append(_named(entry, ways[then]))
    return tuple(written)


def _named(entry: Verdict, name_now: Name) -> Verdict:
    cause, effect = name_now(entry.cause), name_now(entry.effect)
    return entry if (cause, effect) == (entry.cause, entry.effect) else replace(entry, cause=cause, effect=effect)


def _meant(name: str, rules: Rules) -> set[str]:
    """The original behaviours that these rules call so, and perhaps names that no log has."""
    meant = {name}
    for before, after in reversed(rules.renamed):
        meant = (meant - {before}) | ({before} if after in meant else set())
    for new, old in reversed(rules.merged):
        meant = (meant - set(old)) | (set(old) if new in meant else set())
    return meant


def _called(name: str, rules: Rules) -> str:
    """What the rules make of an original behaviour's name."""
    for new, old in rules.merged:
        name = new if name in old else name
    for before, after in rules.renamed:
        name = after if name == before else name
    return name

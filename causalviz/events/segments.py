"""Two groups of users of one log, by a rule that needs no column: when they came, how much they did, what they did.

    activity time    *early* users have the middle of their history in the first half of the log's span, *late* ones in
                     the second half
    activity         *light* users have at most the median number of events, *heavy* ones more
    behaviour        those who *did* a behaviour at least once, and those who *never* did

Every user is in exactly one of the two groups, with the whole history, and both keep all behaviours of the log, so that
their graphs have the same boxes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from causalviz.errors import UnknownBehaviour, UnusableLog
from causalviz.events.log import EventLog

LEAST_USERS = 20  # of a group; fewer users' histories say more about them than about a group
LEAST_BEHAVIOURS = 2  # with events, in each group


class Rule(StrEnum):
    """By what users are told apart."""

    TIME = "time"
    ACTIVITY = "activity"
    BEHAVIOUR = "behaviour"


@dataclass(frozen=True, slots=True)
class Split:
    """How users are told apart.

    Attributes:
        rule: By what.
        behaviour: Which one, for the rule of that name; empty for the others.

    Raises:
        ValueError: If the behaviour does not fit the rule.
    """

    rule: Rule
    behaviour: str = ""

    def __post_init__(self) -> None:
        if (self.rule is Rule.BEHAVIOUR) != bool(self.behaviour):
            raise ValueError(f"the rule {self.rule.value!r} does not go with the behaviour {self.behaviour!r}")

    @property
    def names(self) -> tuple[str, str]:
        """What the first and the second group are called."""
        if self.rule is Rule.TIME:
            return "early users", "late users"
        if self.rule is Rule.ACTIVITY:
            return "light users", "heavy users"
        return f"users who never did “{self.behaviour}”", f"users who did “{self.behaviour}”"


class Segments(NamedTuple):
    """The logs of the first and of the second group."""

    first: EventLog
    second: EventLog


def split_users(log: EventLog, split: Split) -> Segments:
    """Splits a log by its users.

    Args:
        log: M events of U users over K behaviours.
        split: How.

    Returns:
        Two logs over the same K behaviours whose users together are the U users, each in its old order.

    Raises:
        UnknownBehaviour: If the log does not have the split's behaviour.
        UnusableLog: If a group has fewer than ``LEAST_USERS`` users, or fewer than two behaviours.
    """
    in_second = _second(log, split)  # (U,)
    for name, members in zip(split.names, (~in_second, in_second), strict=True):
        if members.sum() < LEAST_USERS:
            raise UnusableLog(
                f"A group needs {LEAST_USERS} users, and of {name} there are only {int(members.sum())}; split by "
                "something else."
            )
    first, second = (log.take_users(np.flatnonzero(members)) for members in (~in_second, in_second))
    for name, segment in zip(split.names, (first, second), strict=True):
        if len(np.unique(segment.behaviour)) < LEAST_BEHAVIOURS:
            raise UnusableLog(f"The {name} did one thing only, which has no causes; split by something else.")
    return Segments(first, second)


def _second(log: EventLog, split: Split) -> NDArray[np.bool_]:
    """(U,) who is in the second group; users without events are in the first."""
    events = np.diff(log.offsets)  # (U,)
    if split.rule is Rule.ACTIVITY:
        return np.asarray(events > np.median(events))
    if split.rule is Rule.TIME:
        active = events > 0
        middle = np.full(log.n_users, np.iinfo(np.int64).min)
        ends = log.time[log.offsets[:-1][active]], log.time[log.offsets[1:][active] - 1]
        middle[active] = ends[0] + (ends[1] - ends[0]) // 2
        start, end = int(log.time.min()), int(log.time.max())
        return np.asarray(middle > start + (end - start) // 2)
    if split.behaviour not in log.names:
        raise UnknownBehaviour(f"The log has no behaviour “{split.behaviour}”; choose another one.")
    did = np.zeros(log.n_users, dtype=bool)
    did[log.user[log.behaviour == log.names.index(split.behaviour)]] = True
    return did

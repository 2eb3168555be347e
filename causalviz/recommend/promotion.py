"""What to promote: how many more goals one more event of each behaviour leads to, and what changes if one is changed.

With T the total effects of one event more and T' those of the events that happened (``causalviz.recommend.influence``),
for a goal g,

    extra goals per 1000 users        1000 T[i, g], each of them doing i once more,
    share of the goals                n_i T'[i, g] / (n_g (1 + T'[i, i])), what would go without i,

and if the number n_i of events of a behaviour is multiplied by f, every other one changes by

    change_j = (f - 1) n_i T'[i, j] / (1 + T'[i, i]),

which for f = 0 is what is left when i cannot happen, and for f = 2 that i is brought about as often again from outside.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from causalviz.errors import SettingsError
from causalviz.graph.total_effects import CausalPath, total_effect
from causalviz.recommend.influence import Influence, Ways

Floats = NDArray[np.float64]

PER_USERS = 1_000
GOALS = re.compile(  # what shops, sites and networks live by, as behaviours are called
    r"\b(buy|buys|bought|purchase|purchased|order|ordered|checkout|pay|paid|subscribe|subscription|sign ?up|"
    r"convert|conversion)\b|购买|下单|支付|付款|成交|订阅|转化|注册",
    re.IGNORECASE,
)
NO_GOALS = re.compile(r"error|fail|cancel|refund|bug|abandon|失败|取消|退款|退货|放弃", re.IGNORECASE)
PATHS = 30  # levers whose strongest way is looked for, which takes time in a dense graph


def likely_goal(influence: Influence) -> str:
    """A purchase, a subscription or the like, by its name; of several, or where there is none, what most leads to."""
    totals, names = influence.once.totals, influence.names
    led = np.zeros(len(names)) if totals is None else totals.clip(min=0).sum(axis=0)
    named = [k for k, name in enumerate(names) if GOALS.search(name.replace("_", " ")) and not NO_GOALS.search(name)]
    return names[max(named or range(len(names)), key=lambda k: led[k])]


@dataclass(frozen=True, slots=True)
class Promotion:
    """One behaviour as a lever for the goal; intervals are 90 %, NaN where the graph has no stable total.

    Attributes:
        behaviour: Its name.
        direct: Expected further goals per event over the edge itself; 0 without one.
        repeats: Expected further events of its own that each sets off directly.
        total: Over all ways.
        low: Lower end of the interval of the total.
        high: Upper end.
        reach: Share of the users who did it at least once.
        events: How often it happened.
        goal_share: Share of the goals that would go without it.
        path: The way that carries most; names. Empty for levers beyond the ``PATHS`` strongest.
        doubtful: Whether an edge of that way is too unsure to be drawn.
    """

    behaviour: str
    direct: float
    repeats: float
    total: float
    low: float
    high: float
    reach: float
    events: int
    goal_share: float
    path: tuple[str, ...]
    doubtful: bool = False

    @property
    def extra(self) -> tuple[float, float, float]:
        """Expected extra goals if each of 1000 users did it once more, and the ends of the interval."""
        return PER_USERS * self.total, PER_USERS * self.low, PER_USERS * self.high


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one behaviour when another one is changed; intervals are 90 %.

    Attributes:
        behaviour: Its name.
        events: How often it happened.
        change: Expected change of that number.
        low: Lower end.
        high: Upper end.
    """

    behaviour: str
    events: int
    change: float
    low: float
    high: float

    @property
    def share(self) -> float:
        """The change over the number."""
        return self.change / max(self.events, 1)


@dataclass(frozen=True, slots=True)
class NextAction:
    """A behaviour that one user could do next towards the goal.

    Attributes:
        behaviour: Its name.
        chance: Of the user to do it, as the rates say.
        total: Expected further goals if it happens.
    """

    behaviour: str
    chance: float
    total: float

    @property
    def gain(self) -> float:
        """Expected goals that this user brings along this way."""
        return self.chance * self.total


def promote(influence: Influence, goal: str) -> tuple[Promotion, ...]:
    """Ranks all behaviours that lead to the goal, or keep from it, by their total effect.

    Args:
        influence: Of the drawn graph.
        goal: Name of a behaviour.

    Returns:
        The largest total effect first, those that prevent the goal last; without behaviours from which no way leads
        there.

    Raises:
        UnknownBehaviour: If the goal is no behaviour.
        SettingsError: If totals in this graph have no end.
    """
    g = influence.code(goal)
    totals, usual = _totals(influence.once), _totals(influence.happened)
    direct, expected = influence.once.direct.offspring, influence.once.expected
    low, high = _ends(influence.once.drawn_totals[:, :, g])
    followed = set(np.argsort(-np.abs(totals[:, g]))[:PATHS].tolist())
    found = []
    for i in np.flatnonzero(totals[:, g]).tolist():
        if i == g:
            continue
        effect = total_effect(expected, i, g, top=1) if i in followed else None
        way: tuple[CausalPath, ...] = effect.paths if effect is not None else ()
        nodes = way[0].nodes if way else ()
        n_i, n_g = influence.events[i], max(influence.events[g], 1.0)
        found.append(
            Promotion(
                influence.names[i],
                float(direct[i, g]),
                float(direct[i, i]),
                float(totals[i, g]),
                float(low[i]),
                float(high[i]),
                float(influence.users_with[i] / max(influence.users, 1)),
                int(n_i),
                float(n_i * usual[i, g] / ((1 + usual[i, i]) * n_g)),
                tuple(influence.names[node] for node in nodes),
                any(direct[step] == 0 for step in pairwise(nodes)),
            )
        )
    return tuple(sorted(found, key=lambda one: (-one.total, one.behaviour)))


def what_if(influence: Influence, behaviour: str, factor: float) -> tuple[Change, ...]:
    """What becomes of all behaviours downstream of one whose number of events is multiplied.

    Args:
        influence: Of the drawn graph.
        behaviour: Name of the one that is changed.
        factor: Of its number of events: 0 switches it off, 2 doubles it.

    Returns:
        The largest change first, the changed behaviour left out. No number falls below 0.

    Raises:
        UnknownBehaviour: If there is no such behaviour.
        SettingsError: If the factor is below 0, or totals in this graph have no end.
    """
    i = influence.code(behaviour)
    if not (np.isfinite(factor) and factor >= 0):
        raise SettingsError(f"A behaviour happens some times as often, 0 or more (got {factor}); choose another.")
    change = _changes(_totals(influence.happened)[None], influence, i, factor)[0]
    low, high = _ends(_changes(influence.happened.drawn_totals, influence, i, factor))
    found = [
        Change(influence.names[j], int(influence.events[j]), float(change[j]), float(low[j]), float(high[j]))
        for j in np.flatnonzero(change).tolist()
        if j != i
    ]
    return tuple(sorted(found, key=lambda one: (-abs(one.change), one.behaviour)))


def next_actions(influence: Influence, goal: str, chances: Floats, top: int = 3) -> tuple[tuple[NextAction, ...], ...]:
    """For each user, the behaviours that lead to the goal and that this user is likely to do.

    Args:
        influence: Of the drawn graph.
        goal: Name of a behaviour.
        chances: (S, K) of each user and behaviour.
        top: How many for each user.

    Returns:
        The largest expected gain first, for each of the S users.

    Raises:
        UnknownBehaviour: If the goal is no behaviour.
        SettingsError: If totals in this graph have no end.
    """
    g = influence.code(goal)
    total = _totals(influence.once)[:, g].copy()
    total[g] = 0.0
    levers = np.flatnonzero(total > 0)
    gain = chances[:, levers] * total[levers]  # (S, levers)
    order = np.argsort(-gain, axis=1, kind="stable")[:, :top]
    return tuple(
        tuple(NextAction(influence.names[levers[k]], float(row[levers[k]]), float(total[levers[k]])) for k in places)
        for row, places in zip(chances, order, strict=True)
    )


def _totals(ways: Ways) -> Floats:
    totals = ways.totals
    if totals is None:
        raise SettingsError(
            "In this graph every event sets off more than one other, so that total effects have no end; "
            "raise the threshold or reject doubtful edges."
        )
    return totals


def _changes(totals: Floats, influence: Influence, i: int, factor: float) -> Floats:
    """(D, K) changes of the number of events, none to below 0."""
    per_event = totals[:, i] / np.maximum(1 + totals[:, i, i], 1e-9)[:, None]
    return np.asarray(np.maximum((factor - 1) * influence.events[i] * per_event, -influence.events))


def _ends(draws: Floats) -> tuple[Floats, Floats]:
    """(K,), (K,) ends of the 90 % intervals of (D, K) draws; NaN where too few came to an end."""
    if not len(draws):
        nothing = np.full(draws.shape[1], np.nan)
        return nothing, nothing
    low, high = np.quantile(draws, (0.05, 0.95), axis=0)
    return np.asarray(low), np.asarray(high)

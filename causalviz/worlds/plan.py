"""A world's plan: every number the simulator needs, and the true graph that follows from them.

Two families share one plan. In a **branching** world background events arrive by user, session and season, and
each event of a cause sets off a Poisson number of effects after random delays (a Hawkes process in its cluster
form, Hawkes & Oakes 1974); inhibition, counts that correct themselves, refractory gaps and saturation thin that
process, and some causes act only beside a partner. In a **clickstream** world a user walks from event to event, and
each recent cause multiplies the odds that the next event is its effect. Both are causal in the sense of the product:
the edge is a direct change of the effect's rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from causalviz.events.log import Behaviour, EventLog

Floats = NDArray[np.float64]

WALK_ROUNDS = 30  # until the shares of a clickstream stand still


class Delay(IntEnum):
    """Families of delays, each with a median and a shape."""

    EXPONENTIAL = 0
    LOG_NORMAL = 1
    UNIFORM = 2
    HEAVY_TAILED = 3


@dataclass(frozen=True, eq=False, kw_only=True)
class People:
    """Who acts, how much and when.

    Attributes:
        n_users: U, at least 1.
        events_per_user: Mean number of recorded events of a user.
        span_s: Length of the recording, seconds.
        activity_sigma: Log-normal spread of activity between users; 0 = all alike.
        taste: Gamma shape of each user's liking of each topic; inf = all alike.
        lifetime: Smallest share of the span during which a user is present (churn); 1 = all of it.
        growth: Above 1 more users begin late than early; at 1 beginnings are even.
        drift: (K,) logarithm of each behaviour's background rate at a user's end over that at the beginning.
        groups: (K,) code of the topic that each behaviour belongs to; taste and theme are drawn per topic.
        daily: Amplitude of the daily season, 0..1.
        weekly: Amplitude of the weekly season, 0..1.
        session_s: Length of a session, seconds; 0 = events fall anywhere.
        events_per_session: Mean background events in one session.
        theme: Gamma shape of each session's liking of each topic; inf = sessions are alike.
        bots: Share of users with twenty times the activity.
    """

    n_users: int
    events_per_user: float
    span_s: float
    drift: Floats
    groups: NDArray[np.int64]
    activity_sigma: float = 0.0
    taste: float = float("inf")
    lifetime: float = 1.0
    growth: float = 1.0
    daily: float = 0.0
    weekly: float = 0.0
    session_s: float = 0.0
    events_per_session: float = 5.0
    theme: float = float("inf")
    bots: float = 0.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Influences:
    """What causes what; all matrices are [cause, effect], (K, K).

    Attributes:
        offspring: Expected effects set off by one cause (branching); the diagonal is self-excitation.
        boost: Factor on the odds of the effect while the cause is recent (clickstream); 1 = none.
        suppress: Probability that an effect within ``suppress_s`` after the cause is prevented.
        suppress_s: How long a prevention lasts, seconds; inf = for good.
        correction: Fall of the logarithm of the effect's rate with each earlier event of the cause.
        correction_s: (K,) how long a cause wears the effect out: its weight falls by e in this time; inf = for good.
        delay: Family of each delay, ``Delay`` codes.
        delay_s: Median delay, seconds.
        late: Share of the effects that come on a second time scale.
        late_factor: The second scale over the first.
        partner: Code of the behaviour that must have happened beside the cause; -1 = none.
        partner_s: How long before the cause the partner may lie, seconds.
        refractory_s: (K,) shortest gap between two events of the same behaviour of one user, seconds.
        saturation_s: (K,) a cause repeated sooner than this sets nothing off, seconds.
        memory: How many last events still act in a clickstream world.
    """

    offspring: Floats
    boost: Floats
    suppress: Floats
    suppress_s: Floats
    correction: Floats
    correction_s: Floats
    delay: NDArray[np.int64]
    delay_s: Floats
    late: Floats
    partner: NDArray[np.int64]
    refractory_s: Floats
    saturation_s: Floats
    late_factor: float = 1.0
    partner_s: float = 0.0
    memory: int = 3

    @classmethod
    def none(cls, K: int, delay_s: float = 1.0) -> Influences:
        """No influence at all among K behaviours, with log-normal delays should one be put in."""
        zero = np.zeros((K, K))
        return cls(
            offspring=zero,
            boost=zero + 1.0,
            suppress=zero,
            suppress_s=zero,
            correction=zero,
            correction_s=np.full(K, np.inf),
            delay=np.full((K, K), int(Delay.LOG_NORMAL)),
            delay_s=zero + delay_s,
            late=zero,
            partner=np.full((K, K), -1),
            refractory_s=np.zeros(K),
            saturation_s=np.zeros(K),
        )

    @property
    def direct(self) -> NDArray[np.bool_]:
        """(K, K) True where the cause directly changes the rate of the effect; False on the diagonal."""
        edge = (self.offspring > 0) | (self.suppress > 0) | (self.boost != 1) | (self.correction > 0)
        return edge & ~np.eye(len(edge), dtype=bool)

    @property
    def prevents(self) -> NDArray[np.bool_]:
        """(K, K) True where a branching world's cause keeps its effect away."""
        return (self.suppress > 0) | (self.correction > 0)


@dataclass(frozen=True, eq=False, kw_only=True)
class Shocks:
    """Hidden moments that set off several behaviours at once: a campaign, an outage, a friend's message.

    Attributes:
        per_user: Mean number of shocks that meet one user; 0 = none.
        members: (S, K) expected events of each behaviour in one shock of kind s.
        width_s: The events of a shock are spread evenly over this time, seconds.
        shared: True when all users meet the shocks at the same moments.
    """

    per_user: float
    members: Floats
    width_s: float
    shared: bool


@dataclass(frozen=True, eq=False, kw_only=True)
class Recording:
    """What the log keeps of what happened.

    Attributes:
        rounding_s: Clock resolution, seconds; rounding makes ties.
        lost: Share of events never recorded.
        duplicated: Share of events recorded twice.
        hidden: (K,) True for behaviours that are not recorded at all.
        window: Share of the span at which the recording begins and ends; what lies outside is cut off.
    """

    rounding_s: float
    lost: float
    duplicated: float
    hidden: NDArray[np.bool_]
    window: tuple[float, float] = (0.0, 1.0)


@dataclass(frozen=True, eq=False, kw_only=True)
class WorldPlan:
    """Everything that makes one world; ``shares`` (K,) are the intended shares of all events."""

    family: Literal["branching", "clickstream"]
    behaviours: tuple[Behaviour, ...]
    shares: Floats
    people: People
    influences: Influences
    shocks: Shocks
    recording: Recording

    @property
    def signs(self) -> NDArray[np.int8]:
        """(V, V) the true graph among the V recorded behaviours: 1 sets off, -1 prevents, 0 is no edge.

        A path that runs through hidden behaviours only is a direct influence among the recorded ones, of the sign of
        the product along it.
        """
        less = self._rarer_next if self.family == "clickstream" else self.influences.prevents
        reach = np.where(self.influences.direct, np.where(less, -1, 1), 0).astype(np.int8)
        for hidden in np.flatnonzero(self.recording.hidden):
            reach = np.where(reach == 0, np.outer(reach[:, hidden], reach[hidden]), reach)
        seen = ~self.recording.hidden
        signs = reach[np.ix_(seen, seen)]
        np.fill_diagonal(signs, 0)
        return signs

    @property
    def truth(self) -> NDArray[np.bool_]:
        """(V, V) the true graph among the V recorded behaviours, without its signs."""
        return self.signs != 0

    @property
    def _rarer_next(self) -> NDArray[np.bool_]:
        """(K, K) True where in a clickstream the effect is next more seldom after the cause than on average.

        The odds of a behaviour are its boost times a base under which, step after step, its intended share comes.
        """
        share = self.shares / self.shares.sum()
        base = share.copy()
        for _ in range(WALK_ROUNDS):
            after = base * self.influences.boost
            after /= after.sum(axis=1, keepdims=True)  # (K, K) chance of each behaviour to be next
            usual = share @ after
            base = base * share / usual
        return after < usual


class SetOff(NamedTuple):
    """The N recorded events that another behaviour, or the same one, set off.

    Attributes:
        cause: (N,) code of the recorded behaviour that did, directly or by hidden ones only.
        effect: (N,) code of what it set off.
        delay_s: (N,) how long after.
    """

    cause: NDArray[np.int64]
    effect: NDArray[np.int64]
    delay_s: Floats


@dataclass(frozen=True, eq=False)
class World:
    """A simulated log with the graph that made it.

    Attributes:
        log: The recorded events of V behaviours.
        truth: (V, V) bool, [cause, effect].
        plan: What made it.
        background: (K,) events of each behaviour that come of themselves, relative to the plan's number per user.
        set_off: The log's events that were caused; empty in a clickstream, in which no event has one cause.
    """

    log: EventLog
    truth: NDArray[np.bool_]
    plan: WorldPlan
    background: Floats
    set_off: SetOff

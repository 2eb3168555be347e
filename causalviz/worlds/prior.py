"""The prior over worlds: how a plan is drawn.

Everything the network knows about causes it learns from worlds drawn here, so each range below is a statement
of what real logs may look like; ``describe`` lists them with their reasons. Two laws are kept whatever is drawn: a
behaviour's share of the events is drawn without looking at the graph, and the behaviours are in random order, so
neither counts nor labels tell causes from effects.

The shipped model is trained on a mixture of priors, ``TRAINED``: the usual one; one of preventions, most of which add
up and wear off again, and of behaviours that sate; one of few long, dense, flapping histories, as devices write them;
one whose effects take their time; and one whose users are all alike, so that nothing but causes makes anything more
frequent. Four families are **held out**: no training of the shipped model ever draws them, so that its scores on them
say how it does where the prior is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from causalviz.events.log import Behaviour
from causalviz.worlds.plan import Delay, Influences, People, Recording, Shocks, WorldPlan
from causalviz.worlds.topology import Topology, draw_item_edges, draw_topology

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Value = TypeVar("Value")
DAY_S = 86_400.0


def _range(value: Value, reason: str) -> Value:
    """A field of the prior with the reason for its default."""
    return field(default=value, metadata={"reason": reason})


class Mechanism(NamedTuple):
    """One line of the prior: a name, what it is set to, and why."""

    name: str
    value: object
    reason: str


@dataclass(frozen=True, kw_only=True)
class Prior:
    """Ranges from which plans are drawn: pairs are (low, high), single numbers shares of worlds or events."""

    behaviours: tuple[int, int] = _range((3, 40), "K, log-uniform: most logs have a handful to a few dozen event types")
    many: tuple[int, int] = _range((40, 200), "K of the worlds with many behaviours: event types by item, alarm lists")
    many_share: float = _range(0.03, "worlds with many behaviours; few, because their pairs are many")
    users: tuple[int, int] = _range(
        (20, 100_000), "U, log-uniform up to a quarter of the events: a lab group to a shop"
    )
    events: tuple[int, int] = _range((1_500, 40_000), "M, log-uniform: what one world costs; more only sharpens counts")
    large: tuple[int, int] = _range((40_000, 300_000), "M of the large worlds, whose weakest edges are plain")
    large_share: float = _range(0.05, "large worlds; few, because each costs as much as ten")
    out_degree: tuple[float, float] = _range((0.3, 6.0), "mean effects of a cause: almost empty to dense graphs")
    topologies: tuple[Topology, ...] = _range(
        ("random", "random", "hubs", "layers", "layers", "funnel"),
        "shapes of graphs; repeated ones are drawn more often",
    )
    delays: tuple[Delay, ...] = _range(
        (Delay.EXPONENTIAL, Delay.LOG_NORMAL, Delay.HEAVY_TAILED), "people answer at once, after thought, or much later"
    )
    delay_ratio: tuple[float, float] = _range(
        (1e-7, 0.05), "median delay over the span; alarms answer within 1e-7 of a year"
    )
    two_scales: float = _range(0.2, "worlds where some effects come now and others days later, after a reminder")
    attributed: tuple[float, float] = _range((0.05, 0.9), "share of an effect's events that its causes set off")
    repeats: tuple[float, float] = _range(
        (0.05, 0.9), "share that a behaviour sets off itself: people click again, alarms flap"
    )
    inhibited: tuple[float, ...] = _range((0.0, 0.0, 0.15, 0.4), "share of the edges that prevent their effect")
    for_good: float = _range(0.3, "worlds whose preventions last: who has subscribed needs no trial")
    refractory: tuple[float, ...] = _range((0.0, 0.3), "share of the behaviours that cannot follow themselves at once")
    saturated: tuple[float, ...] = _range((0.0, 0.3), "share of the causes that, repeated soon, set nothing off")
    correcting: float = _range(
        0.0, "worlds where counts correct themselves: each event makes its effects rarer for good"
    )
    sated: tuple[float, ...] = _range(
        (0.0, 0.0, 0.0, 0.4), "share of the behaviours that make themselves rarer: fed, paid, bought for now"
    )
    forgetting: bool = _range(
        True, "whether counts that correct and sate wear off: the tenth advert this week tires, next month's does not"
    )
    paired: float = _range(0.0, "worlds where an effect needs two causes at once: a coupon and a full cart")
    activity: tuple[float, ...] = _range(
        (0.0, 0.5, 1.0, 1.5), "log-normal spread of activity: busy users do everything"
    )
    taste: tuple[float, ...] = _range((0.3, 1.0, 3.0, np.inf), "gamma shape of a user's likings")
    topics: float = _range(
        0.25, "worlds whose behaviours share topics: what is liked, or met in a visit, comes together"
    )
    lifetime: tuple[float, ...] = _range((0.05, 0.3, 1.0), "least share of the span a user stays: churn")
    growth: tuple[float, ...] = _range((1.0, 1.0, 2.0, 4.0), "above 1 more users begin late: a growing product")
    drift: tuple[float, ...] = _range((0.0, 0.0, 0.5, 1.5), "spread of how behaviours wax and wane over a user's stay")
    sessions: float = _range(0.6, "branching worlds whose events come in visits")
    themed: float = _range(0.5, "worlds whose visits are about something: one purchase, one fault")
    daily: tuple[float, ...] = _range((0.0, 0.5, 1.0), "amplitude of the day")
    weekly: tuple[float, ...] = _range((0.0, 0.5), "amplitude of the week")
    shocked: float = _range(0.35, "worlds with hidden moments that set off several behaviours: a campaign, an outage")
    hidden: tuple[float, ...] = _range(
        (0.0, 0.0, 0.1), "share of the behaviours never recorded, causes of several among them"
    )
    bots: tuple[float, ...] = _range((0.0, 0.0, 0.02), "share of users with twenty times the activity")
    lost: tuple[float, ...] = _range((0.0, 0.0, 0.0, 0.05, 0.3), "share of events that were never recorded")
    duplicated: tuple[float, ...] = _range((0.0, 0.0, 0.0, 0.0, 0.02), "share of events recorded twice")
    censored: float = _range(0.25, "worlds whose recording begins after and ends before what happened")
    null: float = _range(0.08, "worlds without any edge")
    clickstream: float = _range(0.2, "worlds in which users walk from event to event")
    itemised: float = _range(0.25, "worlds whose behaviours are event type x item")

    def describe(self) -> tuple[Mechanism, ...]:
        """Every range with its reason, in order."""
        return tuple(Mechanism(f.name, getattr(self, f.name), f.metadata["reason"]) for f in fields(self))


USUAL = Prior()
WORN = Prior(
    correcting=0.7, sated=(0.0, 0.5, 1.0), drift=(0.0, 0.5, 1.5, 4.0), inhibited=(0.0, 0.3, 0.8), for_good=0.6,
    null=0.03, clickstream=0.0, itemised=0.0,
)  # fmt: skip
STORMS = Prior(
    behaviours=(8, 40), many_share=0.0, users=(20, 300), events=(8_000, 40_000), out_degree=(1.0, 6.0),
    repeats=(0.3, 0.9), sessions=0.3, null=0.03, clickstream=0.0, itemised=0.0,
)  # fmt: skip
SLOW = Prior(
    delay_ratio=(0.003, 0.3), users=(20, 3_000), events=(3_000, 40_000), many_share=0.01, activity=(0.0, 0.0, 0.5, 1.0),
    taste=(1.0, np.inf, np.inf), drift=(0.0, 0.0, 0.5), lifetime=(0.3, 1.0, 1.0), sessions=0.3, topics=0.1, shocked=0.2,
    null=0.03, clickstream=0.0, itemised=0.1,
)  # fmt: skip
PLAIN = Prior(
    delay_ratio=(1e-5, 0.3), users=(20, 3_000), events=(3_000, 60_000), many_share=0.01, large_share=0.25,
    activity=(0.0,),
    taste=(np.inf,), drift=(0.0,), lifetime=(1.0,), growth=(1.0,), daily=(0.0, 0.0, 0.5), weekly=(0.0,), sessions=0.0,
    topics=0.0, shocked=0.0, hidden=(0.0,), bots=(0.0,), lost=(0.0,), duplicated=(0.0,), null=0.1, clickstream=0.0,
    itemised=0.0,
)  # fmt: skip
TRAINED: Mapping[str, tuple[Prior, float]] = {
    "usual": (USUAL, 0.5),
    "worn": (WORN, 0.12),
    "storms": (STORMS, 0.1),
    "slow": (SLOW, 0.14),
    "plain": (PLAIN, 0.14),
}
HELD_OUT: Mapping[str, Prior] = {
    "self-correcting": Prior(correcting=1.0, sated=(0.0,), forgetting=False, null=0.0, clickstream=0.0, itemised=0.0),
    "two causes": Prior(paired=1.0, null=0.0, clickstream=0.0, itemised=0.0),
    "uniform delays": Prior(delays=(Delay.UNIFORM,), null=0.0, clickstream=0.0),
    "ring": Prior(topologies=("ring",), null=0.0, itemised=0.0),
}


def draw_plan(prior: Prior, rng: np.random.Generator) -> WorldPlan:
    """Draws one plan.

    Args:
        prior: The ranges.
        rng: Source of all randomness.

    Returns:
        A plan whose behaviours are in random order.
    """
    behaviours, kinds, items = _behaviours(prior, rng)
    K = len(behaviours)
    clickstream = bool(rng.random() < prior.clickstream)
    people = _people(prior, items, clickstream, rng)
    edges = draw_edges(prior, kinds, items, rng)
    shares = rng.dirichlet(np.full(K, rng.choice([0.5, 1.0, 3.0]))) + 0.1 / K
    shares /= shares.sum()
    influences = draw_influences(prior, edges, shares, people, clickstream, rng)
    return WorldPlan(
        family="clickstream" if clickstream else "branching",
        behaviours=behaviours,
        shares=shares,
        people=people,
        influences=influences,
        shocks=_shocks(prior, K, people, influences, clickstream, rng),
        recording=_recording(prior, K, people, influences, rng),
    )


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """A number whose logarithm is uniform between those of ``low`` and ``high``."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _behaviours(prior: Prior, rng: np.random.Generator) -> tuple[tuple[Behaviour, ...], Ints, Ints]:
    """K behaviours with their kind codes and item codes (-1: no item), in random order."""
    if rng.random() < prior.itemised:
        n_kinds, n_items, n_plain = (int(rng.integers(low, high)) for low, high in ((2, 5), (2, 7), (0, 4)))
        pairs = [(kind, item) for kind in range(n_kinds) for item in range(n_items)]
        pairs += [(n_kinds + plain, -1) for plain in range(n_plain)]
    else:
        K = round(log_uniform(rng, *(prior.many if rng.random() < prior.many_share else prior.behaviours)))
        pairs = [(kind, -1) for kind in range(K)]
    order = rng.permutation(len(pairs))
    kinds = np.array([pairs[place][0] for place in order])
    items = np.array([pairs[place][1] for place in order])
    named = tuple(
        Behaviour(f"{kind}/{item}" if item >= 0 else f"{kind}", f"{kind}", f"{item}" if item >= 0 else None)
        for kind, item in zip(kinds, items, strict=True)
    )
    return named, kinds, items


def _people(prior: Prior, items: Ints, clickstream: bool, rng: np.random.Generator) -> People:
    K = len(items)
    M = log_uniform(rng, *(prior.large if rng.random() < prior.large_share else prior.events))
    U = round(log_uniform(rng, prior.users[0], max(prior.users[0] + 1, min(prior.users[1], M / 4))))
    span_s = log_uniform(rng, 0.1 * DAY_S, 400 * DAY_S)
    sessions = clickstream or rng.random() < prior.sessions
    return People(
        n_users=U,
        events_per_user=M / U,
        span_s=span_s,
        drift=rng.normal(0.0, rng.choice(prior.drift), K),
        groups=_topics(prior, items, rng),
        activity_sigma=float(rng.choice(prior.activity)),
        taste=float(rng.choice(prior.taste)),
        lifetime=float(rng.choice(prior.lifetime)),
        growth=float(rng.choice(prior.growth)),
        daily=float(rng.choice(prior.daily)),
        weekly=float(rng.choice(prior.weekly)),
        session_s=span_s * log_uniform(rng, 1e-6, 0.1) if sessions else 0.0,
        events_per_session=log_uniform(rng, 2.5, 40),
        theme=float(rng.choice([0.1, 0.3, 1.0])) if rng.random() < prior.themed else float("inf"),
        bots=float(rng.choice(prior.bots)),
    )


def _topics(prior: Prior, items: Ints, rng: np.random.Generator) -> Ints:
    """(K,) topic codes from 0 on: an item each, a few behaviours each, or every behaviour its own."""
    K = len(items)
    own = np.arange(K)
    if items.max() >= 0 and rng.random() < 0.5:
        own = np.where(items >= 0, items, K + own)
    elif rng.random() < prior.topics:
        own = rng.integers(0, max(2, K // int(rng.integers(2, 6))), K)
    return np.unique(own, return_inverse=True)[1]


def draw_edges(prior: Prior, kinds: Ints, items: Ints, rng: np.random.Generator) -> NDArray[np.bool_]:
    """(K, K) a random graph of one of the prior's shapes, or one that follows the kinds of the items."""
    K = len(kinds)
    if rng.random() < prior.null:
        return np.zeros((K, K), dtype=bool)
    if items.max() >= 0:
        return draw_item_edges(kinds, items, rng)
    shape = prior.topologies[rng.integers(len(prior.topologies))]
    return draw_topology(shape, K, log_uniform(rng, *prior.out_degree), rng)


def draw_influences(
    prior: Prior,
    edges: NDArray[np.bool_],
    shares: Floats,
    people: People,
    clickstream: bool,
    rng: np.random.Generator,
) -> Influences:
    K = len(shares)
    centre_s = people.span_s * log_uniform(rng, *prior.delay_ratio)
    spread = rng.uniform(0.0, 1.5)
    families = rng.choice(np.array(prior.delays), size=rng.integers(1, 4))
    correcting = edges & (not clickstream and rng.random() < prior.correcting) & (rng.random((K, K)) < 0.8)
    sated = np.diag(rng.random(K) < rng.choice(prior.sated)) & (not clickstream)
    inhibiting = edges & ~correcting & (rng.random((K, K)) < rng.choice(prior.inhibited))
    exciting = edges & ~correcting & ~inhibiting
    gap_s = people.span_s / max(people.events_per_user, 2.0)
    repeats = _repeats(prior, K, rng)
    delay_s = centre_s * np.exp(rng.normal(0.0, spread, (K, K)))
    np.fill_diagonal(delay_s, centre_s * np.exp(rng.normal(rng.uniform(-2.0, 1.0), 0.5, K)))
    suppress_s = gap_s * np.exp(rng.normal(0.0, 1.0, (K, K)))
    if rng.random() < prior.for_good:
        suppress_s[rng.random((K, K)) < 0.5] = np.inf
    offspring = _offspring(prior, exciting, shares, repeats, rng)
    partner = _partners(exciting, rng) if rng.random() < prior.paired else np.full((K, K), -1)
    offspring = np.where(partner >= 0, np.clip(4 * offspring, 0.3, 1.5), offspring)  # they seldom meet
    two_scales = rng.random() < prior.two_scales
    memory_s = _memory_s(people, K, rng) if prior.forgetting else np.full(K, np.inf)
    remembered = people.events_per_user / K * np.minimum(1.0, memory_s / people.span_s)  # (K,) events of one cause
    return Influences(
        offspring=np.zeros((K, K)) if clickstream else offspring,
        boost=_boost(edges, inhibiting, repeats, rng) if clickstream else np.ones((K, K)),
        suppress=np.where(inhibiting & (not clickstream), rng.uniform(0.4, 1.0, (K, K)), 0.0),
        suppress_s=suppress_s,
        correction=(correcting | sated) * rng.uniform(0.2, 2.0, (K, K)) / np.maximum(1.0, remembered)[:, None],
        correction_s=memory_s,
        delay=rng.choice(families, (K, K)),
        delay_s=delay_s,
        late=two_scales * rng.uniform(0.1, 0.6, (K, K)),
        late_factor=log_uniform(rng, 10, 1000),
        partner=partner,
        partner_s=3.0 * max(centre_s, gap_s),
        refractory_s=np.where(rng.random(K) < rng.choice(prior.refractory), gap_s * rng.uniform(0.01, 0.3, K), 0.0),
        saturation_s=np.where(rng.random(K) < rng.choice(prior.saturated), centre_s * rng.uniform(0.5, 3.0, K), 0.0),
        memory=int(rng.integers(1, 5)),
    )


def _memory_s(people: People, K: int, rng: np.random.Generator) -> Floats:
    """(K,) seconds: a fifth of the recording, give or take."""
    return people.span_s * np.exp(rng.normal(np.log(0.2), 1.0, K))


def _partners(exciting: NDArray[np.bool_], rng: np.random.Generator) -> Ints:
    """(K, K) which other cause must have been there: the causes of an effect act in pairs, an odd one alone."""
    partner = np.full(exciting.shape, -1)
    for effect in range(len(exciting)):
        causes = rng.permutation(np.flatnonzero(exciting[:, effect]))
        for one, other in zip(causes[0::2], causes[1::2], strict=False):
            partner[one, effect], partner[other, effect] = other, one
    return partner


def _repeats(prior: Prior, K: int, rng: np.random.Generator) -> Floats:
    """(K,) share of each behaviour's events that it sets off itself: none, some or nearly all behaviours do."""
    repeating = rng.random(K) < rng.choice([0.0, 0.4, 0.9])
    return np.where(repeating, rng.uniform(*prior.repeats, K) * rng.uniform(0.3, 1.0), 0.0)


def _boost(
    edges: NDArray[np.bool_], inhibiting: NDArray[np.bool_], repeats: Floats, rng: np.random.Generator
) -> Floats:
    """(K, K) factors on the odds of the next event; a behaviour's own grows with its repeats."""
    odds = 1.0 + np.exp(rng.normal(rng.uniform(0.3, 2.0), 0.6, edges.shape))
    boost = np.where(edges, np.where(inhibiting, 1 / (1 + odds), odds), 1.0)
    np.fill_diagonal(boost, 1.0 + 20.0 * repeats**2)
    return np.asarray(boost)


def _offspring(
    prior: Prior, exciting: NDArray[np.bool_], shares: Floats, repeats: Floats, rng: np.random.Generator
) -> Floats:
    """(K, K) expected effects per cause, so that each effect's intended share of caused events comes out.

    What a behaviour sets off itself is taken first; its causes share what is left. No cause sets off more than 1.5
    effects of one behaviour, and an edge that would set off fewer than one in fifty is strengthened to that: weaker
    ones are no edges to anyone.
    """
    K = len(shares)
    weight = exciting * rng.dirichlet(np.ones(K), K).T
    weight = weight / np.maximum(weight.sum(axis=0), 1e-12)
    caused = rng.uniform(*prior.attributed, K) * rng.uniform(0.3, 1.0) * (1 - repeats)
    offspring = weight * (caused * shares)[None, :] / shares[:, None]
    offspring = np.where(exciting, np.clip(offspring, 0.02, 1.5), 0.0) + np.diag(repeats)
    radius = float(np.max(np.abs(np.linalg.eigvals(offspring)), initial=0.0))
    return offspring * min(1.0, 0.95 / radius) if radius > 0 else offspring


def _shocks(
    prior: Prior, K: int, people: People, influences: Influences, clickstream: bool, rng: np.random.Generator
) -> Shocks:
    present = not clickstream and rng.random() < prior.shocked
    kinds = int(rng.integers(1, 4))
    members = (rng.random((kinds, K)) < min(0.5, 4 / K)) * rng.uniform(0.3, 1.5, (kinds, K))
    weight = max(members.sum(axis=1).mean(), 0.1)
    share = rng.uniform(0.03, 0.3)
    return Shocks(
        per_user=people.events_per_user * share / weight if present else 0.0,
        members=members,
        width_s=float(np.median(influences.delay_s)) * log_uniform(rng, 0.3, 10),
        shared=bool(rng.random() < 0.3),
    )


def _recording(prior: Prior, K: int, people: People, influences: Influences, rng: np.random.Generator) -> Recording:
    delay_s = float(np.median(influences.delay_s))
    hidden = rng.random(K) < rng.choice(prior.hidden)
    if K - hidden.sum() < 3:
        hidden[:] = False
    rounding_s = rng.choice([0.001, 1.0, delay_s * rng.uniform(0.05, 1.0)], p=[0.5, 0.25, 0.25])
    censored = rng.random() < prior.censored
    return Recording(
        rounding_s=float(np.clip(rounding_s, 0.001, people.span_s / 1000)),
        lost=float(rng.choice(prior.lost)),
        duplicated=float(rng.choice(prior.duplicated)),
        hidden=hidden,
        window=(float(rng.uniform(0.0, 0.3)), float(rng.uniform(0.7, 1.0))) if censored else (0.0, 1.0),
    )

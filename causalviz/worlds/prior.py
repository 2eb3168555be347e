"""The prior over worlds: how a plan is drawn.

Everything the network knows about causes it learns from worlds drawn here, so each range below is a statement
of what real logs may look like. Two laws are kept whatever is drawn: a behaviour's share of the events is drawn
without looking at the graph, and the behaviours are in random order, so neither counts nor labels tell causes
from effects.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causalviz.events.log import Behaviour
from causalviz.worlds.plan import Delay, Influences, People, Recording, Shocks, WorldPlan

Floats = NDArray[np.float64]
DAY_S = 86_400.0


@dataclass(frozen=True, kw_only=True)
class Prior:
    """Ranges from which plans are drawn; pairs are (low, high).

    Attributes:
        behaviours: K, log-uniform; most logs have a handful to a few dozen event types.
        users: U, log-uniform, from a lab group to a shop's sample.
        events: M, log-uniform: the work of one world; larger logs only sharpen the same statistics.
        out_degree: Mean number of effects of a cause, from almost empty to dense graphs.
        delay_ratio: Median delay of a world over its span; alarms answer within 1e-7 of a year's log.
        attributed: Share of an effect's events set off by its recorded causes.
        repeats: Share of a behaviour's events that it sets off itself, where it does: people click again, alarms flap.
        themed: Share of worlds whose sessions have a theme: a visit is about one thing, a fault keeps one alarm busy.
        null: Share of worlds without any edge.
        clickstream: Share of worlds in which users walk from event to event.
        itemised: Share of worlds whose behaviours are event type x item.
    """

    behaviours: tuple[int, int] = (3, 28)
    users: tuple[int, int] = (15, 4000)
    events: tuple[int, int] = (1_500, 40_000)
    out_degree: tuple[float, float] = (0.3, 5.0)
    delay_ratio: tuple[float, float] = (1e-7, 0.05)
    attributed: tuple[float, float] = (0.05, 0.9)
    repeats: tuple[float, float] = (0.05, 0.9)
    themed: float = 0.5
    null: float = 0.08
    clickstream: float = 0.2
    itemised: float = 0.2


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
    people = _people(prior, clickstream, rng)
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
        shocks=_shocks(K, people, influences, clickstream, rng),
        recording=_recording(K, people, influences, rng),
    )


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """A number whose logarithm is uniform between those of ``low`` and ``high``."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _behaviours(
    prior: Prior, rng: np.random.Generator
) -> tuple[tuple[Behaviour, ...], NDArray[np.int64], NDArray[np.int64]]:
    """K behaviours with their kind codes and item codes (-1: no item), in random order."""
    if rng.random() < prior.itemised:
        n_kinds, n_items, n_plain = (int(rng.integers(low, high)) for low, high in ((2, 5), (2, 7), (0, 4)))
        pairs = [(kind, item) for kind in range(n_kinds) for item in range(n_items)]
        pairs += [(n_kinds + plain, -1) for plain in range(n_plain)]
    else:
        K = round(log_uniform(rng, *prior.behaviours))
        pairs = [(kind, -1) for kind in range(K)]
    order = rng.permutation(len(pairs))
    kinds = np.array([pairs[place][0] for place in order])
    items = np.array([pairs[place][1] for place in order])
    named = tuple(
        Behaviour(f"{kind}/{item}" if item >= 0 else f"{kind}", f"{kind}", f"{item}" if item >= 0 else None)
        for kind, item in zip(kinds, items, strict=True)
    )
    return named, kinds, items


def _people(prior: Prior, clickstream: bool, rng: np.random.Generator) -> People:
    M = log_uniform(rng, *prior.events)
    U = min(round(log_uniform(rng, *prior.users)), round(M / 4))
    span_s = log_uniform(rng, 0.1 * DAY_S, 400 * DAY_S)
    sessions = clickstream or rng.random() < 0.6
    per_session = log_uniform(rng, 2.5, 40)
    return People(
        n_users=U,
        events_per_user=M / U,
        span_s=span_s,
        activity_sigma=float(rng.choice([0.0, 0.5, 1.0, 1.5])),
        taste=float(rng.choice([0.3, 1.0, 3.0, np.inf])),
        lifetime=float(rng.choice([0.05, 0.3, 1.0])),
        daily=float(rng.choice([0.0, 0.5, 1.0])),
        weekly=float(rng.choice([0.0, 0.5])),
        session_s=span_s * log_uniform(rng, 1e-6, 0.1) if sessions else 0.0,
        events_per_session=per_session,
        theme=float(rng.choice([0.1, 0.3, 1.0])) if rng.random() < prior.themed else float("inf"),
        bots=float(rng.choice([0.0, 0.0, 0.02])),
    )


def draw_edges(
    prior: Prior, kinds: NDArray[np.int64], items: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.bool_]:
    """(K, K) a random graph: cyclic, acyclic, with hubs, or following the kinds of the items."""
    K = len(kinds)
    if rng.random() < prior.null:
        return np.zeros((K, K), dtype=bool)
    degree = log_uniform(rng, *prior.out_degree)
    if items.max() >= 0:
        return _item_edges(kinds, items, rng)
    weight = np.ones((K, K))
    if rng.random() < 0.3:  # hubs: some behaviours cause much, some are caused by much
        weight = np.outer(rng.pareto(1.5, K) + 0.2, rng.pareto(1.5, K) + 0.2)
    np.fill_diagonal(weight, 0)
    edges = rng.random((K, K)) < np.minimum(weight * degree * K / weight.sum(), 0.8)
    if rng.random() < 0.5:  # acyclic: causes come first in a hidden order
        edges &= np.greater.outer(rng.permutation(K), np.arange(K)[rng.permutation(K)])
    np.fill_diagonal(edges, False)
    return np.asarray(edges, dtype=bool)


def _item_edges(kinds: NDArray[np.int64], items: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.bool_]:
    """(K, K) edges between kinds, mostly within one item, now and then across items."""
    n_kinds = int(kinds.max()) + 1
    between_kinds = rng.random((n_kinds, n_kinds)) < rng.uniform(0.15, 0.5)
    np.fill_diagonal(between_kinds, False)
    same_item = np.equal.outer(items, items) | (items == -1)[:, None] | (items == -1)[None, :]
    keep = np.where(same_item, rng.uniform(0.8, 1.0), rng.choice([0.0, 0.0, 0.08]))
    edges = between_kinds[np.ix_(kinds, kinds)] & (rng.random(same_item.shape) < keep)
    np.fill_diagonal(edges, False)
    return np.asarray(edges, dtype=bool)


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
    families = rng.choice(len(Delay), size=rng.integers(1, 4))
    inhibiting = edges & (rng.random((K, K)) < rng.choice([0.0, 0.0, 0.15, 0.4]))
    exciting = edges & ~inhibiting
    gap_s = people.span_s / max(people.events_per_user, 2.0)
    repeats = _repeats(prior, K, rng)
    delay_s = centre_s * np.exp(rng.normal(0.0, spread, (K, K)))
    np.fill_diagonal(delay_s, centre_s * np.exp(rng.normal(rng.uniform(-2.0, 1.0), 0.5, K)))
    return Influences(
        offspring=np.zeros((K, K)) if clickstream else _offspring(prior, exciting, shares, repeats, rng),
        boost=_boost(edges, inhibiting, repeats, rng) if clickstream else np.ones((K, K)),
        suppress=np.where(inhibiting & (not clickstream), rng.uniform(0.4, 1.0, (K, K)), 0.0),
        suppress_s=gap_s * np.exp(rng.normal(0.0, 1.0, (K, K))),
        delay=rng.choice(families, (K, K)),
        delay_s=delay_s,
        refractory_s=np.where(rng.random(K) < rng.choice([0.0, 0.3]), gap_s * rng.uniform(0.01, 0.3, K), 0.0),
        saturation_s=np.where(rng.random(K) < rng.choice([0.0, 0.3]), centre_s * rng.uniform(0.5, 3.0, K), 0.0),
        memory=int(rng.integers(1, 5)),
    )


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


def _shocks(K: int, people: People, influences: Influences, clickstream: bool, rng: np.random.Generator) -> Shocks:
    present = not clickstream and rng.random() < 0.35
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


def _recording(K: int, people: People, influences: Influences, rng: np.random.Generator) -> Recording:
    delay_s = float(np.median(influences.delay_s))
    hidden = rng.random(K) < rng.choice([0.0, 0.0, 0.1])
    if K - hidden.sum() < 3:
        hidden[:] = False
    rounding_s = rng.choice([0.001, 1.0, delay_s * rng.uniform(0.05, 1.0)], p=[0.5, 0.25, 0.25])
    return Recording(
        rounding_s=float(np.clip(rounding_s, 0.001, people.span_s / 1000)),
        lost=float(rng.choice([0.0, 0.05, 0.3], p=[0.6, 0.2, 0.2])),
        duplicated=float(rng.choice([0.0, 0.02], p=[0.8, 0.2])),
        hidden=hidden,
    )

"""Large Hawkes worlds in their cluster form (Hawkes & Oakes 1974), generation by generation, with no loop over events.

Background events fall anywhere in the recording, by user and behaviour; each event sets off Poisson(offspring) effects
after exponential delays, which set off effects in turn. The free ends are those that mislead: how much users differ
(``activity``), and which behaviours are frequent (``background``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from benchmarks.known import Known, known_of

Floats = NDArray[np.float64]

DAY_S = 86_400.0
MAX_GENERATIONS = 50


@dataclass(frozen=True, kw_only=True)
class Clusters:
    """One world's numbers.

    Attributes:
        users: U.
        background: (K,) mean background events per user of each behaviour.
        offspring: (K, K) mean effects that one cause sets off, [cause, effect].
        delay_s: Mean delay, seconds.
        span_s: Length of the recording, seconds.
        activity: Log-normal spread between users, who do more or less of everything; 0 = all alike.
        spell_s: Background events of a user fall into spells of this length, seconds; 0 = anywhere in the recording.
        per_spell: Mean background events in one spell.
    """

    users: int
    background: Floats
    offspring: Floats
    delay_s: float
    span_s: float = 30 * DAY_S
    activity: float = 0.0
    spell_s: float = 0.0
    per_spell: float = 15.0


def clusters(plan: Clusters, rng: np.random.Generator) -> Known:
    """Simulates one world."""
    K = len(plan.background)
    activity = np.exp(rng.normal(0.0, plan.activity, plan.users) - plan.activity**2 / 2)
    counts = rng.poisson(plan.background.sum() * activity)  # (U,)
    user = np.repeat(np.arange(plan.users), counts)
    mark = rng.choice(K, len(user), p=plan.background / plan.background.sum())
    time_s = rng.uniform(0.0, plan.span_s, len(user))
    if plan.spell_s > 0:
        time_s = _in_spells(plan, counts, user, rng)
    parts = [(user, time_s, mark)]
    edges = csr_array(plan.offspring)
    for _ in range(MAX_GENERATIONS):
        user, time_s, mark = _next_generation(plan, edges, user, time_s, mark, rng)
        if not len(user):
            break
        parts.append((user, time_s, mark))
    columns = [np.concatenate([part[column] for part in parts]) for column in range(3)]
    return known_of(columns[0], columns[1], columns[2], plan.offspring > 0, rng)


def _in_spells(plan: Clusters, counts: NDArray[np.int64], user: NDArray[np.int64], rng: np.random.Generator) -> Floats:
    """(M,) moments of background events, each in one of its user's spells."""
    spells = 1 + rng.poisson(counts / plan.per_spell)  # (U,)
    start = rng.uniform(0.0, plan.span_s - plan.spell_s, int(spells.sum()))
    first = np.cumsum(spells) - spells
    chosen = first[user] + rng.integers(0, spells[user])
    return start[chosen] + rng.uniform(0.0, plan.spell_s, len(user))


def _next_generation(
    plan: Clusters,
    edges: csr_array,
    user: NDArray[np.int64],
    time_s: Floats,
    mark: NDArray[np.int64],
    rng: np.random.Generator,
) -> tuple[NDArray[np.int64], Floats, NDArray[np.int64]]:
    degree = np.diff(edges.indptr)[mark]  # (m,) effects that each event could have
    parent = np.repeat(np.arange(len(mark)), degree)
    place = np.arange(len(parent)) - np.repeat(np.cumsum(degree) - degree, degree)
    entry = edges.indptr[mark[parent]] + place
    born = rng.poisson(edges.data[entry])
    parent, effect = np.repeat(parent, born), np.repeat(edges.indices[entry], born).astype(np.int64)
    later = time_s[parent] + rng.exponential(plan.delay_s, len(parent))
    seen = later < plan.span_s
    return user[parent[seen]], later[seen], effect[seen]


def random_graph(K: int, out_degree: float, low: float, high: float, rng: np.random.Generator) -> Floats:
    """(K, K) offspring, uniform in (low, high) on random pairs; scaled where the process would not die out."""
    edges = rng.random((K, K)) < out_degree / (K - 1)
    np.fill_diagonal(edges, False)
    offspring = edges * rng.uniform(low, high, (K, K))
    heaviest = max(float(offspring.sum(axis=1).max()), 1e-12)
    return np.asarray(offspring * min(1.0, 0.8 / heaviest))


def activity_bias(seed: int) -> Known:
    """Busy users do everything at once, and rare causes have frequent effects.

    20 behaviours of 1500 users whose activity differs with log-normal sigma 1.5 and who act in spells of six hours:
    that someone is there and busy makes every pair look related, in either direction. Ten rare behaviours (1 in 20 as
    frequent as the others) each set off 0.1 to 0.4 events of one or two frequent ones, after an hour in the mean, so
    that an effect nearly always has its user's other events before it.
    """
    rng = np.random.default_rng([seed, 11])
    rare, frequent = 10, 10
    K = rare + frequent
    background = np.r_[rng.uniform(0.2, 0.6, rare), rng.uniform(4.0, 12.0, frequent)]
    offspring = np.zeros((K, K))
    for cause in range(rare):
        for effect in rng.choice(frequent, rng.integers(1, 3), replace=False):
            offspring[cause, rare + effect] = rng.uniform(0.1, 0.4)
    plan = Clusters(
        users=1500,
        background=background,
        offspring=offspring,
        delay_s=3600.0,
        activity=1.5,
        spell_s=6 * 3600.0,
    )
    return clusters(plan, rng)


def twenty_types(seed: int) -> Known:
    """About 100 000 events of 20 behaviours."""
    rng = np.random.default_rng([seed, 21])
    offspring = random_graph(20, 2.0, 0.1, 0.4, rng)
    plan = Clusters(users=1000, background=np.full(20, 3.6), offspring=offspring, delay_s=300.0, activity=1.0)
    return clusters(plan, rng)


def thousand_behaviours(seed: int) -> Known:
    """About 1 000 000 events of 1000 behaviours, a few of them most of the log."""
    rng = np.random.default_rng([seed, 22])
    K, users = 1000, 20_000
    shares = rng.dirichlet(np.ones(K)) + 1e-4
    offspring = random_graph(K, 2.0, 0.1, 0.4, rng)
    background = 38.0 * shares / shares.sum()
    plan = Clusters(users=users, background=background, offspring=offspring, delay_s=300.0, activity=1.0)
    return clusters(plan, rng)

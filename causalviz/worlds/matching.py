"""Worlds that resemble one log: its behaviours, users, counts, clock and gaps, with graphs of their own.

Drawn from the same prior as all worlds, with everything that the log shows of itself put in place of chance.
What the log does not show, its graph above all, stays random.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from causalviz.events.log import TICKS_PER_S, Behaviour, EventLog
from causalviz.worlds.plan import WorldPlan
from causalviz.worlds.prior import Prior, draw_edges, draw_influences, draw_plan, log_uniform

MAX_EVENTS = 15_000  # of a matched world; a larger log is matched by fewer users


@dataclass(frozen=True, eq=False)
class Profile:
    """What a log shows of itself.

    Attributes:
        behaviours: The K behaviours.
        shares: (K,) of all events.
        n_users: U, at most as many as ``MAX_EVENTS`` allow.
        events_per_user: Mean.
        activity_sigma: Log-normal spread of the users' event counts.
        span_s: Mean time between a user's first and last event, at least one second.
        clock_s: Resolution of the clock, seconds.
        gaps_s: (shortest, longest) usual gap between a user's events, seconds.
        session_share: Share of the gaps that are short against the mean gap: 1 - 1/e without sessions.
    """

    behaviours: tuple[Behaviour, ...]
    shares: NDArray[np.float64]
    n_users: int
    events_per_user: float
    activity_sigma: float
    span_s: float
    clock_s: float
    gaps_s: tuple[float, float]
    session_share: float


def profile_of(log: EventLog) -> Profile:
    """Measures a log."""
    counts = np.diff(log.offsets)
    counts = counts[counts > 0]
    same = np.diff(log.user) == 0
    gaps = np.diff(log.time)[same]
    positive = gaps[gaps > 0] if np.any(gaps > 0) else np.array([TICKS_PER_S])
    mean_events = float(counts.mean())
    spans = np.maximum(log.time[log.offsets[1:] - 1] - log.time[np.minimum(log.offsets[:-1], log.n_events - 1)], 0)
    events = np.bincount(log.behaviour, minlength=log.n_behaviours) + 0.5
    return Profile(
        behaviours=log.behaviours,
        shares=events / events.sum(),
        n_users=max(5, min(len(counts), int(MAX_EVENTS / mean_events))),
        events_per_user=min(mean_events, MAX_EVENTS / 5),
        activity_sigma=float(min(np.log(counts).std(), 1.5)),
        span_s=max(float(spans.mean()) / TICKS_PER_S, 1.0),
        clock_s=max(int(np.gcd.reduce(positive[:200_000])), 1) / TICKS_PER_S,
        gaps_s=(
            float(np.quantile(positive, 0.05)) / TICKS_PER_S,
            float(np.quantile(positive, 0.95)) / TICKS_PER_S,
        ),
        session_share=float(np.mean(positive < positive.mean())),
    )


def draw_matched_plan(profile: Profile, prior: Prior, rng: np.random.Generator) -> WorldPlan:
    """Draws a plan that resembles the log.

    Args:
        profile: Of the log.
        prior: What stays random.
        rng: Source of all randomness.
    """
    plan = draw_plan(prior, rng)
    clickstream = plan.family == "clickstream"
    low, high = profile.gaps_s
    sessions = clickstream or rng.random() < 2 * (profile.session_share - 0.6)
    people = replace(
        plan.people,
        n_users=profile.n_users,
        events_per_user=profile.events_per_user,
        activity_sigma=profile.activity_sigma,
        span_s=profile.span_s,
        drift=rng.normal(0.0, rng.choice(prior.drift), len(profile.behaviours)),
        groups=np.arange(len(profile.behaviours)),
        lifetime=1.0,
        bots=0.0,
        session_s=log_uniform(rng, 2 * low + 1e-3, high + 4 * low + 2e-3) if sessions else 0.0,
        events_per_session=min(plan.people.events_per_session, profile.events_per_user),
    )
    kinds = np.unique([b.kind for b in profile.behaviours], return_inverse=True)[1]
    items = np.array([b.item or "" for b in profile.behaviours])
    item_codes = np.where(items == "", -1, np.unique(items, return_inverse=True)[1])
    edges = draw_edges(prior, kinds, item_codes, rng)
    K = len(profile.behaviours)
    ratio = (low / profile.span_s, max(high, 2 * low) / profile.span_s)
    influences = draw_influences(replace(prior, delay_ratio=ratio), edges, profile.shares, people, clickstream, rng)
    members = (rng.random((2, K)) < min(0.5, 4 / K)) * rng.uniform(0.3, 1.5, (2, K))
    return replace(
        plan,
        behaviours=profile.behaviours,
        shares=profile.shares,
        people=people,
        influences=influences,
        shocks=replace(
            plan.shocks,
            members=members,
            per_user=profile.events_per_user * 0.1 / max(members.sum() / 2, 0.1) if plan.shocks.per_user else 0.0,
            width_s=float(np.median(influences.delay_s)) * log_uniform(rng, 0.3, 10),
        ),
        recording=replace(
            plan.recording, rounding_s=profile.clock_s, hidden=np.zeros(K, dtype=bool), window=(0.0, 1.0)
        ),
    )

"""Are the effects right? Signs, delays and 90 % intervals on worlds whose true effects follow from their plan.

    python -m benchmarks.effects            the scores on held-out worlds
    python -m benchmarks.effects fit        the constants of ``causalviz.model.effects``, from other worlds

What the plan says becomes the true value of what is measured. Of an exciting edge with offspring A, a share l of events
lost and a share q recorded twice, one recorded cause sets off A (1 - l) (1 + q) recorded effects, of which the delay
law, the clock's rounding and the end of the user's stay leave T(w) within a window w. With P(w) pairs, the rate ratio
is P / (P - T); P is taken from the same plan with ``COPIES`` times as many users, because it is a statement about
users like these. An inhibition prevents its effect with probability s for a known time; its ratio is 1 less s over the
share of the window's time at risk that lies within. In a clickstream the cause multiplies the odds of its effect, and
of all else that it causes: its sign tells whether the effect is likelier to be next when the latest event was the cause
than when it was another.

Scored are true edges with *enough events*: cause and effect happened ``MIN_EVENTS`` times, at least ``MIN_AFFECTED``
effects were set off or prevented, and within some window these are ``MIN_Z`` times the root of what comes there anyway;
fewer leave no trace in any count. Clickstreams whose clock or overlapping visits lose the order are left out. Sizes
are scored only where the plan gives them in closed form: not behind hidden behaviours, refractory gaps, saturation,
partners, or where the effect is prevented by something else too.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from causalviz.discovery import judge, said_of
from causalviz.errors import UnusableLog
from causalviz.events.log import TICKS_PER_S
from causalviz.lags import LagCounts, count_lags
from causalviz.model import effects as model
from causalviz.model.checkpoint import load_prior
from causalviz.model.decidability import find_doubts
from causalviz.model.evidence import Evidence, gather_evidence
from causalviz.model.features import pair_features
from causalviz.model.signs import load_signs
from causalviz.worlds import Prior, World, WorldPlan, draw_plan, simulate
from causalviz.worlds.plan import Delay

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

WORLDS, FIT_WORLDS = 120, 400
HELD_OUT_SEED, FIT_SEED = 515_151, 626_262
SMALL = Prior(null=0.0, many_share=0.0, large_share=0.0, events=(2_000, 12_000))
COPIES = 5
MIN_EVENTS, MIN_AFFECTED, MIN_Z = 100, 30.0, 4.0
PLAIN_RATIO = 0.2  # of its logarithm: a clickstream's influences partly cancel, and what is left must be one
TICKS_PER_DELAY = 0.5  # a coarser clock puts most effects into the moment of their cause: no delay to be read
BUSY = 0.5  # of a user's stay may be filled with visits; beyond it they overlap, and their order is lost
STAYS = 0.9  # at least this share of the effects comes before the user leaves; else the size is not in closed form
DRAWS = 20_000
MOODS, WALK_ROUNDS, WALK_STEPS = 300, 4, 10
NOWHERE = np.empty(0)
KINDS = {"all": (1, -1), "excitations": (1,), "inhibitions": (-1,)}
COVERED = 0.9
RIDGE = 0.5  # of the fitted weights
FREEDOM = 4.0  # of the t distribution by which laws are fitted: a few worlds are far off, and must not rule
LEAST_RATIO = 0.02  # a prevention that is complete has no logarithm


class TrueEffect(NamedTuple):
    """What the plan says of one edge; NaN, or no bins, where it does not say.

    Attributes:
        cause: Code in the log.
        effect: Code in the log.
        sign: 1 or -1.
        affected: Expected effects set off, or prevented, in this log.
        z: The same over the root of what comes anyway, in the window where that is most.
        delay_s: Median delay of the effects that come within the longest lag, seconds; NaN under a coarse clock.
        offspring: Expected effects set off by one cause.
        actual: (L,) the window's effects, bin by bin, up to a factor.
        usual: (L,) the same without the cause's influence.
    """

    cause: int
    effect: int
    sign: int
    affected: float
    z: float
    delay_s: float = np.nan
    offspring: float = np.nan
    actual: Floats = NOWHERE
    usual: Floats = NOWHERE

    def ratio(self, bins: int) -> float:
        """The rate ratio within the first ``bins`` lag bins."""
        if not len(self.usual) or self.usual[:bins].sum() <= 0:
            return np.nan
        return float(self.actual[:bins].sum() / self.usual[:bins].sum())


class Known(NamedTuple):
    """A world's evidence and the true effects of its edges that have enough events."""

    evidence: Evidence
    truths: tuple[TrueEffect, ...]


def main(arguments: Sequence[str] = ()) -> None:
    """Prints the scores, or with ``fit`` the constants."""
    if list(arguments) == ["fit"]:
        _fit(list(worlds(FIT_SEED, FIT_WORLDS)))
        return
    for line in score_lines(list(worlds(HELD_OUT_SEED, WORLDS))):
        print(line)


def worlds(seed: int, number: int) -> Iterator[Known]:
    """The first ``number`` worlds of a seed; those that chance left without events are passed over."""
    for place in range(number):
        plan = draw_plan(SMALL, np.random.default_rng([seed, place]))
        try:
            world = simulate(plan, np.random.default_rng([seed, place, 1]))
            crowd = replace(plan, people=replace(plan.people, n_users=COPIES * plan.people.n_users))
            many = simulate(crowd, np.random.default_rng([seed, place, 1]))  # the same seed gives the same background
        except UnusableLog:
            continue
        evidence = gather_evidence(world.log)
        counts = count_lags(many.log, evidence.counts.grid, 1)
        rng = np.random.default_rng([seed, place, 2])
        yield Known(evidence, tuple(_true_effects(world, evidence.counts, counts, rng)))


def score_lines(known: Sequence[Known]) -> Iterator[str]:
    """Sign accuracy, delay error and interval coverage, a line each."""
    measured = [(world, _effects(world.evidence)) for world in known if world.truths]
    rows = [(world, found, truth) for world, found in measured for truth in world.truths]
    yield f"{len(known)} held-out worlds, {len(rows)} true edges with enough events"
    for name, chosen in KINDS.items():
        right = [(found.rate_ratio[_at(t)] < 1) == (t.sign < 0) for _, found, t in rows if t.sign in chosen]
        yield f"{f'sign right, {name}':<34}{np.mean(right):>6.3f}  of {len(right)}"
    delays = np.array([found.delay_s[_at(t)] / t.delay_s for _, found, t in rows if np.isfinite(t.delay_s)])
    given = delays[np.isfinite(delays)]
    close = np.mean((given > 1 / 1.2) & (given < 1.2))
    yield (
        f"{'delay, median error':<34}{np.median(np.abs(given - 1)):>6.3f}  of {len(given)}, {close:.2f} within 20 %; "
        f"none given for {len(delays) - len(given)}"
    )
    for name, chosen in KINDS.items():
        scored = [(found, _at(t), t.ratio(_bins(found, t, world))) for world, found, t in rows if t.sign in chosen]
        spans = [(f.low[at], x, f.high[at], f.rate_ratio[at]) for f, at, x in scored if np.isfinite(x)]
        yield _coverage(f"rate ratio covered, {name}", spans)
    sizes = [(found, _at(t), t.offspring) for _, found, t in rows if np.isfinite(t.offspring)]
    spans = [(f.offspring_low[at], x, f.offspring_high[at], f.offspring[at]) for f, at, x in sizes]
    yield _coverage("offspring covered", spans)


def _coverage(name: str, spans: Sequence[tuple[float, float, float, float]]) -> str:
    """A line from (low, true, high, estimate) of each edge."""
    low, true, high, estimate = np.array(spans).reshape(-1, 4).T
    return (
        f"{name:<34}{np.mean((low <= true) & (true <= high)):>6.3f}  of {len(true)}; below {np.mean(true < low):.2f}, "
        f"above {np.mean(true > high):.2f}; median error {np.median(np.abs(estimate / true - 1)):.2f}"
    )


def _bins(found: model.Effects, truth: TrueEffect, world: Known) -> int:
    """How many lag bins the window of the ratio holds."""
    return int(np.searchsorted(world.evidence.counts.grid.highs_s, found.window_s[_at(truth)])) + 1


def _at(truth: TrueEffect) -> tuple[int, int]:
    return truth.cause, truth.effect


def _true_effects(world: World, counts: LagCounts, crowd: LagCounts, rng: np.random.Generator) -> Iterator[TrueEffect]:
    plan, events = world.plan, counts.events.sum(0)
    seen = np.flatnonzero(~plan.recording.hidden)
    walks = _walk(plan, rng) if plan.family == "clickstream" else None
    if walks is not None and not _in_order(plan):
        return
    if len(events) != len(seen) or crowd.events.sum(0).min() == 0:
        return
    for cause, effect in zip(*np.nonzero(world.truth), strict=True):
        if min(events[cause], events[effect]) < MIN_EVENTS:
            continue
        pair = int(seen[cause]), int(seen[effect])
        truth = _true_effect(plan, (int(cause), int(effect)), pair, counts, crowd, rng, walks)
        if truth is not None and truth.affected >= MIN_AFFECTED and truth.z >= MIN_Z:
            yield truth


def _true_effect(
    plan: WorldPlan, at: tuple[int, int], pair: tuple[int, int], counts: LagCounts, crowd: LagCounts,
    rng: np.random.Generator, walks: Walks | None,
) -> TrueEffect | None:  # fmt: skip
    """None where the influence runs through hidden behaviours, or of a kind whose amount the plan does not say."""
    influences = plan.influences
    if walks is not None:
        return _boosted(plan, at, pair, counts, walks) if influences.boost[pair] != 1 else None
    if influences.suppress[pair] > 0:
        return _suppressed(plan, at, pair, counts)
    if influences.offspring[pair] > 0 and influences.partner[pair] < 0:
        return _excited(plan, at, pair, counts, crowd, rng)
    return None


def _in_order(plan: WorldPlan) -> bool:
    """Whether a clickstream's log keeps the order of the walks: the clock tells events apart, visits seldom overlap."""
    people, gap_s = plan.people, float(np.median(plan.influences.delay_s))
    busy_s = people.events_per_user * gap_s * np.exp(0.5)  # gaps are log-normal of spread 1
    return bool(plan.recording.rounding_s <= gap_s and busy_s <= BUSY * people.span_s * (1 + people.lifetime) / 2)


class Walks(NamedTuple):
    """Moments of visits such as a clickstream world's users make.

    Attributes:
        liking: (N, K) how much the user likes each behaviour in this visit.
        recent: (N, R) the last R behaviours, latest first.
    """

    liking: Floats
    recent: Codes


def _boosted(
    plan: WorldPlan, at: tuple[int, int], pair: tuple[int, int], counts: LagCounts, walks: Walks
) -> TrueEffect:
    """The sign of what the boost leaves of the effect's chance, had the latest event been the cause and not another."""
    (cause, effect), boost = pair, plan.influences.boost
    other = Walks(*(part[(walks.recent != cause).all(1)] for part in walks))
    weight = _chances(other.liking, other.recent[:, 1:], boost)[:, cause]  # how likely the cause was there
    instead = np.column_stack([np.full(len(weight), cause), other.recent[:, 1:]])
    after = weight @ _chances(other.liking, instead, boost)[:, effect]
    ratio = float(after / (weight @ _chances(other.liking, other.recent, boost)[:, effect]))
    follows = float(counts.follows[:, at[0], at[1]].sum())
    affected = follows * abs(1 - 1 / ratio) if abs(np.log(ratio)) > PLAIN_RATIO else 0.0
    return TrueEffect(*at, 1 if ratio > 1 else -1, affected, affected / float(np.sqrt(follows / ratio + 1)))


def _walk(plan: WorldPlan, rng: np.random.Generator) -> Walks:
    """Walks whose likings are set so that each behaviour has its intended share."""
    people, influences, share = plan.people, plan.influences, plan.shares / plan.shares.sum()
    mood = np.ones((MOODS, len(share)))
    for shape in (people.taste, people.theme):
        if np.isfinite(shape):
            mood *= rng.gamma(shape, 1 / shape, (MOODS, int(people.groups.max()) + 1))[:, people.groups] + 1e-9
    base = share.copy()
    moments: list[Codes] = []
    for _ in range(WALK_ROUNDS):
        recent, moments, seen = np.full((MOODS, influences.memory), -1), [], np.ones(len(share))
        for _ in range(influences.memory + WALK_STEPS):
            reached = np.cumsum(_chances(mood * base, recent, influences.boost), axis=1)
            drawn = np.minimum((reached < rng.random((MOODS, 1))).sum(1), len(share) - 1)
            recent = np.column_stack([drawn, recent[:, :-1]])
            moments.append(recent)
            seen += np.bincount(drawn, minlength=len(share))
        liking, moments = mood * base, moments[influences.memory :]
        base = base * np.clip(share * seen.sum() / seen, 0.25, 4.0)
    return Walks(np.tile(liking, (len(moments), 1)), np.concatenate(moments))


def _chances(liking: Floats, recent: Codes, boost: Floats) -> Floats:
    """(N, K) chance of each behaviour to be next; each of the recent ones, -1 for none, boosts once."""
    odds = liking + 1e-12
    for slot in range(recent.shape[1]):
        fresh = (recent[:, slot] >= 0) & (recent[:, :slot] != recent[:, [slot]]).all(1)
        odds = odds * np.where(fresh[:, None], boost[recent[:, slot]], 1.0)
    return np.asarray(odds / odds.sum(1, keepdims=True))


def _plainest(affected: Floats, usual: Floats) -> float:
    """The largest excess or lack over the root of the usual number, among the windows that begin at once."""
    return float(np.max(np.cumsum(affected) / np.sqrt(np.cumsum(usual) + 1)))


def _suppressed(plan: WorldPlan, at: tuple[int, int], pair: tuple[int, int], counts: LagCounts) -> TrueEffect:
    edges = np.asarray(counts.grid.edges) / TICKS_PER_S
    covered = np.clip((plan.influences.suppress_s[pair] - edges[:-1]) / np.diff(edges), 0.0, 1.0)  # (L,)
    left = 1.0 - plan.influences.suppress[pair] * covered
    at_risk = counts.at_risk[:, at[0]].sum(0).astype(np.float64)  # (L,)
    seen = counts.nearest[:, at[0], at[1]].sum(0)
    usual = seen / np.maximum(left, 0.1)
    known = (float((usual - seen).sum()), _plainest(usual - seen, usual))
    if plan.recording.hidden.any():
        return TrueEffect(*at, -1, *known)
    return TrueEffect(*at, -1, *known, actual=at_risk * left, usual=at_risk)


def _excited(
    plan: WorldPlan, at: tuple[int, int], pair: tuple[int, int], counts: LagCounts, crowd: LagCounts,
    rng: np.random.Generator,
) -> TrueEffect:  # fmt: skip
    cause, effect = pair
    influences, rule, people = plan.influences, plan.recording, plan.people
    delay = _draw_delays(plan, pair, rng)
    stay = people.span_s * rng.uniform(people.lifetime, 1.0, DRAWS) * (rule.window[1] - rule.window[0])
    alive = np.clip(1 - delay / stay, 0.0, 1.0)
    tick = max(1, round(rule.rounding_s * TICKS_PER_S)) / TICKS_PER_S
    lag = np.floor((rng.random(DRAWS) * tick + delay) / tick) * tick
    edges = np.asarray(counts.grid.edges) / TICKS_PER_S
    place = np.searchsorted(edges, lag, side="left")  # 0: a tie; L + 1: beyond the longest lag
    per_bin = np.bincount(place, weights=alive, minlength=len(edges) + 1)[1:-1] / DRAWS  # (L,)
    per_cause = influences.offspring[pair] * (1 - rule.lost) * (1 + rule.duplicated)
    affected = per_cause * per_bin * counts.events[:, at[0]].sum()
    near = (place < len(edges)) & (rng.random(DRAWS) < alive)
    median = float(np.median(delay[near])) if near.any() else np.nan
    median = median if tick <= TICKS_PER_DELAY * median else np.nan
    chance = np.maximum(counts.pairs[:, at[0], at[1]].sum(0) - affected, 0.0)
    known = (float(affected.sum()), _plainest(affected, chance), median)
    closed = (
        alive.mean() > STAYS
        and influences.refractory_s[effect] == 0
        and influences.saturation_s[cause] == 0
        and not influences.suppress[:, effect].any()
        and not influences.correction[:, effect].any()
        and not rule.hidden.any()
    )
    if not closed:
        return TrueEffect(*at, 1, *known)
    offspring = per_cause * float(alive.mean())
    if plan.shocks.shared and plan.shocks.per_user > 0:  # one draw for all users: more users do not repeat it
        return TrueEffect(*at, 1, *known, offspring)
    pairs = crowd.pairs[0, at[0], at[1]].astype(np.float64)
    caused = per_cause * per_bin * crowd.events[0, at[0]]
    return TrueEffect(*at, 1, *known, offspring, pairs, np.maximum(pairs - caused, 0.0))


def _draw_delays(plan: WorldPlan, pair: tuple[int, int], rng: np.random.Generator) -> Floats:
    """(DRAWS,) seconds, by the plan's delay law."""
    influences = plan.influences
    median, family = influences.delay_s[pair], Delay(influences.delay[pair])
    if family is Delay.EXPONENTIAL:
        delay = rng.exponential(median / np.log(2), DRAWS)
    elif family is Delay.LOG_NORMAL:
        delay = median * np.exp(rng.normal(0.0, 0.6, DRAWS))
    elif family is Delay.UNIFORM:
        delay = rng.uniform(0.2 * median, 1.8 * median, DRAWS)
    else:
        delay = median / 0.5874 * ((1.0 - rng.random(DRAWS)) ** (-1 / 1.5) - 1.0)
    late = rng.random(DRAWS) < influences.late[pair]
    return np.asarray(np.where(late, delay * influences.late_factor, delay), dtype=np.float64)


def _fit(known: Sequence[Known]) -> None:
    """Prints what goes into ``causalviz.model.effects``."""
    print(f"# fitted to {sum(len(world.truths) for world in known)} edges of {len(known)} worlds")
    offspring, share, scarcity = [], [], []
    for world in known:
        windows = model.windows(world.evidence)
        estimates = (
            model.offspring_estimate(world.evidence),
            model.share_estimate(world.evidence, windows.excited),
            model.scarcity_estimate(world.evidence, windows.scarce),
        )
        events = world.evidence.counts.events.sum(0)
        for truth in world.truths:
            at = _at(truth)
            if np.isfinite(truth.offspring):
                offspring.append(_case(estimates[0], at, truth.offspring * events[truth.cause]))
            ratio = truth.ratio(int((windows.excited if truth.sign > 0 else windows.scarce)[at]) + 1)
            if truth.sign > 0 and ratio > 1:
                share.append(_case(estimates[1], at, 1 - 1 / ratio))
            if truth.sign < 0 and np.isfinite(ratio):
                scarcity.append(_case(estimates[2], at, max(ratio, LEAST_RATIO)))
    laws = {"OFFSPRING_LAW": offspring, "SHARE_LAW": share, "SCARCITY_LAW": scarcity}
    for name, cases in laws.items():
        print(f"{name} = {fit_law(cases)}  # {len(cases)} edges")


def _effects(evidence: Evidence) -> model.Effects:
    features = pair_features(evidence)
    probability, _ = judge(load_prior(), features, find_doubts(evidence.counts), said_of(features, (), ()))
    return model.measure_effects(evidence, load_signs().scores(features, evidence.counts, probability))


class Case(NamedTuple):
    """One edge of a law's fit: what the estimate lacks to the truth, and the columns."""

    error: float
    centre: Floats
    spread: Floats


def _case(estimate: model.Estimate, at: tuple[int, int], true: float) -> Case:
    return Case(float(np.log(true) - estimate.log[at]), estimate.centre[at], estimate.spread[at])


def fit_law(cases: Sequence[Case]) -> model.Law:
    """Fits a law by t likelihood, then stretches it so that 90 % of these edges lie within."""
    error, centre, spread = (np.array([case[part] for case in cases]) for part in range(3))
    C = centre.shape[1]

    def variance(weights: Floats) -> Floats:
        return np.asarray(np.minimum(spread @ np.exp(weights), model.WIDEST) + 1e-4)

    def loss(weights: Floats) -> float:
        away = (error - centre @ weights[:C]) ** 2 / variance(weights[C:])
        fit = 0.5 * np.log(variance(weights[C:])) + 0.5 * (FREEDOM + 1) * np.log1p(away / FREEDOM)
        return float(fit.sum() + RIDGE * (weights[1:C] ** 2).sum())

    start = np.r_[np.zeros(C), np.full(spread.shape[1], -3.0)]
    weights = minimize(loss, start, method="L-BFGS-B").x
    standing = np.abs(error - centre @ weights[:C]) / np.sqrt(variance(weights[C:]))
    stretch = np.quantile(standing, COVERED) ** 2
    return model.Law(
        tuple(np.round(weights[:C], 3).tolist()), tuple(np.round(stretch * np.exp(weights[C:]), 4).tolist())
    )


if __name__ == "__main__":
    main(sys.argv[1:])

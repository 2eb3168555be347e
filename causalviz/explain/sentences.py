"""What each argument says about one pair, in an analyst's words and with the pair's own numbers.

A *fact sheet* holds the counts of one pair in both directions and the columns of its features; there is one function
per feature group that turns it into one sentence. Every number is a count, or a feature undone to its unit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from causalviz.lags.counts import EXPECTED_SCALE
from causalviz.model.calibration import sigmoid
from causalviz.model.columns import LEAST_SURPRISE
from causalviz.model.regression import COARSE_BINS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from causalviz.events.log import Behaviour
    from causalviz.graph.total_effects import TotalEffect
    from causalviz.lags import LagCounts
    from causalviz.model.features import PairFeatures

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WHEN = ("at short lags", "at middle lags", "at long lags", "at any time before")  # a column of the regressions each
CLEAR_SHARE = 0.01  # a share below one percent is said as "hardly any"


class PairFacts(NamedTuple):
    """Fact sheet of one pair (cause, effect); L lag bins, G groups of users.

    Attributes:
        cause: The behaviour.
        effect: The behaviour.
        high_s: (L,) upper ends of the lag bins, seconds.
        pairs: (L,) cause before effect at that lag.
        back: (L,) effect before cause at that lag.
        expected: (L,) pairs by chance.
        group_excess: (G,) pairs beyond chance at short and middle lags, per group of users.
        group_users: (G,) users of each group.
        events: Of cause and of effect.
        users_with: Of cause and of effect.
        follows: Moments with the effect directly after the cause.
        follows_back: The same with the cause after the effect.
        follows_expected: ``follows`` if what comes next did not depend on what came before, repeats left out.
        ties: Pairs at the same moment.
        repeats: Pairs of the cause with itself at short and middle lags, seen and by chance; the same of the effect.
        columns: The pair's features by name.
    """

    cause: Behaviour
    effect: Behaviour
    high_s: Floats
    pairs: Ints
    back: Ints
    expected: Floats
    group_excess: Floats
    group_users: Ints
    events: tuple[int, int]
    users_with: tuple[int, int]
    follows: int
    follows_back: int
    follows_expected: float
    ties: int
    repeats: tuple[tuple[int, float], tuple[int, float]]
    columns: Mapping[str, float]


def pair_facts(features: PairFeatures, counts: LagCounts, cause: int, effect: int) -> PairFacts:
    """Fills in the fact sheet of a candidate pair.

    Args:
        features: Of the candidates, the pair among them.
        counts: Of the same log.
        cause: Code of the cause.
        effect: Code of the effect.

    Raises:
        ValueError: If the pair is not a candidate.
    """
    row = features.row(cause, effect)
    if row is None:
        raise ValueError(f"the pair ({cause}, {effect}) is not a candidate")
    pairs = counts.pairs[:, cause, effect]  # (G, L)
    expected = counts.expected[:, cause, effect] / EXPECTED_SCALE  # (G, L)
    near = _near(pairs.shape[1])
    follows = counts.follows.sum(0)  # (K, K)
    events, users_with = counts.events.sum(0), counts.users_with.sum(0)
    own = {
        k: (int(counts.pairs[:, k, k, :near].sum()), float(counts.expected[:, k, k, :near].sum() / EXPECTED_SCALE))
        for k in (cause, effect)
    }
    return PairFacts(
        counts.behaviours[cause],
        counts.behaviours[effect],
        np.asarray(counts.grid.highs_s),
        pairs.sum(0),
        counts.pairs[:, effect, cause].sum(0),
        expected.sum(0),
        (pairs - expected)[:, :near].sum(1),
        counts.users,
        (int(events[cause]), int(events[effect])),
        (int(users_with[cause]), int(users_with[effect])),
        int(follows[cause, effect]),
        int(follows[effect, cause]),
        _expected_follows(follows, cause, effect),
        int(counts.ties[:, cause, effect].sum()),
        (own[cause], own[effect]),
        dict(zip(features.column_names, features.edge[row].astype(np.float64).tolist(), strict=True)),
    )


def sentence_of(group: str, facts: PairFacts) -> str:
    """What the feature group ``group`` says about the pair.

    Raises:
        KeyError: If there is no such group.
    """
    return _SENTENCES[group](facts)


def total_sentence(found: TotalEffect | None, names: Sequence[str], cause: str, effect: str) -> str:
    """Direct and total effect of one pair along the drawn graph, and the way that carries most.

    Args:
        found: Its effects; None where they have no end.
        names: Of the behaviours, by code.
        cause: Name.
        effect: Name.
    """
    if found is None:
        return (
            f"Along the drawn edges “{cause}” sets off “{effect}” without end: the loops between them return at "
            f"least one event for each, so there is no total."
        )
    if not found.paths:
        return f"No way along the drawn edges leads from “{cause}” to “{effect}”."
    direct = f"{_further(found.direct)} “{effect}” directly" if found.direct else f"no “{effect}” directly"
    if len(found.paths) == 1 and found.direct and abs(found.total - found.direct) <= CLEAR_SHARE * abs(found.direct):
        return f"One “{cause}” {direct}, and no other way along the drawn edges leads there."
    direct = direct if found.direct else f"sets off {direct}"
    best = found.paths[0]
    way = " → ".join(names[node] for node in best.nodes)
    share = f" ({_figures(100 * best.share)} % of it)" if 0 < best.share <= 1 else ""
    return (
        f"One “{cause}” {direct}, and {_further(found.total)} in all, repeats not counted; most comes by {way}{share}."
    )


def _further(amount: float) -> str:
    """Expected further events, in words that carry the sign."""
    return f"{'sets off' if amount >= 0 else 'prevents'} {_figures(abs(amount))}"


def telling_bins(facts: PairFacts) -> int:
    """How many of the first lag bins, taken together, depart furthest from chance for their size."""
    seen, by = np.cumsum(facts.pairs), np.cumsum(facts.expected)
    return int(np.argmax(np.abs(seen - by) / np.sqrt(by + 1.0))) + 1


def _lift(facts: PairFacts) -> str:
    bins = telling_bins(facts)
    seen, by = int(facts.pairs[:bins].sum()), float(facts.expected[:bins].sum())
    within = f"within {duration(facts.high_s[bins - 1])}"
    if seen == 0:
        return f"{_effect(facts)} is never seen {within} of {_cause(facts)}, where chance gives {_figures(by)}."
    return (
        f"{_effect(facts)} follows {_cause(facts)} {within} {_against_chance(seen, by)} "
        f"({_often(seen)}, {_figures(by)} by chance)."
    )


def _asymmetry(facts: PairFacts) -> str:
    bins = telling_bins(facts)
    before, after = int(facts.pairs[:bins].sum()), int(facts.back[:bins].sum())
    return (
        f"Within {duration(facts.high_s[bins - 1])} of each other, {_cause(facts)} comes first {_often(before)} and "
        f"{_effect(facts)} comes first {_often(after)}."
    )


def _delay(facts: PairFacts) -> str:
    peak = int(np.argmax((facts.pairs + 1.0) / (facts.expected + 1.0)))
    until = duration(facts.high_s[peak])
    when = f"{duration(facts.high_s[peak - 1])} to {until} after" if peak else f"within {until} of"
    return (
        f"{_effect(facts)} stands out most {when} {_cause(facts)}, "
        f"{_against_chance(facts.pairs[peak], facts.expected[peak])}; at the longest lags it comes "
        f"{_against_chance(facts.pairs[-1], facts.expected[-1])}."
    )


def _conditional(facts: PairFacts) -> str:
    lag, t, coefficient = _strongest(facts, "conditional")
    points, way = 100 * coefficient / 20, "raises" if coefficient >= 0 else "lowers"
    return (
        f"With all other behaviours held fixed, {_cause(facts)} {lag} {way} the chance "
        f"that the next event is {_effect(facts)} by {_figures(abs(points))} percentage points "
        f"({_figures(abs(t))} standard errors)."
    )


def _rate(facts: PairFacts) -> str:
    lag, t, coefficient = _strongest(facts, "rate")
    way = "raises" if coefficient >= 0 else "lowers"
    return (
        f"With all other behaviours held fixed, {_cause(facts)} {lag} {way} the "
        f"rate of {_effect(facts)} by {_figures(100 * abs(coefficient))} % of its mean "
        f"({_figures(abs(t))} standard errors)."
    )


def _strongest(facts: PairFacts, regression: str) -> tuple[str, float, float]:
    """When one cause tells most, its t-value then, and what its first event changes."""
    columns = range(len(WHEN))
    t = [_undone(facts.columns[f"{regression}:t {column}"]) for column in columns]
    strongest = max(columns, key=lambda column: abs(t[column]))
    unit = 1.0 if strongest == COARSE_BINS else math.log(2)  # the first event: of a square root, of log1p
    return WHEN[strongest], t[strongest], unit * _undone(facts.columns[f"{regression}:coefficient {strongest}"])


def _hawkes(facts: PairFacts) -> str:
    share, settled = (math.exp(facts.columns[f"hawkes:share {fit}"]) for fit in ("local", "far"))
    gain = math.expm1(facts.columns["hawkes:gain far"])
    against = _figures(math.exp(facts.columns["hawkes:blame beyond shuffled"]))
    beside = "no more than" if against == "1" else f"{against} times what"
    blamed = f"{_figures(100 * share)} %" if share >= CLEAR_SHARE else "Hardly any"
    further = f"{_figures(100 * settled)} %" if settled >= CLEAR_SHARE else "hardly any"
    without = f"lowers the log-likelihood by {_figures(gain)}" if gain >= 1 else "changes nothing"
    return (
        f"{blamed} of all {_effect(facts)} is blamed on {_cause(facts)} even where how busy the user is around the "
        f"moment explains what it can, {beside} shuffled histories show. Fitted until it settles, and looking further "
        f"back, the process blames {further}; taking this influence out {without}."
    )


def _adjacent(facts: PairFacts) -> str:
    ties = f"; they share a moment {_often(facts.ties)}" if facts.ties else ""
    return (
        f"{_effect(facts)} comes directly after {_cause(facts)} {_often(facts.follows)} "
        f"({_figures(facts.follows_expected)} by chance), directly before it {_often(facts.follows_back)}{ties}."
    )


def _frequency(facts: PairFacts) -> str:
    (causes, effects), (doers, reachers) = facts.events, facts.users_with
    return (
        f"{_cause(facts)} happened {_often(causes)} among {doers:,} users, "
        f"{_effect(facts)} {_often(effects)} among {reachers:,}."
    )


def _reliability(facts: PairFacts) -> str:
    used = facts.group_users > 0
    above = int((facts.group_excess[used] > 0).sum())
    return (
        f"Users were split at random into {int(used.sum())} groups: in {above} of them {_effect(facts)} follows "
        f"{_cause(facts)} more often than by chance."
    )


def _type(facts: PairFacts) -> str:
    cause, effect = facts.cause, facts.effect
    if cause.item and cause.item == effect.item:
        return f"Both are about the same item, “{cause.item}”."
    if cause.kind == effect.kind:
        return f"Both are of the same kind, “{cause.kind}”."
    if cause.item and effect.item:
        return f"They are about different items, “{cause.item}” and “{effect.item}”."
    return f"They are of different kinds, “{cause.kind}” and “{effect.kind}”, and share no item."


def _self(facts: PairFacts) -> str:
    left = min(1.0, math.exp(facts.columns["self:background of effect"]))
    return (
        f"{_cause(facts)} follows itself {_against_chance(*facts.repeats[0])}, {_effect(facts)} follows itself "
        f"{_against_chance(*facts.repeats[1])}; nothing that came before explains {_figures(100 * left)} % of "
        f"{_effect(facts)}."
    )


def _surprise(facts: PairFacts) -> str:
    strays = math.sqrt(max(math.exp(facts.columns["surprise:effect by user"]) - LEAST_SURPRISE, 0.0))
    together = _undone(facts.columns["surprise:together"])
    so = "also more" if together >= 0 else "less"
    return (
        f"How often each user shows {_effect(facts)} strays {_figures(strays)} times as far as by chance from what its "
        f"causes foretell; users with more {_cause(facts)} than foretold have {so} {_effect(facts)} than foretold "
        f"({_figures(abs(together))} standard errors)."
    )


_SENTENCES: Mapping[str, Callable[[PairFacts], str]] = {
    "lift": _lift,
    "asymmetry": _asymmetry,
    "delay": _delay,
    "conditional": _conditional,
    "rate": _rate,
    "hawkes": _hawkes,
    "adjacent": _adjacent,
    "frequency": _frequency,
    "reliability": _reliability,
    "type": _type,
    "self": _self,
    "surprise": _surprise,
}


def _cause(facts: PairFacts) -> str:
    return f"“{facts.cause.name}”"


def _effect(facts: PairFacts) -> str:
    return f"“{facts.effect.name}”"


def _expected_follows(follows: Ints, cause: int, effect: int) -> float:
    """Direct follows by chance, given how often each behaviour is followed by, and follows, another one; (K, K)."""
    others = follows - np.diag(np.diag(follows))
    out, into = others.sum(1).astype(np.float64), others.sum(0).astype(np.float64)  # (K,), (K,)
    return float(out[cause] * into[effect] * others.sum() / max(out.sum() * into.sum() - out @ into, 1.0))


def _near(L: int) -> int:
    """How many bins are short or middle lags."""
    return max(1, round(2 * L / 3))


def _against_chance(seen: float, by: float) -> str:
    """A ratio to chance in words; without one where chance gives less than one pair."""
    if by >= 1:
        times = _figures(seen / by)
        return "as often as by chance" if times == "1" else f"{times} times as often as by chance"
    return "more often than by chance" if seen >= 2 else "about as often as by chance"


def _often(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times" if count else "never"


def _undone(signed_log: float) -> float:
    """x of sign(x) log(1 + |x|)."""
    return math.copysign(math.expm1(abs(signed_log)), signed_log)


def _figures(value: float) -> str:
    """Two significant figures below a hundred, whole numbers above, never an exponent for large ones."""
    return f"{float(f'{value:.2g}'):g}" if abs(value) < 100 else f"{value:,.0f}"


def percent_of(logit: float) -> float:
    """A probability in percent."""
    return float(100 * sigmoid(np.asarray(logit)))


def chance(logit: float) -> str:
    """A probability in percent, never certain."""
    percent = percent_of(logit)
    if not 0.1 <= percent <= 99.9:
        return "less than 0.1 %" if percent < 1 else "more than 99.9 %"
    return f"{percent:.1f} %" if percent < 10 or percent > 90 else f"{percent:.0f} %"


def duration(seconds: float) -> str:
    """A lag in the unit that people would use."""
    for size, unit in ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min")):
        if seconds >= 2 * size:
            return f"{_figures(seconds / size)} {unit}"
    return f"{_figures(seconds)} s" if seconds >= 1 else f"{_figures(1000 * seconds)} ms"

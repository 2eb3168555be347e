"""How strong an influence is: offspring, rate ratio, intervals, delay, attributed share.

What is estimated, so that it can be known where the world is simulated:

    offspring     expected further events of the effect that one event of the cause sets off within the longest lag,
                  each event put down to one cause; negative where the cause prevents them,
    rate ratio    P / (P - T) within the window from 0 to the lag that holds ``WINDOW_SHARE`` of what the cause sets
                  off: P the effects that come then, T those among them that the cause set off. Of a prevention, the
                  effect's rate while the latest cause is near over what it would be then without that cause,
    delay         median over the effects set off within the longest lag,
    attributed    share of the effect's events that the cause set off.

T is what the Hawkes process blames on the cause, corrected by how far its two backgrounds disagree and by the ties that
hide the order. A prevention is a scarcity of pairs, against the same histories shuffled and against the pairs in
opposite order, which share sessions, activity and season. Which of the two a cause does is told by
``causalviz.model.signs``.

The 90 % intervals are those of an error law: the variance of the logarithm is the sum of what resampled users and
chance make it, what the fits disagree by, and what is left. The parts' weights are fitted to simulated worlds and
checked on others (``python -m benchmarks.effects``), because a bias of the fit is an error too, and no resampling
shows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from causalviz.lags.counts import EXPECTED_SCALE
from causalviz.model.evidence import Evidence
from causalviz.model.hawkes import FINER, Delays

Floats = NDArray[np.float64]
Bins = NDArray[np.int64]
Mask = NDArray[np.bool_]

WINDOW_SHARE = 0.8  # of what the cause sets off, within the window of the ratio
MOST_TIES = 1.0  # per blamed effect: more ties than that are no sign of this cause
WIDEST = 4.0  # variance of a logarithm; beyond it nothing is known
UNSURE = 2.0  # log-odds of preventing, either way, below which the intervals span both readings (1 in 8)
LEAST_BLAME = 1e-6  # events; so little is none
LEAST_NEAR = 0.5  # effects: where none came, a cause that keeps all of them away is still one that prevents
LEAST_CHANGE = 1e-3  # a prevention's ratio lies at least so far below 1
FIRST_BIN = 0.3  # the first bin begins at 0, which has no logarithm; its delays lie above this share of its end


class Law(NamedTuple):
    """Of one estimate's error: log truth = log estimate + centre . columns, +- the root of spread . columns.

    Attributes:
        centre: Weights of the columns that correct the estimate.
        spread: Weights, none negative, of the columns whose sum is the squared half-width of the 90 % interval.
    """

    centre: tuple[float, ...]
    spread: tuple[float, ...]


OFFSPRING_LAW = Law((0.023, 0.604, 0.672), (0.0566, 0.3157, 0.5892, 0.2924))
SHARE_LAW = Law((-0.015, 0.25, -0.037), (0.0028, 0.0586, 0.4131, 0.3435, 3.6162))
SCARCITY_LAW = Law((-0.785, -0.836, 0.43, 0.118), (0.8673, 0.0, 0.1679, 0.0))


class Estimate(NamedTuple):
    """A first estimate with what its law reads.

    Attributes:
        log: (K, K) logarithm of the first estimate.
        centre: (K, K, .) columns.
        spread: (K, K, .) columns.
    """

    log: Floats
    centre: Floats
    spread: Floats

    def under(self, law: Law) -> tuple[Floats, Floats]:
        """(K, K) corrected logarithm and half-width of its 90 % interval."""
        half = np.sqrt(np.minimum(self.spread @ np.array(law.spread), WIDEST))
        return np.asarray(self.log + self.centre @ np.array(law.centre)), np.asarray(half)


@dataclass(frozen=True, eq=False)
class Effects:
    """All (K, K), [cause, effect]; what each is, see the module.

    Attributes:
        rate_ratio: Rate of the effect after the cause over its rate otherwise; below 1 the cause inhibits.
        low: Lower end of its 90 % interval.
        high: Upper end.
        delay_s: Median delay, seconds; NaN where nothing is blamed on the cause, or where it inhibits.
        attributed: Share of the effect's events set off by the cause, 0..1.
        offspring: Expected further effects per cause; negative where it inhibits.
        offspring_low: Lower end of its 90 % interval.
        offspring_high: Upper end.
        window_s: The lag up to which the rate ratio is taken, seconds.
    """

    rate_ratio: Floats
    low: Floats
    high: Floats
    delay_s: Floats
    attributed: Floats
    offspring: Floats
    offspring_low: Floats
    offspring_high: Floats
    window_s: Floats


def measure_effects(evidence: Evidence, score: Floats) -> Effects:
    """Effects of every ordered pair of a log.

    Args:
        evidence: Of the log.
        score: (K, K) log-odds that the cause prevents rather than sets off, see ``causalviz.model.signs``.
    """
    counts = evidence.counts
    events = counts.events.sum(0).astype(np.float64)
    causes = np.maximum(events, 1.0)[:, None]
    prevents = score > 0

    amount, half = offspring_estimate(evidence).under(OFFSPRING_LAW)
    per_cause = np.exp(amount) / causes
    excited, scarce = windows(evidence)
    share, half_share = share_estimate(evidence, excited).under(SHARE_LAW)
    ratio = _ratio(share, 0.0, excited, evidence)
    low, high = (_ratio(share, side * half_share, excited, evidence) for side in (-1, 1))

    left, half_left = scarcity_estimate(evidence, scarce).under(SCARCITY_LAW)
    kept = np.minimum(np.exp(left), 1 - LEAST_CHANGE)
    kept_low, kept_high = kept * np.exp(-half_left), kept * np.exp(half_left)
    near = np.maximum(_up_to(counts.nearest.sum(0), scarce), LEAST_NEAR) / causes
    prevented, prevented_most, prevented_least = (near * (1 / x - 1) for x in (kept, kept_low, kept_high))

    span = _Span(prevents, np.abs(score) < UNSURE)
    ratio_low, ratio_high = span.of((low, high), (kept_low, kept_high))
    fewest, most = span.of((per_cause * (1 - half), per_cause * np.exp(half)), (-prevented_most, -prevented_least))
    blamed = evidence.hawkes.local.blame.sum(-1) > LEAST_BLAME
    return Effects(
        rate_ratio=np.where(prevents, kept, ratio),
        low=ratio_low,
        high=ratio_high,
        delay_s=np.where(prevents | ~blamed, np.nan, _median_delay_s(evidence.hawkes.delays)),
        attributed=np.where(prevents, 0.0, np.clip(per_cause * causes / np.maximum(events, 1.0)[None, :], 0.0, 1.0)),
        offspring=np.where(prevents, -prevented, per_cause),
        offspring_low=fewest,
        offspring_high=most,
        window_s=np.asarray(counts.grid.highs_s)[np.where(prevents, scarce, excited)],
    )


class _Span(NamedTuple):
    """Chooses between the intervals of the two readings, (K, K): the likelier one's, or both where that is unsure."""

    prevents: Mask
    unsure: Mask

    def of(self, excited: tuple[Floats, Floats], prevented: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
        low, high = (np.where(self.prevents, two, one) for one, two in zip(excited, prevented, strict=True))
        return (
            np.where(self.unsure, np.minimum(excited[0], prevented[0]), low),
            np.where(self.unsure, np.maximum(excited[1], prevented[1]), high),
        )


class Windows(NamedTuple):
    """(K, K) the last bin of the window over which a ratio is taken: of what is set off, of what is prevented."""

    excited: Bins
    scarce: Bins


def windows(evidence: Evidence) -> Windows:
    """Up to where ``WINDOW_SHARE`` of the blame lies; up to where the lack of pairs is plainest."""
    reached = np.cumsum(_blame(evidence), -1)
    excited = np.argmax(reached >= WINDOW_SHARE * reached[..., -1:], axis=-1)
    total = evidence.counts.total()
    expected = np.cumsum(total.expected[0], -1) / EXPECTED_SCALE
    lack = (np.cumsum(total.pairs[0], -1) - expected) / np.sqrt(expected + 1)
    return Windows(np.where(reached[..., -1] > 0, excited, reached.shape[-1] - 1), np.argmin(lack, axis=-1))


def offspring_estimate(evidence: Evidence) -> Estimate:
    """Of the effects that each cause sets off, ties among them."""
    scale = _scale(evidence)
    local = evidence.hawkes.local.blame.sum(-1) * scale + 0.5
    steady = evidence.hawkes.steady.blame.sum(-1) * scale + 0.5
    shuffled = evidence.hawkes.shuffled.blame.sum(-1) * scale
    ties = np.minimum(evidence.counts.ties.sum(0) / local, MOST_TIES)
    apart = np.log(steady / local)
    one = np.ones_like(local)
    pairs = evidence.counts.pairs.sum((0, 3)) + 1.0
    return Estimate(
        np.log(local),
        np.stack([one, apart, np.log1p(ties)], -1),
        np.stack([one, pairs / local**2, apart**2, (shuffled / local) ** 2], -1),
    )


def share_estimate(evidence: Evidence, window: Bins) -> Estimate:
    """Of T / P: which share of the effects that come within the window the cause set off.

    Args:
        evidence: Of the log.
        window: (K, K) last bin of each window.
    """
    whole = offspring_estimate(evidence)
    blame = _blame(evidence)
    within = (_up_to(blame, window) + 0.4) / (blame.sum(-1) + 0.5)
    pairs = _up_to(evidence.counts.pairs.sum(0), window) + 0.5
    grouped = np.stack([_up_to(group, window) for group in evidence.counts.pairs])  # (G, K, K)
    users = np.maximum(_ratio_variance(grouped, evidence.counts.events), pairs) / pairs**2  # at least that of chance
    return Estimate(
        whole.log + np.log(within / pairs), whole.centre, np.concatenate([whole.spread, users[..., None]], -1)
    )


def scarcity_estimate(evidence: Evidence, window: Bins) -> Estimate:
    """Of a prevention's rate ratio within the window.

    Args:
        evidence: Of the log.
        window: (K, K) last bin of each window.
    """
    total = evidence.counts.total()
    seen = _up_to(total.pairs[0], window) + 0.5
    back = _up_to(total.pairs[0].transpose(1, 0, 2), window) + 0.5
    chance = _up_to(total.expected[0], window) / EXPECTED_SCALE + 0.5
    rate = total.events[0] / max(float(total.span[0]), 1.0)  # (K,) per tick
    usual = _up_to(total.at_risk[0][:, None, :] * rate[None, :, None], window) + 0.5
    near = _up_to(total.nearest[0], window) + 0.5
    against_chance, against_back, against_rate = np.log(seen / chance), np.log(seen / back), np.log(near / usual)
    one = np.ones_like(seen)
    return Estimate(
        against_chance,
        np.stack([one, against_chance, against_back, against_rate], -1),
        np.stack([one, 1 / seen + 1 / chance, (against_chance - against_back) ** 2, against_rate**2], -1),
    )


def _ratio(log_share: Floats, by: Floats | float, window: Bins, evidence: Evidence) -> Floats:
    """(K, K) rate ratio from the share that the cause set off, moved ``by`` to one side; at least half an effect stays.

    To the lower side the share moves in proportion and may fall below 0: less than nothing set off is a ratio below 1.
    """
    share = np.exp(log_share) * np.where(np.asarray(by) < 0, 1.0 + by, np.exp(np.maximum(by, 0.0)))
    pairs = _up_to(evidence.counts.pairs.sum(0), window) + 1.0
    return np.asarray(1 / (1 - np.minimum(share, 1 - 0.5 / pairs)))


def _scale(evidence: Evidence) -> float:
    """Events of the log per event that the Hawkes process read."""
    return float(evidence.counts.events.sum()) / max(evidence.hawkes.n_events, 1)


def _blame(evidence: Evidence) -> Floats:
    return np.asarray(evidence.hawkes.local.blame * _scale(evidence))  # (K, K, L)


def _up_to(values: NDArray[np.int64] | Floats, window: Bins) -> Floats:
    """(K, K) the sum of (K, K, L) over the bins of each window."""
    return np.take_along_axis(np.cumsum(values, -1), window[..., None], -1)[..., 0].astype(np.float64)


def _ratio_variance(grouped: Floats, events: NDArray[np.int64]) -> Floats:
    """(K, K) jackknife variance of a sum over G groups of users, at a given number of causes (Cochran 1977, 6.4)."""
    G = len(grouped)
    if G < 2:
        return np.abs(grouped.sum(0))
    per_cause = grouped.sum(0) / np.maximum(events.sum(0), 1)[:, None]
    return np.asarray(G / (G - 1) * ((grouped - per_cause * events[:, :, None]) ** 2).sum(0))


def _median_delay_s(delays: Delays) -> Floats:
    """(K, K) seconds by which half of the blame has come, log-linear within a bin.

    In the first bin, which begins at 0, delays are taken to lie within a third of its end.
    """
    weight = delays.blame + LEAST_BLAME / FINER  # (K, K, F)
    highs = np.asarray(delays.grid.highs_s)
    lows = np.maximum(np.asarray(delays.grid.lows_s), FIRST_BIN * highs[0])
    total = weight.sum(-1, keepdims=True)
    reached = np.cumsum(weight, -1)
    bin_ = np.argmax(reached >= 0.5 * total, axis=-1)[..., None]
    inside = np.take_along_axis(weight, bin_, -1)
    before = np.take_along_axis(reached, bin_, -1) - inside
    part = np.clip((0.5 * total - before) / np.maximum(inside, 1e-12), 0.0, 1.0)
    return np.asarray((lows[bin_] * (highs[bin_] / lows[bin_]) ** part)[..., 0])

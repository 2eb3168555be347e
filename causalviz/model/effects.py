"""How strong an influence is: rate ratio, interval, delay, attributed share.

Over the lag bins W that hold most of the Hawkes process's blame, P pairs were seen and R of them are blamed on
the cause, so B = P - R would have been there anyway:

    rate ratio = P / B,    variance of its logarithm = d (1 / P + 1 / B),

with the overdispersion d measured between the groups of users. An influence is read as an inhibition where the effect
comes more rarely while the latest cause is near than at its usual rate: then P are the effects seen in that time at
risk, up to the lag at which the scarcity is plainest, and B those that the usual rate would have brought.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causalviz.lags.grid import LagGrid
from causalviz.model.features import Evidence

Floats = NDArray[np.float64]

WINDOW_SHARE = 0.8  # of the blame, held by the bins over which the ratio is taken
Z_90 = 1.6449
SCARCE_Z = -3.0  # standard errors below the usual rate, and below what other marks explain, from which it inhibits


@dataclass(frozen=True, eq=False)
class Effects:
    """All (K, K), [cause, effect].

    Attributes:
        rate_ratio: Rate of the effect after the cause over its rate otherwise; below 1 the cause inhibits.
        low: Lower end of the 90 % interval.
        high: Upper end.
        delay_s: Median delay of the blamed effects, seconds; NaN where there are none, or where the cause inhibits.
        attributed: Share of the effect's events blamed on the cause, 0..1.
    """

    rate_ratio: Floats
    low: Floats
    high: Floats
    delay_s: Floats
    attributed: Floats


def measure_effects(evidence: Evidence) -> Effects:
    """Effects of every ordered pair of a log."""
    counts, fit = evidence.counts, evidence.hawkes.local
    events = counts.events.sum(0).astype(np.float64)
    scale = events.sum() / max(evidence.hawkes.n_events, 1)
    blame = fit.blame * scale  # (K, K, L)
    window = _window(blame)
    grouped = (counts.pairs * window[None]).sum(-1).astype(np.float64)  # (G, K, K)
    seen = grouped.sum(0)
    otherwise = np.maximum(seen - (blame * window).sum(-1), 0.0)
    inhibits, scarce, usual = _scarcity(evidence)
    seen, otherwise = np.where(inhibits, scarce, seen), np.where(inhibits, usual, otherwise)
    ratio = (seen + 0.5) / (otherwise + 0.5)
    spread = np.sqrt(_overdispersion(grouped) * (1 / (seen + 0.5) + 1 / (otherwise + 0.5)))
    return Effects(
        ratio,
        ratio * np.exp(-Z_90 * spread),
        ratio * np.exp(Z_90 * spread),
        np.where(inhibits, np.nan, _median_delay(blame, counts.grid)),
        np.where(inhibits, 0.0, np.clip(blame.sum(-1) / (events[None, :] + 1.0), 0.0, 1.0)),
    )


def _window(blame: Floats) -> NDArray[np.bool_]:
    """(K, K, L) True for the fewest bins that hold ``WINDOW_SHARE`` of the blame; all bins without blame."""
    order = np.argsort(-blame, axis=-1)
    ranked = np.take_along_axis(blame, order, -1)
    before = np.cumsum(ranked, -1) - ranked
    kept = before < WINDOW_SHARE * blame.sum(-1, keepdims=True)
    window = np.zeros(blame.shape, dtype=bool)
    np.put_along_axis(window, order, kept, -1)
    return window | (blame.sum(-1, keepdims=True) < 1.0)


def _scarcity(evidence: Evidence) -> tuple[NDArray[np.bool_], Floats, Floats]:
    """(K, K) each: which causes inhibit; effects seen while the cause was near; effects that the usual rate gives."""
    total = evidence.counts.total()
    rate = total.events[0] / max(float(total.span[0]), 1.0)  # (K,) per tick
    seen = np.cumsum(total.nearest[0], axis=-1).astype(np.float64)  # (K, K, L)
    usual = np.cumsum(total.at_risk[0], axis=-1)[:, None, :] * rate[None, :, None]  # (K, K, L)
    z = (seen - usual) / np.sqrt(usual + 1.0)
    plainest = z.argmin(axis=-1)[..., None]
    at = [np.take_along_axis(x, plainest, -1)[..., 0] for x in (z, seen, usual)]
    inhibits = (at[0] < SCARCE_Z) & (evidence.marks.t_value[..., 0] < SCARCE_Z)
    return inhibits, at[1], at[2]


def _overdispersion(grouped: Floats) -> Floats:
    """(K, K) variance over mean of the groups' counts, at least 1."""
    if len(grouped) < 2:
        return np.ones(grouped.shape[1:])
    ratio = grouped.var(axis=0, ddof=1) / (grouped.mean(axis=0) + 0.5)
    return np.asarray(np.clip(ratio, 1.0, 100.0))


def _median_delay(blame: Floats, grid: LagGrid) -> Floats:
    """(K, K) seconds at which half of the blame is reached, log-linear within a bin; NaN without blame."""
    lows = np.maximum(np.asarray(grid.lows_s), np.asarray(grid.highs_s)[0] / 10)
    highs = np.asarray(grid.highs_s)
    total = blame.sum(-1, keepdims=True)
    reached = np.cumsum(blame, -1)
    bin_ = np.argmax(reached >= 0.5 * total, axis=-1)[..., None]
    inside = np.take_along_axis(blame, bin_, -1)
    before = np.take_along_axis(reached, bin_, -1) - inside
    part = (0.5 * total - before) / np.maximum(inside, 1e-12)
    delay = lows[bin_] * (highs[bin_] / lows[bin_]) ** np.clip(part, 0, 1)
    return np.asarray(np.where(total > 1e-6, delay, np.nan)[..., 0], dtype=np.float64)

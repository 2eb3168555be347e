"""Is what the graph claims seen in the log? Each implied independence, tested.

The claim: b does not follow a, once b's causes and b's own past are known. It is tested with the model's own two
regressions (``model.regression``), restricted to what the claim holds fixed: with S the predictors of b, of its causes
and of all behaviours together, G the Gram matrix of all predictors and r_g = A_g - G_g[:, S] beta_S the residual sums
of a group of users, each predictor c of a gets

    u_g = r_g[c] - G[c, S] G[S, S]^-1 r_g[S],      t = sum u_g / sqrt(sum (u_g - mean)^2 G / (G - 1)),

the score test with errors that are robust to all that happens within a user (White 1980; groups are independent). G
and A are kept, so that a claim costs one small solve and not another look at the log.

Each regression is fooled by something (what one behaviour gains the others lose; activity comes in bursts), so a
dependence counts only as far as both see it, in the same direction, at the same lags: the smaller of the two t. Its
p-value is corrected for the lag bins (Bonferroni), and over all claims for their number (Benjamini & Hochberg 1995).
With many events every approximation is found out, so a claim fails only where the log also contradicts it by more
than ``MATERIAL``; and it holds only where that much would have been seen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from causalviz.errors import UnknownBehaviour
from causalviz.events.log import TICKS_PER_S, EventLog
from causalviz.graph.reading import Independence
from causalviz.lags import LagGrid
from causalviz.model.evidence import sample_histories
from causalviz.model.regression import RegressionTables, regression_tables, sums_of_groups

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEVEL = 0.05  # false alarms among the claims said to fail, at most
MATERIAL = 1 / 3  # change of the effect's rate, as a share of its usual one, by one more event of the cause
SEEN = 2 * MATERIAL  # a claim holds where an influence of this size would have shown
ONE_MORE = math.log(2)  # what one event adds to its predictor, log1p of the count
GROUPS = 64  # of users
LEAST_GROUPS = 8  # fewer say nothing about their own spread
MAX_CELLS = 16_000_000  # kept in one Gram matrix per group; with very many behaviours there are fewer groups
LEAST_EVENTS = 20  # of each of the two
RIDGE = 1e-6


class Outcome(StrEnum):
    """What the log says to a claim."""

    HOLDS = "holds"
    FAILS = "fails"
    UNDECIDED = "not decidable"


class ClaimResult(NamedTuple):
    """A claim and its test.

    Attributes:
        claim: What the graph says.
        outcome: What the log says to it.
        statistic: t, positive where the effect is more frequent after the cause; NaN where nothing can be tested.
        q_value: The share of false alarms if this claim and all that look worse were said to fail.
        ratio: Rate of the effect after one more event of the cause, over what its causes explain.
        lag_s: The lags at which the two go together most, from and to, seconds.
    """

    claim: Independence
    outcome: Outcome
    statistic: float
    q_value: float
    ratio: float
    lag_s: tuple[float, float]


class NormalEquations(NamedTuple):
    """Sums of one regression by group of users: G (groups, P, P), A (groups, P, K).

    ``total`` (P, P) is G of all groups, ``usual`` (K,) the usual rate of each effect.
    """

    gram: NDArray[np.float32]
    total: Floats
    answer: Floats
    usual: Floats


@dataclass(frozen=True, eq=False)
class Equations:
    """All that tests need to know of a log.

    Attributes:
        behaviours: The K names, in code order.
        lags_s: (C + 1,) ends of the lag bins, seconds.
        events: (K,) events of each behaviour among the rows that were read.
        groups_with: (K,) in how many groups of users it happened.
        marks: Which behaviour is next.
        rates: How often each comes.
    """

    behaviours: tuple[str, ...]
    lags_s: tuple[float, ...]
    events: Ints
    groups_with: Ints
    marks: NormalEquations
    rates: NormalEquations


class _Scores(NamedTuple):
    """Of every lag bin of every behaviour, (K, C): t, and change of the effect's rate by one more event.

    ``least`` (K,) is the smallest change of a behaviour's usual lag bin that would have been significant by itself.
    """

    t: Floats
    change: Floats
    least: Floats


def fit_equations(log: EventLog, *, lag_bins: int = 8, sample_events: int = 200_000, seed: int = 0) -> Equations:
    """Reads a log once, as discovery does.

    Args:
        log: The log.
        lag_bins: L of the grid.
        sample_events: About how many events are read, in whole histories.
        seed: Of the sample and of the moments compared with.
    """
    grid = LagGrid.from_log(log, lag_bins)
    rows = regression_tables(sample_histories(log, sample_events, seed), grid, seed=seed)
    K, C = log.n_behaviours, rows.bins
    most = int(np.clip(MAX_CELLS // rows.cases.shape[1] ** 2, LEAST_GROUPS, GROUPS))
    users, place = np.unique(rows.user, return_inverse=True)
    groups = min(most, len(users))
    of_events, of_moments = place % groups, np.searchsorted(users, rows.moment_user) % groups
    ends = [0, *(grid.edges[-(-(c + 1) * grid.n_bins // C)] for c in range(C))]
    return Equations(
        log.names,
        tuple(end / TICKS_PER_S for end in ends),
        np.bincount(rows.behaviour, minlength=K),
        np.bincount(np.unique(np.stack([of_events, rows.behaviour]), axis=1)[1], minlength=K),
        _mark_equations(rows, of_events, K),
        _rate_equations(rows, of_events, of_moments, K),
    )


def check_independencies(claims: Sequence[Independence], equations: Equations) -> tuple[ClaimResult, ...]:
    """Tests claims against a log.

    Args:
        claims: N claims about the log's behaviours.
        equations: Of the log.

    Returns:
        N results in the claims' order.

    Raises:
        UnknownBehaviour: If a claim names a behaviour that the log does not have.
    """
    code = {name: row for row, name in enumerate(equations.behaviours)}
    unknown = [name for claim in claims for name in (claim.cause, claim.effect, *claim.given) if name not in code]
    if unknown:
        raise UnknownBehaviour(f"The log has no behaviour “{unknown[0]}”, so nothing about it can be tested.")
    seen: dict[tuple[str, tuple[str, ...]], _Scores] = {}
    measured = np.full((len(claims), 4), math.nan)  # t, change, least change that would have shown, lag bin
    for row, claim in enumerate(claims):
        asked, cause = (claim.effect, claim.given), code[claim.cause]
        if asked not in seen:
            fixed = sorted({code[name] for name in (claim.effect, *claim.given)})
            seen[asked] = _agreed(equations, fixed, code[claim.effect])
        scores = seen[asked]
        if _informed(equations, cause) and _informed(equations, code[claim.effect]):
            at = int(np.abs(scores.t[cause]).argmax())
            measured[row] = scores.t[cause, at], scores.change[cause, at], scores.least[cause], at
    return _decided(claims, measured, equations)


def _informed(equations: Equations, behaviour: int) -> bool:
    return bool(equations.events[behaviour] >= LEAST_EVENTS and equations.groups_with[behaviour] >= LEAST_GROUPS)


def _decided(claims: Sequence[Independence], measured: Floats, equations: Equations) -> tuple[ClaimResult, ...]:
    """Corrects for the number of bins and of claims, and says what follows."""
    t, change, least, at = measured.T
    tested = ~np.isnan(t)
    q = np.full(len(claims), math.nan)
    if tested.any():
        bins, groups = len(equations.lags_s) - 1, len(equations.marks.gram)
        p = np.minimum(1.0, 2 * bins * stats.t.sf(np.abs(t[tested]), groups - 1))
        q[tested] = stats.false_discovery_control(p)
    fails = tested & (q <= LEVEL) & (np.abs(change) >= MATERIAL)
    holds = tested & ~fails & (least <= SEEN)
    ratio = np.maximum(0.0, 1 + change)
    results = []
    for row, claim in enumerate(claims):
        outcome = Outcome.FAILS if fails[row] else Outcome.HOLDS if holds[row] else Outcome.UNDECIDED
        lags = equations.lags_s[int(at[row]) :][:2] if tested[row] else (math.nan, math.nan)
        results.append(ClaimResult(claim, outcome, float(t[row]), float(q[row]), float(ratio[row]), (lags[0], lags[1])))
    return tuple(results)


def _agreed(equations: Equations, fixed: Sequence[int], effect: int) -> _Scores:
    """What both regressions see: the weaker statistic, the smaller change, the worse sight."""
    C = len(equations.lags_s) - 1
    marks, rates = (_scores(part, fixed, effect, C) for part in (equations.marks, equations.rates))
    alike = np.sign(marks.t) == np.sign(rates.t)
    weaker = np.where(np.abs(marks.t) < np.abs(rates.t), marks.t, rates.t)
    smaller = np.where(np.abs(marks.change) < np.abs(rates.change), marks.change, rates.change)
    least = np.maximum(marks.least, rates.least)
    return _Scores(np.where(alike, weaker, 0.0), np.where(alike, smaller, 0.0), least)


def _scores(part: NormalEquations, fixed: Sequence[int], effect: int, C: int) -> _Scores:
    groups, P, K = part.answer.shape
    width = C + 1
    held = np.concatenate([np.arange(k * width, (k + 1) * width) for k in fixed] + [np.arange(K * width, P)])
    gram = part.total
    inner = gram[np.ix_(held, held)] + RIDGE * np.trace(gram) / P * np.eye(len(held))
    solved = np.linalg.solve(inner, np.column_stack([gram[held], part.answer[:, held, effect].sum(axis=0)]))
    projection, beta = solved[:, :-1], solved[:, -1]  # (S, P), (S,)
    residual = part.answer[:, :, effect] - part.gram[:, :, held] @ beta  # (groups, P)
    score = residual - residual[:, held] @ projection
    spread = np.sqrt(((score - score.mean(axis=0)) ** 2).sum(axis=0) * groups / max(1, groups - 1) + 1e-12)
    left = np.maximum(np.diag(gram) - (gram[:, held].T * projection).sum(axis=0), 1e-9)
    total, unit = score.sum(axis=0), ONE_MORE / part.usual[effect]
    by_column = (total / spread, unit * total / left, unit * spread / left)
    t, change, error = (values[: K * width].reshape(K, width)[:, :C] for values in by_column)  # without "ever before"
    return _Scores(t, change, float(stats.t.isf(LEVEL / 2, max(1, groups - 1))) * np.median(error, axis=1))


def _mark_equations(rows: RegressionTables, group: Ints, K: int) -> NormalEquations:
    share = np.bincount(rows.behaviour, minlength=K) / len(rows.behaviour)
    groups = range(group.max() + 1)
    grams = [X.T @ X for X in (rows.marks[group == g] for g in groups)]
    sums = sums_of_groups(rows.marks, rows.behaviour, group, len(groups), K)
    answers = sums - sums.sum(axis=2, keepdims=True) * share
    return _equations(grams, answers, np.asarray(np.maximum(share, 1e-12), dtype=np.float64))


def _rate_equations(rows: RegressionTables, group: Ints, moment_group: Ints, K: int) -> NormalEquations:
    cases, moments = (np.hstack([X, np.ones((len(X), 1), np.float32)]) for X in (rows.cases, rows.moments))
    weighted = moments * rows.weight[:, None].astype(np.float32)
    groups = range(group.max() + 1)
    grams = [weighted[part].T @ moments[part] for part in (moment_group == g for g in groups)]
    answers = sums_of_groups(cases, rows.behaviour, group, len(groups), K)
    rate = (np.bincount(rows.behaviour, minlength=K) + 1.0) / max(float(rows.weight.sum()), 1.0)
    return _equations(grams, answers, np.asarray(rate, dtype=np.float64))


def _equations(grams: list[NDArray[np.float32]], answers: Floats, usual: Floats) -> NormalEquations:
    gram = np.stack(grams)
    return NormalEquations(gram, gram.sum(axis=0, dtype=np.float64), answers, usual)

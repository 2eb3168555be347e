"""The peers, each used as its authors use it. Their packages come with ``pip install -e '.[benchmark]'``.

Thresholds, fixed before looking: ADM4 draws what sets off at least 0.01 effects per cause (its penalties shrink the
rest to nearly nothing, never to zero); PCMCI draws at its default alpha of 0.05, at any lag; TTPM answers with a graph.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.answers import Answer
from causalviz.events.log import TICKS_PER_S, EventLog

Floats = NDArray[np.float64]
Histories = list[list[Floats]]

OFFSPRING = 0.01  # ADM4
DECAYS = np.logspace(-3, 2, 11)  # per median gap between neighbouring events of a user
HELD_OUT_SHARE = 0.2
CHOICE_EVENTS = 50_000  # the decay is chosen on whole histories of about so many events; the fit itself takes all
LEAST_RATE = 1e-9  # an event that the fit holds impossible would make a held-out likelihood infinite
THREADS = 2

ALPHA = 0.05  # PCMCI
TAU_MAX = 3  # bins
MOST_BINS = 10_000  # of all users together: a minute or two for 20 behaviours; the work grows with them
MOST_USERS = 50

TTPM_ROUNDS = 120  # its default, 20, stops long before it converges


def adm4(log: EventLog, seed: int = 0) -> Answer:
    """Hawkes process with exponential kernels under sparse and low-rank penalties (Zhou et al., AISTATS 2013), by tick.

    A history's clock starts one median gap before its first event, in units of that gap. The decay is the one of
    ``DECAYS`` with the largest likelihood on a fifth of the users (of the time, where there are fewer than five); it is
    chosen on ``CHOICE_EVENTS``.
    """
    from tick.hawkes import HawkesADM4

    histories = _histories(log, np.random.default_rng(seed))
    enough = max(1, round(log.n_users * min(1.0, CHOICE_EVENTS / log.n_events)))
    some = np.random.default_rng(seed).permutation(log.n_users)[:enough]
    learned, kept = _split([histories[user] for user in some])  # they are in random order
    best, best_score = float(DECAYS[0]), -np.inf
    for decay in DECAYS:
        fitted = HawkesADM4(float(decay), n_threads=THREADS).fit(learned)
        positive = np.maximum(fitted.baseline, LEAST_RATE), np.maximum(fitted.adjacency, LEAST_RATE)
        score = fitted.score(kept, baseline=positive[0], adjacency=positive[1])
        if np.isfinite(score) and score > best_score:
            best, best_score = float(decay), score
    adjacency = HawkesADM4(best, n_threads=THREADS).fit(histories).adjacency  # (K, K), [effect, cause]
    return Answer(np.ascontiguousarray(adjacency.T), adjacency.T >= OFFSPRING, False)


def ttpm(log: EventLog) -> Answer:
    """Topological Hawkes process with hill climbing on BIC (Cai et al., TNNLS 2022), by gcastle, no topology used."""
    import pandas as pd
    from castle.algorithms import TTPM

    frame = pd.DataFrame(
        {
            "event": log.behaviour.astype(np.int64),
            "timestamp": log.time / TICKS_PER_S,
            "node": log.user.astype(np.int64),
        }
    )
    learner = TTPM(np.zeros((log.n_users, log.n_users)), max_hop=0, max_iter=TTPM_ROUNDS)
    learner.learn(frame)
    seen = np.unique(log.behaviour)  # it leaves out behaviours without events, and keeps the order of codes
    drawn = np.zeros((log.n_behaviours, log.n_behaviours), dtype=bool)
    drawn[np.ix_(seen, seen)] = np.asarray(learner.causal_matrix) != 0
    return Answer(drawn.astype(np.float64), drawn, False)


def pcmci(log: EventLog) -> Answer:
    """Momentary conditional independence (Runge et al., Science Advances 2019) on binned counts, by tigramite.

    Partial correlations of counts per bin, lags 1 to ``TAU_MAX`` bins, each user a series of its own; ``binned`` says
    how wide. The score is the largest absolute correlation over the lags.
    """
    from tigramite.data_processing import DataFrame
    from tigramite.independence_tests.parcorr import ParCorr
    from tigramite.pcmci import PCMCI

    frame = DataFrame(binned(log), analysis_mode="multiple")
    found = PCMCI(frame, ParCorr(), verbosity=0).run_pcmci(tau_min=1, tau_max=TAU_MAX, alpha_level=ALPHA)
    strength = np.abs(found["val_matrix"][:, :, 1:]).max(axis=2)  # (K, K), [cause, effect]
    return Answer(np.nan_to_num(strength), (found["p_matrix"][:, :, 1:] <= ALPHA).any(axis=2), False)


def binned(log: EventLog, seed: int = 0) -> dict[int, Floats]:
    """For each of some users (T, K) events per bin.

    A bin is the median gap between neighbouring events of a user; where ``MOST_USERS`` histories would exceed
    ``MOST_BINS``, it is wider. Users come in random order until their bins are as many; those whose
    history is too short for the lags are passed over.
    """
    first, last = log.time[log.offsets[:-1]], log.time[log.offsets[1:] - 1]
    longest = MOST_BINS / min(log.n_users, MOST_USERS) - 1
    width = max(_median_gap(log), float(np.median(last - first)) / longest, 1.0)
    series: dict[int, Floats] = {}
    bins = 0
    for user in np.random.default_rng(seed).permutation(log.n_users):
        low, high = log.offsets[user], log.offsets[user + 1]
        at = ((log.time[low:high] - first[user]) / width).astype(np.int64)
        if at[-1] >= 2 * TAU_MAX + 2 and bins + at[-1] + 1 <= MOST_BINS:
            counts = np.zeros((int(at[-1]) + 1, log.n_behaviours))
            np.add.at(counts, (at, log.behaviour[low:high]), 1.0)
            series[len(series)] = counts
            bins += len(counts)
    return series


def _median_gap(log: EventLog) -> float:
    """Ticks between neighbouring events of one user, ties left out."""
    gaps = np.diff(log.time)[np.diff(log.user) == 0]
    return float(np.median(gaps[gaps > 0])) if np.any(gaps > 0) else float(TICKS_PER_S)


def _histories(log: EventLog, rng: np.random.Generator) -> Histories:
    """Per user K arrays of increasing times, in median gaps; ties are spread below the clock's resolution."""
    gap = _median_gap(log)
    gaps = np.diff(log.time)[np.diff(log.user) == 0]
    clock = float(gaps[gaps > 0].min(initial=TICKS_PER_S))
    first = log.time[log.offsets[:-1]]
    time = (log.time - first[log.user] + 0.9 * clock * rng.random(log.n_events)) / gap + 1.0
    histories: Histories = []
    for user in range(log.n_users):
        part = slice(log.offsets[user], log.offsets[user + 1])
        mark = log.behaviour[part]
        histories.append([np.sort(time[part][mark == k]) for k in range(log.n_behaviours)])
    return histories


def _split(histories: Histories) -> tuple[Histories, Histories]:
    """Histories to learn from and histories to choose the decay by."""
    if len(histories) >= 5:
        n_kept = max(1, round(HELD_OUT_SHARE * len(histories)))
        return histories[n_kept:], histories[:n_kept]
    ends = [max(times[-1] for times in history if len(times)) for history in histories]
    cuts = [(1 - HELD_OUT_SHARE) * end for end in ends]
    learned = [[t[t <= cut] for t in history] for history, cut in zip(histories, cuts, strict=True)]
    return learned, [[t[t > cut] - cut for t in history] for history, cut in zip(histories, cuts, strict=True)]

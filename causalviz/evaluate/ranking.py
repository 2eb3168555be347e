"""How well recommenders rank what came: hits, NDCG, reciprocal ranks, coverage, novelty; with intervals by user.

All K behaviours (or items) are ranked, none are sampled: sampled negatives can turn the order of methods around
(Krichene & Rendle 2020). Of a question whose answer shares its score with t others, while g score higher, the rank is
any of g + 1 .. g + t + 1 with the same chance, and every measure is the mean over them, so a method that scores all
alike gets what guessing gets:

    HR@k = [rank <= k],   NDCG@k = [rank <= k] / log2(1 + rank),   MRR = 1 / rank,
    novelty = mean over the k recommended of -log2 of the share of events that they have,
    coverage = share of the behaviours that are recommended to anybody.

A user's value is the mean over that user's questions, and a method's value the mean over users, so that a busy user
counts as one. Users are resampled for 90 % intervals; for a difference of two methods the same users are drawn for
both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

K_TOP = 5
REPLICATES = 1_000
COVERAGE = 0.9
MEASURES = ("hit_rate", "ndcg", "mrr", "novelty")


class Places(NamedTuple):
    """Where the answers of Q questions stand.

    Attributes:
        above: (Q,) how many score higher than the answer.
        beside: (Q,) how many others score the same.
        top: (Q, k) codes of the best, ties in random order.
    """

    above: Ints
    beside: Ints
    top: Ints


class Interval(NamedTuple):
    """A mean over users and the ends of its 90 % interval; NaN where fewer than two users answer."""

    mean: float
    low: float
    high: float


class Ranked(NamedTuple):
    """One method's measures on one set of questions.

    Attributes:
        users: (U',) codes of the users who were asked.
        values: By measure, (U',) the mean of each user's questions.
        coverage: Share of the behaviours that anybody is recommended.
    """

    users: Ints
    values: Mapping[str, Floats]
    coverage: float


def places_of(scores: Floats, target: Ints, k: int, rng: np.random.Generator) -> Places:
    """Ranks all behaviours of each question.

    Args:
        scores: (Q, K) the larger, the better.
        target: (Q,) code of the answer.
        k: Length of the list of recommendations.
        rng: Source of the order among ties, which only ``top`` depends on.
    """
    own = np.take_along_axis(scores, target[:, None], axis=1)  # (Q, 1)
    above, beside = (scores > own).sum(axis=1), (scores == own).sum(axis=1) - 1
    return Places(above.astype(np.int64), beside.astype(np.int64), _best(scores, min(k, scores.shape[1]), rng))


def _best(scores: Floats, k: int, rng: np.random.Generator) -> Ints:
    """(Q, k) codes of the best, ties in random order; only those that may be among them are sorted."""
    K = scores.shape[1]
    least = np.partition(scores, K - k, axis=1)[:, K - k : K - k + 1]  # (Q, 1) the k-th best score
    row, code = np.nonzero(scores >= least)
    order = np.lexsort((rng.random(len(row)), -scores[row, code], row))
    begins = np.searchsorted(row, np.arange(len(scores)))
    return np.asarray(code[order][begins[:, None] + np.arange(k)], dtype=np.int64)


def joined(parts: list[Places]) -> Places:
    """The places of several sets of questions in one."""
    return Places(
        np.concatenate([part.above for part in parts]),
        np.concatenate([part.beside for part in parts]),
        np.concatenate([part.top for part in parts]),
    )


def rank_measures(places: Places, user: Ints, share: Floats, k: int = K_TOP) -> Ranked:
    """Sums up the places.

    Args:
        places: Of Q questions.
        user: (Q,) whose each was.
        share: (K,) share of each behaviour among the events that methods learned from.
        k: Length of the list.
    """
    most = int((places.above + places.beside).max(initial=0)) + 1
    rank = np.arange(1, most + 1)
    within = rank <= k
    novelty = -np.log2(np.maximum(share, 1e-12))
    each = {
        "hit_rate": _expected(places, within.astype(np.float64)),
        "ndcg": _expected(places, within / np.log2(1 + rank)),
        "mrr": _expected(places, 1 / rank),
        "novelty": novelty[places.top].mean(axis=1) if len(places.top) else np.empty(0),
    }
    users, code = np.unique(user, return_inverse=True)
    asked = np.bincount(code, minlength=len(users))
    values = {name: np.bincount(code, value, minlength=len(users)) / asked for name, value in each.items()}
    return Ranked(users, values, len(np.unique(places.top)) / len(share))


def interval_of(values: Floats, replicates: int = REPLICATES, seed: int = 0) -> Interval:
    """The mean over users and its 90 % interval, from users drawn with replacement.

    Args:
        values: (U',) one per user.
        replicates: How often the users are drawn.
        seed: Of the draws; the same users are drawn for equal numbers of them, so differences may be taken first.
    """
    if len(values) < 2:
        return Interval(float(values.mean()) if len(values) else float("nan"), float("nan"), float("nan"))
    rng = np.random.default_rng(seed)
    means = [values[rng.integers(0, len(values), len(values))].mean() for _ in range(replicates)]
    low, high = np.quantile(means, ((1 - COVERAGE) / 2, (1 + COVERAGE) / 2))
    return Interval(float(values.mean()), float(low), float(high))


def paired_interval(one: Ranked, other: Ranked, measure: str = "ndcg") -> Interval:
    """By how much one method's users fare better than the same users under another.

    Raises:
        ValueError: If the two were not asked for the same users.
    """
    if not np.array_equal(one.users, other.users):
        raise ValueError("paired methods must have been asked for the same users")
    return interval_of(one.values[measure] - other.values[measure])


def answer_in_parts(
    scores: Callable[[slice], Floats], target: Ints, k: int, *, part: int = 50_000, seed: int = 0
) -> Places:
    """Places of many questions, scored a part at a time so that memory stays bounded.

    Args:
        scores: From a slice of the questions to their scores.
        target: (Q,) answers.
        k: Length of the list.
        part: Questions at a time.
        seed: Of the order among ties.
    """
    rng = np.random.default_rng(seed)
    found = []
    for start in range(0, len(target), part):
        rows = slice(start, start + part)
        found.append(places_of(scores(rows), target[rows], k, rng))
    nothing = np.empty(0, np.int64)
    return joined(found) if found else Places(nothing, nothing, nothing.reshape(0, k))


def _expected(places: Places, gain: Floats) -> Floats:
    """(Q,) mean of a gain by rank over the ranks that the ties allow."""
    summed = np.concatenate([[0.0], np.cumsum(gain)])
    return np.asarray((summed[places.above + places.beside + 1] - summed[places.above]) / (places.beside + 1))

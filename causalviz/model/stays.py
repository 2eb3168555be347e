"""Stays: how long each user was there, of which a log shows only the events.

A visit is a run of events without a gap of ``apart``: events of one visit, or set off by each other, come together and
must not pass for so many even moments, or a user of one lively day would have stayed for a day. With the visits
themselves and the ``apart`` between them taken out, n visits fall evenly into what is left, S - c of a stay of length
S; from the first event to the last it is d - c, of density

    p(d | S, n) = n (n - 1) (d - c)^(n - 2) (S - d) / (S - c)^n,      S >= d,

and one visit says nothing. What most users' lengths are like tells what can be expected of those with few visits: the
law of S is a table over ``LENGTHS`` lengths, fitted by expectation-maximisation to all users (Laird 1978), and each
user has the posterior.

That is ``fit_stays``; ``own_stays`` takes each user by themselves, n even moments for n events, and is too short where
events come in visits.

What is needed of it are means of 1 / S, not the mean of S: a window of W before an event is the share W / S of a stay.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from causalviz.events.log import EventLog

Floats = NDArray[np.float64]

LENGTHS = 40  # of the table, evenly spaced on the logarithm up to the log's own
LEAST_STAY = 1e-3  # of the log's time
APART = 0.05  # of the log's time: at least so far apart are two visits
ROUNDS = 60
SAMPLE = 10_000  # users who tell the law
PART = 50_000  # users at a time


class Stays(NamedTuple):
    """Of U users.

    Attributes:
        first: (U,) ticks of the first event.
        inverse: (U,) expected 1 / S, per tick.
        lead: (U,) expected share of the stay that lies before the first event.
    """

    first: Floats
    inverse: Floats
    lead: Floats


def fit_stays(log: EventLog, longest_lag: float) -> Stays:
    """The stays of a log's users.

    Args:
        log: M events.
        longest_lag: Up to which an event may have set off another, ticks; visits are further apart.
    """
    first, last = (log.time[rows].astype(np.float64) for rows in (log.offsets[:-1], log.offsets[1:] - 1))
    whole = max(float(log.time.max() - log.time.min()), 1.0)
    opens = np.ones(log.n_events, dtype=bool)
    apart = max(longest_lag, APART * whole)
    opens[1:] = (np.diff(log.user) != 0) | (np.diff(log.time) > apart)
    visits = np.bincount(log.user[opens], minlength=log.n_users)
    between = np.diff(log.time, prepend=log.time[0]) * (opens & (np.diff(log.user, prepend=-1) == 0))
    free = np.bincount(log.user, between, minlength=log.n_users) - (visits - 1) * apart  # d - c
    lengths = whole * np.geomspace(LEAST_STAY, 1.0, LENGTHS)
    seen = _Seen(visits, free, last - first)
    few = np.random.default_rng(0).permutation(log.n_users)[:SAMPLE]
    law = _law(seen.likelihoods(few, lengths))
    inverse, lead = np.empty(log.n_users), np.empty(log.n_users)
    for start in range(0, log.n_users, PART):
        rows = np.arange(start, min(start + PART, log.n_users))
        chance = seen.likelihoods(rows, lengths) * law  # (rows, LENGTHS)
        chance /= chance.sum(axis=1, keepdims=True)
        inverse[rows] = chance @ (1 / lengths)
        lead[rows] = (chance * np.maximum(1 - seen.lasted[rows, None] / lengths, 0.0)).sum(axis=1) / 2
    return Stays(first, inverse, lead)


def own_stays(log: EventLog) -> Stays:
    """Each user's first event to the last, longer by what n even moments miss at both ends, within the log's time.

    Args:
        log: M events.
    """
    number = np.diff(log.offsets)
    first, last = (log.time[rows].astype(np.float64) for rows in (log.offsets[:-1], log.offsets[1:] - 1))
    begin, whole = float(log.time.min()), max(float(log.time.max() - log.time.min()), 1.0)
    stay = np.clip((last - first) * (number + 1) / np.maximum(number - 1, 1), LEAST_STAY * whole, whole)
    start = np.maximum(first - (stay - (last - first)) / 2, begin)
    return Stays(first, 1 / stay, (first - start) / stay)


class _Seen(NamedTuple):
    """(U,) each: visits n, what is left between them d - c, and from the first event to the last d, ticks."""

    visits: NDArray[np.int64]
    free: Floats
    lasted: Floats

    def likelihoods(self, rows: NDArray[np.int64], lengths: Floats) -> Floats:
        """(rows, LENGTHS) of each length, up to a factor of each user; the longest one is always possible."""
        n, free = self.visits[rows, None].astype(np.float64), np.maximum(self.free[rows, None], 1.0)
        beyond = np.maximum(lengths - self.lasted[rows, None], 1e-9 * lengths)  # S - d
        spread = (n - 2) * np.log(free) + np.log(beyond) - n * np.log(free + beyond)
        log_chance = np.where(n >= 2, spread, 0.0)
        log_chance[:, :-1] = np.where(lengths[:-1] < self.lasted[rows, None], -np.inf, log_chance[:, :-1])
        return np.asarray(np.exp(log_chance - log_chance.max(axis=1, keepdims=True)))


def _law(likelihood: Floats) -> Floats:
    """(LENGTHS,) chances of the lengths that make what was seen most likely."""
    law = np.full(likelihood.shape[1], 1 / likelihood.shape[1])
    for _ in range(ROUNDS):
        chance = likelihood * law
        law = (chance / chance.sum(axis=1, keepdims=True)).mean(axis=0)
    return law

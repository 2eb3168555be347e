"""How much an answer owes to chance: the log is varied, and answered again.

*Resampled users*: whole users are drawn anew, with replacement. Users are the unit, because the events of one user hang
together. A 90 % interval is the answer on the log itself, give or take 1.645 standard deviations of the answers on
resampled logs: with a dozen of them a standard deviation is known well enough, while their quantiles are not.

*Time halves*: what was recorded before and after the middle of the log's span. What holds in one and not in the other
has changed, or was never there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from causalviz.errors import UnusableLog
from causalviz.events.log import EventLog

Floats = NDArray[np.float64]
Answer = Callable[[EventLog], Floats]
Progress = Callable[[int, int], None]

COVERAGE = 0.9
LEAST_EVENTS = 50  # of a half; fewer are no log to speak of


class Halves(NamedTuple):
    """The log before and after a moment, in ticks."""

    first: EventLog
    second: EventLog
    middle: int


class Agreement(NamedTuple):
    """How many pairs two answers draw: both of them, the first alone, the second alone."""

    both: int
    first_only: int
    second_only: int

    @property
    def share(self) -> float:
        """Of the pairs that either draws, those that both draw; NaN where nothing is drawn."""
        drawn = self.both + self.first_only + self.second_only
        return self.both / drawn if drawn else float("nan")


def resample_users(log: EventLog, seed: int | Sequence[int]) -> EventLog:
    """A log of as many users, each drawn from all users with the same chance; whoever comes twice counts as two."""
    rng = np.random.default_rng(seed)
    return log.take_users(rng.integers(0, log.n_users, log.n_users))


def half_width(replicates: Sequence[float], coverage: float = COVERAGE) -> float:
    """Half the width of the interval around a score; NaN unless two of its replicates are numbers.

    Args:
        replicates: The score on each resampled log.
        coverage: Chance that the interval should hold the truth, below 1.
    """
    values = np.asarray(replicates, dtype=np.float64)
    values = values[np.isfinite(values)]
    if len(values) < 2:
        return float("nan")
    return float(norm.ppf(0.5 + coverage / 2) * np.std(values, ddof=1))


def time_halves(log: EventLog) -> Halves:
    """Cuts a log at the middle of its span; behaviours stay, users without events in a half are left out of it.

    Raises:
        UnusableLog: If a half has hardly any events, or fewer than two behaviours.
    """
    middle = int((int(log.time.min()) + int(log.time.max())) // 2)
    early = log.time <= middle
    for where, said in ((early, "first"), (~early, "second")):
        if where.sum() < LEAST_EVENTS or len(np.unique(log.behaviour[where])) < 2:
            raise UnusableLog(
                f"The {said} half of the log's span has {int(where.sum())} events, too few to read causes from; "
                "a longer log can be compared over time."
            )
    return Halves(_part(log, early), _part(log, ~early), middle)


def answers_on(
    logs: Iterable[EventLog],
    total: int,
    answer: Answer,
    on_progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> NDArray[np.float32]:
    """Answers logs one after the other.

    Args:
        logs: R logs of the same K behaviours, made as they are needed.
        total: R.
        answer: (K, K) probabilities of a log, [cause, effect].
        on_progress: Told (logs done, R) before each log and at the end.
        cancelled: Asked before each log.

    Returns:
        (R, K, K), fewer if it was cancelled; NaN counts as 0.
    """
    found = []
    for done, log in enumerate(logs):
        if cancelled is not None and cancelled():
            break
        if on_progress is not None:
            on_progress(done, total)
        found.append(np.nan_to_num(answer(log)).astype(np.float32))
    if on_progress is not None:
        on_progress(len(found), total)
    return np.stack(found) if found else np.empty((0, 0, 0), np.float32)


def returned(answers: NDArray[np.float32], threshold: float) -> Floats:
    """(K, K) share of (R, K, K) answers in which a pair is drawn."""
    return np.asarray((answers >= np.float32(threshold)).mean(axis=0), dtype=np.float64)


def agreement(first: NDArray[np.floating], second: NDArray[np.floating], threshold: float) -> Agreement:
    """Compares what two (K, K) answers draw."""
    off = ~np.eye(len(first), dtype=bool)
    one, other = (first >= threshold) & off, (second >= threshold) & off
    return Agreement(int((one & other).sum()), int((one & ~other).sum()), int((other & ~one).sum()))


def _part(log: EventLog, where: NDArray[np.bool_]) -> EventLog:
    users, user = np.unique(log.user[where], return_inverse=True)
    return EventLog(
        user.astype(np.int32),
        log.time[where],
        log.behaviour[where],
        log.behaviours,
        tuple(log.user_names[code] for code in users),
    )

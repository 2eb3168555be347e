"""How much an answer owes to chance: whole users are drawn anew, with replacement, and the log is answered again.

Users are the unit, because the events of one user hang together. A 90 % interval is the answer on the log itself, give
or take 1.645 standard deviations of the answers on resampled logs: with a dozen of them a standard deviation is known
well enough, while their quantiles are not.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import norm

from causalviz.events.log import EventLog

COVERAGE = 0.9


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

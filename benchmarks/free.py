"""The free lines: answers that need no inference, so that what beats none of them says nothing."""

from __future__ import annotations

import numpy as np

from benchmarks.answers import Answer
from causalviz.events.log import EventLog


def free_line(name: str, log: EventLog) -> Answer:
    """A line of ``free_lines`` or "first occurrence", drawn at 0.5.

    In lift that is: more pairs within the window than by chance; in count sort: the cause is the rarer one; in first
    occurrence: the cause comes first for most users; in directly follows: most of what follows the cause.
    """
    from causalviz.evaluate.metrics import THRESHOLD, first_occurrence, free_lines
    from causalviz.lags import LagGrid, count_lags

    if name == "first occurrence":
        score = first_occurrence(log)
    else:
        score = free_lines(count_lags(log, LagGrid.from_log(log)))[name]
    return Answer(score, np.asarray(score >= THRESHOLD), False)

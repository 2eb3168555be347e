"""Ages in events: how many events of their own people have done since, in steps that double.

    since   0   1   2   3-4   5-8   9-16   17-32   33-64   65-128   more
    age     0   1   2   3     4     5      6       7       8        9

Minutes differ from person to person and from log to log, but how people repeat themselves is much the same counted in
events; so a weight by age can be shared by all behaviours, those included that a log has hardly shown yet.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LONGEST = (0, 1, 2, 4, 8, 16, 32, 64, 128)  # events since, at most, of each age but the last
AGES = len(LONGEST) + 1


def ages_of(since: NDArray[np.integer]) -> NDArray[np.int8]:
    """Ages, of the same shape.

    Args:
        since: Events since, 0 or more.
    """
    return np.searchsorted(LONGEST, since, side="left").astype(np.int8)

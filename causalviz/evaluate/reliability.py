"""Whether a probability means what it says: of the pairs called 80 % sure, are eight in ten edges?

Probabilities are cut into bins of equal width, so that each place on the scale is seen, with the number of pairs in
each. (The expected calibration error cuts them into bins of equal count, see ``causalviz.model.calibration``.)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from causalviz.evaluate.intervals import wilson
from causalviz.evaluate.stability import COVERAGE

Floats = NDArray[np.float64]

BINS = 10


class Reliability(NamedTuple):
    """B bins that hold pairs, by rising probability.

    Attributes:
        low: (B,) where each bin begins.
        high: (B,) where it ends.
        probability: (B,) mean probability of its pairs.
        share: (B,) edges among them.
        pairs: (B,) how many.
        share_low: (B,) 90 % interval of the share, the pairs taken as independent.
        share_high: (B,)
    """

    low: Floats
    high: Floats
    probability: Floats
    share: Floats
    pairs: NDArray[np.int64]
    share_low: Floats
    share_high: Floats


def reliability(probability: Floats, label: NDArray[np.bool_], bins: int = BINS) -> Reliability:
    """Compares probabilities with frequencies; bins without pairs are left out.

    Args:
        probability: (n,) in [0, 1].
        label: (n,) True for edges.
        bins: How many of equal width.
    """
    place = np.minimum((probability * bins).astype(np.int64), bins - 1)  # (n,)
    pairs = np.bincount(place, minlength=bins)
    kept = pairs > 0
    n = pairs[kept]
    mean = np.bincount(place, probability, minlength=bins)[kept] / n
    share = np.bincount(place, label.astype(float), minlength=bins)[kept] / n
    quantile = float(norm.ppf(0.5 + COVERAGE / 2))
    ends = np.array([wilson(s, k, quantile) for s, k in zip(share, n, strict=True)]).reshape(-1, 2)
    edges = np.arange(bins + 1) / bins
    return Reliability(edges[:-1][kept], edges[1:][kept], mean, share, n, ends[:, 0], ends[:, 1])

"""Ages in events: the table of the module, and every step of it."""

from __future__ import annotations

import numpy as np

from causalviz.model.ages import AGES, ages_of


def test_ages_double() -> None:
    assert ages_of(np.array([0, 1, 2, 3, 4, 5, 8, 9, 128, 129, 10_000])).tolist() == [0, 1, 2, 3, 3, 4, 4, 5, 8, 9, 9]
    assert ages_of(np.arange(200)).max() == AGES - 1

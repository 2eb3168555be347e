"""Bins of gaps, on gaps that can be counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from causalviz.model.gaps import LEAST_S, Gaps


def test_the_bins_hold_equal_shares_and_know_their_means() -> None:
    gap_s = np.arange(1.0, 9.0)
    gaps = Gaps.of(gap_s, 4)
    assert np.bincount(gaps.code(gap_s)).tolist() == [2, 2, 2, 2]
    assert gaps.mean.tolist() == [1.5, 3.5, 5.5, 7.5]
    assert gaps.code(np.array([[0.0, 100.0]])).tolist() == [[0, 3]]


@pytest.mark.parametrize("gap", [0.0, 5.0])
def test_gaps_that_are_all_alike_leave_two_bins_of_which_none_is_without_a_mean(gap: float) -> None:
    gaps = Gaps.of(np.full(9, gap), 8)
    assert len(gaps.edges) == 1
    assert gaps.mean.tolist() == [LEAST_S, max(gap, LEAST_S)]

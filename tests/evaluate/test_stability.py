"""Resampled users and the intervals that they give."""

from __future__ import annotations

import math

import numpy as np
import pytest

from causalviz.evaluate.stability import half_width, resample_users
from causalviz.events.log import EventLog


def test_resampled_logs_have_whole_histories_of_drawn_users() -> None:
    user = np.repeat(np.arange(50, dtype=np.int32), np.arange(1, 51))  # user u has u + 1 events
    log = EventLog.from_columns(user, np.arange(len(user)), user % 2, ["a", "b"])
    drawn = resample_users(log, seed=1)
    assert drawn.n_users == 50
    sizes = np.diff(drawn.offsets)
    assert [int(name) + 1 for name in drawn.user_names] == sizes.tolist()
    assert 20 < len(set(drawn.user_names)) < 45  # about 63 % of the users come at all
    assert drawn.fingerprint == resample_users(log, seed=1).fingerprint != resample_users(log, seed=2).fingerprint


def test_the_interval_of_a_normal_score() -> None:
    assert half_width([1.0, 3.0]) == pytest.approx(1.6449 * math.sqrt(2), rel=1e-3)
    assert half_width([1.0, float("nan"), 3.0]) == half_width([1.0, 3.0])
    assert math.isnan(half_width([1.0]))

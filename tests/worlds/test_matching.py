"""A matched world looks like its log, and has a graph of its own."""

from __future__ import annotations

import numpy as np
import pytest

from causalviz.events.log import EventLog
from causalviz.worlds import Prior, demo_log, simulate
from causalviz.worlds.matching import MAX_EVENTS, draw_matched_plan, profile_of


def test_the_profile_is_measured() -> None:
    log = EventLog.from_columns(
        np.array([0, 0, 0, 1, 1], np.int32),
        np.array([0, 10_000, 40_000, 0, 20_000]),
        np.array([0, 1, 0, 0, 0], np.int32),
        ["a", "b"],
    )
    profile = profile_of(log)
    assert profile.shares == pytest.approx(np.array([4.5, 1.5]) / 6)
    assert profile.events_per_user == 2.5
    assert profile.span_s == 30.0  # mean of 40 s and 20 s
    assert profile.clock_s == 10.0
    assert 10 <= profile.gaps_s[0] <= profile.gaps_s[1] <= 30


def test_a_matched_world_has_the_logs_behaviours_users_and_counts() -> None:
    log = demo_log("video", users=300).log
    profile = profile_of(log)
    for seed in range(4):
        rng = np.random.default_rng(seed)
        world = simulate(draw_matched_plan(profile, Prior(null=0.0), rng), rng)
        assert world.log.behaviours == log.behaviours
        assert 0.3 < world.log.n_events / log.n_events < 3
        assert 0.8 * log.n_users < world.log.n_users <= log.n_users
        shares = np.bincount(world.log.behaviour, minlength=log.n_behaviours) / world.log.n_events
        assert np.abs(shares - profile.shares).max() < 0.2


def test_graphs_differ_between_matched_worlds() -> None:
    profile = profile_of(demo_log("video", users=50).log)
    truths = [draw_matched_plan(profile, Prior(null=0.0), np.random.default_rng(seed)).truth for seed in range(6)]
    assert len({truth.tobytes() for truth in truths}) == 6


def test_a_large_log_is_matched_by_fewer_users() -> None:
    profile = profile_of(demo_log("video").log)
    assert profile.n_users * profile.events_per_user <= MAX_EVENTS


def test_a_log_of_lone_events_has_a_profile_all_the_same() -> None:
    log = EventLog.from_columns(
        np.arange(6, dtype=np.int32), np.zeros(6, np.int64), np.array([0, 1] * 3, np.int32), ["a", "b"]
    )
    rng = np.random.default_rng(0)
    world = simulate(draw_matched_plan(profile_of(log), Prior(), rng), rng)
    assert world.log.n_events > 0

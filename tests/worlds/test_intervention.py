"""Forced worlds: the simulated total is the one that follows from the plan, and an unforced world stays as it was."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from worlds.test_simulator import edge, plan_of

from causalviz.errors import SettingsError
from causalviz.worlds.intervention import true_absence, true_totals
from causalviz.worlds.plan import World, WorldPlan
from causalviz.worlds.simulator import Forcing, run_users, simulate

CHAIN = edge(3, 0, 1, 0.5) + edge(3, 1, 2, 0.4)


def world_of(plan: WorldPlan) -> World:
    return simulate(plan, np.random.default_rng(0))


def test_totals_of_a_chain_are_products() -> None:
    found = true_totals(world_of(plan_of(CHAIN)), np.random.default_rng(0))
    wanted = np.array([[0, 0.5, 0.2], [0, 0, 0.4], [0, 0, 0]])
    assert np.all(np.abs(found.total - wanted) <= 4 * found.error + 1e-9)
    assert found.error[0, 1] < 0.02


def test_a_prevention_lowers_what_it_keeps_away() -> None:
    plan = plan_of(np.zeros((2, 2)), suppress=edge(2, 0, 1, 1.0), suppress_s=edge(2, 0, 1, 2_000.0))
    found = true_totals(world_of(plan), np.random.default_rng(0))
    assert found.total[0, 1] < -5 * found.error[0, 1]


def test_a_prevention_for_good_is_that_of_one_event_in_the_log_s_own_world() -> None:
    plan = plan_of(np.zeros((2, 2)), suppress=edge(2, 0, 1, 1.0), suppress_s=edge(2, 0, 1, np.inf))
    world = replace(world_of(plan), background=np.array([0.0, 0.1]))  # nothing prevents until it is forced
    found = true_totals(world, np.random.default_rng(0), users=2_000)
    assert found.usual[0] == 0
    assert found.total[0, 1] == pytest.approx(-0.5 * found.usual[1], abs=4 * found.error[0, 1])  # half the stay is left


def test_what_never_happens_sets_nothing_off() -> None:
    change = true_absence(world_of(plan_of(CHAIN)), 0, np.random.default_rng(0))
    usual = true_totals(world_of(plan_of(CHAIN)), np.random.default_rng(0), users=1_000).usual
    assert change[0] == -1
    assert change[1] == pytest.approx(-0.5 * usual[0] / usual[1], rel=0.15)


def test_the_world_left_alone_is_as_ever_and_the_forced_one_has_its_forced_events() -> None:
    plan = plan_of(CHAIN)
    base = world_of(plan).background
    assert run_users(plan, plan.people, base, np.random.default_rng(1)).behaviour.max() < 3
    user, _, mark, *_ = run_users(plan, plan.people, base, np.random.default_rng(1), Forcing(per_user=2, behaviour=0))
    assert np.bincount(user[mark == 3], minlength=200).tolist() == [2] * 200
    assert mark.max() < 6  # where nothing prevents, the forced world lacks nothing


def test_where_nothing_follows_both_worlds_hold_the_same() -> None:
    plan = plan_of(np.zeros((2, 2)), refractory_s=np.array([300.0, 0.0]))
    found = true_totals(world_of(plan), np.random.default_rng(0), users=500)
    assert found.total[:, 1].tolist() == [0, 0]
    assert found.error[:, 1].tolist() == [0, 0]
    assert found.total[0, 0] < -5 * found.error[0, 0]  # a forced event takes the moment of those that follow too soon


def test_a_synergy_is_set_off_by_either_cause_where_the_other_was() -> None:
    partner = np.full((3, 3), -1)
    partner[0, 2], partner[1, 2] = 1, 0
    plan = plan_of(edge(3, 0, 2, 1.0) + edge(3, 1, 2, 1.0), partner=partner, partner_s=5_000.0)
    found = true_totals(world_of(plan), np.random.default_rng(0))
    assert np.all(found.total[:2, 2] > 5 * found.error[:2, 2])
    alone = replace(world_of(plan), background=np.array([0.1, 0.0, 0.1]))  # the other cause never comes
    assert true_totals(alone, np.random.default_rng(0), users=500).total[0, 2] == 0


def test_a_clickstream_cannot_be_forced() -> None:
    world = world_of(plan_of(CHAIN))
    with pytest.raises(SettingsError, match="clickstream"):
        true_totals(replace(world, plan=replace(world.plan, family="clickstream")), np.random.default_rng(0))


def test_the_world_left_alone_beside_a_forced_one_is_distributed_as_one_by_itself() -> None:
    plan = plan_of(
        CHAIN, suppress=edge(3, 0, 2, 0.7), suppress_s=edge(3, 0, 2, 3_000.0), correction=edge(3, 1, 0, 0.1),
        correction_s=np.full(3, 20_000.0), refractory_s=np.array([0.0, 300.0, 0.0]), saturation_s=np.full(3, 100.0),
    )  # fmt: skip
    plan = replace(plan, people=replace(plan.people, n_users=2_000))
    base = world_of(plan).background

    def per_user(mark: np.ndarray, user: np.ndarray, alone: np.ndarray) -> np.ndarray:
        return np.bincount(user[alone] * 3 + mark[alone] % 3, minlength=6_000).reshape(-1, 3)

    user, _, mark, *_ = run_users(plan, plan.people, base, np.random.default_rng(1), Forcing(per_user=1, behaviour=0))
    beside = per_user(mark, user, mark // 3 != 1)
    user, _, mark, *_ = run_users(plan, plan.people, base, np.random.default_rng(2))
    apart = per_user(mark, user, mark >= 0)
    error = np.sqrt((beside.var(0) + apart.var(0)) / 2_000)
    assert np.all(np.abs(beside.mean(0) - apart.mean(0)) < 4 * error)

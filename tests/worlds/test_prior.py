"""Laws of the prior: neither counts nor labels tell causes from effects, and equal seeds give equal worlds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from causalviz.worlds import HELD_OUT, TRAINED, Prior, World, draw_plan, simulate
from causalviz.worlds.plan import Delay, WorldPlan

SMALL = Prior(events=(1_500, 6_000), users=(20, 300), many_share=0.0, large_share=0.0)


def drawn_world(seed: int, prior: Prior = SMALL) -> World:
    rng = np.random.default_rng(seed)
    return simulate(draw_plan(prior, rng), rng)


@pytest.fixture(scope="module")
def worlds() -> list[World]:
    return [drawn_world(seed) for seed in range(160)]


def directed(world: World, score: np.ndarray) -> float | None:
    """AUROC of a score on the pairs off the diagonal, or None where the graph is empty or full."""
    off = ~np.eye(len(world.truth), dtype=bool)
    truth = world.truth[off]
    return float(roc_auc_score(truth, score[off])) if 0 < truth.sum() < len(truth) else None


def test_sorting_by_count_is_at_chance(worlds: list[World]) -> None:
    scores = []
    for world in worlds:
        counts = np.bincount(world.log.behaviour, minlength=world.log.n_behaviours) + 1.0
        scores.append(directed(world, np.log(counts[None, :] / counts[:, None])))
    known = np.array([score for score in scores if score is not None])
    error = known.std() / np.sqrt(len(known))
    assert abs(known.mean() - 0.5) < max(3 * error, 0.05)


def test_sorting_by_label_is_at_chance(worlds: list[World]) -> None:
    scores = [directed(world, np.subtract.outer(*[np.arange(len(world.truth))] * 2)) for world in worlds]
    known = np.array([score for score in scores if score is not None])
    assert abs(known.mean() - 0.5) < 3 * known.std() / np.sqrt(len(known))


def test_every_world_has_events_and_a_graph_of_its_behaviours(worlds: list[World]) -> None:
    for world in worlds:
        assert world.log.n_events > 0
        assert world.truth.shape == (world.log.n_behaviours,) * 2
        assert not world.truth.diagonal().any()


def test_both_families_and_null_worlds_are_drawn(worlds: list[World]) -> None:
    assert {world.plan.family for world in worlds} == {"branching", "clickstream"}
    assert any(not world.truth.any() for world in worlds)
    assert any(behaviour.item for world in worlds for behaviour in world.log.behaviours)


def test_equal_seeds_give_equal_worlds() -> None:
    assert drawn_world(7).log.fingerprint == drawn_world(7).log.fingerprint
    assert drawn_world(7).log.fingerprint != drawn_world(8).log.fingerprint


def test_null_prior_has_no_edges() -> None:
    null = replace(SMALL, null=1.0)
    assert not any(drawn_world(seed, null).truth.any() for seed in range(10))


def test_every_range_says_why() -> None:
    described = Prior().describe()
    assert len({mechanism.name for mechanism in described}) == len(described) > 30
    assert all(len(mechanism.reason) > 10 for mechanism in described)


def test_the_prior_never_draws_what_is_held_out() -> None:
    plans = [draw_plan(Prior(), np.random.default_rng([3, seed])) for seed in range(120)]
    corrections = [plan.influences.correction for plan in plans]
    assert any(correction.any() for correction in corrections)  # of a behaviour by itself
    assert not any((correction * ~np.eye(len(correction), dtype=bool)).any() for correction in corrections)
    assert all(np.isfinite(plan.influences.correction_s).all() for plan in plans)
    assert not any((plan.influences.partner >= 0).any() for plan in plans)
    assert not any((plan.influences.delay == Delay.UNIFORM).any() for plan in plans)
    assert "ring" not in Prior().topologies


@pytest.mark.parametrize(
    ("family", "has"),
    [
        ("self-correcting", lambda plan: (plan.influences.correction > 0).any()),
        ("two causes", lambda plan: (plan.influences.partner >= 0).any()),
        ("uniform delays", lambda plan: (plan.influences.delay == Delay.UNIFORM).all()),
    ],
)
def test_a_held_out_family_draws_its_own(family: str, has: Callable[[WorldPlan], bool]) -> None:
    plans = [draw_plan(HELD_OUT[family], np.random.default_rng([4, seed])) for seed in range(20)]
    assert np.mean([has(plan) for plan in plans]) > 0.6
    assert all(plan.influences.direct.any() for plan in plans)


def test_the_parts_of_the_mixture_make_a_whole() -> None:
    assert sum(share for _, share in TRAINED.values()) == pytest.approx(1.0)


def test_users_of_plain_worlds_are_all_alike() -> None:
    for seed in range(20):
        plan = draw_plan(TRAINED["plain"][0], np.random.default_rng(seed))
        people, K = plan.people, len(plan.behaviours)
        assert (people.activity_sigma, people.taste, people.lifetime, people.growth) == (0.0, np.inf, 1.0, 1.0)
        assert (people.session_s, people.weekly, people.bots, plan.shocks.per_user) == (0.0, 0.0, 0.0, 0.0)
        assert not people.drift.any()
        assert len(np.unique(people.groups)) == K


def test_counts_of_all_other_families_tell_nothing_either() -> None:
    trained = {name: prior for name, (prior, _) in TRAINED.items() if name in {"slow", "plain"}}
    for name, family in {**HELD_OUT, **trained}.items():
        small = replace(family, events=(1_500, 6_000), users=(20, 300), many_share=0.0, large_share=0.0)
        scores = []
        for seed in range(60):
            world = drawn_world(seed, small)
            counts = np.bincount(world.log.behaviour, minlength=world.log.n_behaviours) + 1.0
            scores.append(directed(world, np.log(counts[None, :] / counts[:, None])))
        known = np.array([score for score in scores if score is not None])
        assert abs(known.mean() - 0.5) < max(3.5 * known.std() / np.sqrt(len(known)), 0.08), name

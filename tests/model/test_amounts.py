"""Planted amounts are learned and held by their ends; the shipped networks know a world that one can count."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from worlds.test_simulator import edge, plan_of

from causalviz.errors import UnreadableModel
from causalviz.model.amounts import (
    FILE,
    LEAST,
    Amounts,
    Lesson,
    OwnRows,
    PairRows,
    direct_effects,
    learn_amounts,
    load_amounts,
    repeat_rows,
)
from causalviz.model.direct import Direct
from causalviz.model.effects import measure_effects
from causalviz.model.evidence import Evidence, gather_evidence
from causalviz.model.features import PairFeatures, pair_features
from causalviz.model.repeats import Fits, Repeats, fit_both
from causalviz.worlds import World, WorldPlan, simulate


def planted(worlds: int, seed: int) -> list[Lesson]:
    """First estimates that are too small by a factor that the first column tells, and noise of a third of it."""
    rng = np.random.default_rng(seed)

    def pairs(n: int) -> tuple[PairRows, np.ndarray]:
        values = rng.normal(size=(n, 2)).astype(np.float32)
        base = np.log(rng.uniform(0.05, 0.5, n))
        truth = np.exp(base + 0.5 * values[:, 0] + rng.normal(0.0, 0.2, n))
        return PairRows(("telling", "idle"), values, base), truth

    def behaviours(n: int) -> tuple[OwnRows, np.ndarray]:
        values = rng.normal(size=(n, 1)).astype(np.float32)
        return OwnRows(("own",), values), np.clip(0.3 + 0.2 * values[:, 0] + rng.normal(0.0, 0.05, n), 0.0, 1.0)

    return [Lesson(*pairs(20), *pairs(20), *behaviours(20)) for _ in range(worlds)]


@pytest.fixture(scope="module")
def learned() -> Amounts:
    return learn_amounts(planted(200, seed=0), seed=0)


def test_what_the_first_estimate_lacks_is_learned_and_its_spread_too(learned: Amounts) -> None:
    for kind in ("drawn", "others"):
        found, truth, first = [], [], []
        for world in planted(50, seed=1):
            rows, known = getattr(world, kind), getattr(world, f"{kind}_truth")
            found.append(np.stack(learned.set_off(kind, rows, np.zeros(len(known)))))
            truth.append(known)
            first.append(np.exp(rows.base))
        (low, amount, high), true = np.hstack(found), np.concatenate(truth)
        assert np.median(np.abs(np.log(amount / true))) < 0.5 * np.median(np.abs(np.log(np.concatenate(first) / true)))
        assert np.mean((low <= true) & (true <= high)) == pytest.approx(0.9, abs=0.05)
        assert (low <= amount).all()
        assert (amount <= high).all()


def test_what_comes_through_an_effect_is_shared_with_its_repeats(learned: Amounts) -> None:
    rows = planted(1, seed=2)[0].drawn
    without, half = (learned.set_off("drawn", rows, np.full(len(rows.base), own)).amount for own in (0.0, 0.5))
    assert half == pytest.approx(without / 2)


def test_repeats_lie_between_their_ends_and_below_one(learned: Amounts) -> None:
    rows = [world.repeats for world in planted(20, seed=3)]
    amount, low, high = np.hstack([np.stack(learned.own(one)) for one in rows])
    truth = np.concatenate([world.repeats_truth for world in planted(20, seed=3)])
    assert np.abs(amount - truth).mean() < 0.06
    assert np.mean((low <= truth) & (truth <= high)) > 0.8
    assert (low <= amount).all()
    assert (high < 1).all()


def test_equal_seeds_learn_the_same() -> None:
    one, two, other = (learn_amounts(planted(4, seed=0), seed=seed).state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(one[name], two[name]) for name in one)
    assert any(not torch.equal(one[name], other[name]) for name in one)


def test_a_file_is_read_as_it_was_written_and_damage_is_named(tmp_path: Path, learned: Amounts) -> None:
    learned.save(tmp_path)
    again = load_amounts(tmp_path)
    rows = planted(1, seed=4)[0].drawn
    nothing = np.zeros(len(rows.base))
    assert np.array_equal(again.set_off("drawn", rows, nothing).amount, learned.set_off("drawn", rows, nothing).amount)
    with pytest.raises(UnreadableModel, match=r"amounts .* install the program anew"):
        load_amounts(tmp_path / "missing")
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / FILE).write_bytes(b"no tensors")
    with pytest.raises(UnreadableModel, match="amounts"):
        load_amounts(tmp_path / "damaged")


def test_other_columns_are_refused(learned: Amounts) -> None:
    rows = planted(1, seed=5)[0].drawn
    with pytest.raises(UnreadableModel, match="learn anew"):
        learned.set_off("drawn", rows._replace(columns=("telling", "renamed")), np.zeros(len(rows.base)))


class Judged:
    """A world with everything that tells its direct effects."""

    def __init__(self, plan: WorldPlan) -> None:
        self.world: World = simulate(plan, np.random.default_rng(1))
        self.evidence: Evidence = gather_evidence(self.world.log)
        self.features: PairFeatures = pair_features(self.evidence)
        self.fits: Fits = fit_both(self.world.log, self.evidence.counts.grid, self.world.truth)

    def direct(self, prevents: np.ndarray, repeats: Repeats) -> Direct:
        effects = measure_effects(self.evidence, np.where(prevents, 9.0, -9.0))
        return direct_effects(effects, self.features, self.fits, self.world.truth, repeats, load_amounts())


@pytest.fixture(scope="module")
def chain() -> Judged:
    """0 sets off half a 1, which repeats itself and sets off 0.3 of 2; people's tastes differ."""
    plan = plan_of(edge(4, 0, 1, 0.5) + edge(4, 1, 1, 0.3) + edge(4, 1, 2, 0.3), delay_s=60.0)
    return Judged(replace(plan, people=replace(plan.people, n_users=600, taste=1.0, activity_sigma=0.5)))


def test_the_shipped_networks_know_a_chain_with_repeats(chain: Judged) -> None:
    own = load_amounts().own(repeat_rows(chain.features, chain.fits, chain.evidence.counts.grid))
    assert own.amount[1] == pytest.approx(0.3, abs=0.08)
    assert (own.amount[[0, 2, 3]] < 0.05).all()
    direct = chain.direct(np.zeros((4, 4), bool), own)
    assert direct.offspring[0, 1] == pytest.approx(0.5, rel=0.25)
    assert direct.offspring[1, 2] == pytest.approx(0.3, rel=0.25)
    assert direct.low[0, 1] < 0.5 < direct.high[0, 1]
    beside = ~chain.world.truth & ~np.eye(4, dtype=bool)
    assert (direct.offspring[beside] < 0.15).all()


def test_what_prevents_keeps_its_own_estimate(chain: Judged) -> None:
    prevents = np.zeros((4, 4), dtype=bool)
    prevents[3, 2] = True
    effects = measure_effects(chain.evidence, np.where(prevents, 9.0, -9.0))
    direct = chain.direct(prevents, Repeats.none(4))
    assert direct.offspring[3, 2] == effects.offspring[3, 2] < 0
    assert direct.offspring[0, 1] != pytest.approx(effects.offspring[0, 1], abs=LEAST / 10)

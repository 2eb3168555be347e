"""Effects come near what the simulator did."""

from __future__ import annotations

import numpy as np
import pytest
from worlds.test_simulator import edge, plan_of

from causalviz.events.log import EventLog
from causalviz.model.effects import Effects, Estimate, Law, measure_effects
from causalviz.model.evidence import Evidence, gather_evidence
from causalviz.model.features import pair_features
from causalviz.model.signs import load_signs
from causalviz.worlds.plan import Delay
from causalviz.worlds.simulator import simulate

FIELDS = tuple(Effects.__dataclass_fields__)


@pytest.fixture(scope="module")
def exciting() -> Evidence:
    plan = plan_of(edge(3, 0, 1, 0.5), delay_s=20.0, family=Delay.LOG_NORMAL)
    return gather_evidence(simulate(plan, np.random.default_rng(0)).log)


@pytest.fixture(scope="module")
def preventing() -> Evidence:
    free = np.zeros((4, 4))
    plan = plan_of(free, suppress=edge(4, 0, 1, 0.8), suppress_s=edge(4, 0, 1, 3000.0))
    return gather_evidence(simulate(plan, np.random.default_rng(1)).log)


def score_of(evidence: Evidence) -> np.ndarray:
    K = len(evidence.counts.behaviours)
    return load_signs().scores(pair_features(evidence), evidence.counts, np.ones((K, K)))


def effects_of(evidence: Evidence) -> Effects:
    return measure_effects(evidence, score_of(evidence))


def test_an_excitation_has_its_offspring_its_delay_its_share_and_an_interval_above_one(exciting: Evidence) -> None:
    effects = effects_of(exciting)
    assert effects.low[0, 1] > 3
    assert effects.offspring_low[0, 1] < 0.5 < effects.offspring_high[0, 1]
    assert effects.offspring[0, 1] == pytest.approx(0.5, abs=0.12)
    assert effects.delay_s[0, 1] == pytest.approx(20.0, rel=0.3)
    assert 0.35 < effects.attributed[0, 1] < 0.6
    assert effects.window_s[0, 1] < 500
    assert effects.low[1, 2] < 1 < effects.high[1, 2]
    assert effects.offspring_low[1, 2] <= 0.05


def test_an_inhibition_has_a_rate_ratio_below_one_and_takes_effects_away(preventing: Evidence) -> None:
    effects = effects_of(preventing)
    assert effects.low[0, 1] < 0.2 < effects.high[0, 1] < 1
    assert effects.high[1, 0] > 1
    assert effects.offspring_high[0, 1] < 0
    assert effects.attributed[0, 1] == 0
    assert np.isnan(effects.delay_s[0, 1])


def test_intervals_hold_their_estimates(exciting: Evidence, preventing: Evidence) -> None:
    for evidence in (exciting, preventing):
        effects = effects_of(evidence)
        assert np.all((effects.low <= effects.rate_ratio) & (effects.rate_ratio <= effects.high))
        assert np.all((effects.offspring_low <= effects.offspring) & (effects.offspring <= effects.offspring_high))
        assert np.all((effects.attributed >= 0) & (effects.attributed <= 1))
        assert np.all((effects.rate_ratio < 1) == (effects.offspring < 0))
        assert np.all((effects.rate_ratio < 1) == (score_of(evidence) > 0))
        assert all(np.isfinite(getattr(effects, name)).all() for name in FIELDS if name != "delay_s")


def test_renaming_behaviours_renames_effects() -> None:
    log = simulate(plan_of(edge(3, 0, 1, 0.5)), np.random.default_rng(3)).log
    order = np.array([2, 0, 1])
    renamed = EventLog.from_columns(
        log.user, log.time, order[log.behaviour].astype(np.int32), ["x", "y", "z"], log.user_names
    )
    before, after = (effects_of(gather_evidence(one)) for one in (log, renamed))
    assert np.allclose(before.delay_s[0, 1], after.delay_s[order[0], order[1]], rtol=0.05)
    assert np.allclose(before.offspring[0, 1], after.offspring[order[0], order[1]], rtol=0.05)


def test_a_log_with_hardly_any_events_has_effects_that_say_nothing() -> None:
    log = EventLog.from_columns(
        np.array([0, 0, 1], dtype=np.int32), np.array([0, 5, 7]), np.array([0, 1, 2], dtype=np.int32), ["a", "b", "c"]
    )
    effects = effects_of(gather_evidence(log))
    off = ~np.eye(3, dtype=bool)
    assert np.all((effects.low <= 1)[off] & (effects.high >= 1)[off])
    assert np.isfinite(effects.rate_ratio).all()


def test_a_law_moves_the_estimate_and_gives_its_half_width() -> None:
    estimate = Estimate(np.zeros((1, 1)), np.array([[[1.0, 2.0]]]), np.array([[[1.0, 4.0]]]))
    middle, half = estimate.under(Law((0.5, 0.25), (0.05, 0.05)))
    assert middle[0, 0] == 1.0
    assert half[0, 0] == pytest.approx(0.5)
    assert estimate.under(Law((0.0, 0.0), (1e9, 0.0)))[1][0, 0] == 2.0  # no wider than that

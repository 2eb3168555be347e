"""Effects come near what the simulator did."""

from __future__ import annotations

import numpy as np
from worlds.test_simulator import edge, plan_of

from causalviz.model.effects import measure_effects
from causalviz.model.features import gather_evidence
from causalviz.worlds.plan import Delay
from causalviz.worlds.simulator import simulate


def test_an_excitation_has_its_delay_its_share_and_an_interval_above_one() -> None:
    plan = plan_of(edge(3, 0, 1, 0.5), delay_s=20.0, family=Delay.LOG_NORMAL)
    effects = measure_effects(gather_evidence(simulate(plan, np.random.default_rng(0)).log))
    assert effects.low[0, 1] > 3
    assert 12 < effects.delay_s[0, 1] < 35
    assert 0.35 < effects.attributed[0, 1] < 0.6
    assert effects.low[1, 2] < 1 < effects.high[1, 2]


def test_an_inhibition_has_a_rate_ratio_below_one() -> None:
    free = np.zeros((2, 2))
    plan = plan_of(free, suppress=edge(2, 0, 1, 1.0), suppress_s=edge(2, 0, 1, 3000.0))
    effects = measure_effects(gather_evidence(simulate(plan, np.random.default_rng(1)).log))
    assert effects.high[0, 1] < 1
    assert effects.high[1, 0] > 1
    assert np.isnan(effects.delay_s[0, 1])


def test_intervals_hold_their_ratio() -> None:
    effects = measure_effects(gather_evidence(simulate(plan_of(np.zeros((3, 3))), np.random.default_rng(2)).log))
    assert np.all(effects.low <= effects.rate_ratio)
    assert np.all(effects.rate_ratio <= effects.high)
    assert np.all((effects.attributed >= 0) & (effects.attributed <= 1))

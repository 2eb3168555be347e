"""Repeats in worlds that know them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from causalviz.events.log import Behaviour
from causalviz.model.amounts import load_amounts, repeat_rows
from causalviz.model.evidence import gather_evidence
from causalviz.model.features import pair_features
from causalviz.model.repeats import MOST, Repeats, fit_both
from causalviz.worlds import WorldPlan, simulate
from causalviz.worlds.plan import Influences, People, Recording, Shocks

K = 4


def plan_with(own: tuple[float, ...], session_s: float = 0.0) -> WorldPlan:
    """Four behaviours without edges, of which some set off themselves, among people whose tastes differ."""
    return WorldPlan(
        family="branching",
        behaviours=tuple(Behaviour(f"b{k}", f"b{k}") for k in range(K)),
        shares=np.full(K, 1 / K),
        people=People(
            n_users=400, events_per_user=30, span_s=1e6, drift=np.zeros(K), groups=np.arange(K), taste=1.0,
            activity_sigma=0.5, session_s=session_s, events_per_session=4.0,
        ),
        influences=replace(Influences.none(K, delay_s=60.0), offspring=np.diag(own)),
        shocks=Shocks(per_user=0.0, members=np.zeros((1, K)), width_s=1.0, shared=False),
        recording=Recording(rounding_s=0.001, lost=0.0, duplicated=0.0, hidden=np.zeros(K, bool)),
    )  # fmt: skip


def measured(plan: WorldPlan) -> Repeats:
    log = simulate(plan, np.random.default_rng(3)).log
    evidence = gather_evidence(log)
    grid = evidence.counts.grid
    fits = fit_both(log, grid, np.zeros((K, K), bool))
    return load_amounts().own(repeat_rows(pair_features(evidence), fits, grid))


def test_who_repeats_is_told_from_who_likes() -> None:
    found = measured(plan_with((0.5, 0.0, 0.25, 0.0)))
    assert found.amount[[0, 2]] == pytest.approx([0.5, 0.25], rel=0.35)  # an expectation: it might be a visit
    assert (found.low[[0, 2]] < [0.5, 0.25]).all()
    assert (found.high[[0, 2]] > [0.5, 0.25]).all()
    assert (found.amount[[1, 3]] < 0.03).all()
    assert (found.low <= found.amount).all()
    assert (found.amount <= found.high).all()
    assert (found.high <= MOST).all()


def test_visits_are_hardly_taken_for_repeats() -> None:
    assert (measured(plan_with((0.0,) * K, session_s=600.0)).amount < 0.06).all()

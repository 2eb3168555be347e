"""Worlds that resemble a log: always the same ones, whoever simulates them, and no more than are asked for."""

from __future__ import annotations

import pytest

from causalviz.model import matched_worlds as module
from causalviz.model.matched_worlds import Matched, Wanted, matched_worlds
from causalviz.worlds import demo_log
from causalviz.worlds.matching import Profile, profile_of


@pytest.fixture(scope="module")
def profile() -> Profile:
    return profile_of(demo_log("video", users=30).log)


def go_on() -> bool:
    return False


def simulate(profile: Profile, wanted: Wanted) -> tuple[Matched, list[int]]:
    told: list[int] = []
    return matched_worlds(profile, wanted, told.append, go_on), told


def test_as_many_as_are_wanted_are_simulated_and_told(profile: Profile) -> None:
    found, told = simulate(profile, Wanted(2, 3, 7))
    assert (len(found.aside), len(found.learned)) == (2, 3)
    assert told == [1, 2, 3, 4, 5]


def test_those_kept_aside_do_not_depend_on_the_seed_and_are_not_learned_from(profile: Profile) -> None:
    one, _ = simulate(profile, Wanted(2, 1, module.KEPT_ASIDE_SEED))
    other, _ = simulate(profile, Wanted(2, 1, 1))
    assert one.aside[0].edge.equal(other.aside[0].edge)
    assert not one.learned[0].edge.equal(other.learned[0].edge)
    assert not one.learned[0].edge.equal(one.aside[0].edge)


def test_who_stops_asking_stops_the_work(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[object] = []
    good = module._simulated
    monkeypatch.setattr(module, "_simulated", lambda *given: begun.append(given) or good(*given))
    found = matched_worlds(profile, Wanted(100, 100, 0), lambda _: None, lambda: True)
    assert (len(found.aside), len(found.learned)) == (1, 0)
    assert len(begun) <= module.WORKERS + module.AHEAD + 1

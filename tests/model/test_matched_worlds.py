"""Worlds that resemble a log: always the same ones, whoever simulates them, and no more than are asked for."""

from __future__ import annotations

import io
import subprocess
import sys

import numpy as np
import pytest

from causalviz.errors import TrainingFailed
from causalviz.model import matched_worlds as module
from causalviz.model.matched_worlds import Matched, Wanted, matched_worlds
from causalviz.worlds import demo_log
from causalviz.worlds.matching import Profile, profile_of


@pytest.fixture(scope="module")
def profile() -> Profile:
    return profile_of(demo_log("video", users=30).log)


def go_on() -> bool:
    return False


def simulate(profile: Profile, wanted: Wanted, *, apart: bool = False) -> tuple[Matched, list[int]]:
    told: list[int] = []
    return matched_worlds(profile, wanted, told.append, go_on, apart=apart), told


def same(one: Matched, other: Matched) -> bool:
    pairs = zip([*one.aside, *one.learned], [*other.aside, *other.learned], strict=True)
    return all(a.edge.equal(b.edge) and a.label.equal(b.label) for a, b in pairs)


def test_another_process_simulates_the_same_worlds(profile: Profile) -> None:
    here, told = simulate(profile, Wanted(2, 3, 7))
    apart, told_apart = simulate(profile, Wanted(2, 3, 7), apart=True)
    assert (len(here.aside), len(here.learned)) == (2, 3)
    assert told == told_apart == [1, 2, 3, 4, 5]
    assert same(here, apart)


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


@pytest.mark.parametrize("end", ["import os; os.kill(os.getpid(), 9)", "import sys; sys.stdin.readline(); sys.exit(3)"])
def test_a_process_that_ends_before_its_time_is_named(
    profile: Profile, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    started = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda _, **given: started([sys.executable, "-c", end], **given))
    with pytest.raises(TrainingFailed, match=r"ended before its time|did not start"):
        list(module._apart(profile, Wanted(1, 1, 0)))


def test_a_world_arrives_as_it_was_sent(profile: Profile) -> None:
    world = module._simulated(profile, np.random.SeedSequence(1), True)
    assert world is not None
    pipe = io.BytesIO()
    module._sent(world, pipe)
    pipe.seek(0)
    again = module._received(pipe)
    assert again is not None
    assert all(np.array_equal(a, b) for a, b in zip(world[:2], again[:2], strict=True))
    assert again.aside
    assert module._received(pipe) is None
    pipe.seek(0)
    assert module._received(io.BytesIO(pipe.read()[:-9])) is None  # cut short


def test_a_profile_arrives_as_it_was_told(profile: Profile) -> None:
    again, wanted = module._understood(module._told(profile, Wanted(1, 2, 3)))
    assert wanted == Wanted(1, 2, 3)
    assert np.array_equal(again.shares, profile.shares)
    assert (again.behaviours, again.gaps_s, again.clock_s) == (profile.behaviours, profile.gaps_s, profile.clock_s)

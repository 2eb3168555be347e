"""The other worlds of the benchmark: what they claim to be."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.clusters import Clusters, activity_bias, clusters, random_graph
from benchmarks.known import known_of, rarer_causes
from benchmarks.nulls import DAY_S, SPAN_DAYS, heterogeneous


def test_labels_are_permuted_together_with_the_graph() -> None:
    truth = np.array([[True, True, False], [False, False, True], [False, False, False]])  # a self-influence too
    known = known_of(
        np.array([5, 5, 5, 9, 9]),
        np.array([0.0, 1, 2, 0, 1]),
        np.array([0, 1, 1, 0, 2]),
        truth,
        np.random.default_rng(1),
    )
    assert (known.log.n_users, known.log.n_events) == (2, 5)
    assert not known.truth.diagonal().any()
    place = [int(np.flatnonzero(np.bincount(known.log.behaviour, minlength=3) == 2)[k]) for k in (0, 1)]
    chain = {(int(i), int(j)) for i, j in np.argwhere(known.truth)}
    assert len(chain) == 2
    assert any((a, b) in chain for a, b in (place, place[::-1]))


def test_an_offspring_number_is_the_mean_number_of_effects() -> None:
    offspring = np.array([[0.0, 0.7], [0.0, 0.0]])
    plan = Clusters(users=2000, background=np.array([5.0, 1e-9]), offspring=offspring, delay_s=60.0)
    known = clusters(plan, np.random.default_rng(2))
    cause, effect = (int(code) for code in np.argwhere(known.truth)[0])
    counts = np.bincount(known.log.behaviour, minlength=2)
    assert counts[effect] / counts[cause] == pytest.approx(0.7, rel=0.03)
    assert counts[cause] == pytest.approx(10_000, rel=0.05)


def test_a_random_graph_dies_out() -> None:
    offspring = random_graph(30, 4.0, 0.2, 0.9, np.random.default_rng(3))
    assert np.max(np.abs(np.linalg.eigvals(offspring))) < 1
    assert not offspring.diagonal().any()
    assert (offspring > 0).sum() == pytest.approx(120, rel=0.3)


def test_busy_users_do_everything_and_causes_are_rare() -> None:
    known = activity_bias(0)
    assert rarer_causes(known) == 1.0
    assert known.truth.any(axis=1).sum() == 10
    events = np.diff(known.log.offsets)
    assert np.quantile(events, 0.95) > 5 * np.median(events)


def test_a_log_without_causes_looks_as_if_it_had_some() -> None:
    known = heterogeneous(0)
    assert not known.truth.any()
    assert known.log.n_behaviours == 20
    assert known.log.time.min() >= 0
    assert known.log.time.max() < 1000 * (SPAN_DAYS * DAY_S + 3600)
    gaps = np.diff(known.log.time)[np.diff(known.log.user) == 0]
    assert np.mean(gaps < 300_000) > 0.2  # sessions and shocks


def test_spells_bring_a_users_events_together() -> None:
    still = {"users": 300, "background": np.full(2, 15.0), "offspring": np.zeros((2, 2)), "delay_s": 1.0}
    near = []
    for spell_s in (0.0, 3600.0):
        log = clusters(Clusters(**still, spell_s=spell_s), np.random.default_rng(4)).log  # type: ignore[arg-type]
        gaps = np.diff(log.time)[np.diff(log.user) == 0]
        near.append(np.mean(gaps < 3_600_000))
    assert near[0] < 0.1
    assert near[1] > 0.8

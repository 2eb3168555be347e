"""Familiarity: summaries that do not depend on order, and distances that say how rare a log is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from causalviz.errors import SettingsError
from causalviz.model.familiarity import NODE_LABEL, Familiarity, Resemblance, summary, summary_width
from causalviz.model.features import GROUP_LABELS

D, F = 6, 3
COLUMNS = ("lift:a", "lift:b", "adjacent:a", "adjacent:b", "hawkes:a", "hawkes:b")


def world(rng: np.random.Generator, shift: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Features of a made-up world of 2 to 30 behaviours: columns share a level, and its edges stand out."""
    K = int(np.exp(rng.uniform(np.log(2), np.log(30))))
    level = rng.normal(0, 1, D)
    edge = level + rng.normal(0, 1, (K * (K - 1), D)) + 2.0 * (rng.random((K * (K - 1), 1)) < 0.1)
    edge[:, 2:4] += shift
    return edge.astype(np.float32), rng.normal(rng.normal(), 0.5, (K, F)).astype(np.float32)


def summaries(n: int, seed: int, shift: float = 0.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.stack([summary(*world(rng, shift)) for _ in range(n)])


@pytest.fixture(scope="module")
def familiar() -> Familiarity:
    return Familiarity.fit(summaries(2_000, 0))


def shares(familiar: Familiarity, logs: np.ndarray) -> np.ndarray:
    return np.array([familiar.share_farther(familiar.distance(log)) for log in logs])


@settings(deadline=None)
@given(arrays(np.float32, (6, D), elements=st.floats(-50, 50, width=32)), st.randoms(use_true_random=False))
def test_a_summary_does_not_depend_on_the_order(edge: np.ndarray, random: object) -> None:
    rows, nodes = list(range(6)), list(range(3))
    random.shuffle(rows)  # type: ignore[attr-defined]
    random.shuffle(nodes)  # type: ignore[attr-defined]
    node = edge[:3, :F]
    one, two = summary(edge, node), summary(edge[rows], node[nodes])
    assert one == pytest.approx(two, abs=1e-4)
    assert one.shape == (summary_width(D, F),)


@pytest.mark.parametrize("K", [2, 3, 300])
def test_any_number_of_behaviours_is_described(K: int) -> None:
    rng = np.random.default_rng(K)
    said = summary(rng.normal(0, 1, (min(K * (K - 1), 5_000), D)), rng.normal(0, 1, (K, F)))
    assert np.isfinite(said).all()
    assert said[0] == pytest.approx(np.log(K))


def test_worlds_like_those_learned_from_are_as_rare_as_they_say(familiar: Familiarity) -> None:
    share = shares(familiar, summaries(1_500, 1))
    assert np.mean(share < 0.01) == pytest.approx(0.01, abs=0.01)
    assert np.mean(share < 0.5) == pytest.approx(0.5, abs=0.07)


def test_few_behaviours_are_not_strange_for_their_scatter(familiar: Familiarity) -> None:
    logs = summaries(1_500, 2)
    share, small = shares(familiar, logs), logs[:, 0] < np.log(5)
    assert np.mean(share[small] < 0.05) < 0.12
    assert np.mean(share[~small] < 0.05) < 0.12


def test_what_lies_outside_is_strange_and_named(familiar: Familiarity) -> None:
    logs = summaries(100, 3, shift=12.0)
    assert (shares(familiar, logs) < 0.01).all()
    assert familiar.strangest(logs[0], COLUMNS)[0] == GROUP_LABELS["adjacent"]
    moved = summaries(1, 4)[0]
    moved[-5:] += 40.0
    assert familiar.strangest(moved, COLUMNS, 1) == (NODE_LABEL,)


def test_farther_is_rarer(familiar: Familiarity) -> None:
    share = [familiar.share_farther(distance) for distance in np.linspace(-5, 30, 200)]
    assert all(np.diff(share) <= 0)
    assert 0 < share[-1] < 0.01
    assert share[0] == 1.0


def test_it_is_the_same_from_tensors(familiar: Familiarity) -> None:
    again = Familiarity.from_tensors(familiar.tensors())
    logs = summaries(20, 5)
    assert [again.distance(log) for log in logs] == pytest.approx([familiar.distance(log) for log in logs], abs=1e-3)
    assert sum(tensor.nbytes for tensor in familiar.tensors().values()) < 200_000


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("scale", lambda a: a * 0),
        ("mean", lambda a: a[:-1]),
        ("basis", lambda a: a[:, :-1]),
        ("reference", lambda a: a[::-1]),
        ("rest", lambda a: a * np.nan),
        ("usual", lambda a: a[:2]),
        ("reference", lambda a: a[:0]),
    ],
)
def test_damage_is_refused(familiar: Familiarity, name: str, damage: object) -> None:
    tensors = familiar.tensors()
    with pytest.raises(ValueError, match="familiarity"):
        Familiarity.from_tensors({**tensors, name: damage(tensors[name])})  # type: ignore[operator]


def test_a_handful_of_worlds_never_warns_and_fewer_are_refused() -> None:
    few = Familiarity.fit(summaries(12, 6))
    assert shares(few, summaries(5, 7, shift=50.0)).min() > 0.01
    with pytest.raises(SettingsError, match="at least 4"):
        Familiarity.fit(summaries(3, 8))


def test_the_sentence_is_said_below_one_in_a_hundred_only() -> None:
    assert Resemblance(1.0, 0.02, ("order",)).sentence == ""
    said = Resemblance(9.0, 0.002, ("order", "ties")).sentence
    assert "at most 1 in 500" in said
    assert said.endswith("most unusual: order; ties.")

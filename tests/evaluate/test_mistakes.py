"""Wrong edges, one by one."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from causalviz.evaluate.metrics import shd
from causalviz.evaluate.mistakes import Kind, Mistake, find_mistakes

NAMES = ("a", "b", "c")


def test_each_kind_is_named() -> None:
    p = np.array([[0, 0.2, 0.9], [0.7, 0, 0.4], [0.1, 0.1, 0]])
    truth = np.array([[0, 1, 0], [0, 0, 1], [0, 0, 0]], dtype=bool)
    found = find_mistakes(NAMES, p, p >= 0.5, truth)
    assert found == (
        Mistake(Kind.FALSE, "a", "c", 0.9),
        Mistake(Kind.REVERSED, "b", "a", 0.7),
        Mistake(Kind.MISSED, "b", "c", 0.4),
    )


def test_unknown_pairs_are_no_mistakes() -> None:
    p = np.array([[0, 0.9, 0.9], [0, 0, 0], [0, 0, 0]])
    known = np.zeros((3, 3), dtype=bool)
    known[0, 1] = True
    found = find_mistakes(NAMES, p, p >= 0.5, np.zeros((3, 3), dtype=bool), known)
    assert [(m.cause, m.effect) for m in found] == [("a", "b")]


@given(st.integers(2, 6), st.integers(0, 2**31))
def test_there_are_as_many_as_the_distance_says(K: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    p, truth = rng.random((K, K)), rng.random((K, K)) < 0.4
    off = ~np.eye(K, dtype=bool)
    found = find_mistakes([str(k) for k in range(K)], p, p >= 0.5, truth)
    assert len(found) == shd((p >= 0.5) & off, truth & off)
    assert len({(m.cause, m.effect) for m in found}) == len(found)

"""Which pairs are scored."""

from __future__ import annotations

import numpy as np

from causalviz.model.candidates import DENSE_LIMIT, PER_BEHAVIOUR, choose_candidates


def test_few_behaviours_make_every_pair_a_candidate() -> None:
    chosen = choose_candidates(np.zeros((4, 4)))
    assert list(zip(chosen.cause.tolist(), chosen.effect.tolist(), strict=True)) == [
        (i, j) for i in range(4) for j in range(4) if i != j
    ]


def test_the_reverse_of_a_candidate_is_its_row() -> None:
    chosen = choose_candidates(np.random.default_rng(0).random((60, 60)))
    assert np.array_equal(chosen.cause[chosen.reverse], chosen.effect)
    assert np.array_equal(chosen.effect[chosen.reverse], chosen.cause)


def test_many_behaviours_keep_their_most_suspicious_pairs() -> None:
    K = DENSE_LIMIT + 40
    suspicion = np.random.default_rng(1).random((K, K))
    suspicion[3, 7] = 9.0
    np.fill_diagonal(suspicion, 99.0)
    chosen = choose_candidates(suspicion)
    pairs = set(zip(chosen.cause.tolist(), chosen.effect.tolist(), strict=True))
    assert {(3, 7), (7, 3)} <= pairs
    assert not any(i == j for i, j in pairs)
    assert np.bincount(chosen.cause, minlength=K).min() >= PER_BEHAVIOUR
    assert len(pairs) < K * (K - 1)

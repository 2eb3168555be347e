"""Direct and total effects in words."""

from __future__ import annotations

import numpy as np

from causalviz.explain.sentences import total_sentence
from causalviz.graph.total_effects import total_effect

NAMES = ("view", "cart", "buy")


def told(*steps: tuple[int, int, float], cause: int = 0, effect: int = 2) -> str:
    matrix = np.zeros((3, 3))
    for i, j, amount in steps:
        matrix[i, j] = amount
    return total_sentence(total_effect(matrix, cause, effect), NAMES, NAMES[cause], NAMES[effect])


def test_the_way_that_carries_most_is_named() -> None:
    assert told((0, 1, 0.7), (1, 2, 0.5), (0, 2, 0.1)) == (
        "One “view” sets off 0.1 “buy” directly, and sets off 0.45 in all, repeats not counted; most comes by view → "
        "cart → buy (78 % of it)."
    )


def test_an_effect_through_others_only_is_not_direct() -> None:
    assert told((0, 1, 0.5), (1, 2, 0.5)) == (
        "One “view” sets off no “buy” directly, and sets off 0.25 in all, repeats not counted; most comes by view → "
        "cart → buy (100 % of it)."
    )


def test_a_direct_effect_alone_and_none_at_all() -> None:
    assert told((0, 2, 0.25)) == (
        "One “view” sets off 0.25 “buy” directly, and no other way along the drawn edges leads there."
    )
    assert told((0, 1, 0.25)) == "No way along the drawn edges leads from “view” to “buy”."


def test_a_prevention_and_an_endless_loop() -> None:
    assert told((0, 2, -0.25)).startswith("One “view” prevents 0.25 “buy” directly")
    assert told((0, 2, 0.5), (0, 1, 2.0), (1, 0, 2.0), (1, 2, 0.1)).endswith("so there is no total.")

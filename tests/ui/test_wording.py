"""Sentences about edges."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from causalviz.errors import UnknownBehaviour
from causalviz.ui.wording import Finding, chance_words, edge_sentence, finding_of

FOUND = Finding("view", "cart", 0.85, 3.24, 2.1, 5.0, 190.0, "", 0.4)


def test_a_finding_is_told_in_two_sentences() -> None:
    assert edge_sentence(FOUND) == (
        "**view** → **cart** is likely a direct influence (probability 85 %). "
        "After **view**, **cart** comes more often: at 3.2 times its usual rate (2.1 to 5 with 90 % confidence), "
        "typically 3.17 min later."
    )


@pytest.mark.parametrize(
    ("probability", "words"),
    [(0.95, "almost certainly"), (0.5, "is likely"), (0.2, "doubtful"), (0.02, "hardly"), (math.nan, "not be judged")],
)
def test_belief_has_its_words(probability: float, words: str) -> None:
    assert words in edge_sentence(FOUND._replace(probability=probability))


def test_an_interval_that_holds_1_may_be_no_change() -> None:
    assert "its size is not certain" in edge_sentence(FOUND._replace(effect_size=1.2, effect_low=0.9, effect_high=1.6))


def test_an_inhibition_has_no_delay() -> None:
    finding = FOUND._replace(effect_size=0.4, effect_low=0.3, effect_high=0.6)
    assert finding.lowers
    assert "comes more rarely: at 0.4 times" in edge_sentence(finding)
    assert "later" not in edge_sentence(finding)


def test_what_is_unknown_is_said() -> None:
    assert "too little to say how strong" in edge_sentence(FOUND._replace(effect_size=math.nan))
    assert edge_sentence(FOUND._replace(reason="too few events: cart happened 3 times")).endswith(
        "Take care: too few events\\: cart happened 3 times."
    )


def test_names_stay_harmless() -> None:
    assert "\\<b\\>" in edge_sentence(FOUND._replace(cause="<b>"))


@pytest.mark.parametrize(
    ("probability", "words"),
    [
        (0.85, "85 %"), (0.004, "0.4 %"), (0.995, "99.5 %"), (0.0, "< 0.1 %"), (1.0, "> 99.9 %"), (math.nan, "unknown"),
    ],
)  # fmt: skip
def test_chances_are_percent(probability: float, words: str) -> None:
    assert chance_words(probability) == words


def test_a_finding_is_read_from_the_table() -> None:
    table = pd.DataFrame([FOUND._replace(cause="x"), FOUND]).assign(pairs=7)
    assert finding_of(table, "view", "cart") == FOUND
    with pytest.raises(UnknownBehaviour, match="no pair 'cart' -> 'view'"):
        finding_of(table, "cart", "view")

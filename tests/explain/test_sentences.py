"""One sentence per argument, with numbers that can be checked by hand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from causalviz.events.log import Behaviour
from causalviz.explain.sentences import PairFacts, pair_facts, sentence_of, telling_bins
from causalviz.model.columns import LEAST_SURPRISE
from causalviz.model.features import GROUP_LABELS

if TYPE_CHECKING:
    from conftest import Judged

FACTS = PairFacts(
    cause=Behaviour("view A", "view", "A"),
    effect=Behaviour("cart A", "cart", "A"),
    high_s=np.array([60.0, 600.0, 86_400.0]),
    pairs=np.array([100, 212, 500]),
    back=np.array([20, 30, 490]),
    expected=np.array([20.0, 40.0, 510.0]),
    group_excess=np.array([5.0, -1.0, 9.0, 0.0]),
    group_users=np.array([10, 10, 10, 0]),
    events=(4210, 1203),
    users_with=(310, 250),
    follows=210,
    follows_back=30,
    follows_expected=45.4,
    ties=7,
    repeats=((30, 10.0), (0, 0.2)),
    columns={
        "conditional:t 0": math.log1p(12.0),
        "conditional:t 1": -math.log1p(2.0),
        "conditional:t 2": 0.0,
        "conditional:t 3": 0.0,
        "conditional:coefficient 0": math.log1p(20 * 0.06),
        "conditional:coefficient 1": 0.0,
        "conditional:coefficient 2": 0.0,
        "conditional:coefficient 3": 0.0,
        "rate:t 0": -math.log1p(2.0),
        "rate:t 1": 0.0,
        "rate:t 2": 0.0,
        "rate:t 3": -math.log1p(7.0),
        "rate:coefficient 0": 0.0,
        "rate:coefficient 1": 0.0,
        "rate:coefficient 2": 0.0,
        "rate:coefficient 3": -math.log1p(0.25),
        "conditional:t difference": 9.0,
        "hawkes:share local": math.log(0.12),
        "hawkes:share far": math.log(0.004),
        "hawkes:gain far": math.log1p(36.2),
        "hawkes:blame beyond shuffled": math.log(5.5),
        "self:background of effect": math.log(0.4),
        "surprise:effect by user": math.log(6.25 + LEAST_SURPRISE),
        "surprise:together": -math.log1p(3.1),
    },
)


@pytest.mark.parametrize(
    ("group", "sentence"),
    [
        (
            "lift",
            "“cart A” follows “view A” within 10 min 5.2 times as often as by chance (312 times, 60 by chance).",
        ),
        (
            "asymmetry",
            "Within 10 min of each other, “view A” comes first 312 times and “cart A” comes first 50 times.",
        ),
        (
            "delay",
            "“cart A” stands out most 60 s to 10 min after “view A”, 5.3 times as often as by chance; at the longest "
            "lags it comes 0.98 times as often as by chance.",
        ),
        (
            "conditional",
            "With all other behaviours held fixed, “view A” at short lags raises the chance that the next event is "
            "“cart A” by 4.2 percentage points (12 standard errors).",
        ),
        (
            "rate",
            "With all other behaviours held fixed, “view A” at any time before lowers the rate of “cart A” by 25 % "
            "of its mean (7 standard errors).",
        ),
        (
            "hawkes",
            "12 % of all “cart A” is blamed on “view A” even where how busy the user is around the moment explains "
            "what it can, 5.5 times what shuffled histories show. Fitted until it settles, and looking further back, "
            "the process blames hardly any; taking this influence out lowers the log-likelihood by 36.",
        ),
        (
            "adjacent",
            "“cart A” comes directly after “view A” 210 times (45 by chance), directly before it 30 times; they "
            "share a moment 7 times.",
        ),
        ("frequency", "“view A” happened 4,210 times among 310 users, “cart A” 1,203 times among 250."),
        (
            "reliability",
            "Users were split at random into 3 groups: in 2 of them “cart A” follows “view A” more often than by "
            "chance.",
        ),
        ("type", "Both are about the same item, “A”."),
        (
            "self",
            "“view A” follows itself 3 times as often as by chance, “cart A” follows itself about as often as by "
            "chance; nothing that came before explains 40 % of “cart A”.",
        ),
        (
            "surprise",
            "How often each user shows “cart A” strays 2.5 times as far as by chance from what its causes foretell; "
            "users with more “view A” than foretold have less “cart A” than foretold (3.1 standard errors).",
        ),
    ],
)
def test_each_argument_has_its_sentence(group: str, sentence: str) -> None:
    assert sentence_of(group, FACTS) == sentence


def test_once_as_often_is_said_without_a_number() -> None:
    same = FACTS._replace(pairs=np.array([9, 20, 30]), expected=np.array([3.0, 20.0, 30.05]))
    assert sentence_of("delay", same).endswith("; at the longest lags it comes as often as by chance.")
    usual = FACTS._replace(columns={**FACTS.columns, "hawkes:blame beyond shuffled": 0.004})
    assert "explains what it can, no more than shuffled histories show." in sentence_of("hawkes", usual)
    settled = "the process blames hardly any; taking this influence out lowers the log-likelihood by 36."
    assert sentence_of("hawkes", usual).endswith(settled)
    idle = FACTS._replace(columns={**FACTS.columns, "hawkes:gain far": 0.3, "hawkes:share far": math.log(0.2)})
    assert sentence_of("hawkes", idle).endswith("the process blames 20 %; taking this influence out changes nothing.")


def test_the_telling_bins_depart_furthest_from_chance() -> None:
    assert telling_bins(FACTS) == 2  # 312 against 60, rather than 100 against 20 or 812 against 570


@pytest.mark.parametrize(
    ("effect", "words"),
    [
        (Behaviour("view B", "view", "B"), "same kind, “view”"),
        (Behaviour("cart B", "cart", "B"), "different items, “A” and “B”"),
        (Behaviour("search", "search"), "different kinds, “view” and “search”"),
    ],
)
def test_types_are_compared(effect: Behaviour, words: str) -> None:
    assert words in sentence_of("type", FACTS._replace(effect=effect))


def test_what_never_happens_is_said() -> None:
    nothing = FACTS._replace(pairs=np.zeros(3, np.int64), expected=np.array([4.0, 1.0, 1.0]))
    assert "is never seen within 24 h of “view A”, where chance gives 6." in sentence_of("lift", nothing)


def test_a_lowering_influence_is_said_to_lower() -> None:
    columns = {**FACTS.columns, "conditional:coefficient 0": -math.log1p(20 * 0.06)}
    assert "lowers the chance" in sentence_of("conditional", FACTS._replace(columns=columns))


def test_once_and_never_are_words() -> None:
    sentence = sentence_of("adjacent", FACTS._replace(follows=1, follows_back=0, ties=0))
    assert sentence == "“cart A” comes directly after “view A” once (45 by chance), directly before it never."


def test_facts_come_from_the_counts(judged: Judged) -> None:
    names, counts = judged.log.names, judged.evidence.counts
    i, j = names.index("impression"), names.index("watch")
    facts = pair_facts(judged.features, counts, i, j)
    assert facts.events == ((judged.log.behaviour == i).sum(), (judged.log.behaviour == j).sum())
    assert facts.pairs.sum() == counts.pairs[:, i, j].sum()
    assert facts.back.sum() == counts.pairs[:, j, i].sum()
    assert facts.users_with[0] == len(np.unique(judged.log.user[judged.log.behaviour == i]))
    assert facts.group_users.sum() == judged.log.n_users
    for group in GROUP_LABELS:
        sentence = sentence_of(group, facts)
        assert sentence.endswith(".")
        assert "nan" not in sentence
        assert "e+" not in sentence


def test_a_pair_that_is_no_candidate_has_no_facts(judged: Judged) -> None:
    with pytest.raises(ValueError, match="not a candidate"):
        pair_facts(judged.features, judged.evidence.counts, 0, 0)

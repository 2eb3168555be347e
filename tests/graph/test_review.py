"""Where data and expert disagree, and what is asked first."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from graph_strategies import AT
from numpy.typing import NDArray

from causalviz.discovery import judge_again
from causalviz.graph import review
from causalviz.graph.knowledge import Knowledge
from causalviz.graph.review import Question, disagreements, progress_of, review_queue, told_by_verdicts
from causalviz.graph.verdicts import Act, History, Verdict
from causalviz.model.calibration import sigmoid
from causalviz.model.checkpoint import load_prior
from causalviz.model.decidability import Doubts
from causalviz.pipeline import discover
from causalviz.worlds import demo_log

ROWS = [  # cause, effect, probability, events of the cause, offspring, reason
    ("view", "cart", 0.9, 100, 0.5, ""),
    ("cart", "buy", 0.1, 40, 0.25, ""),
    ("buy", "view", 0.99, 10, -0.2, ""),
    ("view", "buy", 0.1, 100, math.nan, ""),
    ("buy", "cart", 0.1, 10, 0.0, "too few events: buy happened 3 times"),
    ("cart", "view", math.nan, 40, 0.0, ""),
]
TABLE = pd.DataFrame(ROWS, columns=["cause", "effect", "probability", "cause_count", "offspring", "reason"]).assign(
    effect_count=lambda table: table["effect"].map({"view": 100, "cart": 40, "buy": 10})
)


def ruled(*acts: tuple[Act, str, str]) -> History:
    history = History()
    for act, cause, effect in acts:
        history = history.append(Verdict(act, cause, effect, "Ada", AT))
    return history


def test_what_the_log_contradicts_is_listed_by_stake() -> None:
    history = ruled(
        (Act.REJECT, "view", "cart"), (Act.ADD, "cart", "buy"), (Act.REJECT, "buy", "view"), (Act.ADD, "view", "buy")
    )
    found = disagreements(TABLE, history)
    assert [(one.cause, one.effect, one.exists) for one in found] == [
        ("view", "cart", False),  # log(9) * 40 events, all there are, of 50 that the estimate makes of them
        ("cart", "buy", True),  # log(9) * 10
        ("buy", "view", False),  # log(99) * 2
        ("view", "buy", True),  # log(9) * 1: the log does not tell how many
    ]
    assert [one.events for one in found] == [40, 10, 2, 0]
    assert found[0].distance == pytest.approx(math.log(9))
    assert [one.stake for one in found] == pytest.approx(
        [40 * math.log(9), 10 * math.log(9), 2 * math.log(99), math.log(9)]
    )
    assert {(one.by, one.who, one.at) for one in found} == {("verdict", "Ada", AT)}


def test_agreement_and_what_the_log_cannot_decide_are_no_disagreement() -> None:
    history = ruled((Act.ACCEPT, "view", "cart"), (Act.REJECT, "view", "buy"), (Act.ADD, "buy", "cart"))
    assert disagreements(TABLE, history) == ()
    assert disagreements(TABLE, ruled((Act.ADD, "cart", "view"), (Act.ADD, "view", "elsewhere"))) == ()


def test_rules_disagree_too_and_come_before_verdicts() -> None:
    rules = Knowledge(required=(("cart", "buy"),), causes_nothing=("buy",))
    found = disagreements(TABLE, ruled((Act.ADD, "buy", "view")), rules)
    assert [(one.cause, one.effect, one.exists, one.by, one.who) for one in found] == [
        ("cart", "buy", True, "rule", "required by the rule “cart” → “buy”"),
        ("buy", "view", False, "rule", "forbidden by the rule that “buy” causes nothing"),
    ]
    assert disagreements(TABLE, History(knowledge=rules)) == found


def test_verdicts_as_inputs() -> None:
    history = ruled((Act.ADD, "a", "b"), (Act.REJECT, "b", "a"), (Act.NOTE, "a", "c"))
    assert told_by_verdicts(history, 1) == (("a", "b", True),)
    assert told_by_verdicts(history, 3) == (("a", "b", True), ("b", "a", False))
    assert told_by_verdicts(history.undo("Ada", AT), 4) == told_by_verdicts(history, 2)


def questions(*pairs: tuple[str, str]) -> list[Question]:
    return [Question(*pair, 0.5, 1.0, 1.0, 0, 1.0) for pair in pairs]


def test_progress_counts_rulings_and_puts_skipped_pairs_last() -> None:
    queue = questions(("a", "b"), ("b", "c"), ("c", "a"), ("a", "c"))
    history = ruled((Act.REJECT, "b", "c"), (Act.NOTE, "c", "a"))
    progress = progress_of(queue, history, [("a", "b"), ("b", "c")])
    assert [one.pair for one in progress.open] == [("c", "a"), ("a", "c"), ("a", "b")]
    assert (progress.answered, progress.total) == (1, 4)
    assert progress_of((), history) == ((), 0, 0)


CERTAIN = Doubts(np.zeros((3, 3), np.int8), np.zeros((3, 3)), np.full(3, -1))


class Weighed:
    """A model whose answers can be checked by hand: a verdict on a pair adds to the next pair's log-odds."""

    card: Mapping[str, object] = {}

    def logits(
        self, features: Pairs, known: NDArray[np.int8] | None = None, alone: NDArray[np.float64] | None = None
    ) -> NDArray[np.float64]:
        own = np.array([0.0, 2.0, 0.5, 9.0])[: len(features.cause)]
        if known is None or alone is None:
            return own
        return alone + np.where(known == 0, np.roll(known * [1.0, 0.1, 3.0, 1.0], 1), 0.0)


class Pairs:
    """As much of the features as the queue reads: a → b, b → a, a → c, c → a."""

    cause, effect = np.array([0, 1, 0, 2]), np.array([1, 0, 2, 0])


def ask(knowledge: Knowledge | None = None, **more: object) -> tuple[Question, ...]:
    return review_queue(Weighed(), Pairs(), CERTAIN, "abc", np.zeros(4, np.int8), knowledge, **more)  # type: ignore[arg-type]


def test_uncertain_and_influential_pairs_are_asked_first() -> None:
    found = ask()
    assert [one.pair for one in found] == [("a", "b"), ("b", "a"), ("a", "c")]  # c → a is sure
    first = found[0]
    assert first.entropy == 1.0
    assert first.influence == pytest.approx(float(sigmoid(np.array(3.0)) - sigmoid(np.array(1.0))))
    assert [one.moved for one in found] == [1, 0, 0]
    assert [one.worth for one in found] == pytest.approx([one.entropy * one.influence for one in found])


def test_decided_and_earlier_pairs_are_not_asked() -> None:
    assert ("b", "a") not in [one.pair for one in ask(Knowledge(goals=("b",)))]
    assert ask(Knowledge(goals=("b",)))[-1].influence == 0.0  # what a rule decides cannot be moved
    assert [one.pair for one in ask(after=[("a", "b"), ("a", "c")])] == [("b", "a")]
    assert [one.pair for one in ask(length=1)] == [("a", "b")]
    told: list[tuple[int, int]] = []
    ask(on_progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_the_influence_is_what_two_verdicts_would_do() -> None:
    found, model = discover(demo_log("video", users=60).log), load_prior()
    said = np.zeros(len(found.features.cause), np.int8)
    said[0] = 1
    one = review_queue(model, found.features, found.doubts, found.names, said, length=3)[0]
    row = found.features.row(*map(found.names.index, one.pair))
    assert row is not None
    answers = []
    for exists in (True, False):
        told = [
            (found.names[found.features.cause[0]], found.names[found.features.effect[0]], True),
            (*one.pair, exists),
        ]
        answers.append(judge_again(found, model, told).probability[found.features.cause, found.features.effect])
    moved = np.abs(answers[0] - answers[1])
    moved[[0, row]] = 0.0
    assert one.influence == pytest.approx(moved.sum())
    assert one.moved == (moved >= review.MOVED).sum()

"""Truths of samples under a project's rules, of tables and of verdicts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from causalviz.errors import UnknownBehaviour, UnreadableGraph
from causalviz.evaluate.metrics import evaluate
from causalviz.evaluate.truths import Truth, case_of, truth_of_table, truth_of_verdicts, truth_under_rules
from causalviz.events.log import Behaviour
from causalviz.events.rules import RawEvents, Rules, apply_rules
from causalviz.graph.verdicts import Act, History, Verdict
from causalviz.worlds.demos import demo_log

AT = "2026-01-01T00:00:00+00:00"
TABLE = pd.DataFrame({"cause": list("baabcc"), "effect": list("abccab"), "probability": [0.1, 0.9, 0.2, 0.8, 0.0, 0.3]})
RAW = RawEvents.from_names(
    ["u"] * 6, np.arange(6) * 1000, ["search", "view", "view", "buy", "buy", "view"], [None, "A", "B", "A", "B", "A"]
)
BEHAVIOURS = (
    Behaviour("search", "search"), Behaviour("view A", "view", "A"), Behaviour("view B", "view", "B"),
    Behaviour("buy A", "buy", "A"), Behaviour("buy B", "buy", "B"),
)  # fmt: skip
TRUE = np.zeros((5, 5), dtype=bool)
TRUE[0, 1] = TRUE[0, 2] = TRUE[1, 3] = TRUE[2, 4] = True  # search -> view -> buy, of the same item
ITEMS = Rules(level="item")


def under(rules: Rules) -> set[tuple[str, str]]:
    return set(truth_under_rules(BEHAVIOURS, TRUE, RAW, rules).edges)


def test_the_samples_own_behaviours_keep_their_edges() -> None:
    assert under(ITEMS) == {("search", "view A"), ("search", "view B"), ("view A", "buy A"), ("view B", "buy B")}


def test_items_that_are_not_told_apart_share_their_edges() -> None:
    assert under(Rules()) == {("search", "view"), ("view", "buy")}
    assert under(Rules(level="item", top_items=1)) == {
        ("search", "view A"), ("search", "view (other)"), ("view A", "buy A"), ("view (other)", "buy (other)"),
    }  # fmt: skip


def test_a_path_through_hidden_behaviours_is_direct() -> None:
    assert under(Rules(hidden=("view",))) == {("search", "buy")}
    assert under(Rules(level="item", hidden=("view A", "buy B"))) == {("search", "buy A"), ("search", "view B")}


def test_merged_and_renamed_behaviours_keep_their_edges() -> None:
    assert under(Rules(merged=(("look", ("search", "view")),), renamed=(("buy", "买"),))) == {("look", "买")}


def test_a_demo_under_its_own_rules_is_its_own_truth() -> None:
    world = demo_log("shop", "zh", users=30)
    raw = RawEvents.from_log(world.log)
    found = truth_under_rules(world.log.behaviours, world.truth, raw, ITEMS)
    names = world.log.names
    assert found.edges == {(names[i], names[j]) for i, j in zip(*world.truth.nonzero(), strict=True)}
    assert {name for edge in found.edges for name in edge} <= set(apply_rules(raw, ITEMS).names)


def test_a_table_is_checked_against_the_answer() -> None:
    assert truth_of_table(TABLE, pd.DataFrame({"cause": ["a"], "effect": ["b"]})).edges == {("a", "b")}
    with pytest.raises(UnknownBehaviour, match="'z'"):
        truth_of_table(TABLE, pd.DataFrame({"cause": ["z"], "effect": ["b"]}))
    with pytest.raises(UnreadableGraph, match="no column 'effect'"):
        truth_of_table(TABLE, pd.DataFrame({"cause": ["z"]}))


def test_verdicts_speak_of_judged_pairs_only() -> None:
    history = History()
    for act, cause, effect in (
        (Act.ACCEPT, "a", "b"), (Act.REJECT, "a", "c"), (Act.REVERSE, "b", "c"), (Act.NOTE, "c", "a"),
        (Act.ADD, "x", "a"),
    ):  # fmt: skip
        history = history.append(Verdict(act, cause, effect, "Ada", AT))
    truth = truth_of_verdicts(history, "abc")
    assert truth == Truth(
        frozenset({("a", "b"), ("c", "b")}), frozenset({("a", "b"), ("a", "c"), ("b", "c"), ("c", "b")})
    )
    case = case_of(TABLE, truth)
    scores = evaluate(case.probability, case.truth, 0.5, case.known)
    # judged: a -> b 0.9 and c -> b 0.3 are edges, a -> c 0.2 and b -> c 0.8 are none
    assert (scores.pairs, scores.true_edges, scores.drawn, scores.accuracy) == (4, 2, 2, 0.5)
    assert scores.auroc == 3 / 4
    assert scores.shd == 1  # b -> c has to be turned
    assert np.isnan(scores.sid)
    assert scores.orientation == 0.0  # of a -> b the reverse was not judged


def test_a_case_can_be_cut_down() -> None:
    case = case_of(TABLE, Truth(frozenset({("a", "b")}), frozenset({("a", "b"), ("c", "a")})))
    part = case.among(np.array([0, 2]))
    assert part.names == ("a", "c")
    assert part.probability.tolist() == [[0.0, 0.2], [0.0, 0.0]]
    assert part.known is not None
    assert part.known.tolist() == [[False, False], [True, False]]

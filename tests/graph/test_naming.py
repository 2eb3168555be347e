"""Names through renaming, merging and taking that back: nothing that was said is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from graph_strategies import histories
from hypothesis import given
from hypothesis import strategies as st

from causalviz.events.rules import Rules
from causalviz.graph.causal_graph import View, lay_over
from causalviz.graph.naming import Epoch, entries_now, renaming, rules_at
from causalviz.graph.verdicts import Act, History, Ruling, Verdict

PLAIN = Rules()
NEW = Rules(renamed=(("view", "look"),))
MERGED = Rules(merged=(("item", ("view", "zoom")),))
NOON, NIGHT = "2026-01-01T12:00:00+00:00", "2026-01-01T22:00:00+00:00"


def said(act: Act, cause: str, effect: str, at: str) -> Verdict:
    return Verdict(act, cause, effect, "Ada", at)


@pytest.mark.parametrize(
    ("then", "now", "names", "name", "called"),
    [
        (PLAIN, NEW, ("look", "buy"), "view", "look"),
        (NEW, PLAIN, ("view", "buy"), "look", "view"),
        (NEW, Rules(renamed=(("view", "look"), ("look", "see"))), ("see", "buy"), "look", "see"),
        (PLAIN, MERGED, ("item", "buy"), "zoom", "item"),
        (MERGED, PLAIN, ("view", "zoom", "buy"), "item", "item"),  # either could be meant: it waits
        (MERGED, PLAIN, ("view", "buy"), "item", "view"),
        (NEW, Rules(merged=(("item", ("view", "zoom")),), renamed=NEW.renamed), ("item",), "look", "item"),
        (PLAIN, Rules(renamed=(("a", "b"), ("c", "a"))), ("a", "b"), "a", "b"),  # another one is called so now
        (Rules(renamed=(("a", "b"), ("c", "a"))), PLAIN, ("a", "c"), "a", "c"),
        (NEW, NEW, ("look",), "view", "look"),  # written before former rules were remembered
        (PLAIN, NEW, ("look",), "elsewhere", "elsewhere"),
    ],
    ids=range(11),
)
def test_a_name_means_its_behaviours(then: Rules, now: Rules, names: tuple[str, ...], name: str, called: str) -> None:
    assert renaming(then, now, names)(name) == called


def test_the_rules_of_a_time() -> None:
    past = (Epoch(NOON, PLAIN), Epoch(NIGHT, MERGED))
    assert rules_at("2026-01-01T11:00:00+00:00", past, NEW) == PLAIN
    assert rules_at("2026-01-01T21:00:00+08:00", past, NEW) == MERGED  # 13:00 UTC
    assert rules_at("2026-01-02T00:00:00+00:00", past, NEW) == NEW


def test_verdicts_survive_a_renaming_in_the_graph() -> None:
    history = History((said(Act.ADD, "view", "buy", NOON), said(Act.REJECT, "buy", "view", NOON)))
    names = ("look", "buy")
    assert lay_over(names, (), history, View()).edges == ()
    now = replace(history, entries=entries_now(history.entries, (Epoch(NOON, PLAIN),), NEW, names))
    rulings = {edge.pair: edge.ruling for edge in lay_over(names, (), now, View()).edges}
    assert rulings == {("look", "buy"): Ruling.ADDED, ("buy", "look"): Ruling.REJECTED}
    assert now.undo("Ada", NIGHT).standing().keys() == {("look", "buy")}


def test_of_verdicts_on_merged_behaviours_the_latest_stands_and_taking_back_returns_all() -> None:
    entries = (
        said(Act.ADD, "view", "buy", NOON),
        said(Act.REJECT, "zoom", "buy", NOON),
        said(Act.ADD, "view", "zoom", NOON),
        said(Act.ACCEPT, "item", "buy", NIGHT),
        said(Act.CLEAR, "item", "buy", NIGHT),
    )
    past = (Epoch(NOON, PLAIN),)
    merged = History(entries_now(entries[:3], past, MERGED, ("item", "buy")))
    assert {pair: s.ruling for pair, s in merged.standing().items()} == {("item", "buy"): Ruling.REJECTED}
    assert History(entries_now(entries, past, MERGED, ("item", "buy"))).standing() == {}
    apart = entries_now(entries, (*past, Epoch(NIGHT, MERGED)), PLAIN, ("view", "zoom", "buy"))
    assert apart == entries
    assert len(History(apart).standing()) == 3


def test_a_restored_version_keeps_its_empty_names() -> None:
    restored = Verdict(Act.RESTORE, "", "", "Ada", NIGHT, "v1", 0)
    assert entries_now((restored,), (), NEW, ("look",)) == (restored,)


@given(histories(), st.permutations(("view", "cart", "buy")))
def test_renaming_changes_names_and_nothing_else(history: History, order: list[str]) -> None:
    new = dict(zip(("view", "cart", "buy"), ("A", "B", "C"), strict=True))
    now = Rules(renamed=tuple((old, new[old]) for old in order))
    entries = entries_now(history.entries, (Epoch("2027-01-01T00:00:00+00:00", PLAIN),), now, tuple(new.values()))
    moved = {(new[cause], new[effect]): said for (cause, effect), said in history.standing().items()}
    assert dict(History(entries).standing()) == moved

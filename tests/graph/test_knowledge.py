"""Rules of an expert on four behaviours: what they decide, and which of them clash."""

from __future__ import annotations

import pytest
from graph_strategies import AT, NAMES
from hypothesis import given
from hypothesis import strategies as st
from knowledge_strategies import knowledges

from causalviz.errors import KnowledgeConflict, SettingsError, VerdictConflict
from causalviz.graph.knowledge import (
    Knowledge,
    Rule,
    RuleKind,
    Tier,
    check_rules,
    knowledge_from_json,
    knowledge_json,
    knowledge_of,
    mapped,
    with_closed,
    with_rules,
    without_rules,
)
from causalviz.graph.verdicts import Act, History, Verdict

SHOP = Knowledge(
    required=(("view", "cart"),),
    forbidden=(("cart", "view"),),
    tiers=(Tier(("search",)), Tier(("view", "zoom"), closed=True)),
    causes_nothing=("log out",),
    caused_by_nothing=("advert",),
    goals=("buy", "subscribe"),
)


@pytest.mark.parametrize(
    ("cause", "effect", "exists", "why"),
    [
        ("view", "cart", True, "required by the rule “view” → “cart”"),
        ("cart", "view", False, "“cart” does not cause “view”"),
        ("view", "search", False, "tier 2 (“view”) never causes tier 1 (“search”)"),
        ("view", "zoom", False, "nothing in tier 2 causes anything else in it"),
        ("log out", "cart", False, "“log out” causes nothing"),
        ("cart", "advert", False, "nothing causes “advert”"),
        ("buy", "cart", False, "the goal “buy” causes nothing but goals"),
    ],
)
def test_each_kind_of_rule_decides(cause: str, effect: str, exists: bool, why: str) -> None:
    said = SHOP.decision(cause, effect)
    assert said is not None
    assert said.exists is exists
    assert why in said.reason


@pytest.mark.parametrize(
    ("cause", "effect"), [("search", "view"), ("buy", "subscribe"), ("cart", "search"), ("cart", "buy"), ("buy", "buy")]
)
def test_what_no_rule_speaks_of_stays_open(cause: str, effect: str) -> None:
    assert SHOP.decision(cause, effect) is None


def test_the_network_is_told_of_every_decided_pair() -> None:
    known = Knowledge(required=(("view", "cart"), ("view", "gone")), goals=("cart",))
    assert known.known_pairs(NAMES) == (("view", "cart", True), ("cart", "view", False), ("cart", "buy", False))
    assert Knowledge().known_pairs(NAMES) == ()


def test_names_that_the_log_lacks_are_kept_and_named() -> None:
    assert SHOP.strangers(("view", "cart", "search", "zoom", "buy")) == ("log out", "advert", "subscribe")


@pytest.mark.parametrize(
    ("rules", "first", "second"),
    [
        (Knowledge(required=(("a", "b"),), forbidden=(("a", "b"),)), "“a” → “b” is required", "does not cause"),
        (Knowledge(required=(("a", "b"),), tiers=(Tier(("b",)), Tier(("a",)))), "is required", "tier 2 (“a”) never"),
        (Knowledge(required=(("a", "b"),), tiers=(Tier(("a", "b"), True),)), "is required", "nothing in tier 1 causes"),
        (Knowledge(required=(("a", "b"),), causes_nothing=("a",)), "is required", "“a” causes nothing"),
        (Knowledge(required=(("a", "b"),), caused_by_nothing=("b",)), "is required", "nothing causes “b”"),
        (Knowledge(required=(("a", "b"),), goals=("a",)), "is required", "the goal “a” causes nothing but goals"),
        (Knowledge(tiers=(Tier(("a",)), Tier(("a",)))), "in tier 1", "cannot be in tier 2"),
        (Knowledge(goals=("a",), caused_by_nothing=("a",)), "“a” is the goal", "nothing causes it"),
        (Knowledge(forbidden=(("a", "a"),)), "“a” cannot be its own cause", "two different"),
    ],
    ids=range(9),
)
def test_rules_that_clash_are_named(rules: Knowledge, first: str, second: str) -> None:
    with pytest.raises(KnowledgeConflict) as refusal:
        check_rules(rules)
    assert first in str(refusal.value)
    assert second in str(refusal.value)
    assert str(refusal.value).endswith(".")


def test_required_edges_may_form_a_cycle_only_where_cycles_are_wanted() -> None:
    ring = Knowledge(required=(("a", "b"), ("b", "c"), ("c", "a")))
    check_rules(ring)
    with pytest.raises(KnowledgeConflict, match="“a” → “b” → “c” → “a”"):
        check_rules(ring, acyclic=True)
    chain = Knowledge(required=(("a", "b"),))
    check_rules(chain, acyclic=True, asserted=[("b", "c")])
    with pytest.raises(KnowledgeConflict, match="edges and verdicts form the cycle"):
        check_rules(chain, acyclic=True, asserted=[("b", "c"), ("c", "a")])


def test_goals_may_cause_goals() -> None:
    check_rules(Knowledge(required=(("buy", "subscribe"),), goals=("buy", "subscribe")))


def test_rules_come_and_go() -> None:
    rule = Rule(RuleKind.TIER, "pay", tier=5)
    longer = with_rules(SHOP, [rule, Rule(RuleKind.GOAL, "buy")])
    assert longer.tiers == (*SHOP.tiers, Tier(("pay",)))
    assert longer.goals == SHOP.goals
    assert without_rules(longer, [Rule(RuleKind.TIER, "pay", tier=3)]) == SHOP
    without = without_rules(SHOP, [Rule(RuleKind.TIER, "search", tier=1)])
    assert without.tiers == (Tier(("view", "zoom"), closed=True),)


def test_a_tier_is_closed_and_opened() -> None:
    opened = with_closed(SHOP, 2, False)
    assert opened.decision("view", "zoom") is None
    assert with_closed(opened, 2, True) == SHOP == with_closed(SHOP, 9, True)


@pytest.mark.parametrize(
    "parts",
    [
        {"kind": RuleKind.REQUIRED, "behaviour": "a"},
        {"kind": RuleKind.GOAL, "behaviour": "a", "other": "b"},
        {"kind": RuleKind.GOAL, "behaviour": " "},
        {"kind": RuleKind.TIER, "behaviour": "a"},
        {"kind": RuleKind.GOAL, "behaviour": "a", "tier": 1},
    ],
)
def test_no_half_rule_is_built(parts: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match="got"):
        Rule(**parts)  # type: ignore[arg-type]


@given(knowledges())
def test_json_and_the_list_of_rules_hold_all(knowledge: Knowledge) -> None:
    assert knowledge_from_json(knowledge_json(knowledge)) == knowledge
    assert set(without_rules(knowledge, knowledge.rules()).rules()) == set()
    assert mapped(knowledge, lambda name: name) == knowledge


@given(knowledges(), st.permutations(NAMES))
def test_rules_follow_their_behaviours(knowledge: Knowledge, names: list[str]) -> None:
    way = dict(zip(NAMES, names, strict=True))
    moved = mapped(knowledge, way.__getitem__)
    for cause in NAMES:
        for effect in NAMES:
            before, after = knowledge.decision(cause, effect), moved.decision(way[cause], way[effect])
            assert (before and before.exists) == (after and after.exists)


def test_a_rule_between_merged_behaviours_waits() -> None:
    known = Knowledge(required=(("view", "zoom"),), goals=("zoom",))
    merged = mapped(known, {"view": "look", "zoom": "look"}.__getitem__)
    assert merged == Knowledge(required=(("view", "zoom"),), goals=("look",))


@pytest.mark.parametrize("written", [3, {"required": [["a"]]}, {"goals": [1]}, {"tiers": [["a"]]}, {"goals": "buy"}])
def test_damaged_rules_are_one_sentence(written: object) -> None:
    with pytest.raises(SettingsError, match=r"rules of this project are damaged .*\.$"):
        knowledge_from_json(written)


def test_later_versions_may_write_more() -> None:
    assert knowledge_from_json({"goals": ["buy"], "at": "now", "new": 1}) == Knowledge(goals=("buy",))
    assert knowledge_from_json(None) == Knowledge() == knowledge_of([])


def verdict(act: Act, cause: str, effect: str) -> Verdict:
    return Verdict(act, cause, effect, "Ada", AT)


def test_a_verdict_on_a_decided_pair_is_refused_and_the_rule_named() -> None:
    history = History(knowledge=SHOP)
    for act, cause, effect, rule in (
        (Act.REJECT, "view", "cart", "“view” → “cart” is required by the rule"),
        (Act.ACCEPT, "view", "cart", "is required"),
        (Act.ADD, "cart", "view", "“cart” → “view” is forbidden by the rule that"),
        (Act.REVERSE, "cart", "buy", "“buy” → “cart” is forbidden by the rule that the goal “buy”"),
    ):
        with pytest.raises(VerdictConflict, match=rule):
            history.append(verdict(act, cause, effect))
    assert history.append(verdict(Act.ACCEPT, "cart", "buy")).standing()


def test_words_and_withdrawing_are_welcome_on_decided_pairs() -> None:
    given_before = History().append(verdict(Act.ADD, "cart", "view"))
    history = History(given_before.entries, knowledge=SHOP)
    assert history.append(verdict(Act.NOTE, "cart", "view")).standing()
    assert history.append(verdict(Act.CLEAR, "cart", "view")).standing() == {}
    assert history.undo("Ada", AT).standing() == {}


def test_required_edges_count_where_no_cycles_are_wanted() -> None:
    history = History(acyclic=True, knowledge=Knowledge(required=(("a", "b"), ("b", "c"))))
    with pytest.raises(VerdictConflict, match="“c” → “a” → “b” → “c”"):
        history.append(verdict(Act.ADD, "c", "a"))
    assert history.append(verdict(Act.ADD, "a", "c")).standing()

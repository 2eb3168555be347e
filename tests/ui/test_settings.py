"""Settings as values: what is written comes back, and former rules are remembered in few words."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from knowledge_strategies import knowledges

from causalviz.events.rules import Rules
from causalviz.graph.knowledge import Knowledge
from causalviz.graph.naming import Epoch
from causalviz.graph.store import Project
from causalviz.ui.settings import (
    BEGINNING,
    former_rules,
    informed_of,
    knowledge_of,
    knowledge_since,
    rules_of,
    with_informed,
    with_knowledge,
    with_rules,
)

EMPTY = Project("p", "Shop")
TIMES = [f"2026-01-01T0{hour}:00:00+00:00" for hour in range(8)]


def stored(project: Project) -> Project:
    """As it comes back from the store."""
    return replace(project, settings=json.loads(json.dumps(project.settings)))


@given(knowledges())
def test_knowledge_is_kept_with_its_time(knowledge: Knowledge) -> None:
    project = stored(with_knowledge(EMPTY, knowledge, TIMES[1]))
    assert knowledge_of(project) == knowledge
    assert knowledge_since(project) == TIMES[1]
    assert knowledge_of(EMPTY) == Knowledge()
    assert knowledge_since(EMPTY) == BEGINNING


def test_how_much_the_estimates_take_in() -> None:
    assert informed_of(EMPTY) == 0
    assert informed_of(stored(with_informed(EMPTY, 3))) == 3
    assert informed_of(replace(EMPTY, settings={"informed": "many"})) == 0


namings = st.builds(
    Rules,
    merged=st.lists(st.tuples(st.sampled_from("xyz"), st.just(("a", "b"))), max_size=3).map(tuple),
    renamed=st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("de")), max_size=3).map(tuple),
    hidden=st.sampled_from([(), ("a",)]),
)


@given(st.lists(namings, min_size=1, max_size=8))
def test_former_rules_come_back_with_the_time_of_their_end(rules: list[Rules]) -> None:
    project = EMPTY
    wanted: list[Epoch] = []
    for at, (before, after) in zip(TIMES, zip([Rules(), *rules], rules, strict=False), strict=False):
        project = stored(with_rules(project, after, at))
        if (before.merged, before.renamed) != (after.merged, after.renamed):
            wanted.append(Epoch(at, Rules(merged=before.merged, renamed=before.renamed)))
    assert rules_of(project) == rules[-1]
    assert former_rules(project) == tuple(wanted)


def test_rules_that_merely_continue_take_no_room() -> None:
    project = EMPTY
    for count in range(1, 50):
        renamed = tuple((f"behaviour {k}", f"name {k}") for k in range(count))
        project = with_rules(project, Rules(renamed=renamed), TIMES[0])
    assert len(json.dumps(project.settings["rules_before"])) < 5_000
    assert len(former_rules(project)[-1].rules.renamed) == 48

"""Verdicts and what stands, on edges between view, cart and buy."""

from __future__ import annotations

import networkx as nx
import pytest
from graph_strategies import AT, histories, verdicts
from hypothesis import given

from causalviz.errors import GraphError, VerdictConflict
from causalviz.graph.verdicts import ASSERTED, Act, History, Ruling, Verdict

LATER = "2026-01-02T08:30:00+00:00"


def said(*acts: tuple[Act, str, str], acyclic: bool = False) -> History:
    history = History(acyclic=acyclic)
    for act, cause, effect in acts:
        history = history.append(Verdict(act, cause, effect, "Ada", AT))
    return history


def rulings(history: History) -> dict[tuple[str, str], str]:
    return {pair: standing.ruling.value for pair, standing in history.standing().items()}


def test_each_act_leaves_its_ruling() -> None:
    history = said((Act.ADD, "view", "buy"), (Act.ACCEPT, "view", "cart"), (Act.REJECT, "buy", "view"))
    assert rulings(history) == {("view", "buy"): "added", ("view", "cart"): "accepted", ("buy", "view"): "rejected"}
    assert rulings(history.append(Verdict(Act.CLEAR, "view", "buy", "Ada", AT))) == {
        ("view", "cart"): "accepted",
        ("buy", "view"): "rejected",
    }


def test_reversing_denies_one_way_and_asserts_the_other() -> None:
    once = said((Act.REVERSE, "buy", "view"))
    assert rulings(once) == {("buy", "view"): "reversed", ("view", "buy"): "added"}
    twice = once.append(Verdict(Act.REVERSE, "view", "buy", "Ada", AT))
    assert rulings(twice) == {("view", "buy"): "reversed", ("buy", "view"): "accepted"}


def test_an_accepted_opposite_stays_accepted_when_the_edge_is_reversed() -> None:
    history = said((Act.ACCEPT, "view", "buy"), (Act.REVERSE, "buy", "view"))
    assert rulings(history) == {("view", "buy"): "accepted", ("buy", "view"): "reversed"}


def test_a_reversed_edge_is_merely_rejected_once_its_opposite_is_gone() -> None:
    history = said((Act.REVERSE, "buy", "view"), (Act.CLEAR, "view", "buy"))
    assert rulings(history) == {("buy", "view"): "rejected"}


def test_adding_a_rejected_edge_replaces_the_rejection() -> None:
    assert rulings(said((Act.REJECT, "view", "cart"), (Act.ADD, "view", "cart"))) == {("view", "cart"): "added"}


@pytest.mark.parametrize(
    ("first", "then", "words"),
    [
        (Act.ADD, Act.ADD, "“view” → “cart” stands added already; nothing was changed."),
        (Act.ACCEPT, Act.ADD, "stands accepted already"),
        (Act.ADD, Act.ACCEPT, "stands added already"),
        (Act.REJECT, Act.REJECT, "stands rejected already"),
        (Act.REVERSE, Act.REJECT, "stands reversed already"),
        (Act.REJECT, Act.REVERSE, "no edge to reverse; accept it first."),
        (Act.NOTE, Act.CLEAR, "nothing to withdraw."),
    ],
)
def test_a_contradiction_is_refused_with_a_sentence(first: Act, then: Act, words: str) -> None:
    with pytest.raises(VerdictConflict) as refusal:
        said((first, "view", "cart"), (then, "view", "cart"))
    assert words in str(refusal.value)


def test_nothing_causes_itself() -> None:
    with pytest.raises(VerdictConflict, match="cannot be its own cause"):
        said((Act.ADD, "view", "view"))


def test_undo_and_redo_are_new_entries_with_their_own_author() -> None:
    history = said((Act.ADD, "view", "cart"), (Act.REJECT, "cart", "view"))
    undone = history.undo("Bob", LATER)
    assert rulings(undone) == {("view", "cart"): "added"}
    assert undone.entries[-1] == Verdict(Act.UNDO, "cart", "view", "Bob", LATER)
    assert rulings(undone.undo("Bob", LATER)) == {}
    assert rulings(undone.undo("Bob", LATER).redo("Bob", LATER).redo("Bob", LATER)) == rulings(history)


def test_a_new_verdict_ends_redoing() -> None:
    history = said((Act.ADD, "view", "cart")).undo("Ada", AT).append(Verdict(Act.ADD, "view", "buy", "Ada", AT))
    assert not history.can_redo
    with pytest.raises(GraphError, match="no undone verdict to redo"):
        history.redo("Ada", AT)


def test_there_is_nothing_to_undo_in_an_empty_history() -> None:
    with pytest.raises(GraphError, match="no verdict to undo"):
        History().undo("Ada", AT)


def test_who_said_it_and_the_note_stand_with_the_ruling() -> None:
    history = said((Act.ADD, "view", "cart")).append(Verdict(Act.NOTE, "view", "cart", "Bob", LATER, "seen it"))
    standing = history.standing()["view", "cart"]
    assert (standing.ruling, standing.author, standing.at, standing.note) == (Ruling.ADDED, "Ada", AT, "seen it")
    kept = history.append(Verdict(Act.REJECT, "view", "cart", "Bob", LATER)).standing()["view", "cart"]
    assert (kept.ruling, kept.author, kept.note) == (Ruling.REJECTED, "Bob", "seen it")


def test_a_note_stands_alone_and_an_empty_one_takes_it_away() -> None:
    noted = History().append(Verdict(Act.NOTE, "view", "cart", "Ada", AT, "hm"))
    assert rulings(noted) == {("view", "cart"): "none"}
    assert rulings(noted.append(Verdict(Act.NOTE, "view", "cart", "Ada", AT))) == {}


def test_a_time_must_be_one() -> None:
    with pytest.raises(ValueError, match="isoformat"):
        Verdict(Act.ADD, "view", "cart", "Ada", "yesterday")


def test_a_project_without_cycles_names_the_cycle_it_refuses() -> None:
    with pytest.raises(VerdictConflict) as refusal:
        said((Act.ADD, "view", "cart"), (Act.ADD, "cart", "buy"), (Act.ADD, "buy", "view"), acyclic=True)
    assert "“buy” → “view” → “cart” → “buy”" in str(refusal.value)


def test_cycles_are_allowed_where_nobody_minds() -> None:
    assert len(said((Act.ADD, "view", "cart"), (Act.ADD, "cart", "view")).standing()) == 2


def test_turning_an_edge_round_closes_no_cycle_with_itself() -> None:
    history = said((Act.ADD, "view", "cart"), (Act.REVERSE, "view", "cart"), acyclic=True)
    assert rulings(history) == {("view", "cart"): "reversed", ("cart", "view"): "added"}


@given(histories(), verdicts())
def test_a_verdict_and_its_undo_leave_what_stood(history: History, verdict: Verdict) -> None:
    if verdict.act in {Act.UNDO, Act.REDO}:
        return
    try:
        longer = history.append(verdict)
    except VerdictConflict:
        return
    assert longer.undo("Ada", AT).standing() == history.standing()


@given(histories())
def test_undo_and_redo_leave_what_stood(history: History) -> None:
    if history.can_undo:
        assert history.undo("Ada", AT).redo("Ada", AT).standing() == history.standing()


@given(histories(), verdicts())
def test_entries_only_grow(history: History, verdict: Verdict) -> None:
    try:
        longer = history.append(verdict)
    except GraphError:
        return
    assert longer.entries[:-1] == history.entries


@given(histories())
def test_a_replay_gives_what_stands(history: History) -> None:
    again = History()
    for entry in history.entries:
        again = again.append(entry)
    assert again.standing() == history.standing()


@given(histories())
def test_an_edge_stands_reversed_only_beside_an_asserted_opposite(history: History) -> None:
    standing = history.standing()
    for (cause, effect), said_of_it in standing.items():
        if said_of_it.ruling is Ruling.REVERSED:
            assert standing[effect, cause].ruling in ASSERTED


@given(histories(acyclic=True))
def test_asserted_edges_form_no_cycle_where_none_is_wanted(history: History) -> None:
    # undo may bring back what a later verdict was checked against, but that state had been checked as well
    asserted = nx.DiGraph([pair for pair, standing in history.standing().items() if standing.ruling in ASSERTED])
    assert nx.is_directed_acyclic_graph(asserted)


@given(histories())
def test_what_stands_after_appending_is_what_a_replay_says(history: History) -> None:
    grown = History()
    for entry in history.entries:
        grown = grown.append(entry)
    replayed = History(grown.entries)
    assert grown.standing() == replayed.standing()
    assert grown.rulings() == {
        pair: said.ruling in ASSERTED for pair, said in replayed.standing().items() if said.ruling is not Ruling.NONE
    }

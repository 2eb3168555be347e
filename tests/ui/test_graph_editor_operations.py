"""What an expert does, without a browser: operations in, verdicts, places and sentences out."""

from __future__ import annotations

import math

import pytest
from graph_strategies import AT, NAMES, histories
from hypothesis import given
from hypothesis import strategies as st

from causalviz.graph.verdicts import Act, History, Verdict
from causalviz.ui.graph_editor import Applied, Kind, Operation, apply_operations

EDGE = ("view", "cart")


def do(
    *operations: Operation,
    history: History = History(),
    selected: tuple[str, ...] = (),
    suggested: tuple[tuple[str, str], ...] = (),
) -> Applied:
    return apply_operations(
        history, operations, behaviours=NAMES, author="Ada", at=AT, selected=selected, suggested=suggested
    )


def rulings(applied: Applied) -> dict[tuple[str, str], str]:
    return {pair: standing.ruling.value for pair, standing in applied.history.standing().items()}


def test_an_edit_becomes_a_signed_verdict_and_is_selected() -> None:
    applied = do(Operation(Kind.ADD, EDGE))
    assert applied.history.entries == (Verdict(Act.ADD, *EDGE, "Ada", AT),)
    assert (applied.selected, applied.messages, dict(applied.moved)) == (EDGE, (), {})


def test_a_refused_operation_leaves_a_sentence_and_the_others_count() -> None:
    applied = do(Operation(Kind.ADD, EDGE), Operation(Kind.ADD, EDGE), Operation(Kind.REJECT, ("buy", "view")))
    assert rulings(applied) == {EDGE: "added", ("buy", "view"): "rejected"}
    assert applied.messages == ("“view” → “cart” stands added already; nothing was changed.",)


def test_drawing_what_the_data_suggest_accepts_it() -> None:
    assert rulings(do(Operation(Kind.ADD, EDGE), suggested=(EDGE,))) == {EDGE: "accepted"}


def test_deleting_withdraws_what_was_added_and_rejects_what_the_data_suggest() -> None:
    added = do(Operation(Kind.ADD, EDGE)).history
    assert rulings(do(Operation(Kind.DELETE, EDGE), history=added)) == {}
    assert rulings(do(Operation(Kind.DELETE, EDGE))) == {EDGE: "rejected"}
    assert rulings(do(Operation(Kind.DELETE, EDGE), history=added, suggested=(EDGE,))) == {EDGE: "rejected"}
    assert do(Operation(Kind.DELETE, EDGE), selected=EDGE).selected == ()


def test_reversing_selects_the_new_edge() -> None:
    applied = do(Operation(Kind.REVERSE, EDGE), selected=EDGE)
    assert rulings(applied) == {EDGE: "reversed", ("cart", "view"): "added"}
    assert applied.selected == ("cart", "view")


def test_undo_and_redo_select_the_edge_that_they_are_about() -> None:
    added = do(Operation(Kind.ADD, EDGE)).history
    undone = do(Operation(Kind.UNDO), history=added, selected=("buy",))
    assert (rulings(undone), undone.selected) == ({}, EDGE)
    assert rulings(do(Operation(Kind.REDO), history=undone.history)) == {EDGE: "added"}
    assert do(Operation(Kind.REDO)).messages == ("There is no undone verdict to redo; nothing was changed.",)


def test_a_note_is_kept_with_the_edge() -> None:
    applied = do(Operation(Kind.NOTE, EDGE, note="because"))
    assert applied.history.standing()[EDGE].note == "because"


def test_moving_and_selecting_are_no_verdicts() -> None:
    applied = do(
        Operation(Kind.MOVE, places=(("view", 1.0, 2.0), ("cart", 0.0, 0.0))),
        Operation(Kind.MOVE, places=(("view", 3.0, 4.0),)),
        Operation(Kind.SELECT, ("view",)),
    )
    assert dict(applied.moved) == {"view": (3.0, 4.0), "cart": (0.0, 0.0)}
    assert (applied.selected, applied.history.entries) == (("view",), ())


@pytest.mark.parametrize(
    "operation",
    [
        Operation(Kind.ADD, ("view", "<img>")),
        Operation(Kind.SELECT, ("<img>",)),
        Operation(Kind.MOVE, places=(("<img>", 0.0, 0.0),)),
    ],
)
def test_names_that_the_graph_does_not_have_are_refused(operation: Operation) -> None:
    applied = do(operation, selected=EDGE)
    assert applied.messages == ("“<img>” is not a behaviour of this graph; nothing was changed.",)
    assert (applied.selected, applied.history.entries, dict(applied.moved)) == (EDGE, (), {})


@pytest.mark.parametrize(
    ("kind", "names", "places"),
    [
        (Kind.ADD, ("view",), ()),
        (Kind.DELETE, (), ()),
        (Kind.SELECT, ("a", "b", "c"), ()),
        (Kind.MOVE, (), (("view", math.nan, 0.0),)),
    ],
)
def test_an_impossible_operation_cannot_be_built(
    kind: Kind, names: tuple[str, ...], places: tuple[tuple[str, float, float], ...]
) -> None:
    with pytest.raises(ValueError, match="got"):
        Operation(kind, names, places)


edits = st.builds(
    Operation,
    st.sampled_from([Kind.ADD, Kind.ACCEPT, Kind.REJECT, Kind.REVERSE, Kind.DELETE]),
    st.sampled_from([(cause, effect) for cause in NAMES for effect in NAMES if cause != effect]),
)


@given(histories(), st.lists(edits, max_size=6))
def test_every_edit_is_one_entry_or_one_sentence(history: History, operations: list[Operation]) -> None:
    applied = do(*operations, history=history)
    grown = len(applied.history.entries) - len(history.entries)
    assert grown + len(applied.messages) == len(operations)

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
    at: str = AT,
) -> Applied:
    return apply_operations(
        history, operations, behaviours=NAMES, author="Ada", at=at, selected=selected, suggested=suggested
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


THREE = ("view", "cart", "cart", "buy", "buy", "view")


def test_several_edges_are_one_gesture_undone_and_redone_together() -> None:
    judged = do(Operation(Kind.REJECT, ("view", "cart")), Operation(Kind.REJECT, THREE))
    assert rulings(judged) == {EDGE: "rejected", ("cart", "buy"): "rejected", ("buy", "view"): "rejected"}
    undone = do(Operation(Kind.UNDO), history=judged.history)
    assert rulings(undone) == {EDGE: "rejected"}
    assert rulings(do(Operation(Kind.REDO), history=undone.history)) == rulings(judged)


def test_of_several_edges_those_that_stand_so_already_are_left_alone_and_all_of_them_are_refused() -> None:
    judged = do(Operation(Kind.ACCEPT, THREE)).history
    assert do(Operation(Kind.ACCEPT, (*THREE, "cart", "view")), history=judged).messages == ()
    assert do(Operation(Kind.ACCEPT, THREE), history=judged).messages == (
        "“view” → “cart” stands accepted already; nothing was changed.",
    )


def test_retargeting_moves_an_edge_in_one_gesture() -> None:
    added = do(Operation(Kind.ADD, EDGE)).history
    moved = do(Operation(Kind.RETARGET, (*EDGE, "view", "buy")), history=added, at="2026-01-02T00:00:00+00:00")
    assert (rulings(moved), moved.selected) == ({("view", "buy"): "added"}, ("view", "buy"))
    assert rulings(do(Operation(Kind.UNDO), history=moved.history)) == {EDGE: "added"}
    suggested = do(Operation(Kind.RETARGET, (*EDGE, "view", "buy")), suggested=(EDGE,))
    assert rulings(suggested) == {EDGE: "rejected", ("view", "buy"): "added"}


def test_retargeting_to_itself_is_refused_whole() -> None:
    added = do(Operation(Kind.ADD, EDGE)).history
    refused = do(Operation(Kind.RETARGET, (*EDGE, "view", "view")), history=added)
    assert rulings(refused) == {EDGE: "added"}
    assert refused.messages == ("“view” cannot be its own cause; choose two different behaviours.",)


def test_operations_on_behaviours_are_handed_on_and_an_assumed_one_is_known_at_once() -> None:
    assume = Operation(Kind.ASSUME, note=" season ", places=(("season", 5.0, 6.0),))
    applied = do(assume, Operation(Kind.ADD, ("season", "buy")), Operation(Kind.HIDE, ("view",)))
    assert [edit.kind for edit in applied.edits] == [Kind.ASSUME, Kind.HIDE]
    assert (rulings(applied), dict(applied.moved)) == ({("season", "buy"): "added"}, {"season": (5.0, 6.0)})


@pytest.mark.parametrize(
    ("kind", "names", "note"),
    [
        (Kind.RETARGET, ("a", "b"), ""),
        (Kind.ACCEPT, ("a", "b", "c"), ""),
        (Kind.MERGE, ("a",), "b"),
        (Kind.RENAME, ("a",), " "),
        (Kind.ASSUME, (), "x" * 201),
    ],
)
def test_an_operation_without_its_parts_cannot_be_built(kind: Kind, names: tuple[str, ...], note: str) -> None:
    with pytest.raises(ValueError, match="got"):
        Operation(kind, names, note=note)


gestures = st.one_of(
    edits,
    st.builds(
        Operation,
        st.just(Kind.RETARGET),
        st.tuples(*[st.sampled_from(NAMES)] * 4).filter(lambda names: names[0] != names[1]),
    ),
    st.builds(Operation, st.sampled_from([Kind.UNDO, Kind.REDO])),
)


@given(st.lists(gestures, max_size=40))
def test_any_sequence_of_gestures_undone_to_the_end_leaves_nothing_and_redone_everything(
    operations: list[Operation],
) -> None:
    history = do(*operations).history
    before, steps = dict(history.standing()), 0
    while history.can_undo:
        history = do(Operation(Kind.UNDO), history=history).history
        steps += 1
    assert not history.standing()
    for _ in range(steps):
        history = do(Operation(Kind.REDO), history=history).history
    assert {pair: said.ruling for pair, said in history.standing().items()} == {
        pair: said.ruling for pair, said in before.items()
    }


@given(st.lists(gestures, max_size=40))
def test_gestures_agree_with_a_stack_of_snapshots(operations: list[Operation]) -> None:
    """Undo and redo against the plainest model: what stood before each gesture, kept in a list."""
    history, past, future = History(), [], []
    for number, operation in enumerate(operations):
        at = f"2026-01-01T00:00:{number:02d}+00:00"
        before = {pair: said.ruling for pair, said in history.standing().items()}
        applied = apply_operations(history, [operation], behaviours=NAMES, author="Ada", at=at)
        after = {pair: said.ruling for pair, said in applied.history.standing().items()}
        if operation.kind is Kind.UNDO:
            expected = past.pop() if past else before
            future = [*future, before] if applied.history is not history else future
        elif operation.kind is Kind.REDO:
            expected = future.pop() if future else before
            past = [*past, before] if applied.history is not history else past
        elif applied.history is not history:
            expected, past, future = after, [*past, before], []
        else:
            expected = before
        assert after == expected
        history = applied.history

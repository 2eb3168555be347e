"""Restoring is a verdict: what stood once stands again, and undo takes back the whole of it."""

from __future__ import annotations

import pytest
from graph_strategies import AT, NAMES, histories, verdicts
from hypothesis import given
from hypothesis import strategies as st

from causalviz.errors import GraphError, VerdictConflict
from causalviz.graph.verdicts import Act, History, Verdict


def restore(length: int, name: str = "first") -> Verdict:
    return Verdict(Act.RESTORE, "", "", "Bob", AT, name, length)


def told(*acts: tuple[Act, str, str]) -> History:
    history = History()
    for act, cause, effect in acts:
        history = history.append(Verdict(act, cause, effect, "Ada", AT, f"{act.value} it"))
    return history


@given(histories(), st.data())
def test_what_stood_stands_again_with_author_time_and_note(history: History, data: st.DataObject) -> None:
    length = data.draw(st.integers(0, len(history.entries)))
    restored = history.append(restore(length))
    assert restored.standing() == history.first(length).standing()
    assert restored.entries[:-1] == history.entries


@given(histories(), st.data())
def test_one_undo_takes_back_the_whole_and_redo_brings_it_back(history: History, data: st.DataObject) -> None:
    length = data.draw(st.integers(0, len(history.entries)))
    restored = history.append(restore(length))
    undone = restored.undo("Ada", AT)
    assert undone.standing() == history.standing()
    assert undone.redo("Ada", AT).standing() == restored.standing()


@given(histories(), st.data(), st.lists(verdicts(), max_size=6))
def test_after_a_restoring_all_goes_on_as_it_would_have_then(
    history: History, data: st.DataObject, later: list[Verdict]
) -> None:
    length = data.draw(st.integers(0, len(history.entries)))
    now, then = history.append(restore(length)), history.first(length)
    for verdict in later:
        if verdict.act in {Act.UNDO, Act.REDO, Act.RESTORE}:
            continue
        try:
            then = then.append(verdict)
        except GraphError:
            with pytest.raises(GraphError):
                now.append(verdict)
        else:
            now = now.append(verdict)
    assert now.standing() == then.standing()


@given(histories(), st.lists(st.integers(0, 20), max_size=8))
def test_restorings_of_restorings_come_to_an_end(history: History, lengths: list[int]) -> None:
    for length in lengths:
        length = min(length, len(history.entries))
        stood = history.first(length).standing()
        history = history.append(restore(length))
        assert history.standing() == stood


def test_undo_before_and_after() -> None:
    history = told((Act.ADD, "view", "cart"), (Act.REJECT, "cart", "buy")).append(restore(1))
    assert set(history.standing()) == {("view", "cart")}
    history = history.append(Verdict(Act.ADD, "view", "buy", "Ada", AT))
    assert set(history.standing()) == {("view", "cart"), ("view", "buy")}
    history = history.undo("Ada", AT).undo("Ada", AT)
    assert set(history.standing()) == {("view", "cart"), ("cart", "buy")}
    assert history.undo("Ada", AT).standing().keys() == {("view", "cart")}


def test_what_no_history_holds_cannot_be_restored() -> None:
    with pytest.raises(GraphError, match="1 entries and not 2"):
        told((Act.ADD, "view", "cart")).append(restore(2))
    with pytest.raises(ValueError, match="-1"):
        restore(-1)


def test_a_cycle_that_once_stood_may_stand_again() -> None:
    circle = told((Act.ADD, "view", "cart"), (Act.ADD, "cart", "view"))
    history = History((*circle.entries, Verdict(Act.REJECT, "view", "cart", "Ada", AT)), acyclic=True)
    with pytest.raises(VerdictConflict):
        history.append(Verdict(Act.ADD, "view", "cart", "Ada", AT))
    assert history.append(restore(2)).standing() == circle.standing()


def test_an_entry_from_the_future_is_damage() -> None:
    with pytest.raises(ValueError, match="after it"):
        History((restore(1), Verdict(Act.ADD, *NAMES[:2], "Ada", AT))).standing()

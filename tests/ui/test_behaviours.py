"""Behaviours changed on the graph: what becomes of the project, and of everything said about them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from graph_projects import LIKE, RUDE, add_project

from causalviz.events.rules import Rules
from causalviz.graph.verdicts import Act, Verdict
from causalviz.ui import compute
from causalviz.ui.behaviours import can_step, change_behaviours, take_step, with_names_of_today
from causalviz.ui.graph_editor import Kind, Operation
from causalviz.ui.session import Session
from causalviz.ui.settings import assumed_behaviours, behaviour_notes, view_of, with_rules

AT, LATER = "2026-01-01T00:00:00+00:00", "2999-01-01T00:00:00+00:00"


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.setenv("CAUSALVIZ_HOME", str(tmp_path))
    yield Session(project_id=add_project(compute.store()).id, author="Ada")
    compute.store().close()


def do(session: Session, *edits: Operation) -> tuple[str, ...]:
    return change_behaviours(session, edits)


def names(session: Session) -> set[str]:
    project = compute.current_project(session)
    assert project is not None
    return set(compute.names_of_state(project))


def say(session: Session, act: Act, cause: str, effect: str) -> None:
    assert session.project_id is not None
    before = compute.store().history(session.project_id)
    longer = before.append(Verdict(act, cause, effect, "Ada", AT))
    compute.store().append_verdicts(session.project_id, longer, len(before.entries))


def test_a_renamed_behaviour_takes_its_place_note_and_verdicts_along(session: Session) -> None:
    assert session.project_id is not None
    say(session, Act.ADD, "buy", LIKE)
    compute.store().save_positions(session.project_id, {LIKE: (7.0, 8.0)})
    assert (
        do(session, Operation(Kind.DESCRIBE, (LIKE,), note="hearts"), Operation(Kind.RENAME, (LIKE,), note="fav")) == ()
    )
    project = compute.store().project(session.project_id)
    assert "fav" in names(session)
    assert LIKE not in names(session)
    assert behaviour_notes(project)["fav"] == "hearts"
    assert compute.store().positions(project.id)["fav"] == (7.0, 8.0)
    assert set(compute.current_history(session).standing()) == {("buy", "fav")}


def test_merged_behaviours_become_one_and_so_do_their_verdicts(session: Session) -> None:
    say(session, Act.ADD, "buy", LIKE)
    assert do(session, Operation(Kind.MERGE, (LIKE, RUDE), note="fan")) == ()
    assert names(session) == {"view", "cart", "buy", "fan"}
    assert set(compute.current_history(session).standing()) == {("buy", "fan")}


@pytest.mark.parametrize("kind", [Kind.RENAME, Kind.ASSUME])
def test_a_name_that_is_taken_is_refused_with_a_way_out(session: Session, kind: Kind) -> None:
    who = (LIKE,) if kind is Kind.RENAME else ()
    assert do(session, Operation(kind, who, note="buy")) == (
        "There is a behaviour “buy” already; choose another name, or merge the two.",
    )
    assert len(names(session)) == 5


def test_a_hidden_behaviour_waits_and_an_idle_assumed_one_is_forgotten(session: Session) -> None:
    assert session.project_id is not None
    do(session, Operation(Kind.ASSUME, note="season"), Operation(Kind.ASSUME, note="mood"))
    say(session, Act.ADD, "mood", "buy")
    assert do(session, Operation(Kind.HIDE, ("season", "mood", LIKE))) == ()
    project = compute.store().project(session.project_id)
    assert set(view_of(project).hidden) == {"mood", LIKE}
    assert assumed_behaviours(project) == ("mood",)


def test_the_last_behaviour_cannot_be_hidden(session: Session) -> None:
    everything = tuple(sorted(names(session)))
    assert do(session, Operation(Kind.HIDE, everything)) == (
        "Nothing would be left to draw; leave at least one behaviour.",
    )


def test_a_merge_that_leaves_no_log_is_refused_and_nothing_changes(session: Session) -> None:
    everything = tuple(sorted(names(session)))
    (refusal,) = do(session, Operation(Kind.MERGE, everything, note="all"))
    assert "a graph needs two behaviours" in refusal
    assert names(session) == set(everything)


def test_a_project_without_a_log_is_a_sketch_of_assumed_behaviours(session: Session) -> None:
    sketch = Session(project_id=compute.store().create_project("Sketch").id)
    empty = compute.current_graph(sketch)
    assert empty is not None
    assert (empty.behaviours, empty.edges) == ((), ())
    do(sketch, Operation(Kind.ASSUME, note="rain"), Operation(Kind.ASSUME, note="wet"))
    say(sketch, Act.ADD, "rain", "wet")
    drawn = compute.current_graph(sketch)
    assert drawn is not None
    assert (drawn.behaviours, [edge.pair for edge in drawn.edges]) == (("rain", "wet"), [("rain", "wet")])


def test_an_assumed_behaviour_with_verdicts_under_its_former_name_is_not_forgotten(session: Session) -> None:
    assert session.project_id is not None
    do(session, Operation(Kind.ASSUME, note="mood"))
    say(session, Act.ADD, "mood", "buy")
    assert do(session, Operation(Kind.RENAME, ("mood",), note="temper"), Operation(Kind.HIDE, ("temper",))) == ()
    assert assumed_behaviours(compute.store().project(session.project_id)) == ("temper",)


def drawn(session: Session) -> set[str]:
    project = compute.current_project(session)
    assert project is not None
    return names(session) - set(view_of(project).hidden)


def test_merging_hiding_and_renaming_are_undone_and_redone(session: Session) -> None:
    edits = (
        Operation(Kind.RENAME, ("view",), note="look"),
        Operation(Kind.MERGE, (LIKE, RUDE), note="fan"),
        Operation(Kind.HIDE, ("fan",)),
    )
    stages = [drawn(session)]
    for edit in edits:
        assert change_behaviours(session, [edit]) == ()
        stages.append(drawn(session))
    assert stages[-1] == {"look", "cart", "buy"}
    for stage in stages[-2::-1]:
        assert can_step(session).undo
        assert take_step(session, Kind.UNDO) == ""
        assert drawn(session) == stage
    assert not can_step(session).undo
    for stage in stages[1:]:
        assert take_step(session, Kind.REDO) == ""
        assert drawn(session) == stage
    assert not can_step(session).redo


def test_a_later_verdict_is_undone_first_and_what_changed_elsewhere_is_left_alone(session: Session) -> None:
    assert session.project_id is not None
    store = compute.store()
    change_behaviours(session, [Operation(Kind.RENAME, ("view",), note="look")])
    said = store.history(session.project_id).append(Verdict(Act.ADD, "look", LIKE, "Ada", LATER))
    store.append_verdicts(session.project_id, said, 0)
    assert not can_step(session).undo
    store.append_verdicts(session.project_id, said.undo("Ada", LATER), 1)
    assert can_step(session).undo
    store.change_project(session.project_id, lambda there: with_rules(there, Rules()))
    assert not can_step(session).undo
    assert "another tab" in take_step(session, Kind.UNDO)


def test_what_was_done_on_an_older_drawing_counts_under_todays_names(session: Session) -> None:
    done = [Operation(Kind.ADD, ("view", LIKE)), Operation(Kind.ACCEPT, ("cart", "buy")), Operation(Kind.HIDE, ("?",))]
    change_behaviours(session, [Operation(Kind.RENAME, (LIKE,), note="heart")])
    change_behaviours(session, [Operation(Kind.MERGE, ("heart", RUDE), note="fan")])
    project = compute.current_project(session)
    assert project is not None
    assert [one.names for one in with_names_of_today(project, done)] == [("view", "fan"), ("cart", "buy"), ("?",)]


def test_the_audit_trail_tells_of_them(session: Session) -> None:
    assert session.project_id is not None
    change_behaviours(session, [Operation(Kind.RENAME, ("view",), note="look")])
    take_step(session, Kind.UNDO)
    told = [(deed.kind.value, deed.author, deed.subject) for deed in compute.store().deeds(session.project_id)]
    assert told[-2:] == [
        ("behaviours changed", "Ada", "renamed: view, now look"),
        ("change undone", "Ada", "renamed: view, now look"),
    ]

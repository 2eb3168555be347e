"""The wire: each operation counts once, and changes rebuild the drawing that was meant."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causalviz.ui.graph_editor import Acked, EditorAnswer, Kind, Operation, editor
from causalviz.ui.graph_editor.protocol import KEPT_REVISIONS, changes, message, read_answer, remember, revision_of


def outbox(*seqs: int, client: str = "c") -> dict[str, Any]:
    return {"client": client, "revision": "r", "ops": [{"seq": seq, "kind": "undo"} for seq in seqs]}


def test_nothing_was_sent_before_the_editor_is_mounted() -> None:
    assert read_answer(None) == EditorAnswer()


def test_an_outbox_is_read_into_operations() -> None:
    answer = read_answer(
        {
            "client": "c",
            "revision": None,
            "ops": [
                {"seq": 1, "kind": "add", "names": ["view", "<b>"]},
                {"seq": 2, "kind": "move", "places": [["view", 3, -4.5]]},
            ],
        }
    )
    assert answer.operations == (
        Operation(Kind.ADD, ("view", "<b>"), seq=1),
        Operation(Kind.MOVE, places=(("view", 3.0, -4.5),), seq=2),
    )


@pytest.mark.parametrize(
    "broken",
    [
        {},
        "text",
        {"client": "c", "ops": [{"kind": "add"}]},
        {"client": "c", "ops": [{"seq": 1, "kind": "drop table"}]},
        {"client": "c", "ops": [{"seq": 1, "kind": "add", "names": ["one"]}]},
        {"client": "c", "ops": [{"seq": 1, "kind": "move", "places": [["view", "left", 0]]}]},
    ],
)
def test_a_broken_outbox_is_not_guessed_at(broken: object) -> None:
    with pytest.raises(ValueError, match=r"got|valid Kind"):
        read_answer(broken)


def with_one(**parts: object) -> dict[str, Any]:
    return {"client": "c", "revision": None, "ops": [{"seq": 1, "kind": "undo", **parts}]}


@pytest.mark.parametrize(
    "hostile",
    [
        with_one(seq=math.inf),
        with_one(seq=math.nan),
        with_one(seq=10**400),
        with_one(seq=2**53),
        with_one(seq=0),
        with_one(seq=True),
        with_one(seq="1"),
        with_one(kind=["add"]),
        with_one(kind="select", names="ab"),
        with_one(kind="select", names=["\ud800"]),
        with_one(kind="select", names=["x" * 10_001]),
        with_one(kind="select", names=[1]),
        with_one(kind="move", places=[["view", 10**400, 0]]),
        with_one(kind="move", places=[["view", 1e6, 0]]),
        with_one(kind="move", places=[["view", 0, math.nan]]),
        with_one(kind="move", places=[["view", 0]]),
        with_one(kind="move", places=[["view", 0, 0]] * 10_001),
        {**outbox(1), "revision": [1]},
        {**outbox(1), "client": "\ud800"},
        {**outbox(1), "client": "购"},
        {**outbox(1), "client": "a\n"},
        {**outbox(1), "client": ""},
        {**outbox(1), "client": None},
        {**outbox(1), "client": "x" * 1_000_000},
        {**outbox(1), "ops": {"seq": 1}},
        {**outbox(1), "ops": None},
        {**outbox(1), "ops": ["text"]},
        outbox(*range(1, 10_002)),
    ],
    ids=range(28),
)
def test_a_hostile_outbox_is_one_short_sentence(hostile: object) -> None:
    with pytest.raises(ValueError, match=r"got|sequence") as refusal:
        read_answer(hostile)
    assert len(str(refusal.value)) < 300


def test_the_largest_outbox_is_read() -> None:
    largest = {**outbox(*range(2**53 - 10_000, 2**53)), "client": "x" * 64}
    assert len(read_answer(largest).operations) == 10_000
    answer = read_answer(with_one(kind="move", places=[["x" * 10_000, -999_999, 999_999.5]]))
    assert answer.operations[0].places == (("x" * 10_000, -999_999.0, 999_999.5),)


def test_the_page_passes_over_a_broken_outbox(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sent = {"broken": {"outbox": with_one(seq=math.inf)}, "good": {"outbox": outbox(1)}, "mounted": {}}
    monkeypatch.setattr(editor.st, "session_state", sent)
    assert editor.editor_answer("broken") == EditorAnswer()
    assert "'broken' sent is passed over" in caplog.text
    assert len(editor.editor_answer("good").operations) == 1
    assert editor.editor_answer("mounted") == editor.editor_answer("unknown") == EditorAnswer()


def test_only_what_was_not_acknowledged_counts() -> None:
    answer = read_answer(outbox(1, 2, 3))
    assert [operation.seq for operation in answer.since(Acked("c", 2))] == [3]
    assert answer.acknowledge(Acked("c", 2)) == Acked("c", 3)
    assert answer.since(Acked("c", 3)) == ()


def test_another_client_starts_anew() -> None:
    answer = read_answer(outbox(1, client="fresh"))
    assert len(answer.since(Acked("old", 9))) == 1
    assert answer.acknowledge(Acked("old", 9)) == Acked("fresh", 1)


def test_an_empty_answer_acknowledges_nothing() -> None:
    assert EditorAnswer().acknowledge(Acked("c", 4)) == Acked("c", 4)
    assert read_answer(outbox()).acknowledge(Acked("c", 4)) == Acked("c", 4)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3)), max_size=20))
def test_every_operation_is_applied_once_however_messages_race(steps: list[tuple[bool, int]]) -> None:
    pending: list[int] = []
    acked, applied, sent = Acked(), [], 0
    for heard, new in steps:
        pending += range(sent + 1, sent + 1 + new)
        sent += new
        answer = read_answer(outbox(*pending))
        applied += [operation.seq for operation in answer.since(acked)]
        acked = answer.acknowledge(acked)
        if heard:  # else the acknowledgement is lost, and all of it is sent again
            pending = [seq for seq in pending if seq > acked.seq]
    assert applied == list(range(1, sent + 1))


def drawing(nodes: dict[str, int], edges: dict[str, int], selected: str = "") -> dict[str, Any]:
    return {
        "nodes": [{"id": key, "x": value} for key, value in nodes.items()],
        "edges": [{"id": key, "width": value} for key, value in edges.items()],
        "selected": [selected],
    }


items = st.dictionaries(st.sampled_from("abcd"), st.integers(0, 2))
drawings = st.builds(drawing, items, items, st.sampled_from(["", "a"]))


def patched(before: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """What outbox.js does with changes."""

    def merged(key: str) -> dict[str, Any]:
        known = {item["id"]: item for item in [*before[key], *change[key]["items"]]}
        return {name: item for name, item in known.items() if name not in change[key]["removed"]}

    return {**before, **change["fields"], "nodes": merged("nodes"), "edges": merged("edges")}


@given(drawings, drawings)
def test_changes_rebuild_the_later_drawing(before: dict[str, Any], after: dict[str, Any]) -> None:
    rebuilt = patched(before, changes(before, after))
    for key in ("nodes", "edges"):
        assert rebuilt[key] == {item["id"]: item for item in after[key]}
    assert rebuilt["selected"] == after["selected"]


def test_a_browser_that_holds_a_known_drawing_gets_changes_only() -> None:
    before, after = drawing({"a": 1, "b": 1}, {}), drawing({"a": 1, "b": 2}, {})
    known = remember(remember({}, before), after)
    sent = message(known, revision_of(before))
    assert (sent["base"], sent["revision"]) == (revision_of(before), revision_of(after))
    assert sent["document"]["nodes"] == {"items": [{"id": "b", "x": 2}], "removed": []}


@pytest.mark.parametrize("held", [None, "long forgotten"])
def test_a_browser_that_holds_nothing_known_gets_all(held: str | None) -> None:
    after = drawing({"a": 1}, {})
    assert message(remember({}, after), held) == {
        "revision": revision_of(after),
        "base": None,
        "document": after,
    }


def test_old_drawings_are_forgotten() -> None:
    known: dict[str, Any] = {}
    for number in range(KEPT_REVISIONS + 3):
        known = remember(known, drawing({"a": number}, {}))
    assert len(known) == KEPT_REVISIONS
    assert revision_of(drawing({"a": 0}, {})) not in known

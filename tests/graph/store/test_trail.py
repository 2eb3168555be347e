"""The audit trail: verdicts and deeds in one order, filtered, and harmless as CSV."""

from __future__ import annotations

import csv
import io

from graph_strategies import rude_names
from hypothesis import given
from hypothesis import strategies as st

from causalviz.graph.store import Deed, DeedKind
from causalviz.graph.store.trail import COLUMNS, TrailEntry, narrowed_trail, trail_of, write_trail_csv
from causalviz.graph.verdicts import Act, History, Verdict


def at(minute: int, zone: str = "+00:00") -> str:
    return f"2026-01-01T12:{minute:02}:00{zone}"


HISTORY = History(
    (
        Verdict(Act.ADD, "view", "buy", "Ada", at(1), "seen"),
        Verdict(Act.REJECT, "buy", "cart", "Bob", at(3)),
        Verdict(Act.RESTORE, "", "", "Ada", at(4), "first", 1),
        Verdict(Act.UNDO, "", "", "Ada", at(5)),
    )
)
DEEDS = (
    Deed(DeedKind.CREATED, "", at(0, ""), "Shop"),
    Deed(DeedKind.VERSION, "Ada", at(2), "first", "for Monday"),
    Deed(DeedKind.RESTORED, "Ada", at(4), "first"),
)


def test_the_latest_comes_first_and_a_restoring_once() -> None:
    trail = trail_of(HISTORY, DEEDS)
    assert [(entry.what, entry.author) for entry in trail] == [
        ("undo", "Ada"), ("version restored", "Ada"), ("reject", "Bob"), ("version kept", "Ada"), ("add", "Ada"),
        ("created", ""),
    ]  # fmt: skip
    assert trail[3] == TrailEntry(at(2), "Ada", "version kept", "", "", "first", "for Monday")
    assert trail[4] == TrailEntry(at(1), "Ada", "add", "view", "buy", "", "seen")


def test_verdicts_of_one_moment_keep_their_order() -> None:
    entries = tuple(Verdict(Act.NOTE, "a", "b", "Ada", at(1), str(n)) for n in range(4))
    assert [entry.note for entry in trail_of(History(entries), ())] == ["3", "2", "1", "0"]


def test_it_is_filtered_by_author_and_behaviour() -> None:
    trail = trail_of(HISTORY, DEEDS)
    assert narrowed_trail(trail) == trail
    assert {entry.author for entry in narrowed_trail(trail, "Bob")} == {"Bob"}
    assert [entry.what for entry in narrowed_trail(trail, behaviour="buy")] == ["reject", "add"]
    assert [entry.what for entry in narrowed_trail(trail, "", None)] == ["created"]
    assert narrowed_trail(trail, "Bob", "view") == ()


@given(st.lists(st.builds(TrailEntry, *[rude_names] * 7), max_size=5))
def test_no_cell_is_a_formula_and_every_text_comes_back(trail: list[TrailEntry]) -> None:
    header, *rows = csv.reader(io.StringIO(write_trail_csv(trail), newline=""))
    assert tuple(header) == COLUMNS
    assert len(rows) == len(trail)
    for row, entry in zip(rows, trail, strict=True):
        for cell, text in zip(row, entry, strict=True):
            assert cell in (text, "'" + text)
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))

"""What the editor draws of verdicts before Python has answered."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
from causalviz.ui import graph_editor

if TYPE_CHECKING:
    from playwright.sync_api import Page

MODULE = resources.files(graph_editor) / "frontend" / "foreseen.js"
CALL = """async ([source, document, operations]) => {
  const { foreseen } = await import("data:text/javascript," + encodeURIComponent(source));
  const drawn = foreseen(document, operations);
  return [drawn.edges, drawn === document];
}"""
DOCUMENT = {
    "nodes": [{"id": "n0", "name": "view"}, {"id": "n1", "name": "cart"}, {"id": "n2", "name": "buy"}],
    "edges": [
        {"id": "e0-1", "from": "n0", "to": "n1", "text": "0.85", "tone": "excite3", "dashes": False},
        {"id": "e1-2", "from": "n1", "to": "n2", "text": "✕ <0.01", "tone": "rejected", "dashes": True},
        {"id": "f0-2", "from": "n0", "to": "n2", "text": "", "tone": "follows", "dashes": True, "layer": "follows"},
    ],
}


def foreseen(page: Page, *operations: dict[str, Any]) -> tuple[list[dict[str, Any]], bool]:
    """The edges as they will look, and whether the document is passed on as it is."""
    edges, same = page.evaluate(CALL, [MODULE.read_text(encoding="utf-8"), DOCUMENT, list(operations)])
    return edges, same


def test_verdicts_on_their_way_are_drawn_and_nothing_else(page: Page) -> None:
    edges, same = foreseen(
        page,
        {"kind": "reject", "names": ["view", "cart"]},
        {"kind": "accept", "names": ["cart", "buy", "view", "buy"]},
        {"kind": "select", "names": ["view"]},
    )
    assert not same
    assert edges[0] == {**DOCUMENT["edges"][0], "text": "✕ 0.85", "tone": "rejected", "dashes": True}
    assert edges[1] == {**DOCUMENT["edges"][1], "text": "✓ <0.01", "dashes": False}
    assert edges[2] == DOCUMENT["edges"][2]


def test_the_last_verdict_counts(page: Page) -> None:
    edges, _ = foreseen(
        page, {"kind": "reject", "names": ["view", "cart"]}, {"kind": "accept", "names": ["view", "cart"]}
    )
    assert edges[0]["text"] == "✓ 0.85"
    assert edges[0]["tone"] == "excite3"


@pytest.mark.parametrize("travel", ["undo", "redo"])
def test_what_is_not_certain_is_not_drawn(page: Page, travel: str) -> None:
    _, same = foreseen(page, {"kind": "reject", "names": ["view", "cart"]}, {"kind": travel})
    assert same
    edges, _ = foreseen(page, {"kind": travel}, {"kind": "reject", "names": ["view", "cart"]})
    assert edges[0]["text"] == "✕ 0.85"

"""The tabs beside the drawing, in a real browser: what they do is seen in the drawing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from graph_projects import LIKE

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
from editor_desk import Desk, open_desk
from playwright.sync_api import expect

if TYPE_CHECKING:
    from conftest import Server
    from playwright.sync_api import Page

TONE = """(canvas, [cause, effect, tone]) => {
  const { nodes, edges } = canvas.drawing.document;
  const id = (name) => nodes.find((node) => node.name === name)?.id;
  return edges.some((edge) => edge.from === id(cause) && edge.to === id(effect) && edge.tone === tone);
}"""


@pytest.fixture
def desk(page: Page, server: Server, request: pytest.FixtureRequest) -> Desk:
    """A new project over the small log, opened."""
    return open_desk(page, server, request.node.name)


def show(desk: Desk, tab: str) -> None:
    desk.rest()
    desk.page.get_by_role("radio", name=tab, exact=True).click()
    desk.rest()


def choose(desk: Desk, label: str, name: str) -> None:
    desk.page.get_by_label(label, exact=True).first.click()
    desk.page.get_by_role("option", name=name, exact=True).click()
    desk.rest()


def test_a_rule_is_drawn_and_a_verdict_against_it_refused(desk: Desk) -> None:
    show(desk, "Rules")
    choose(desk, "Cause", "buy")
    choose(desk, "Effect", LIKE)
    desk.page.get_by_role("button", name="Require").click()
    desk.expect_edge("buy", LIKE)
    desk.pick("buy", LIKE)
    desk.press("x")
    expect(desk.page.locator(".editor .notice")).to_contain_text("required")
    desk.expect_edge("buy", LIKE)  # drawn as rejected at first, and taken back
    assert desk.rulings() == {}


def test_one_key_answers_a_question_and_the_next_one_stands_there(desk: Desk) -> None:
    show(desk, "Review")
    expect(desk.page.get_by_text(re.compile(r"^0 of \d+ reviewed$"))).to_be_visible()
    expect(desk.page.get_by_role("button", name="Reject Shortcut X")).to_be_enabled()
    desk.rest()
    desk.page.keyboard.press("x")
    expect(desk.page.get_by_text(re.compile(r"^1 of \d+ reviewed$"))).to_be_visible()
    assert list(desk.rulings().values()) == ["rejected"]


def test_causal_paths_are_marked_in_the_drawing_and_unmarked_when_left(desk: Desk) -> None:
    show(desk, "Paths")
    choose(desk, "Cause", "view")
    choose(desk, "Goal", "buy")
    desk.until(TONE, ["view", "cart", "causal"])
    desk.until(TONE, ["cart", "buy", "causal"])
    show(desk, "Edges")
    desk.until("(canvas) => canvas.drawing.document.emphasis.length === 0")


def test_what_changed_since_a_version_is_drawn(desk: Desk) -> None:
    show(desk, "Versions")
    desk.page.get_by_role("textbox").first.fill("before")
    desk.page.get_by_role("button", name="Keep", exact=True).click()
    expect(desk.page.get_by_text("“before” is kept.")).to_be_visible()
    desk.draw("buy", LIKE)
    desk.expect_edge("buy", LIKE)
    show(desk, "Changes")
    desk.until(TONE, ["buy", LIKE, "added"])

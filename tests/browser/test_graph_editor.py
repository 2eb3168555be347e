"""The two-way editor in a real browser: what is drawn by hand becomes verdicts that nothing can lose."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from graph_projects import LIKE, RUDE

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
from editor_desk import LOOK_MS, LOOKS, Desk, open_desk
from playwright.sync_api import expect

if TYPE_CHECKING:
    from conftest import Server
    from playwright.sync_api import Page

EDITS = 200
INK = """(canvas, signs) => {
  const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  return signs.map((sign) => {
    probe.clearRect(0, 0, 64, 64);
    probe.font = `40px ${canvas.drawing.look.font}`;
    probe.fillText(sign, 4, 48);
    return probe.getImageData(0, 0, 64, 64).data.join("");
  });
}"""

REJECT = """(stage) => {
  const { drawing } = stage.querySelector(".canvas");
  stage.dispatchEvent(new KeyboardEvent("keydown", { key: "x", bubbles: true }));
  const edge = drawing.edge(drawing.selected[0]);
  return [edge.text, edge.dashes];
}"""


@pytest.fixture
def desk(page: Page, server: Server, request: pytest.FixtureRequest) -> Desk:
    """A new project over the small log, opened."""
    return open_desk(page, server, request.node.name)


def test_an_edge_drawn_with_the_mouse_survives_everything(desk: Desk) -> None:
    before = len(desk.edges())
    desk.draw("buy", LIKE)
    desk.expect_edge("buy", LIKE)
    desk.expect_count(before + 1)
    cells = desk.page.locator('[data-testid="stDataFrame"] canvas')
    expect(cells.get_by_text(LIKE).first).to_be_attached()
    assert desk.rulings() == {("buy", LIKE): "added"}

    desk.page.get_by_role("link", name="Train").click()
    expect(desk.page.get_by_role("heading", name="Train")).to_be_visible()
    desk.page.get_by_role("link", name="Graph").click()
    desk.wait()
    desk.expect_edge("buy", LIKE)

    desk.page.reload()
    desk.wait()
    desk.expect_edge("buy", LIKE)

    desk.server.restart()
    desk.page.reload()
    desk.wait()
    desk.expect_edge("buy", LIKE)
    desk.expect_count(before + 1)
    assert desk.rulings() == {("buy", LIKE): "added"}


def test_undo_redo_reverse_and_delete_by_keyboard(desk: Desk) -> None:
    before = len(desk.edges())
    desk.draw("buy", LIKE)
    desk.expect_count(before + 1)
    desk.press("Control+z")
    desk.expect_count(before)
    desk.press("Control+Shift+z")
    desk.expect_edge("buy", LIKE)
    desk.press("r")
    desk.expect_edge(LIKE, "buy")
    desk.expect_edge("buy", LIKE, denied=True)
    desk.expect_count(before + 2)
    assert desk.rulings() == {("buy", LIKE): "reversed", (LIKE, "buy"): "added"}
    desk.press("Delete")
    desk.expect_count(before + 1)
    assert desk.rulings() == {("buy", LIKE): "rejected"}


def test_what_is_refused_is_said_and_changes_nothing(desk: Desk) -> None:
    desk.draw("view", "cart")  # suggested by the data: drawing it accepts it
    expect(desk.page.get_by_text(re.compile("^Accepted by"))).to_be_visible()
    assert desk.rulings() == {("view", "cart"): "accepted"}
    desk.press("a")
    expect(desk.page.locator(".editor .notice")).to_have_text(re.compile("stands accepted already"))
    assert desk.rulings() == {("view", "cart"): "accepted"}


def test_a_verdict_is_drawn_before_it_is_answered(desk: Desk) -> None:
    desk.pick("view", "cart")
    expect(desk.page.locator(".editor .chosen")).to_contain_text("view → cart")
    text, dashed = desk.page.locator(".editor .stage").evaluate(REJECT)  # no message can arrive within it
    assert text.startswith("✕")
    assert dashed
    desk.expect_edge("view", "cart", denied=True)
    assert desk.rulings() == {("view", "cart"): "rejected"}


def test_a_moved_box_stays_where_it_was_put(desk: Desk) -> None:
    with desk.store() as store:
        before = store.positions(desk.project_id)
    mouse = desk.page.mouse
    x, y = desk.point(LIKE)
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + 60, y + 45, steps=5)
    mouse.up()
    expect(desk.page).to_have_url(re.compile("cause="))  # the moved box is selected, and the URL tells it
    after = desk.places_after(before)
    moved = {name for name in after if after[name] != before[name]}
    assert moved == {LIKE}
    desk.page.reload()
    desk.wait()
    with desk.store() as store:
        assert store.positions(desk.project_id) == after


def test_two_tabs_do_not_overwrite_each_other(desk: Desk) -> None:
    other = Desk(desk.page.context.new_page(), desk.server, desk.project_id)
    other.open()
    desk.draw("buy", LIKE)
    desk.expect_edge("buy", LIKE)
    other.draw("buy", RUDE)
    other.expect_edge("buy", RUDE)
    other.expect_edge("buy", LIKE)
    assert desk.rulings() == {("buy", LIKE): "added", ("buy", RUDE): "added"}


def test_a_server_killed_during_200_edits_loses_none_and_applies_each_once(desk: Desk) -> None:
    desk.pick("view", "cart")
    expect(desk.page.locator(".editor .chosen")).to_contain_text("view → cart")
    desk.page.locator(".editor .stage").focus()
    for number in range(EDITS):
        desk.page.keyboard.press("xa"[number % 2])
        if number == EDITS // 2:
            desk.server.kill()
            desk.server.start()
    for _ in range(LOOKS):
        with desk.store() as store:
            entries = store.history(desk.project_id).entries
        if len(entries) >= EDITS:
            break
        desk.page.wait_for_timeout(LOOK_MS)
    assert [entry.act.value for entry in entries] == ["reject", "accept"] * (EDITS // 2)


def test_a_hostile_name_is_text_everywhere(desk: Desk, tmp_path: Path) -> None:
    page = desk.page
    desk.draw("buy", RUDE)
    desk.expect_edge("buy", RUDE)
    expect(page.get_by_test_id("stMarkdown").get_by_text(RUDE).first).to_be_visible()
    expect(page.locator('[data-testid="stDataFrame"] canvas').get_by_text(RUDE).first).to_be_attached()
    x, y = desk.point(RUDE)
    page.mouse.move(x, y + 60)
    page.mouse.move(x, y)
    tooltip = page.locator(".editor .vis-tooltip")
    expect(tooltip).to_be_visible()
    expect(tooltip).to_contain_text(RUDE)
    assert page.locator("img[src=x]").count() == 0

    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_text("HTML – one page").click()
    file = tmp_path / "graph.html"
    download.value.save_as(file)
    asked: list[str] = []
    complaints: list[str] = []
    reader = page.context.new_page()
    reader.on("dialog", lambda dialog: (complaints.append("dialog"), dialog.dismiss()))
    reader.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    reader.on("pageerror", lambda error: complaints.append(str(error)))
    reader.on("request", lambda request: asked.append(request.url))
    reader.goto(file.as_uri())
    row = reader.get_by_role("row").filter(has_text="added")
    expect(row).to_contain_text(RUDE)
    row.click()
    expect(reader.locator("#chosen")).to_contain_text(f"buy → {RUDE}")
    expect(reader.locator("#canvas canvas")).to_be_visible()
    assert asked == [file.as_uri()]
    assert complaints == []
    assert reader.locator("img[src=x]").count() == 0


def test_chinese_names_have_glyphs(desk: Desk) -> None:
    first, second, missing = desk.canvas.evaluate(INK, [LIKE[0], LIKE[1], "\U0010fffe"])
    assert first != second
    assert missing not in (first, second)

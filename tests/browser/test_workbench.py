"""The editor's finer gestures in a real browser: ends, several at once, notes, behaviours, focus, looking around."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from graph_projects import LIKE, NAMES, RUDE, add_dense_sketch

from causalviz.graph.store import Store

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
from editor_desk import IS_STILL, Desk, open_desk
from playwright.sync_api import expect

if TYPE_CHECKING:
    from conftest import Server
    from playwright.sync_api import Page

NAME_PX = 13  # of the screen: what a large drawing is about stays legible however far away it is
FADED = "(canvas, name) => canvas.drawing.fades(canvas.drawing.named(name).id)"
VIEW = """(canvas) => {
  const { network } = canvas.drawing;
  const { x, y } = network.getViewPosition();
  return [network.getScale(), x, y].map((number) => Number(number.toFixed(6)));
}"""
COUNT_PAINTS = """(canvas) => {
  const { network } = canvas.drawing;
  network.on("dragStart", () => (canvas.paints = 0));
  network.on("afterDrawing", () => (canvas.paints += 1));
}"""
BARE_POINT = """(canvas) => {
  const { left, top, width, height } = canvas.getBoundingClientRect();
  const grid = [...Array(400).keys()].map((at) => ({ x: 9 + (at % 20) * 16, y: 9 + Math.floor(at / 20) * 16 }));
  const { x, y } = grid.find((point) => point.x < width / 2 && point.y < height / 2
    && canvas.drawing.network.getNodeAt(point) === undefined);
  return [left + x, top + y];
}"""
WRITTEN_FAR_AWAY = """(canvas, name) => {
  const { drawing } = canvas;
  const [pen, written] = [CanvasRenderingContext2D.prototype, []];
  const write = pen.fillText;
  pen.fillText = function (text, ...at) {
    written.push([text, Math.round(parseFloat(/[0-9.]+px/.exec(this.font)[0]) * drawing.network.getScale())]);
    return write.call(this, text, ...at);
  };
  drawing.network.moveTo({ scale: 0.2 });
  drawing.select([drawing.named(name).id]);
  pen.fillText = write;
  return written.filter(([text]) => text === name).map(([, size]) => size);
}"""
SCALE = "(canvas) => canvas.drawing.network.getScale()"
TRANSLATION = "(canvas) => Object.values(canvas.drawing.network.body.view.translation).map(Math.round)"


@pytest.fixture
def desk(page: Page, server: Server, request: pytest.FixtureRequest) -> Desk:
    """A new project over the small log, opened."""
    return open_desk(page, server, request.node.name)


def test_an_end_dragged_to_another_box_moves_the_edge_in_one_step(desk: Desk) -> None:
    desk.draw("buy", LIKE)
    desk.expect_edge("buy", LIKE)
    end = desk.page.get_by_role("button", name="Drag to another effect")
    expect(end).to_be_visible()
    box = end.bounding_box()
    assert box is not None
    mouse = desk.page.mouse
    mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    mouse.down()
    mouse.move(*desk.point(RUDE), steps=6)
    mouse.up()
    desk.expect_edge("buy", RUDE)
    assert desk.rulings() == {("buy", RUDE): "added"}
    desk.press("Control+z")
    desk.expect_edge("buy", LIKE)
    assert desk.rulings() == {("buy", LIKE): "added"}


def test_several_edges_are_judged_and_undone_together(desk: Desk) -> None:
    desk.pick("view", "cart")
    desk.page.keyboard.down("Control")
    desk.pick("cart", "buy")
    desk.page.keyboard.up("Control")
    expect(desk.page.locator(".editor .chosen")).to_have_text("Chosen: 2 edges")
    desk.press("x")
    desk.expect_edge("view", "cart", denied=True)
    assert desk.rulings() == {("view", "cart"): "rejected", ("cart", "buy"): "rejected"}
    desk.press("Control+z")
    desk.expect_edge("view", "cart")
    assert desk.rulings() == {}


def test_a_frame_chooses_boxes_which_move_together(desk: Desk) -> None:
    desk.until(IS_STILL)
    frame = desk.canvas.bounding_box()
    assert frame is not None
    mouse = desk.page.mouse
    desk.page.keyboard.down("Shift")
    mouse.move(frame["x"] + 3, frame["y"] + 3)
    mouse.down()
    mouse.move(frame["x"] + frame["width"] - 3, frame["y"] + frame["height"] - 3, steps=4)
    mouse.up()
    desk.page.keyboard.up("Shift")
    expect(desk.page.locator(".editor .chosen")).to_have_text(f"Chosen: {len(NAMES)} behaviours")
    with desk.store() as store:
        before = store.positions(desk.project_id)
    x, y = desk.point("view")
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + 40, y + 25, steps=4)
    mouse.up()
    after = desk.places_after(before)
    shifts = {(round(after[name][0] - before[name][0]), round(after[name][1] - before[name][1])) for name in NAMES}
    assert len(shifts) == 1
    assert shifts != {(0, 0)}


def test_the_menu_says_what_can_be_done_where_it_was_opened(desk: Desk) -> None:
    desk.until(IS_STILL)
    desk.click(RUDE, button="right")
    menu = desk.page.get_by_role("menu")
    expect(menu.get_by_role("menuitem", name="Hide")).to_be_enabled()
    expect(menu.get_by_role("menuitem", name="Merge into one")).to_be_disabled()
    menu.get_by_role("menuitem", name="Hide").click()
    desk.until("(canvas, name) => !canvas.drawing.named(name)", RUDE)
    desk.page.reload()
    desk.wait()
    assert RUDE not in desk.names()


def test_a_behaviour_is_assumed_noted_and_linked(desk: Desk) -> None:
    desk.press("b")
    desk.type("season <b>")
    desk.until("(canvas, name) => canvas.drawing.named(name)?.assumed", "season <b>")
    desk.press("/")
    desk.type("season")
    desk.press("n")
    desk.type("sales rise in December")
    desk.until("(canvas, name) => canvas.drawing.named(name).title.includes('December')", "season <b>")
    desk.draw("season <b>", "buy")
    desk.expect_edge("season <b>", "buy")
    assert desk.rulings() == {("season <b>", "buy"): "added"}
    desk.page.reload()
    desk.wait()
    desk.expect_edge("season <b>", "buy")


def test_renaming_and_merging_keep_the_verdicts_and_are_undone(desk: Desk) -> None:
    desk.draw("buy", LIKE)
    desk.expect_edge("buy", LIKE)
    desk.click(LIKE)
    desk.press("F2")
    desk.type("favourite")
    desk.until("(canvas) => canvas.drawing.named('favourite')")
    desk.expect_edge("buy", "favourite")
    desk.click("favourite")
    desk.click(RUDE, modifiers=["Control"])
    desk.press("m")
    desk.type("fan")
    desk.until("(canvas) => canvas.drawing.named('fan')")
    assert sorted(desk.names()) == ["buy", "cart", "fan", "view"]
    desk.expect_edge("buy", "fan")
    desk.press("Control+z")
    desk.until("(canvas) => canvas.drawing.named('favourite')")
    desk.press("Control+z")
    desk.until("(canvas, name) => canvas.drawing.named(name)", LIKE)
    desk.expect_edge("buy", LIKE)
    desk.press("Control+Shift+z")
    desk.until("(canvas) => canvas.drawing.named('favourite')")


def test_focus_and_ways_fade_the_rest(desk: Desk) -> None:
    desk.until(IS_STILL)
    desk.click("cart")
    desk.press("g")
    desk.until(FADED, LIKE)
    assert not desk.canvas.evaluate(FADED, "view")
    desk.press("Escape")
    desk.until(f"(canvas, name) => !({FADED})(canvas, name)", LIKE)
    desk.click("view")
    desk.click("buy", modifiers=["Control"])
    expect(desk.page.locator(".editor .hint")).to_have_text("Ways from view to buy")
    assert desk.canvas.evaluate(FADED, LIKE)
    assert not desk.canvas.evaluate(FADED, "cart")


def test_the_view_stays_through_pages_refresh_and_restart(desk: Desk) -> None:
    desk.until(IS_STILL)
    desk.press("+")
    desk.press("+")
    desk.until(IS_STILL)
    before = desk.canvas.evaluate(VIEW)
    desk.page.get_by_role("link", name="Train").click()
    expect(desk.page.get_by_role("heading", name="Train")).to_be_visible()
    desk.page.get_by_role("link", name="Graph").click()
    desk.wait()
    desk.until(IS_STILL)
    assert desk.canvas.evaluate(VIEW) == before
    desk.server.restart()
    desk.page.reload()
    desk.wait()
    desk.until(IS_STILL)
    assert desk.canvas.evaluate(VIEW) == before


def test_keys_are_listed_and_a_picture_is_saved(desk: Desk, tmp_path: Path) -> None:
    desk.press("?")
    sheet = desk.page.get_by_role("dialog", name="Keys and gestures")
    expect(sheet).to_contain_text("Undo")
    desk.page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    with desk.page.expect_download() as download:
        desk.press("p")
    file = tmp_path / "graph.png"
    download.value.save_as(file)
    assert file.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_a_large_drawing_moves_as_a_picture_and_is_painted_when_it_rests(page: Page, server: Server) -> None:
    store = Store(server.home)
    desk = Desk(page, server, add_dense_sketch(store, "Dense", 26).id)
    store.close()
    desk.open()
    desk.until(IS_STILL)
    desk.canvas.evaluate(COUNT_PAINTS)
    left, top = desk.canvas.evaluate(TRANSLATION)
    x, y = desk.canvas.evaluate(BARE_POINT)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 120, y + 45, steps=8)
    desk.until(f"(canvas, there) => String(({TRANSLATION})(canvas)) === there", f"{left + 120},{top + 45}")
    picture = desk.canvas.locator("canvas.glide")
    assert picture.evaluate("(picture) => picture.style.transform") == "translate(120px, 45px) scale(1)"
    assert desk.canvas.evaluate("(canvas) => canvas.paints") == 0
    page.mouse.up()
    expect(picture).to_have_count(0)
    assert desk.canvas.evaluate("(canvas) => canvas.paints") > 0
    assert desk.canvas.evaluate(TRANSLATION) == [left + 120, top + 45]
    scale = desk.canvas.evaluate(SCALE)
    page.mouse.wheel(0, -100)
    desk.until(f"(canvas, before) => ({SCALE})(canvas) > before", scale)
    expect(picture).to_have_count(0)
    assert max(desk.canvas.evaluate(WRITTEN_FAR_AWAY, "step 3")) == NAME_PX


def test_a_strangers_graph_comes_into_view_on_an_empty_sheet(page: Page, server: Server) -> None:
    store = Store(server.home)
    desk = Desk(page, server, store.create_project("Empty").id)
    store.close()
    desk.open()
    expect(page.locator(".editor .hint")).to_contain_text("press B, to add a behaviour")
    page.get_by_role("button", name="Import").click()
    dot = b'digraph { view [pos="9000,9000"]; cart [pos="9300,9000"]; view -> cart -> buy }'
    page.locator("input[type=file]").last.set_input_files({"name": "shop.dot", "mimeType": "text/plain", "buffer": dot})
    page.get_by_role("button", name="Take in 2 edges").click()
    desk.expect_edge("view", "cart")
    desk.until("(canvas) => canvas.drawing.shows(canvas.drawing.document.nodes.map(({ id }) => id))")

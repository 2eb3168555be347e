"""The Graph page in a browser, driven as an expert would: by its boxes, arrows, keys and mouse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from graph_projects import add_project

from causalviz.graph.store import Store

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
from playwright.sync_api import Locator, expect
from playwright.sync_api import TimeoutError as Overdue

if TYPE_CHECKING:
    from conftest import Server
    from playwright.sync_api import Page

expect.set_options(timeout=90_000)  # ms; a cold server on a busy machine compiles its kernel first
CENTRE = """(canvas, name) => {
  const { document, network } = canvas.drawing;
  const { left, top, right, bottom } = network.getBoundingBox(document.nodes.find((node) => node.name === name).id);
  const point = network.canvasToDOM({ x: (left + right) / 2, y: (top + bottom) / 2 });
  const frame = canvas.getBoundingClientRect();
  return [frame.left + point.x, frame.top + point.y];
}"""
EDGES = """(canvas) => {
  const { nodes, edges } = canvas.drawing.document;
  const name = (id) => nodes.find((node) => node.id === id).name;
  return edges.map(({ from, to, dashes }) => [name(from), name(to), dashes]);
}"""
LABEL = """(canvas, [cause, effect]) => {
  const { document, network } = canvas.drawing;
  const id = (name) => document.nodes.find((node) => node.name === name).id;
  const edge = document.edges.find(({ from, to }) => from === id(cause) && to === id(effect));
  const point = network.canvasToDOM(canvas.drawing.labelPoint(edge));
  const frame = canvas.getBoundingClientRect();
  return [frame.left + point.x, frame.top + point.y];
}"""
HOVERS = 10
LOOK_MS, LOOKS = 100, 3600  # six minutes: a killed server on a busy machine takes its time
IS_DRAWN = f"(canvas, edge) => ({EDGES})(canvas).some((other) => JSON.stringify(other) === JSON.stringify(edge))"
IS_STILL = """(canvas) => {
  const { network } = canvas.drawing;
  const view = JSON.stringify([network.getScale(), network.getViewPosition(), canvas.clientWidth]);
  if (canvas.lastView !== view) Object.assign(canvas, { lastView: view, since: performance.now() });
  return performance.now() - canvas.since > 400;
}"""


class Desk(NamedTuple):
    """The Graph page of one project."""

    page: Page
    server: Server
    project_id: str

    def open(self) -> None:
        self.page.goto(f"{self.server.url}/graph?project={self.project_id}")
        self.wait()

    def wait(self) -> None:
        """Until the drawing stands and the page has come to rest."""
        expect(self.canvas.locator("canvas")).to_be_visible()
        self.rest()

    def rest(self) -> None:
        """Until no script runs: a rerun that is still under way may replace the drawing."""
        expect(self.page.get_by_test_id("stApp")).to_have_attribute("data-test-connection-state", "CONNECTED")
        expect(self.page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")

    @property
    def canvas(self) -> Locator:
        return self.page.locator(".editor .canvas")

    def edges(self) -> list[list[object]]:
        drawn: list[list[object]] = self.canvas.evaluate(EDGES)
        return drawn

    def answered(self) -> None:
        """Until the server has answered all that was done: a verdict is drawn before."""
        expect(self.page.locator(".editor .stage")).to_have_attribute("aria-busy", "false")

    def expect_edge(self, cause: str, effect: str, *, denied: bool = False) -> None:
        self.answered()
        self.until(IS_DRAWN, [cause, effect, denied])

    def until(self, holds: str, arg: object = None) -> None:
        """Waits until a script says True of the canvas, looked up anew each time: a rerun may have replaced it."""
        for _ in range(LOOKS):
            if self.canvas.evaluate(f"(canvas, arg) => !!canvas.drawing?.document && ({holds})(canvas, arg)", arg):
                return
            self.page.wait_for_timeout(LOOK_MS)
        raise AssertionError(f"did not come to hold: {holds} of {arg}")

    def expect_count(self, shown: int) -> None:
        expect(self.page.get_by_text(re.compile(rf"^Edges shown {shown} of"))).to_be_visible()

    def point(self, name: str) -> tuple[float, float]:
        x, y = self.canvas.evaluate(CENTRE, name)
        return x, y

    def draw(self, cause: str, effect: str) -> None:
        """Draws an arrow with the mouse, from the handle that a box shows to another box."""
        self.rest()
        mouse = self.page.mouse
        handle = self.page.locator(".editor .handle")
        for _ in range(HOVERS):  # a page that is still settling may move the box from under the pointer
            self.until(IS_STILL)
            x, y = self.point(cause)
            mouse.move(x - 3, y)
            mouse.move(x, y)
            try:
                handle.wait_for(state="visible", timeout=3_000)
                break
            except Overdue:
                mouse.move(0, 0)
        expect(handle).to_be_visible()
        box = handle.bounding_box()
        assert box is not None
        mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        mouse.down()
        mouse.move(*self.point(effect), steps=6)
        mouse.up()

    def press(self, keys: str) -> None:
        self.page.locator(".editor .stage").focus()
        self.page.keyboard.press(keys)

    @contextmanager
    def store(self) -> Iterator[Store]:
        opened = Store(self.server.home)
        yield opened
        opened.close()

    def rulings(self) -> dict[tuple[str, str], str]:
        """What the store holds once the server has answered all that was done."""
        self.answered()
        with self.store() as store:
            standing = store.history(self.project_id).standing()
        return {pair: said.ruling.value for pair, said in standing.items()}

    def click(self, name: str, **how: Any) -> None:
        """Clicks a box, with ``Locator.click``'s options such as ``modifiers`` and ``button``."""
        x, y = self.point(name)
        frame = self.canvas.bounding_box()
        assert frame is not None
        self.canvas.click(position={"x": x - frame["x"], "y": y - frame["y"]}, **how)

    def pick(self, cause: str, effect: str) -> None:
        """Clicks an arrow, where its label stands or would stand."""
        self.until(IS_STILL)
        x, y = self.canvas.evaluate(LABEL, [cause, effect])
        self.page.mouse.click(x, y)

    def type(self, text: str) -> None:
        """Fills in the line that the editor asks for, and keeps it."""
        line = self.page.locator(".editor .ask input")
        line.fill(text)
        line.press("Enter")

    def places_after(self, before: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
        """Where the boxes stand once the store has other places than before."""
        for _ in range(LOOKS):
            with self.store() as store:
                after = store.positions(self.project_id)
            if after != before:
                return after
            self.page.wait_for_timeout(LOOK_MS)
        raise AssertionError("no box was moved")

    def names(self) -> list[str]:
        """The drawn behaviours."""
        found: list[str] = self.canvas.evaluate("(canvas) => canvas.drawing.document.nodes.map((node) => node.name)")
        return found


def open_desk(page: Page, server: Server, name: str) -> Desk:
    """A new project over the small log, opened."""
    store = Store(server.home)
    project = add_project(store, name)
    store.close()
    opened = Desk(page, server, project.id)
    opened.open()
    return opened

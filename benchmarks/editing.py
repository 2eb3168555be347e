"""Does the Graph page keep up with an expert's hand? A large graph in a real server and a real browser.

    python -m benchmarks.editing [--behaviours N] [--edits N]

A log of 500 behaviours, each of which sets off four others in the mean, is simulated, and its project is opened once,
so that what it says is known. Then a visitor comes to the Graph page from another page, or by a refresh; clicks arrows
and accepts each by its key; drags the paper. Printed are the seconds from the click or the refresh until the arrows are
painted; of the edits, from the key until the picture shows the verdict, and until the picture with the server's answer
is painted; and how many pictures a second follow the mouse. Seconds are those of the browser's clock, beside the
machine's load.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.clusters import Clusters, clusters, random_graph
from benchmarks.responsiveness import FLAGS, LIMIT_MS, serving
from causalviz.events.log import EventLog
from causalviz.events.rules import RawEvents
from causalviz.graph.store import Store
from causalviz.ui.compute import EVENTS_FILE

if TYPE_CHECKING:
    from playwright.sync_api import Page

OUT_DEGREE, USERS, PER_USER = 4.0, 3000, 60.0
OPENINGS = 5
CLICK_TO_KEY_MS = 400  # a hand's time from the click on an arrow to the key
PULLS, PULL_PX = 150, 2  # moves of the mouse while the paper is dragged
BROWSER = """
window.until = async (met) => { while (!met()) await new Promise((go) => setTimeout(go, 4)); };
window.canvas = () => {
  if (!window.kept?.isConnected) {
    const roots = [...document.querySelectorAll('.st-key-graph_desk *')].map((part) => part.shadowRoot).filter(Boolean);
    window.kept = roots.map((root) => root.querySelector('.editor .canvas')).find(Boolean);
  }
  return window.kept;
};
window.drawn = () => canvas()?.drawing?.network?.body?.edgeIndices?.length > 0;
window.resting = () => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning';
window.painted = async (began) => {
  await until(drawn);
  await new Promise((go) => requestAnimationFrame(() => setTimeout(go)));
  return (performance.now() - began) / 1000;
};"""
FOLLOW = "(link) => { const began = performance.now(); link.click(); return painted(began); }"
REFRESHED = "() => painted(0)"
REST = "() => until(() => drawn() && resting())"
POINT = """(at) => {
  const { document: shown, network } = canvas().drawing;
  const point = network.canvasToDOM(canvas().drawing.labelPoint(shown.edges[at]));
  const { left, top } = canvas().getBoundingClientRect();
  return [left + point.x, top + point.y];
}"""
ACCEPT = """async () => {
  const { drawing } = canvas();
  const edge = drawing.edge(drawing.selected[0]);
  if (!edge || !/^[0-9>]/.test(edge.text)) return null;
  const began = performance.now();
  canvas().parentElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'a', bubbles: true }));
  await until(() => drawing.edge(edge.id).text.startsWith('✓'));
  const seen = await painted(began);
  await until(() => canvas().parentElement.ariaBusy === 'false');
  return [seen, await painted(began)];
}"""
COUNT = "() => { window.pictures = 0; const step = () => { pictures += 1; requestAnimationFrame(step); }; step(); }"
TAKE = "() => [pictures, performance.now() / 1000]"


def world(behaviours: int) -> EventLog:
    """A log in which each behaviour sets off ``OUT_DEGREE`` others in the mean."""
    rng = np.random.default_rng([0, 23])
    offspring = random_graph(behaviours, OUT_DEGREE, 0.1, 0.4, rng)
    background = np.full(behaviours, PER_USER / behaviours)
    return clusters(
        Clusters(users=USERS, background=background, offspring=offspring, delay_s=300.0, activity=0.5), rng
    ).log


def add_project(home: Path, log: EventLog) -> str:
    """A project over a log in a new store; returns its id."""
    store, raw = Store(home), RawEvents.from_log(log)
    kept = store.add_log("World", raw.fingerprint, lambda folder: raw.save(folder / EVENTS_FILE))
    project = store.save_project(replace(store.create_project("World"), log_id=kept.fingerprint))
    store.close()
    return project.id


def openings(page: Page) -> Iterator[tuple[str, float]]:
    """How the page was come to, and the seconds until the arrows were painted."""
    for _ in range(OPENINGS):
        page.get_by_role("link", name="Explain").click()
        page.get_by_role("heading", name="Explain").wait_for()
        page.evaluate("() => until(resting)")
        yield "from another page", page.get_by_role("link", name="Graph").evaluate(FOLLOW)
        page.evaluate(REST)
    for _ in range(OPENINGS):
        page.reload(wait_until="commit")
        yield "refreshed", page.evaluate(REFRESHED)
        page.evaluate(REST)


def edits(page: Page, wanted: int) -> list[tuple[float, float]]:
    """Of each of so many edits, the seconds until it is seen and until it is answered."""
    found: list[tuple[float, float]] = []
    at = 0
    while len(found) < wanted:
        page.mouse.click(*page.evaluate(POINT, at))
        page.wait_for_timeout(CLICK_TO_KEY_MS)
        page.evaluate(REST)
        seconds = page.evaluate(ACCEPT)
        page.evaluate(REST)
        found += [] if seconds is None else [tuple(seconds)]
        at += 1
    return found


def pictures_per_second(page: Page) -> float:
    """While the paper is dragged."""
    frame = page.locator(".editor .canvas").bounding_box()
    assert frame is not None
    x, y = frame["x"] + 8, frame["y"] + frame["height"] - 30
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 5, y)
    page.evaluate(COUNT)
    first, began = page.evaluate(TAKE)
    for pull in range(PULLS):
        page.mouse.move(x + 5 + PULL_PX * pull, y)
    last, ended = page.evaluate(TAKE)
    page.mouse.up()
    return float((last - first) / (ended - began))


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.editing", description=__doc__.splitlines()[0])
    parser.add_argument("--behaviours", type=int, default=500)
    parser.add_argument("--edits", type=int, default=20)
    chosen = parser.parse_args(arguments)
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory(prefix="editing-") as folder, sync_playwright() as playwright:
        home = Path(folder)
        project = add_project(home, world(chosen.behaviours))
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        with serving(home) as url:
            page = browser.new_context(viewport={"width": 1440, "height": 950}).new_page()
            page.set_default_timeout(LIMIT_MS)
            page.add_init_script(BROWSER)
            page.goto(f"{url}/graph?project={project}")
            page.evaluate(REST)
            print(page.get_by_text("Edges shown").first.inner_text(), f"({chosen.behaviours} behaviours)")
            came: dict[str, list[float]] = {}
            for how, seconds in openings(page):
                came.setdefault(how, []).append(seconds)
            for how, times in came.items():
                print(line(f"first draw, {how}", times))
            seen, answered = zip(*edits(page, chosen.edits), strict=True)
            print(line("edit, from key to picture", seen))
            print(line("edit, from key to answer", answered))
            print(f"pictures a second while dragged: {pictures_per_second(page):.0f}   load {os.getloadavg()[0]:.1f}")
        browser.close()


def line(name: str, seconds: Sequence[float]) -> str:
    """One line of the outcome."""
    times = f"{statistics.median(seconds):6.2f} s at the median, worst {max(seconds):.2f} s of {len(seconds)}"
    return f"{name:32} {times}   load {os.getloadavg()[0]:.1f}"


if __name__ == "__main__":
    main()

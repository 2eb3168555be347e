"""Training and explaining in a real browser: curves that move, pages that answer meanwhile, bars that add up."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from zipfile import ZipFile

import pytest
from small_project import NASTY, add_small_project

from causalviz.graph.store import Store
from causalviz.model.checkpoint import CARD, WEIGHTS
from causalviz.model.features import GROUP_LABELS

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Server
    from playwright.sync_api import Page

PATIENCE_MS = 240_000  # a first visit loads the network's library, a training loads it again in its own process
ANSWER_MS = 10_000  # for a widget of another page while a training runs
WATERFALL = ".st-key-waterfall .js-plotly-plot"
LOSS = ".st-key-loss_curve .js-plotly-plot"
BARS = """(plot) => ({
  steps: Array.from(plot.data[0].x),
  starts: Array.from(plot.data[0].base),
  lines: plot.layout.shapes.map((shape) => shape.x0),
})"""
POINTS = "(plot) => (plot.data && plot.data.length > 1 ? plot.data[1].y.length : 0)"


class Visit(NamedTuple):
    """A visitor on a server with one small project."""

    page: Page
    server: Server
    project_id: str

    def open(self, name: str, query: str = "") -> None:
        self.page.goto(f"{self.server.url}/{name}?project={self.project_id}{query}")


@pytest.fixture
def project_id(server: Server) -> str:
    store = Store(server.home)
    found = add_small_project(store)
    store.close()
    return found


@pytest.fixture
def visit(page: Page, server: Server, project_id: str) -> Iterator[Visit]:
    """Fails the test if the browser asks any other host for anything."""
    page.set_default_timeout(PATIENCE_MS)
    strangers: list[str] = []
    page.on("request", lambda request: strangers.append(request.url) if is_outside(request.url, server.url) else None)
    yield Visit(page, server, project_id)
    assert strangers == []


def is_outside(url: str, home: str) -> bool:
    return not url.startswith((home, "data:", "blob:"))


def test_the_bars_of_an_edge_add_up_to_its_logit_minus_the_base(visit: Visit) -> None:
    visit.open("explain", "&cause=impression&effect=watch")
    plot = visit.page.locator(WATERFALL)
    expect(plot.locator(".bars .point").first).to_be_visible(timeout=PATIENCE_MS)
    shown = plot.evaluate(BARS)
    base, total = shown["lines"]
    assert len(shown["steps"]) == len(GROUP_LABELS)
    assert shown["starts"][0] == pytest.approx(base)
    assert sum(shown["steps"]) == pytest.approx(total - base, abs=1e-3)
    arguments = visit.page.locator(".st-key-arguments")
    expect(arguments.get_by_text("is blamed on “impression”")).to_be_visible(timeout=PATIENCE_MS)


def test_the_other_direction_is_one_click_away_and_survives_a_refresh(visit: Visit) -> None:
    visit.open("explain", "&cause=impression&effect=watch")
    summary = visit.page.locator(".st-key-edge_summary")
    expect(summary).to_contain_text("impression → watch", timeout=PATIENCE_MS)
    visit.page.get_by_role("button", name="Other direction").click()
    expect(summary).to_contain_text("watch → impression", timeout=PATIENCE_MS)
    visit.page.reload()
    expect(summary).to_contain_text("watch → impression", timeout=PATIENCE_MS)


def test_a_hostile_name_is_text_on_the_page(visit: Visit) -> None:
    visit.open("explain", "&cause=watch&effect=" + NASTY.replace("=", "%3D").replace(" ", "%20"))
    summary = visit.page.locator(".st-key-edge_summary")
    expect(summary).to_contain_text(f"watch → {NASTY}", timeout=PATIENCE_MS)
    expect(visit.page.locator(WATERFALL)).to_be_visible(timeout=PATIENCE_MS)
    assert visit.page.locator("img[src=x]").count() == 0


def test_all_edges_are_drawn(visit: Visit) -> None:
    visit.open("explain")
    visit.page.get_by_role("tab", name="All edges").click()
    expect(visit.page.locator(".st-key-importance .bars .point")).to_have_count(len(GROUP_LABELS), timeout=PATIENCE_MS)
    expect(visit.page.locator(".st-key-beeswarm .js-plotly-plot")).to_be_visible(timeout=PATIENCE_MS)


def test_curves_move_other_pages_answer_and_the_training_can_be_cancelled(visit: Visit) -> None:
    page = visit.page
    other = Visit(page.context.new_page(), visit.server, visit.project_id)
    other.page.set_default_timeout(PATIENCE_MS)
    other.open("explain", "&cause=watch&effect=impression")  # both directions are explained before the training
    summary, turn = other.page.locator(".st-key-edge_summary"), other.page.get_by_role("button", name="Other direction")
    expect(summary).to_contain_text("watch → impression", timeout=PATIENCE_MS)
    turn.click()
    expect(summary).to_contain_text("impression → watch", timeout=PATIENCE_MS)

    visit.open("train")
    page.get_by_text("Settings for experts").click()
    for key in ("Home", *["ArrowRight"] * 4):  # long enough to be looked at and cancelled
        page.get_by_role("slider", name="Matched worlds").press(key)
    page.get_by_role("slider", name="Epochs").press("End")
    expect(page.locator(".st-key-adapt_worlds")).to_contain_text("100")
    expect(page.locator(".st-key-adapt_epochs")).to_contain_text("40")
    page.get_by_role("button", name="Adapt to this log").click()
    page.wait_for_function(f"() => ({POINTS})(document.querySelector('{LOSS}') ?? {{}}) >= 1", timeout=PATIENCE_MS)

    turn.click()
    expect(summary).to_contain_text("watch → impression", timeout=ANSWER_MS)

    page.reload()  # finds the training again by its address
    page.wait_for_function(f"() => ({POINTS})(document.querySelector('{LOSS}') ?? {{}}) >= 1", timeout=PATIENCE_MS)
    seen = page.locator(LOSS).first.evaluate(POINTS)
    page.wait_for_function(
        f"(seen) => ({POINTS})(document.querySelector('{LOSS}') ?? {{}}) > seen", arg=seen, timeout=PATIENCE_MS
    )
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("The training was cancelled after")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("button", name="Back to the start").click()
    expect(page.get_by_role("button", name="Adapt to this log")).to_be_visible(timeout=PATIENCE_MS)


def test_a_finished_training_is_compared_and_kept(visit: Visit) -> None:
    page = visit.page
    visit.open("train")
    page.get_by_text("Settings for experts").click()
    page.get_by_role("slider", name="Epochs").press("Home")
    expect(page.locator(".st-key-adapt_epochs")).to_contain_text("1")
    page.get_by_role("button", name="Adapt to this log").click()
    keep = page.get_by_role("button", name="Keep it")
    expect(keep).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator(".st-key-training_scores")).to_contain_text("Ranking (AUROC)", timeout=PATIENCE_MS)
    expect(page.locator(".st-key-changes .js-plotly-plot")).to_be_visible(timeout=PATIENCE_MS)
    keep.click()
    page.wait_for_url("**/graph?**")
    visit.open("train")
    expect(page.get_by_text("A network that was adapted to this log judges it.")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_text("Models of this project").click()
    with page.expect_download(timeout=PATIENCE_MS) as exported:
        page.get_by_role("button", name="Export").first.click()
    with ZipFile(exported.value.path()) as inside:
        assert set(inside.namelist()) == {CARD, WEIGHTS}

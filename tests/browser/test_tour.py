"""The guided demo and the presentation mode in a real browser, from the first screen to the last step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
from playwright.sync_api import expect

if TYPE_CHECKING:
    from conftest import Server
    from playwright.sync_api import Page

PATIENCE_MS = 90_000  # the first discovery compiles its kernel
STEPS = ("data", "graph", "explain", "graph", "evaluate", "graph")


def test_six_steps_from_the_first_screen_a_refresh_and_a_presentation(page: Page, server: Server) -> None:
    page.goto(server.url)
    page.get_by_role("button", name="Show me around").click()
    bar = page.locator(".st-key-tour_bar")
    expect(bar).to_contain_text("1 of 6", timeout=PATIENCE_MS)
    for number, name in enumerate(STEPS[1:], 2):
        bar.get_by_role("button", name="Next").click()
        expect(bar).to_contain_text(f"{number} of 6", timeout=PATIENCE_MS)
        page.wait_for_url(f"**/{name}?*tour={number}")
        if name == "explain":
            expect(page.locator(".st-key-edge_summary")).to_contain_text("view A → cart A", timeout=PATIENCE_MS)
            page.reload()
            expect(bar).to_contain_text("3 of 6", timeout=PATIENCE_MS)
    bar.get_by_role("button", name="End").click()
    expect(bar).to_have_count(0, timeout=PATIENCE_MS)

    page.locator(".st-key-project_menu button").first.click()
    page.get_by_text("Presentation mode").click()
    expect(page.get_by_role("heading", name="What was found")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_role("img", name="Causal graph of 15 behaviours")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator(".st-key-graph_controls")).to_have_count(0, timeout=PATIENCE_MS)
    expect(page.get_by_test_id("stTopNavLink").filter(visible=True)).to_have_text(["Graph", "Explain"])
    page.reload()
    expect(page.get_by_role("heading", name="What was found")).to_be_visible(timeout=PATIENCE_MS)

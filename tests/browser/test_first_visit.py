"""What a newcomer does: follow a deep link into a fresh server, open a sample, bring a log of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
from playwright.sync_api import expect

if TYPE_CHECKING:
    from conftest import Server
    from playwright.sync_api import Page

expect.set_options(timeout=90_000)  # ms; a cold server on a busy machine compiles its kernel first


def test_the_first_request_of_a_server_may_be_any_page(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/graph")
    expect(page.get_by_role("heading", name="No event log yet")).to_be_visible()
    expect(page.get_by_role("link", name="Explain")).to_be_visible()


@pytest.mark.parametrize("path", ["", "data", "train", "explain"])
def test_every_page_stands_alone(path: str, page: Page, server: Server) -> None:
    page.goto(f"{server.url}/{path}")
    title = "Data" if path in ("", "data") else path.capitalize()
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_a_sample_becomes_a_graph(page: Page, server: Server) -> None:
    page.goto(server.url)
    page.get_by_text("中文").click()
    page.locator(".st-key-open_shop button").click()
    page.get_by_role("button", name="See the causal graph").click()
    expect(page.locator(".editor canvas")).to_be_visible()
    expect(page.get_by_text("Edges shown")).to_be_visible()


def test_a_log_of_ones_own_becomes_a_graph(page: Page, server: Server, shared_data: Path) -> None:
    page.goto(server.url)
    page.locator("input[type=file]").set_input_files(shared_data / "shop_clickstream" / "ecom.csv.gz")
    expect(page.get_by_text("First rows")).to_be_visible()
    page.get_by_role("button", name="Read this log").click()
    expect(page.get_by_text("31,106")).to_be_visible()
    page.get_by_role("button", name="See the causal graph").click()
    expect(page.locator(".editor canvas")).to_be_visible()
    page.reload()
    expect(page.locator(".editor canvas")).to_be_visible()


def test_a_file_that_is_no_log_is_one_sentence(page: Page, server: Server, tmp_path: Path) -> None:
    broken = tmp_path / "photo.csv"
    broken.write_bytes(bytes(range(256)) * 20)
    page.goto(server.url)
    page.locator("input[type=file]").set_input_files(broken)
    expect(page.get_by_test_id("stAlert")).to_contain_text("photo.csv")
    expect(page.get_by_test_id("stException")).to_have_count(0)

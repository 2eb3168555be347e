"""Does a page answer while heavy work runs? A real server, a real browser, one widget pressed again and again.

    python -m benchmarks.responsiveness [--only WORK ...] [--clicks N] [--watched]

On a server of its own with the shop sample, *Other direction* on the Explain page is pressed by one visitor, first
while the server is idle, then while another visitor has work done: a training (while it simulates worlds, and while it
learns), a recurrent network, a check on shuffled logs, the test of recommenders with a transformer. That one has left
the page by then; with ``--watched`` it follows the work there, in the same browser. Both directions were looked at
before, so that what is timed is the way to the server and back, the page's run and its drawing.
Printed are the median and the worst time until the other edge is named and until the page has run to its end, with the
machine's load; and once, how long a new server takes to explain its first edge. Times are those of the browser's clock.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[1]
START_LIMIT_S = 60.0
LIMIT_MS = 300_000.0
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync")
SUMMARY = ".st-key-edge_summary"
NOWHERE = "about:blank"
PRESS = """async ([button, summary]) => {
  const named = () => document.querySelector(summary)?.innerText ?? '';
  const running = () => document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'running';
  const until = async (met) => { while (!met()) await new Promise((go) => setTimeout(go, 4)); };
  await until(() => !running());
  const [before, began] = [named(), performance.now()];
  document.querySelector(button).click();
  await until(() => named() && named().slice(0, 40) !== before.slice(0, 40));
  const answered = performance.now() - began;
  await until(() => !running());
  return [answered / 1000, (performance.now() - began) / 1000];
}"""


class Times(NamedTuple):
    """Seconds until the other edge was named, and until the page had run, of every press."""

    answered: list[float]
    ended: list[float]


class Visitor:
    """A visitor with the project open.

    Args:
        page: Of the browser.
        url: Of the server.
        project: The project's id.
    """

    def __init__(self, page: Page, url: str, project: str) -> None:
        self.page, self._url, self._project = page, url, project
        page.set_default_timeout(LIMIT_MS)

    def open(self, name: str, query: str = "") -> None:
        """Opens a page of the project."""
        self.page.goto(f"{self._url}/{name}?project={self._project}{query}")

    def press(self, key: str) -> None:
        """Presses the button of a key."""
        self.page.locator(f".st-key-{key} button").first.click()

    def reads(self, words: str) -> None:
        """Waits until the page says so."""
        self.page.get_by_text(words).first.wait_for()


def train(visitor: Visitor) -> None:
    """Starts a long training and waits until it simulates."""
    visitor.open("train")
    visitor.page.get_by_text("Settings for experts").click()
    visitor.page.get_by_role("slider", name="Matched worlds").press("Home")
    for _ in range(7):
        visitor.page.get_by_role("slider", name="Matched worlds").press("ArrowRight")
    visitor.page.get_by_role("slider", name="Epochs").press("End")
    visitor.page.locator(".st-key-adapt_epochs").get_by_text("40").first.wait_for()
    visitor.press("adapt")
    visitor.reads("Simulating worlds like your log")


def learn(visitor: Visitor) -> None:
    """The same training, once it learns."""
    visitor.reads("Training: epoch")


def recur(visitor: Visitor) -> None:
    """Starts a recurrent network and waits until it learns."""
    visitor.open("train")
    visitor.page.get_by_text("Compare with a recurrent network").click()
    visitor.press("recurrent_settings")
    visitor.page.get_by_role("slider", name="Epochs").last.press("End")
    visitor.page.keyboard.press("Escape")
    visitor.press("train_recurrent")
    visitor.reads("Training: epoch")


def check(visitor: Visitor) -> None:
    """Starts the check on shuffled logs and waits until it answers the first."""
    visitor.open("evaluate")
    visitor.page.get_by_role("tab", name="Without a truth").click()
    visitor.page.locator(".st-key-times_users").get_by_text("50").click()
    visitor.press("check_users")
    visitor.reads("of 50 logs answered")


def test(visitor: Visitor) -> None:
    """Starts the test of recommenders with a transformer and waits for the transformer."""
    visitor.open("recommend")
    visitor.page.get_by_role("tab", name="How good is it").click()
    visitor.page.get_by_text("With a transformer").click()
    visitor.press("run_test")
    visitor.reads("transformer (")


WORKS: dict[str, tuple[Callable[[Visitor], None], tuple[str, ...]]] = {  # how it is started, the buttons that end it
    "training: worlds": (train, ()),
    "training: learning": (learn, ("cancel_training", "dismiss_training")),
    "recurrent": (recur, ("cancel_recurrent",)),
    "check": (check, ("cancel_users",)),
    "transformer": (test, ("cancel_test",)),
}


def pressed(visitor: Visitor, clicks: int) -> Times:
    """Presses the widget again and again."""
    found = [visitor.page.evaluate(PRESS, [".st-key-turn_edge button", SUMMARY]) for _ in range(clicks)]
    answered, ended = zip(*found, strict=True)
    return Times(list(answered), list(ended))


def line(name: str, times: Times) -> str:
    """One line of the table."""
    spread = "   ".join(f"{statistics.median(some):6.2f} {max(some):6.2f}" for some in times)
    return f"{name:20} {spread}   {os.getloadavg()[0]:5.1f}"


@contextmanager
def serving(home: Path) -> Iterator[str]:
    """A server on a home, by its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.address", "127.0.0.1"]
    command += ["--server.port", str(port), "--server.headless", "true"]
    running = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "CAUSALVIZ_HOME": str(home)}, stdout=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        limit = time.monotonic() + START_LIMIT_S
        while not answers(url):
            if time.monotonic() > limit or running.poll() is not None:
                raise SystemExit(f"The server did not start within {START_LIMIT_S:.0f} s.")
            time.sleep(0.1)
        yield url
    finally:
        running.terminate()
        running.wait()


def answers(url: str) -> bool:
    """Whether a server is there."""
    try:
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.responsiveness", description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=sorted(WORKS), metavar="WORK", help=", ".join(WORKS))
    parser.add_argument("--clicks", type=int, default=30)
    parser.add_argument("--watched", action="store_true", help="the work is followed on its page meanwhile")
    chosen = parser.parse_args(arguments)
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory(prefix="responsiveness-") as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        home = Path(folder)
        with serving(home) as url:
            first = browser.new_context().new_page()
            first.set_default_timeout(LIMIT_MS)
            first.goto(url)
            first.locator(".st-key-open_shop button").click()
            first.wait_for_url("**project=*")
            project = first.url.partition("project=")[2].partition("&")[0]
        with serving(home) as url:
            reader, worker = (Visitor(browser.new_context().new_page(), url, project) for _ in range(2))
            began = time.monotonic()
            reader.open("explain")
            reader.page.locator(".st-key-waterfall .js-plotly-plot").wait_for()
            print(
                f"first explanation of a new server: {time.monotonic() - began:.1f} s (load {os.getloadavg()[0]:.1f})"
            )
            pressed(reader, 2)  # both directions, for the first time
            print(f"{'seconds':20} {'named':>6} {'worst':>6}   {'ended':>6} {'worst':>6}   {'load':>5}")
            print(line("idle", pressed(reader, chosen.clicks)), flush=True)
            for name in [name for name in WORKS if chosen.only is None or name in chosen.only]:
                start, end = WORKS[name]
                start(worker)
                if not chosen.watched:
                    worker.page.goto(NOWHERE)
                print(line(name, pressed(reader, chosen.clicks)), flush=True)
                if not chosen.watched:
                    worker.page.go_back()
                for button in end:
                    worker.press(button)
                    worker.page.locator(f".st-key-{button}").wait_for(
                        state="detached"
                    )  # before a new page overtakes it
        browser.close()


if __name__ == "__main__":
    main()

"""A server of its own for each file of browser tests, and a Chromium to visit it."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
LOCAL = re.compile(r"(https?|ws)://127\.0\.0\.1[:/]|data:|blob:|about:")
START_S = 60.0
PATIENCE_MS = 90_000  # a cold server on a busy machine compiles its kernel first


class Server:
    """The dashboard as a process, with a home of its own."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self._log = folder / "server.log"
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = int(probe.getsockname()[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Starts it and waits until it answers."""
        options = {
            "server.address": "127.0.0.1",
            "server.port": str(self._port),
            "server.headless": "true",
            "server.fileWatcherType": "none",
        }
        listed = [part for name, value in options.items() for part in (f"--{name}", value)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", "app.py", *listed],
                cwd=ROOT,
                env={**os.environ, "CAUSALVIZ_HOME": str(self.home)},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        pause = threading.Event()
        for _ in range(int(START_S / 0.1)):
            if self._answers():
                return
            assert self._process.poll() is None, self._log.read_text()
            pause.wait(0.1)
        raise AssertionError(f"the server did not answer within {START_S:.0f} s: {self._log.read_text()}")

    def stop(self) -> None:
        """Ends it and waits for the end."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(START_S)
            self._process = None

    def kill(self) -> None:
        """Ends it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(START_S)
            self._process = None

    def restart(self) -> None:
        """A new process on the same home and port."""
        self.stop()
        self.start()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, chromium: Path) -> Iterator[Server]:
    """A running dashboard."""
    running = Server(tmp_path_factory.mktemp("server"))
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The system's Chromium; without one the tests skip, except where CI=true promises one."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is not None:
        return Path(found)
    reason = f"no Chromium on this machine (looked for {', '.join(NAMES)}); install Debian's package chromium"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser(chromium: Path) -> Iterator[Browser]:
    """One browser for all tests; each gets pages of its own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=str(chromium), args=list(FLAGS))
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh visitor; an error in the page's scripts, a dialog that a name opened or a foreign host fails the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 950}, accept_downloads=True)
    context.set_default_timeout(PATIENCE_MS)
    visitor = context.new_page()
    faults: list[str] = []
    visitor.on("pageerror", lambda error: faults.append(str(error)))
    visitor.on("request", lambda request: None if LOCAL.match(request.url) else faults.append(f"asked {request.url}"))
    visitor.on("dialog", lambda dialog: (faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    yield visitor
    context.close()
    assert faults == []

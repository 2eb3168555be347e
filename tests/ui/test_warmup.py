"""The loading in the background: it practises where nobody waits, and leaves the way where somebody does."""

from __future__ import annotations

import threading

import pytest

from causalviz.ui import discovering, warmup
from causalviz.ui.jobs import JobRegistry


def test_it_practises_only_while_no_visitor_waits_for_a_discovery(monkeypatch: pytest.MonkeyPatch) -> None:
    registry: JobRegistry[int, None] = JobRegistry()
    practised: list[bool] = []
    monkeypatch.setattr(discovering, "discoveries", lambda: registry)
    monkeypatch.setattr(warmup, "_practise", lambda: practised.append(registry.is_idle))
    goes_on = threading.Event()
    registry.start("a log", lambda _on_step, _cancelled: goes_on.wait() and None)
    warmup._load()
    assert practised == []
    goes_on.set()
    for thread in threading.enumerate():
        if thread.name == "job a log":
            thread.join()
    warmup._load()
    assert practised == [True]

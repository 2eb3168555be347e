"""The loading in the background: it practises where nobody waits, and leaves the way where somebody does."""

from __future__ import annotations

import threading

import pytest

from causalviz.model import confined
from causalviz.recommend import attention, continuation, item_scoring, rate_fit
from causalviz.ui import discovering, warmup
from causalviz.ui.jobs import JobRegistry


def test_it_practises_only_while_no_visitor_waits_for_a_discovery(monkeypatch: pytest.MonkeyPatch) -> None:
    registry: JobRegistry[int, None] = JobRegistry()
    practised: list[str] = []
    monkeypatch.setattr(discovering, "discoveries", lambda: registry)
    monkeypatch.setattr(warmup, "_practise_explaining", lambda: practised.append("explaining"))
    monkeypatch.setattr(warmup, "_practise_recommending", lambda: practised.append("recommending"))
    goes_on = threading.Event()
    registry.start("a log", lambda _on_step, _cancelled: goes_on.wait() and None)
    warmup._load()
    assert practised == []
    goes_on.set()
    for thread in threading.enumerate():
        if thread.name == "job a log":
            thread.join()
    warmup._load()
    assert practised == ["explaining", "recommending"]


def test_whoever_comes_while_it_practises_has_the_machine_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    registry: JobRegistry[int, None] = JobRegistry()
    practised: list[str] = []
    goes_on = threading.Event()

    def explaining() -> None:
        practised.append("explaining")
        registry.start("a log", lambda _on_step, _cancelled: goes_on.wait() and None)

    monkeypatch.setattr(discovering, "discoveries", lambda: registry)
    monkeypatch.setattr(warmup, "_practise_explaining", explaining)
    monkeypatch.setattr(warmup, "_practise_recommending", lambda: practised.append("recommending"))
    warmup._load()
    goes_on.set()
    assert practised == ["explaining"]


def test_recommending_leaves_no_loop_of_the_page_to_be_compiled() -> None:
    warmup._practise_recommending()
    for loop in (confined._share, rate_fit._descend, attention._spread, continuation._descend, item_scoring.score_top):
        assert loop.signatures

"""Answers from a child process, and what becomes of methods that are missing, slow or broken."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.command import Choice, run
from benchmarks.logs import groups
from benchmarks.methods import METHODS
from benchmarks.runner import Runner
from benchmarks.worker import little_log
from causalviz.__main__ import main
from causalviz.errors import SettingsError

NOWHERE = Path("nowhere")


def test_a_child_answers_one_log_after_the_other() -> None:
    with Runner("all", METHODS["all"], 60.0) as runner:
        first, second = runner.obtain(little_log()), runner.obtain(little_log())
    assert first.answer is not None
    assert second.answer is not None
    assert np.array_equal(first.answer.score, METHODS["all"].answer(little_log()).score)
    assert np.array_equal(first.answer.score, second.answer.score)
    assert first.seconds > 0
    assert 10 < first.peak_mb < 2000


def test_a_method_that_is_not_installed_is_a_line() -> None:
    with Runner("adm4", replace(METHODS["adm4"], needs="no_such_module"), 60.0) as runner:
        obtained = runner.obtain(little_log())
    assert obtained.answer is None
    assert obtained.reason.startswith("not installed")


def test_a_method_over_its_time_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Runner, "_write", lambda *_: None)  # a child that was never asked never answers
    with Runner("all", METHODS["all"], 0.01) as runner:
        assert runner.obtain(little_log()).reason == "over 0 s"


def test_a_broken_child_gives_its_last_words() -> None:
    with Runner("nothing", METHODS["all"], 60.0) as runner:
        obtained = runner.obtain(little_log())
    assert obtained.answer is None
    assert obtained.reason == "did not start: KeyError: 'nothing'"


def test_the_command_prints_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    choice = ["--only", "null: season", "--methods", "all", "--seeds", "2", "--out", str(tmp_path / "t.csv")]
    assert main(["benchmark", "--data", str(NOWHERE), *choice]) == 0
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 2
    assert said[1].split()[:5] == ["null:", "season", "all", "edges", "2"]
    assert len((tmp_path / "t.csv").read_text(encoding="utf-8").splitlines()) == 2


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        (Choice(data=NOWHERE, methods=["oracle"]), "'oracle'"),
        (Choice(data=NOWHERE, only=["moon"]), "'moon'"),
        (Choice(data=NOWHERE, seeds=0), "at least 1 seed"),
    ],
)
def test_a_wrong_choice_is_one_sentence(choice: Choice, sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        run(choice, say=lambda _: None)


def test_every_demo_and_family_is_measured() -> None:
    names = list(groups(NOWHERE))
    assert names[0] == "demo shop"
    assert {"unseen worlds", "Hawkes", "self-correcting", "two causes", "activity bias", "null: all differ"} <= set(
        names
    )
    assert sum(name.startswith("held out: ") for name in names) >= 3

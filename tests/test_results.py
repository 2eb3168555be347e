"""What a run leaves in its account of itself."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from causalviz.discovery import Discovery
from causalviz.model.familiarity import Resemblance
from causalviz.pipeline import discover
from causalviz.results import write_results
from causalviz.worlds import demo_log


@pytest.fixture(scope="module")
def found() -> Discovery:
    return discover(demo_log("video", users=40).log)


def test_the_account_says_how_the_log_compares_with_the_worlds(found: Discovery, tmp_path: Path) -> None:
    strange = replace(found, resemblance=Resemblance(4.5678, 0.00125, ("how often both happen",)))
    write_results(strange, tmp_path, {})
    told = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))["resemblance"]
    assert told["outside"] is True
    assert (told["distance"], told["share_of_worlds_farther"]) == (4.568, 0.0013)
    assert told["most_unusual"] == ["how often both happen"]
    assert "at most 1 in 800" in told["warning"]


def test_a_model_that_knows_no_worlds_says_nothing(found: Discovery, tmp_path: Path) -> None:
    write_results(replace(found, resemblance=None), tmp_path, {})
    assert json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))["resemblance"] is None

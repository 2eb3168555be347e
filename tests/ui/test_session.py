"""What stands before and after every page: a store that cannot be read is told of, and a run leaves the heap alone."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from streamlit import config
from streamlit.testing.v1 import AppTest

from causalviz.ui import compute

PAGE = Path(__file__).resolve().parents[2] / "pages" / "data.py"


@pytest.mark.parametrize("address", ["", "open"])
def test_a_damaged_store_shows_its_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("CAUSALVIZ_HOME", str(tmp_path))
    project = compute.store().create_project("Shop")
    raw = sqlite3.connect(tmp_path / "store.db")
    raw.execute("UPDATE projects SET settings = '{broken'")
    raw.commit()
    raw.close()
    page = AppTest.from_file(str(PAGE), default_timeout=60)
    if address:
        page.query_params["project"] = project.id
    page.run()
    compute.store().close()
    assert not page.exception
    assert "a row is damaged" in page.error[0].value


def test_a_home_that_cannot_be_used_shows_its_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CAUSALVIZ_HOME", str(tmp_path / "file"))
    page = AppTest.from_file(str(PAGE), default_timeout=60).run()
    assert not page.exception
    assert "cannot be written" in page.error[0].value


def test_the_server_is_told_not_to_walk_through_all_that_it_holds_after_each_run() -> None:
    assert config.get_option("runner.postScriptGC") is False

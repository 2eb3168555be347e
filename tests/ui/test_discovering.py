"""What was found in a log outlives the server, beside the log, and is judged by the network of now."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from causalviz.discovery import Discovery
from causalviz.events.log import EventLog
from causalviz.model.effects import Effects
from causalviz.pipeline import discover
from causalviz.ui import discovering
from causalviz.ui.discovering import FOLDER, found_in, make, packed, unpacked
from causalviz.worlds import demo_log


@pytest.fixture(scope="module")
def log() -> EventLog:
    return demo_log("social", users=60).log


@pytest.fixture(scope="module")
def found(log: EventLog) -> Discovery:
    return discover(log)


@pytest.fixture(autouse=True)
def new_server(monkeypatch: pytest.MonkeyPatch) -> None:
    discovering.discoveries.clear()


def test_what_was_packed_is_unpacked_as_it_was(found: Discovery) -> None:
    again = unpacked(packed(found))
    assert again.log_fingerprint == found.log_fingerprint
    assert again.names == found.names
    assert again.counts.grid == found.counts.grid
    assert again.model_id == found.model_id
    assert again.answer_id == found.answer_id
    assert again.features.groups == found.features.groups
    assert again.features.column_names == found.features.column_names
    np.testing.assert_array_equal(again.probability, found.probability)
    np.testing.assert_array_equal(again.scored, found.scored)
    np.testing.assert_array_equal(again.doubts.doubt, found.doubts.doubt)
    for name, array in found.counts.arrays().items():
        np.testing.assert_array_equal(again.counts.arrays()[name], array)
    for field in fields(Effects):
        np.testing.assert_array_equal(getattr(again.effects, field.name), getattr(found.effects, field.name))
    assert again.table().equals(found.table())


@pytest.mark.parametrize("name", ["effects.low", "counts.pairs", "features.edge", "candidates.cause"])
def test_arrays_that_do_not_fit_are_refused(found: Discovery, name: str) -> None:
    arrays = dict(packed(found))
    arrays[name] = arrays[name][..., :-1]
    with pytest.raises(ValueError, match="shape"):
        unpacked(arrays)


def test_a_new_server_finds_it_beside_the_log(
    log: EventLog, found: Discovery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = found_in(log, tmp_path)
    assert len(list((tmp_path / FOLDER).iterdir())) == 1
    discovering.discoveries.clear()
    monkeypatch.setattr("causalviz.pipeline.discover", lambda *_, **__: pytest.fail("it was counted again"))
    again = found_in(log, tmp_path)
    np.testing.assert_array_equal(again.probability, first.probability)


@pytest.mark.parametrize("change", ["code", "damage"])
def test_another_make_and_a_damaged_file_are_counted_anew(
    log: EventLog, found: Discovery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    counted: list[EventLog] = []
    monkeypatch.setattr("causalviz.pipeline.discover", lambda log, **_: counted.append(log) or replace(found))
    found_in(log, tmp_path)
    discovering.discoveries.clear()
    if change == "code":
        monkeypatch.setattr(discovering, "make", lambda: "another")
    else:
        next((tmp_path / FOLDER).iterdir()).write_bytes(b"PK\x03\x04 cut off")
    found_in(log, tmp_path)
    assert len(counted) == 2


def test_the_make_covers_the_code_that_counts_and_fits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert make() == make()
    copy = tmp_path / "ui" / "discovering.py"
    for room in discovering.ROOMS:
        (tmp_path / room).mkdir()
        (tmp_path / room / "part.py").write_text("A = 1\n")
    monkeypatch.setattr(discovering, "__file__", str(copy))
    before = make.__wrapped__()
    (tmp_path / discovering.ROOMS[1] / "part.py").write_text("A = 2\n")
    assert make.__wrapped__() != before

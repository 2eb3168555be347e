"""Results on disk: what was kept is found, what is damaged is as good as missing, and room is bounded."""

from __future__ import annotations

import errno
from pathlib import Path

import numpy as np
import pytest
from ui.test_jobs import finished

from causalviz.ui import shelf as module
from causalviz.ui.jobs import JobRegistry, State
from causalviz.ui.shelf import MOST, Arrays, Shelf


def texts(folder: Path, most: int = MOST) -> Shelf[str]:
    def unpack(arrays: Arrays) -> str:
        return str(arrays["text"])

    return Shelf(lambda: folder / "texts", lambda text: {"text": np.array(text)}, unpack, most)


def test_what_was_kept_is_found_by_another_shelf(tmp_path: Path) -> None:
    shelf = texts(tmp_path)
    assert shelf.find("a") is None
    shelf.keep(shelf.place("a"), "所有 results")
    assert texts(tmp_path).find("a") == "所有 results"
    assert texts(tmp_path).find("b") is None
    assert [path.suffix for path in (tmp_path / "texts").iterdir()] == [".npz"]


@pytest.mark.parametrize("damage", [b"", b"PK no archive", None])
def test_a_damaged_result_is_thrown_away(tmp_path: Path, damage: bytes | None) -> None:
    shelf = texts(tmp_path)
    place = shelf.place("a")
    shelf.keep(place, "good")
    if damage is None:  # of another make
        with place.open("wb") as file:
            np.savez(file, other=np.ones(2))
    else:
        place.write_bytes(damage)
    assert shelf.find("a") is None
    assert not place.exists()


def test_a_pickle_is_never_loaded(tmp_path: Path) -> None:
    shelf = texts(tmp_path)
    place = shelf.place("a")
    place.parent.mkdir()
    with place.open("wb") as file:
        np.savez(file, text=np.array([{"a": 1}], dtype=object))
    assert shelf.find("a") is None


def test_the_oldest_go(tmp_path: Path) -> None:
    shelf = texts(tmp_path, most=2)
    for moment, key in enumerate("abc"):
        shelf.keep(shelf.place(key), key)
        module.os.utime(shelf.place(key), (moment, moment))
    shelf.keep(shelf.place("d"), "d")
    assert [shelf.find(key) for key in "abcd"] == [None, None, "c", "d"]


def test_a_full_disk_loses_no_result_of_this_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object, **_arrays: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module.np, "savez_compressed", full)
    registry: JobRegistry[int, str] = JobRegistry(shelf=texts(tmp_path))
    job = finished(registry, registry.start("a", lambda _on_step, _cancelled: "found"))
    assert (job.state, job.result) == (State.DONE, "found")
    assert list((tmp_path / "texts").iterdir()) == []


def test_a_registry_finds_what_was_done_before_a_restart(tmp_path: Path) -> None:
    before: JobRegistry[int, str] = JobRegistry(shelf=texts(tmp_path))
    finished(before, before.start("a", lambda _on_step, _cancelled: "found"))
    after: JobRegistry[int, str] = JobRegistry(shelf=texts(tmp_path))
    job = after.find("a")
    assert job is not None
    assert (job.key, job.state, job.result, job.steps) == ("a", State.DONE, "found", ())
    assert after.find("a") == job
    assert after.get(job.id) == job
    assert after.find("b") is None

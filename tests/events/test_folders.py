"""Folders for a while: gone at the end, and what a killed process left is gone with the next."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from causalviz.events.folders import READING, brief_folder


def test_a_brief_folder_goes_and_takes_those_of_dead_processes_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    host = socket.gethostname()
    dead, alive, foreign = (
        tmp_path / name
        for name in (f"{READING}.{host}.{ended.pid}.x", f"{READING}.{host}.{os.getpid()}.x", f"{READING}-of-others")
    )
    for folder in (dead, alive, foreign):
        folder.mkdir()
        (folder / "unpacked").write_text("half")
    with brief_folder() as folder:
        (folder / "unpacked").write_text("more")
        assert sorted(tmp_path.iterdir()) == sorted([alive, foreign, folder])
    assert sorted(tmp_path.iterdir()) == sorted([alive, foreign])

"""The worlds of the scale benchmark are what its table says."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from benchmarks import scale
from causalviz.events.readers import read_events


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_a_world_has_the_asked_events_in_order_of_time(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scale, "CHUNK", 1000)
    path = tmp_path / f"log.{form}"
    scale.write_world(path, 2500)
    raw, report = read_events(path)
    assert (raw.n_events, len(raw.user_names), len(raw.event_names)) == (2500, 12, scale.BEHAVIOURS)
    assert (report.out_of_order, report.dropped) == (0, {})
    again = tmp_path / f"again.{form}"
    scale.write_world(again, 2500)
    read = pd.read_parquet if form == "parquet" else pd.read_csv
    assert read(path).equals(read(again))


def test_a_process_is_measured_and_its_failure_told(tmp_path: Path) -> None:
    cost, said = scale.run([scale.sys.executable, "-c", "x = bytearray(200 << 20); print(len(x))"], tmp_path)
    assert said.strip() == str(200 << 20)
    assert cost.peak_mb > 200
    assert cost.cpu_s > 0
    with pytest.raises(scale.subprocess.CalledProcessError):
        scale.run([scale.sys.executable, "-c", "import sys; sys.exit(3)"], tmp_path)

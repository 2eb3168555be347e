"""The child process of ``benchmarks.scale``: lag counts alone, and plain aggregates by DuckDB of the same columns.

    python -m benchmarks.scale_worker FOLDER

FOLDER holds one prepared log. Prints a line of JSON: wall and CPU seconds by name. Reading the file is in all of them,
the first compilation and the choice of the grid in none.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import numpy as np

from causalviz.events.prepared import EVENTS, PreparedLog
from causalviz.lags import LagGrid, count_lags

SCANS = {
    "per user and behaviour": "user, behaviour, count(*) as n, min(time), max(time) from events group by all",
    "per behaviour": "behaviour, count(*) as n, min(time), max(time), max(user) from events group by all",
}


def main() -> None:
    """Measures and tells."""
    folder = next(path for path in Path(sys.argv[1]).iterdir() if not path.name.startswith("."))
    log = PreparedLog.open(folder)
    grid = LagGrid.from_log(log)
    count_lags(log.take_users(np.arange(5)), grid)  # compiles
    seconds: dict[str, float] = {}
    with timed(seconds, "lag counts"):
        counts = count_lags(log, grid)
    engine = duckdb.connect(":memory:", config={"threads": "2", "memory_limit": "2GB"})
    engine.read_parquet(str(folder / EVENTS)).create_view("events")
    for name, scan in SCANS.items():
        with timed(seconds, name):
            found = engine.execute(f"select sum(n) from (select {scan})").fetchall()[0][0]  # noqa: S608  # our own texts
        assert int(found) == int(counts.events.sum())
    print(json.dumps(seconds))


@contextmanager
def timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    """Notes wall and CPU seconds; on a busy machine the latter say more."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    seconds[name] = time.perf_counter() - wall
    seconds[f"{name}, CPU"] = time.process_time() - cpu


if __name__ == "__main__":
    main()

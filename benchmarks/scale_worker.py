"""The child process of ``benchmarks.scale``: lag counts alone, and plain aggregates by DuckDB of the same columns.

    python -m benchmarks.scale_worker FOLDER

FOLDER holds one prepared log. Prints a line of JSON: seconds by name. Reading the file is in all of them, the first
compilation and the choice of the grid in none.
"""

from __future__ import annotations

import json
import sys
import time
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
    seconds = {}
    started = time.perf_counter()
    counts = count_lags(log, grid)
    seconds["lag counts"] = time.perf_counter() - started
    engine = duckdb.connect(":memory:", config={"threads": "2", "memory_limit": "2GB"})
    engine.read_parquet(str(folder / EVENTS)).create_view("events")
    for name, scan in SCANS.items():
        started = time.perf_counter()
        found = engine.execute(f"select sum(n) from (select {scan})").fetchall()[0][0]  # noqa: S608  # our own texts
        seconds[name] = time.perf_counter() - started
        assert int(found) == int(counts.events.sum())
    print(json.dumps(seconds))


if __name__ == "__main__":
    main()

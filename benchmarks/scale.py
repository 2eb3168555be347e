"""How far it goes: seconds and memory at 1, 10 and 100 million events.

    python -m benchmarks.scale [--events 1e6 1e7 1e8] [--format parquet|csv] [--peers PYTHON] [--limit S]

Worlds of 200 events per user and 50 behaviours are written into a temporary folder. On each, the command ``discover``
runs twice in processes of its own, the second time on what the first prepared; then, in one process, the lag counts
alone and beside them two plain aggregates by DuckDB over the same columns of the same prepared file: per user and
behaviour, and per behaviour. At last the peers count their direct follows on growing prefixes, until the time or 4 GB
are up. pm4py is AGPL-3.0 and retentioneering wants its own versions of common packages: neither is ever installed by
us; name the Python of an environment that has them.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parents[1]
PER_USER = 200
BEHAVIOURS = 50
CHUNK = 1_000_000
START_MS, SPAN_MS = 1_700_000_000_000, 30 * 86_400_000
SCHEMA = pa.schema([("user_id", pa.int64()), ("event", pa.string()), ("timestamp", pa.timestamp("ms"))])
PREFIXES = (100_000, 1_000_000, 10_000_000)
PEERS = ("pm4py", "retentioneering")


class Cost(NamedTuple):
    """Of one process."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def write_world(path: Path, events: int, seed: int = 0) -> None:
    """Writes a log in order of time; the k-th behaviour is k times rarer than the first.

    Args:
        path: Ends with ``.parquet`` or ``.csv``.
        events: M.
        seed: Of the randomness.
    """
    rng = np.random.default_rng(seed)
    names = pa.array([f"behaviour_{k:02d}" for k in range(BEHAVIOURS)])
    share = np.cumsum(1 / np.arange(1, BEHAVIOURS + 1))
    writer = pq.ParquetWriter(path, SCHEMA) if path.suffix == ".parquet" else pc.CSVWriter(path, SCHEMA)
    with writer:
        for begin in range(0, events, CHUNK):
            n = min(CHUNK, events - begin)
            low, high = (START_MS + SPAN_MS * k // events for k in (begin, begin + n))
            mark = np.searchsorted(share, rng.random(n) * share[-1]).astype(np.int32)
            columns = [
                pa.array(rng.integers(0, max(1, events // PER_USER), n) + 1_000_000),
                names.take(pa.array(mark)),
                pa.array(np.sort(rng.integers(low, max(low + 1, high), n)), SCHEMA.field("timestamp").type),
            ]
            writer.write_table(pa.table(columns, schema=SCHEMA))


def run(command: list[str], home: Path) -> tuple[Cost, str]:
    """Runs a process and measures it.

    Raises:
        subprocess.CalledProcessError: If it fails.
    """
    started = time.perf_counter()
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "CAUSALVIZ_HOME": str(home)}, stdout=subprocess.PIPE, text=True
    ) as child:
        said = child.stdout.read() if child.stdout else ""
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command, said)
    return Cost(time.perf_counter() - started, used.ru_utime + used.ru_stime, used.ru_maxrss / 2**10), said


def measure(events: int, form: str, folder: Path) -> None:
    """Prints the lines of one size."""
    log, home = folder / f"log.{form}", folder / "home"
    write_world(log, events)
    discover = [sys.executable, "-m", "causalviz", "discover", str(log), "--out", str(folder / "found")]
    first, _ = run(discover, home)
    stages = json.loads((folder / "found" / "run.json").read_text())["seconds"]
    again, _ = run(discover, home)
    print(f"{events:>13,} {form:8}", end="")
    for cost in (first, again):
        print(f" {cost.wall_s:8.1f} {cost.cpu_s:8.1f} {cost.peak_mb:8.0f}", end="")
    prepared = home / "prepared"
    if prepared.is_dir():
        _, said = run([sys.executable, "-m", "benchmarks.scale_worker", str(prepared)], home)
        seconds = json.loads(said)
        for what in ("", ", CPU"):
            counted = seconds[f"lag counts{what}"]
            scans = [seconds[f"{name}{what}"] for name in ("per user and behaviour", "per behaviour")]
            print(f" {counted:8.2f}", *(f"{scan:8.2f} {counted / scan:5.1f}" for scan in scans), end="")
    load = os.getloadavg()[0]
    print(f"   load {load:.0f}; {', '.join(f'{stage} {s:.1f}' for stage, s in stages.items())}", flush=True)


def measure_peers(python: str, limit_s: float, folder: Path) -> None:
    """Prints what each peer manages."""
    log = folder / "prefix.parquet"
    for peer in PEERS:
        for events in PREFIXES:
            write_world(log, events)
            command = [python, str(ROOT / "benchmarks" / "scale_peers.py"), peer, str(log)]
            try:
                done = subprocess.run(command, capture_output=True, text=True, timeout=limit_s, check=False)
            except subprocess.TimeoutExpired:
                print(f"{events:>13,} {peer}: not within {limit_s:.0f} s", flush=True)
                break
            if done.returncode:
                reason = (done.stderr.strip().splitlines() or ["ended without a word"])[-1]
                print(f"{events:>13,} {peer}: {reason}", flush=True)
                break
            print(f"{events:>13,} {peer}: {done.stdout.strip()}   load {os.getloadavg()[0]:.0f}", flush=True)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description="Seconds and memory by the number of events.")
    parser.add_argument("--events", nargs="*", type=float, default=[1e6, 1e7, 1e8])
    parser.add_argument("--format", choices=("parquet", "csv"), default="parquet")
    parser.add_argument("--peers", default=sys.executable, metavar="PYTHON", help="of an environment that has them")
    parser.add_argument("--limit", type=float, default=300.0, metavar="S", help="seconds for a peer on one prefix")
    options = parser.parse_args()
    print(
        "events, format; first run: s, CPU s, MB; second run: the same; lag counts s, scan s and ratio, "
        "twice; these in CPU s"
    )
    for events in options.events:
        with tempfile.TemporaryDirectory(prefix="causalviz-scale-") as name:
            measure(int(events), options.format, Path(name))
    with tempfile.TemporaryDirectory(prefix="causalviz-scale-") as name:
        measure_peers(options.peers, options.limit, Path(name))


if __name__ == "__main__":
    main()

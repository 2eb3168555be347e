"""The child process: one method, answering one log after the other.

    python -m benchmarks.worker METHOD

Reads a line of JSON per log, {"log": path, "answer": path}, writes the answer there and a line of JSON back,
{"seconds": wall time, "peak_mb": peak memory of the process}. Whatever a package prints goes to the error stream.
Imports and a first answer on a little log come before the clock, which is what a user of a running program sees.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
import warnings
from pathlib import Path

import numpy as np

from benchmarks.answers import load_log, save_answer
from benchmarks.methods import METHODS
from causalviz.events.log import TICKS_PER_S, EventLog


def main() -> None:
    """Answers until the parent closes the pipe."""
    reply = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    warnings.simplefilter("ignore")  # packages complain of each other's new versions
    method = METHODS[sys.argv[1]]
    (method.warm_up or method.answer)(little_log())
    reply.write("ready\n")
    reply.flush()
    for line in sys.stdin:
        task = json.loads(line)
        log = load_log(Path(task["log"]))
        forget_peak()
        started = time.perf_counter()
        answer = method.answer(log)
        seconds = time.perf_counter() - started
        save_answer(answer, Path(task["answer"]))
        reply.write(json.dumps({"seconds": seconds, "peak_mb": peak_mb()}) + "\n")
        reply.flush()


def little_log() -> EventLog:
    """Forty users who do three things in turn, at odd moments."""
    rng = np.random.default_rng(0)
    user = np.repeat(np.arange(40, dtype=np.int32), 30)
    time_ticks = np.cumsum(rng.integers(1, 60 * TICKS_PER_S, len(user)))
    mark = np.tile(np.arange(3, dtype=np.int32), len(user) // 3)
    return EventLog.from_columns(user, time_ticks, mark, ["a", "b", "c"])


def forget_peak() -> None:
    """Starts the count of peak memory anew, where the system can."""
    reset = Path("/proc/self/clear_refs")
    if os.access(reset, os.W_OK):
        reset.write_text("5")


def peak_mb() -> float:
    """Of this process; Linux counts since ``forget_peak`` (and not what the parent held when it forked)."""
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 2**10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


if __name__ == "__main__":
    main()

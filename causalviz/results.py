"""Discovery -> files: what the command line leaves behind for scripts and other tools.

``edges.csv`` holds every ordered pair, ``graph.json`` and ``graph.graphml`` the edges above the threshold,
``run.json`` what is needed to do it again. A file appears whole or not at all.
"""

from __future__ import annotations

import json
import platform
import resource
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from causalviz.events.log import TICKS_PER_S
from causalviz.graph.exchange import write_graphml, write_json
from causalviz.graph.formulas import disarmed_csv
from causalviz.graph.verdicts import History
from causalviz.lags import EXPECTED_SCALE

if TYPE_CHECKING:
    from causalviz.discovery import Discovery, Known
    from causalviz.events.report import ReadReport
    from causalviz.lags import LagCounts
    from causalviz.worlds import World

COUNTS_FILE = "lag_counts.csv"
LIBRARIES = ("causalviz", "numpy", "pandas", "numba", "torch", "torch-geometric")


def write_results(
    discovery: Discovery,
    folder: Path,
    settings: Mapping[str, str],
    reading: ReadReport | None = None,
    known: Sequence[Known] = (),
) -> None:
    """Writes a discovery.

    Args:
        discovery: What was found.
        folder: Made if missing; files of the same names are replaced.
        settings: What was asked for, noted in ``run.json``.
        reading: The account of the reading of the log, noted there too.
        known: What an expert knows; the graphs follow it, while ``edges.csv`` keeps what the log says.

    Raises:
        OSError: If a file cannot be written; names it, and leaves nothing half written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    table = discovery.table()
    graph = discovery.graph(History.of_table(known))
    run = _run(discovery, settings) | ({} if reading is None else {"reading": asdict(reading)})
    write_texts(
        folder,
        {
            "edges.csv": disarmed_csv(table),
            "graph.json": write_json(graph),
            "graph.graphml": write_graphml(graph),
            "run.json": json.dumps(run, ensure_ascii=False, indent=1) + "\n",
        },
    )


def write_counts(counts: LagCounts, folder: Path, settings: Mapping[str, str], reading: ReadReport) -> None:
    """Writes lag counts as a table of every pair and bin that has any, with what a shuffle would expect there.

    Args:
        counts: Of the log.
        folder: Made if missing; files of the same names are replaced.
        settings: What was asked for, noted in ``run.json``.
        reading: The account of the reading, noted there too.

    Raises:
        OSError: If a file cannot be written; names it, and leaves nothing half written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    total = counts.total()
    cause, effect, bin_ = (total.pairs[0] + total.expected[0]).nonzero()
    names = pd.Series([behaviour.name for behaviour in counts.behaviours], dtype=object).to_numpy()
    at = (cause, effect, bin_)
    table = pd.DataFrame(
        {
            "cause": names[cause],
            "effect": names[effect],
            "lag_above_s": pd.Series(counts.grid.lows_s).to_numpy()[bin_],
            "lag_up_to_s": pd.Series(counts.grid.highs_s).to_numpy()[bin_],
            "pairs": total.pairs[0][at],
            "expected_pairs": total.expected[0][at] / EXPECTED_SCALE,
            "nearest_pairs": total.nearest[0][at],
            "cause_at_risk_s": total.at_risk[0][cause, bin_] / TICKS_PER_S,
        }
    )
    run = {"settings": dict(settings), "log": _counted(counts), **_ran(), "reading": asdict(reading)}
    write_texts(
        folder,
        {COUNTS_FILE: disarmed_csv(table), "run.json": json.dumps(run, ensure_ascii=False, indent=1) + "\n"},
    )


def write_world(world: World, folder: Path) -> None:
    """Writes a simulated log as ``log.csv`` (user, time, event, item) and its true edges as ``truth.csv``.

    Raises:
        OSError: If a file cannot be written; names it, and leaves nothing half written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    log = world.log
    kinds = pd.Series([behaviour.kind for behaviour in log.behaviours], dtype=object)
    items = pd.Series([behaviour.item or "" for behaviour in log.behaviours], dtype=object)
    users = pd.Series(log.user_names, dtype=object)
    events = pd.DataFrame(
        {
            "user": users.to_numpy()[log.user],
            "time": pd.to_datetime(log.time, unit="ms", utc=True).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "event": kinds.to_numpy()[log.behaviour],
            "item": items.to_numpy()[log.behaviour],
        }
    )
    truth = [(log.names[i], log.names[j]) for i, j in zip(*world.truth.nonzero(), strict=True)]
    edges = pd.DataFrame(truth, columns=["cause", "effect"])
    write_texts(folder, {"log.csv": events.to_csv(index=False), "truth.csv": edges.to_csv(index=False)})


def _run(discovery: Discovery, settings: Mapping[str, str]) -> dict[str, object]:
    return {
        "settings": dict(settings),
        "log": {"fingerprint": discovery.log_fingerprint, **_counted(discovery.counts)},
        "model": discovery.model_id,
        "resemblance": _resemblance(discovery),
        "seconds": discovery.seconds,
        **_ran(),
    }


def _counted(counts: LagCounts) -> dict[str, object]:
    return {
        "events": int(counts.events.sum()),
        "users": int(counts.users.sum()),
        "behaviours": [behaviour.name for behaviour in counts.behaviours],
        "lag_edges_s": [edge / TICKS_PER_S for edge in counts.grid.edges],
    }


def _ran() -> dict[str, object]:
    return {
        "peak_memory_mb": round(_peak_memory_mb(), 1),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}},
    }


def _resemblance(discovery: Discovery) -> dict[str, object] | None:
    """How the log compares with the simulated worlds; None where the model does not know them."""
    alike = discovery.resemblance
    if alike is None:
        return None
    return {
        "distance": round(alike.distance, 3),
        "share_of_worlds_farther": round(alike.share_farther, 4),
        "outside": alike.is_strange,
        "most_unusual": list(alike.strangest),
        "warning": alike.sentence,
    }


def _peak_memory_mb() -> float:
    """Of this process so far; Linux counts in KB, macOS in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


def write_texts(folder: Path, texts: Mapping[str, str]) -> None:
    """Writes all files aside, then gives all of them their names.

    The bytes of a path that are no UTF-8 become escapes, which in JSON spell them.
    """
    parts = {folder / name: folder / f".{name}.part" for name in texts}
    path = folder
    try:
        for path, text in zip(parts, texts.values(), strict=True):
            parts[path].write_bytes(text.encode("utf-8", "backslashreplace"))
        for path, part in parts.items():
            part.replace(path)
    except OSError as error:
        for part in parts.values():
            with suppress(OSError):
                part.unlink()
        raise OSError(error.errno, error.strerror, str(path)) from error

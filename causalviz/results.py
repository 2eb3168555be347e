"""Discovery -> files: what the command line leaves behind for scripts and other tools.

``edges.csv`` holds every ordered pair, ``graph.json`` and ``graph.graphml`` the edges above the threshold,
``run.json`` what is needed to do it again. A file appears whole or not at all.
"""

from __future__ import annotations

import json
import platform
import resource
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from causalviz.events.log import TICKS_PER_S
from causalviz.graph.causal_graph import View, estimates_of, lay_over
from causalviz.graph.exchange import write_graphml, write_json
from causalviz.graph.verdicts import History

if TYPE_CHECKING:
    from causalviz.pipeline import Discovery
    from causalviz.worlds import World

LIBRARIES = ("causalviz", "numpy", "pandas", "numba", "torch", "torch-geometric")


def write_results(discovery: Discovery, folder: Path, settings: Mapping[str, str]) -> None:
    """Writes a discovery.

    Args:
        discovery: What was found.
        folder: Made if missing; files of the same names are replaced.
        settings: What was asked for, noted in ``run.json``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    table = discovery.table()
    graph = lay_over(discovery.names, estimates_of(table), History(), View())
    _write(folder / "edges.csv", table.to_csv(index=False))
    _write(folder / "graph.json", write_json(graph))
    _write(folder / "graph.graphml", write_graphml(graph))
    _write(folder / "run.json", json.dumps(_run(discovery, settings), ensure_ascii=False, indent=1) + "\n")


def write_world(world: World, folder: Path) -> None:
    """Writes a simulated log as ``log.csv`` (user, time, event, item) and its true edges as ``truth.csv``."""
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
    _write(folder / "log.csv", events.to_csv(index=False))
    _write(folder / "truth.csv", pd.DataFrame(truth, columns=["cause", "effect"]).to_csv(index=False))


def _run(discovery: Discovery, settings: Mapping[str, str]) -> dict[str, object]:
    counts = discovery.counts.total()
    return {
        "settings": dict(settings),
        "log": {
            "fingerprint": discovery.log_fingerprint,
            "events": int(counts.events.sum()),
            "users": int(counts.users.sum()),
            "behaviours": list(discovery.names),
            "lag_edges_s": [edge / TICKS_PER_S for edge in counts.grid.edges],
        },
        "model": discovery.model_id,
        "seconds": discovery.seconds,
        "peak_memory_mb": round(_peak_memory_mb(), 1),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}},
    }


def _peak_memory_mb() -> float:
    """Of this process so far; Linux counts in KB, macOS in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


def _write(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)

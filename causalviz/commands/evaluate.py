"""evaluate: how close edges came to a known graph."""

from __future__ import annotations

import argparse
from pathlib import Path

from causalviz.commands.command import Command
from causalviz.commands.known_table import read_pairs


def _ask(command: argparse.ArgumentParser) -> None:
    command.add_argument("edges", type=Path, metavar="EDGES", help="edges.csv of discover")
    command.add_argument("truth", type=Path, metavar="TRUTH", help="CSV with columns cause, effect")


def _run(options: argparse.Namespace) -> None:
    from causalviz.evaluate.comparison import compare_frames

    edges, truth = (read_pairs(path, "edges.csv and truth.csv") for path in (options.edges, options.truth))
    for name, value in compare_frames(edges, truth)._asdict().items():
        print(f"{name:>12}  {value:.3f}" if isinstance(value, float) else f"{name:>12}  {value}")


COMMAND = Command("score edges against a known graph", _ask, _run)

"""simulate: a demo log and its true graph."""

from __future__ import annotations

import argparse
from pathlib import Path

from causalviz.commands.command import Command
from causalviz.commands.terminal import shown

PRESETS = ("shop", "social", "video")


def _ask(command: argparse.ArgumentParser) -> None:
    command.add_argument("--preset", choices=PRESETS, required=True)
    command.add_argument("--seed", type=int, default=0, metavar="N")
    command.add_argument("--language", choices=("en", "zh"), default="en", help="of the behaviours' names")
    command.add_argument("--out", type=Path, required=True, metavar="DIR")


def _run(options: argparse.Namespace) -> None:
    from causalviz.results import write_world
    from causalviz.worlds import demo_log

    world = demo_log(options.preset, options.language, options.seed)
    write_world(world, options.out)
    print(f"{world.log.n_events:,} events of {world.log.n_users:,} users and {int(world.truth.sum())} true edges")
    print(f"Written to {shown(str(options.out))}: log.csv, truth.csv")
    item = " --item item" if any(behaviour.item for behaviour in world.log.behaviours) else ""
    print(f"Next: python -m causalviz discover {shown(str(options.out / 'log.csv'))}{item} --out DIR")


COMMAND = Command("make a demo log whose true graph is known", _ask, _run)

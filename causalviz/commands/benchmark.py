"""benchmark: what we claim, measured."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from causalviz.commands.command import Command
from causalviz.commands.terminal import shown
from causalviz.errors import SettingsError


def _ask(command: argparse.ArgumentParser) -> None:
    command.add_argument("--data", type=Path, default=Path("../shared/data"), metavar="DIR", help="the open logs")
    command.add_argument("--only", nargs="+", default=[], metavar="LOG", help="logs whose names begin so")
    command.add_argument("--methods", nargs="+", default=[], metavar="M", help="prior, adapted, adm4, ttpm, ...")
    command.add_argument("--peers", action=argparse.BooleanOptionalAction, default=True, help="of the extra")
    command.add_argument("--seeds", type=int, default=5, metavar="N", help="worlds of each family")
    command.add_argument("--resample", type=int, default=0, metavar="N", help="resampled logs, for 90 %% intervals")
    command.add_argument("--resample-peers", action="store_true", help="intervals for the other methods too")
    command.add_argument("--limit", type=float, default=300.0, metavar="S", help="seconds per log and method")
    command.add_argument("--out", type=Path, default=None, metavar="CSV", help="the table as a file")


def _run(options: argparse.Namespace) -> None:
    checkout = Path(__file__).resolve().parents[2]
    if not (checkout / "benchmarks" / "command.py").is_file():
        raise SettingsError("The benchmarks are not beside the package; run this command in a checkout of the project.")
    if str(checkout) not in sys.path:
        sys.path.insert(0, str(checkout))
    from benchmarks.command import Choice, run

    run(
        Choice(
            data=options.data,
            only=options.only,
            methods=options.methods,
            peers=options.peers,
            seeds=options.seeds,
            resample=options.resample,
            resample_peers=options.resample_peers,
            limit_s=options.limit,
            out=options.out,
        ),
        say=lambda line: print(shown(line), flush=True),
    )


COMMAND = Command("measure what we claim, beside the peers", _ask, _run)

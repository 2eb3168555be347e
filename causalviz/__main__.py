"""The command line: the same as the dashboard, for scripts.

    python -m causalviz discover LOG --out DIR       a log's causal graph as files
    python -m causalviz recommend LOG --out DIR      what comes next and why, and what leads to a goal
    python -m causalviz report LOG --out PAGE        what was found, as one page to print or to send
    python -m causalviz simulate --preset shop       a demo log and its true graph
    python -m causalviz evaluate EDGES TRUTH         how close one came to the other
    python -m causalviz pretrain                     the shipped prior model, made anew
    python -m causalviz benchmark                    what we claim, measured

Ends with 0 and a summary of one screen, or with 2 and one sentence on the error stream.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence

from causalviz.commands import benchmark, discover, evaluate, pretrain, recommend, report, simulate
from causalviz.commands.terminal import shown
from causalviz.errors import CausalVizError

COMMANDS = {
    "discover": discover.COMMAND,
    "recommend": recommend.COMMAND,
    "report": report.COMMAND,
    "simulate": simulate.COMMAND,
    "evaluate": evaluate.COMMAND,
    "pretrain": pretrain.COMMAND,
    "benchmark": benchmark.COMMAND,
}
STOPPED = 130  # exit code of what Ctrl-C ended, as shells have it


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # names have characters that not every terminal has
    options = _parser().parse_args(arguments)
    try:
        if "log" in options:
            from causalviz.events.database import source_of

            options.log = source_of(options.log)
        options.run(options)
    except CausalVizError as error:
        print(shown(str(error)), file=sys.stderr)
        return 2
    except OSError as error:
        from causalviz.events.folders import is_full

        way_out = "free some space there" if is_full(error) else "check the path and its permissions"
        said = f"{error.filename or 'A file'}: {error.strerror}; {way_out}."
        print(shown(said), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped; nothing half-written is left.", file=sys.stderr)
        return STOPPED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="causalviz", description="Causal graphs from event logs of user behaviour.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        chosen = commands.add_parser(name, help=command.help)
        command.ask(chosen)
        chosen.set_defaults(run=command.run)
    return parser


if __name__ == "__main__":
    sys.exit(main())

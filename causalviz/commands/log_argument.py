"""The log that a command reads: the arguments by which it and its columns are found, and the reading."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from causalviz.commands.known_table import read_known

if TYPE_CHECKING:
    from causalviz.discovery import Known
    from causalviz.events.log import EventLog
    from causalviz.events.mapping import Roles
    from causalviz.events.report import ReadReport

ROLES = ("user", "event", "time", "item")
ORDERS = ("day-first", "month-first")


def ask_for_log(command: argparse.ArgumentParser, formats: str = "as for discover") -> None:
    """The arguments by which every command that reads a log finds it and its columns."""
    command.add_argument("log", metavar="LOG", help=formats)
    for role in ROLES:
        command.add_argument(f"--{role}", metavar="C", help=f"column of the {role}; found by itself when not given")
    command.add_argument(
        "--dates", choices=ORDERS, help="which comes first in 03/04/2024; found by itself where it shows"
    )
    command.add_argument("--top-items", type=int, default=8, metavar="N", help="items told apart, with --item")


def roles_of(options: argparse.Namespace) -> Roles:
    from causalviz.events.mapping import Roles

    return Roles(**{role: getattr(options, role) for role in ROLES}, dates=options.dates)


def log_of(options: argparse.Namespace) -> tuple[EventLog, ReadReport, tuple[Known, ...]]:
    """The log, how it was read, and what is known of it."""
    from causalviz.events.database import local_copy
    from causalviz.pipeline import read_log_and_report

    with local_copy(options.log) as path:
        log, reading = read_log_and_report(path, roles_of(options), options.top_items)
    return log, reading, read_known(options.known, log.names)

"""What a command is: a line of help, the arguments it asks for, and what it does with them."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import NamedTuple


class Command(NamedTuple):
    """One command of the command line.

    Attributes:
        help: What it is for, in a line.
        ask: Adds its arguments to a parser.
        run: Does it, and prints a summary of at most one screen.
    """

    help: str
    ask: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], None]

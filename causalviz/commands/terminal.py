"""What a command says: text that no terminal obeys, progress on the error stream."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from causalviz.progress import ProgressLines


def shown(text: str) -> str:
    """A stranger's text on one line, without what a terminal would obey."""
    return "".join(" " if c.isspace() else c if c.isprintable() else "\ufffd" for c in text)


def progress_lines() -> ProgressLines:
    """Progress of long work, a line now and then."""
    from causalviz.progress import ProgressLines

    return ProgressLines(lambda line: print(shown(line), file=sys.stderr, flush=True))


def stages(lines: ProgressLines) -> Callable[[str, int, int], None]:
    """Stages as lines without numbers."""
    return lambda stage, done, total: lines(stage, 0, 0) if done < total else None


def settings_of(options: argparse.Namespace) -> dict[str, str]:
    """The options that were given or preset, as texts for the record of the run."""
    return {key: str(value) for key, value in vars(options).items() if key != "run" and value is not None}

"""Progress in a terminal: what is done, how far, and how long it will take, on the error stream."""

from __future__ import annotations

import time
from collections.abc import Callable

QUIET_S = 2.0  # what takes no longer says nothing
EVERY_S = 1.0  # between two lines of one stage


class ProgressLines:
    """Takes (what is done, how much, of how much) and says it now and then.

    Args:
        say: Takes a line.
        now: Seconds of a clock that never goes back.
    """

    def __init__(self, say: Callable[[str], None], now: Callable[[], float] = time.monotonic) -> None:
        self._say, self._now = say, now
        self._began = self._stage_began = now()
        self._said = -EVERY_S
        self._what = ""

    def __call__(self, what: str, done: int, total: int) -> None:
        """Says a stage as it begins, and how far it is once a second; ``total`` 0 where nobody knows."""
        now = self._now()
        is_new = what != self._what
        if is_new:
            self._what, self._stage_began = what, now
        if now - self._began < QUIET_S or (now - self._said < EVERY_S and not is_new):
            return
        self._said = now
        if not total:
            self._say(f"{what} ...")
            return
        spent = now - self._stage_began
        left = f", {_short(spent * (total - done) / done)} left" if done and spent >= EVERY_S and done < total else ""
        self._say(f"{what}: {done:,} of {total:,}{left}")


def _short(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"

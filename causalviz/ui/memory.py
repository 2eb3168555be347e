"""How much memory this server takes now, with the processes that work for it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

PROCESSES = Path("/proc")  # Linux: one folder per process, with its sizes in pages, the second one resident


def resident_mb() -> float | None:
    """Memory of this process and its children in MB (2^20 bytes); None where the system does not say it this way."""
    pages = [_pages(process) for process in (os.getpid(), *_children(os.getpid()))]
    if not pages[0]:
        return None
    return sum(pages) * os.sysconf("SC_PAGE_SIZE") / 2**20


def _pages(process: int) -> int:
    """Resident; 0 of a process that has ended meanwhile."""
    with suppress(OSError, ValueError, IndexError):
        return int((PROCESSES / str(process) / "statm").read_text(encoding="ascii").split()[1])
    return 0


def _children(process: int) -> Iterator[int]:
    for told in (PROCESSES / str(process) / "task").glob("*/children"):
        with suppress(OSError, ValueError):
            yield from map(int, told.read_text(encoding="ascii").split())

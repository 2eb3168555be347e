"""How much memory this server takes now."""

from __future__ import annotations

import os
from pathlib import Path

STATM = Path("/proc/self/statm")  # Linux: sizes in pages, the second one resident


def resident_mb() -> float | None:
    """Memory of this process in MB (2^20 bytes); None where the system does not say it this way."""
    try:
        pages = int(STATM.read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

"""Cells of a CSV that a spreadsheet would run: an apostrophe in front makes them text, and is taken off when read.

A cell that begins with apostrophes and such a sign gets one more, so that every text comes back as it was.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_SIGNS = (*"=+-@\t\r\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # what begins a formula, also full-width
_RUNS = re.compile("'*[" + re.escape("".join(_SIGNS)) + "]")


def disarmed(cell: str) -> str:
    """The cell as no spreadsheet runs it.

    >>> disarmed("=1+1"), disarmed("view")
    ("'=1+1", 'view')
    """
    return f"'{cell}" if _RUNS.match(cell) else cell


def as_meant(cell: str) -> str:
    """What was written by ``disarmed``, as it was before."""
    return cell[1:] if cell.startswith("'") and _RUNS.match(cell) else cell


def disarmed_csv(table: pd.DataFrame) -> str:
    """A table as CSV, every text in it and every column's name disarmed."""
    safe = table.map(lambda cell: disarmed(cell) if isinstance(cell, str) else cell)
    return safe.rename(columns=lambda name: disarmed(str(name))).to_csv(index=False)

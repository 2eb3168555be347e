"""How many rows are held in memory, and how a text shows early that it has more.

A packed file of a few megabytes may hold more lines than any memory. As long as a text has neither quotes nor blank
lines, and no zeros as UTF-16 has, each line is a row: they are counted as they come, up to the first one too many.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from typing import Final

from causalviz.errors import OversizedLog

MOST_ROWS: Final = 30_000_000  # that are read into memory; 10 million take 1.4 GB while they are
DOUBTS: Final = (b'"', b"'", b"\0", b"\n\n", b"\n\r\n")  # with which lines may be more than rows, as in JSON and XES
LEAST_ROW: Final = 6  # bytes: who, what and when, with what divides them


def too_many(title: str, rows: str, most: int) -> OversizedLog:
    """The error of a log with too many rows.

    Args:
        title: Of the file.
        rows: How many it has, in words.
        most: How many are held.
    """
    return OversizedLog(
        f"{title} has {rows} rows, and at most {most:,} are held in memory; take a part of its users, or run "
        f"`python -m causalviz discover {shlex.quote(title)} --out DIR`, which reads a log of any size, and import the "
        "graph.json that it writes on the Graph page."
    )


def within(chunks: Iterable[bytes], title: str, most: int) -> Iterator[bytes]:
    """The chunks of a text, as long as it surely has no more rows than may be.

    Args:
        chunks: Of its bytes.
        title: Its name in messages.
        most: Rows that may be.

    Raises:
        OversizedLog: If it has more.
    """
    lines, is_sure = 0, True
    for chunk in chunks:
        is_sure = is_sure and not any(doubt in chunk for doubt in DOUBTS)
        lines += chunk.count(b"\n") if is_sure else 0
        if is_sure and lines > most + 1:  # one may be the header
            raise too_many(title, f"more than {most:,}", most)
        yield chunk

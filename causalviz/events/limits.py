"""How many rows are held in memory, and how a text shows early that it has more.

A packed file of a few megabytes may hold more lines than any memory. Where each line outside of quotes is a row, as in
CSV and JSON lines, rows are counted while the text is unpacked, up to the first one too many. Where that is in doubt,
as in XES, a spread-out JSON or UTF-16, they are not: too few must never be taken for too many.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from causalviz.errors import OversizedLog

MOST_ROWS: Final = 30_000_000  # that are read into memory; 10 million take 1.4 GB while they are
LINE_END, QUOTE = b"\n", b'"'
DOUBTS: Final = (b"'", b"\0", b"\n\n", b"\n\r\n")  # other quotes, UTF-16, blank lines
ESCAPE: Final = b"\\"  # in JSON, a quote behind it closes nothing
BLANKS: Final = b"\xef\xbb\xbf \t\r\n"  # before the first sign, with the mark of UTF-8


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
    rows, is_quoted, is_sure = 0, False, True
    doubts: tuple[bytes, ...] = DOUBTS
    for k, chunk in enumerate(chunks):
        if k == 0:
            head = chunk.lstrip(BLANKS)
            is_sure = _has_a_row_per_line(head)
            doubts = (*DOUBTS, ESCAPE) if head.startswith(b"{") else DOUBTS
        is_sure = is_sure and not any(doubt in chunk for doubt in doubts)
        if is_sure:
            ended, is_quoted = _ended(chunk, is_quoted)
            rows += ended
            if rows > most + 1:  # one may be the header
                raise too_many(title, f"more than {most:,}", most)
        yield chunk


def _has_a_row_per_line(head: bytes) -> bool:
    if head.startswith(b"{"):
        first, _, rest = head.partition(LINE_END)
        return first.rstrip().endswith(b"}") and rest.lstrip().startswith(b"{")
    return not head.startswith((b"[", b"<"))


def _ended(chunk: bytes, is_quoted: bool) -> tuple[int, bool]:
    """How many lines end outside of quotes, and whether the chunk ends inside of them."""
    if QUOTE not in chunk:
        return 0 if is_quoted else chunk.count(LINE_END), is_quoted
    signs = np.frombuffer(chunk, dtype=np.uint8)
    inside = (np.cumsum(signs == ord(QUOTE), dtype=np.uint8) + is_quoted) & 1 == 1
    return int(np.count_nonzero((signs == ord(LINE_END)) & ~inside)), bool(inside[-1])

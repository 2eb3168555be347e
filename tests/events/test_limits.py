"""Rows are counted while a text passes, and never too many."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causalviz.errors import OversizedLog
from causalviz.events.limits import within

ROWS = st.lists(st.lists(st.text('ab,"\n', min_size=1, max_size=4), min_size=2, max_size=3), min_size=1, max_size=8)


def passes(text: bytes, most: int, size: int = 3) -> bool:
    chunks = [text[k : k + size] for k in range(0, len(text), size)]
    try:
        return list(within(chunks, "log", most)) == chunks
    except OversizedLog:
        return False


@given(ROWS, st.integers(1, 50))
def test_a_table_with_no_more_rows_than_may_be_passes_however_it_is_quoted(rows: list[list[str]], size: int) -> None:
    held = io.StringIO(newline="")
    csv.writer(held, lineterminator="\n").writerows(rows)
    assert passes(held.getvalue().encode(), len(rows) - 1, size)  # the first one may be the header


@pytest.mark.parametrize(
    "line", ["u,a,1\n", "u,a,1\r\n", '"u","a, b","1"\n', '"u","two\nlines",1\n', '{"u": 1, "a": "b"}\n']
)
def test_one_row_too_many_ends_it(line: str) -> None:
    text = line.encode() * 9
    assert passes(text, 8, 40)
    assert not passes(text, 7, 40)
    assert not passes(b"\xef\xbb\xbf" + text, 7, 40)


@pytest.mark.parametrize(
    "text",
    [
        b"u,'a\n\n\n\n\n\n,1\n",
        b"u,a,1\n\n\n\n\n\n\n",
        "上,a\n上,a\n".encode("utf-16"),
        b'{\n"u":\n1,\n"a":\n"b"\n}\n',
        b'[{"u": 1,\n"a":\n"b"\n}\n]\n',
        b'{"u": 1}\n{"u": "\\"", "a": "\\"\n\n\n"}\n',
        b"<log>\n<trace>\n<event>\n</event>\n</trace>\n</log>\n",
    ],
)
def test_lines_that_need_not_be_rows_are_not_counted(text: bytes) -> None:
    assert passes(text, 2, 1 << 20)

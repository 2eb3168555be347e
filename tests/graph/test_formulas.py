"""Cells that a spreadsheet would run become text, and every text comes back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from causalviz.graph.formulas import as_meant, disarmed


def test_what_begins_a_formula_gets_an_apostrophe_and_a_name_none() -> None:
    assert [disarmed(cell) for cell in ("=1+1", "@SUM(A1)", "\uff1d1", "'=1", "view", "'view", "")] == [
        "'=1+1", "'@SUM(A1)", "'\uff1d1", "''=1", "view", "'view", "",
    ]  # fmt: skip


@given(st.text(alphabet="'=+-@a\uff0b\t"))
def test_every_text_comes_back_and_none_runs(cell: str) -> None:
    written = disarmed(cell)
    assert as_meant(written) == cell
    assert not written.startswith(("=", "+", "-", "@", "\t", "\uff0b"))

"""Cells that a spreadsheet would run become text, and every text comes back."""

from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from causalviz.graph.formulas import as_meant, disarmed, disarmed_csv


def test_what_begins_a_formula_gets_an_apostrophe_and_a_name_none() -> None:
    assert [disarmed(cell) for cell in ("=1+1", "@SUM(A1)", "\uff1d1", "'=1", "view", "'view", "")] == [
        "'=1+1", "'@SUM(A1)", "'\uff1d1", "''=1", "view", "'view", "",
    ]  # fmt: skip


@given(st.text(alphabet="'=+-@a\uff0b\t"))
def test_every_text_comes_back_and_none_runs(cell: str) -> None:
    written = disarmed(cell)
    assert as_meant(written) == cell
    assert not written.startswith(("=", "+", "-", "@", "\t", "\uff0b"))


def test_a_table_is_disarmed_in_its_cells_and_its_head() -> None:
    table = pd.DataFrame({"cause": ["=1+1", "view"], "@x": [-1.5, 2.0]})
    assert disarmed_csv(table).splitlines() == ["cause,'@x", "'=1+1,-1.5", "view,2.0"]

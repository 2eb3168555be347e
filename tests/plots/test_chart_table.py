"""The numbers behind charts as tables."""

from __future__ import annotations

import csv
import io
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from causalviz.plots.changes import ChangesData
from causalviz.plots.chart_table import columns_of, csv_of
from causalviz.plots.timeline import TimelineData


class Marks(NamedTuple):
    name: tuple[str, ...]
    value: NDArray[np.float64]
    ends: tuple[tuple[float, float], ...]
    unit: str
    legend: tuple[str, ...] = ("one for all",)
    total: float = 3.0


MARKS = Marks(("a", "b"), np.array([1.5, np.nan]), ((0.0, 1.0), (2.0, 3.0)), "s")


def test_what_has_one_entry_per_mark_is_a_column() -> None:
    assert list(columns_of(MARKS)) == ["name", "value", "ends_1", "ends_2"]
    assert columns_of(MARKS)["ends_2"] == [1.0, 3.0]


def test_edges_become_cause_and_effect() -> None:
    columns = columns_of(ChangesData((("view", "cart"),), (0.1,), (0.9,)))
    assert columns == {"cause": ["view"], "effect": ["cart"], "before": [0.1], "after": [0.9]}


def test_scalars_are_passed_over() -> None:
    data = TimelineData(np.array([0.0, 60.0]), np.array([3, 4]), 60.0, False)
    assert csv_of(data) == "start_s,events\r\n0.0,3\r\n60.0,4\r\n"


def test_columns_may_be_given() -> None:
    assert csv_of({"name": ["a", "-b"], "share": [0.5, np.float64("nan")]}) == "name,share\r\na,0.5\r\n'-b,\r\n"


def test_csv_reads_back_and_leaves_unknown_numbers_empty() -> None:
    rows = list(csv.DictReader(io.StringIO(csv_of(MARKS), newline="")))
    assert rows[1] == {"name": "b", "value": "", "ends_1": "2.0", "ends_2": "3.0"}


def test_a_name_is_never_a_formula() -> None:
    text = csv_of(ChangesData((("=1+1", "购买, A"),), (-0.1,), (0.9,)))
    assert text.splitlines()[1] == '\'=1+1,"购买, A",-0.1,0.9'


def test_no_marks_are_a_heading_or_nothing() -> None:
    assert csv_of(ChangesData((), (), ())) == "edges,before,after\r\n"


def test_one_mark_is_a_row() -> None:
    assert csv_of(ChangesData((("a", "b"),), (0.0,), (1.0,))).splitlines()[1] == "a,b,0.0,1.0"

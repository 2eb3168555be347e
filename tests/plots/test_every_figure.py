"""What every chart owes its readers, tried on every ``*_figure`` of ``causalviz.plots``: a new one has to join here.

Axes say what they show, hovering says the numbers, an empty one says why, its colours are those of ``style``, and its
numbers leave as a table; where a page draws one, it gives words for those who cannot see it, and the table.
"""

from __future__ import annotations

import ast
import importlib
import itertools
import math
import pkgutil
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go
import pytest

from causalviz import plots
from causalviz.evaluate.reliability import reliability
from causalviz.plots import style
from causalviz.plots.agreement import AgreementData, Titles, agreement_figure
from causalviz.plots.because import BecauseData, because_figure, because_table
from causalviz.plots.because import Path as Way
from causalviz.plots.beeswarm import BeeswarmData, beeswarm_figure, beeswarm_table
from causalviz.plots.behaviours import BehavioursData, behaviours_figure
from causalviz.plots.changes import ChangesData, changes_figure
from causalviz.plots.chart_table import ChartData, Table, csv_of, has_marks
from causalviz.plots.confusion import confusion_data, confusion_figure
from causalviz.plots.contrast import ContrastData, contrast_figure
from causalviz.plots.dependence import DependenceData, dependence_figure
from causalviz.plots.held_out import HeldOutData, held_out_figure
from causalviz.plots.histories import HistoriesData, histories_figure, histories_table
from causalviz.plots.importance import ImportanceData, importance_figure
from causalviz.plots.lag_curve import LagCurveData, lag_curve_figure
from causalviz.plots.levers import change_data, change_table, levers_figure, promotion_data, promotion_table
from causalviz.plots.null_check import NullData, null_figure
from causalviz.plots.ranking import Mark, RankingData, precision_recall_figure, roc_figure
from causalviz.plots.reliability import reliability_figure
from causalviz.plots.sankey import SankeyData, sankey_figure, sankey_table
from causalviz.plots.signed_bars import SignedBarsData, signed_bars_figure
from causalviz.plots.timeline import TimelineData, timeline_figure
from causalviz.plots.training import TrainingData, auroc_figure, calibration_figure, loss_figure
from causalviz.plots.two_scores import TwoScoresData, two_scores_figure
from causalviz.plots.waterfall import WaterfallData, waterfall_figure
from causalviz.recommend.promotion import Change, Promotion

COMPONENTS = Path(plots.__file__).resolve().parents[1] / "ui" / "components"
NASTY = "<b>a</b>"
EDGES = ((NASTY, "b"), ("b", "c"))
UNTITLED = {"sankey_figure", "because_figure", "confusion_figure"}  # no axes: words stand in the drawing
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|rgba?\([^)]*\)")
WORDS = {style.DARK_ORANGE, style.GRID, style.BAND, style.CLEAR}
PALETTE = {style.RAISES, style.LOWERS, style.NEUTRAL, *style.CATEGORIES, *WORDS}


class Sample(NamedTuple):
    """A chart with marks, the same without any, and its numbers as they are offered."""

    full: go.Figure
    empty: go.Figure
    table: ChartData | Table


def floats(*numbers: float) -> np.ndarray:
    return np.array(numbers, dtype=np.float64)


def drawn(
    figure: Callable[..., go.Figure], full: ChartData, empty: ChartData, *more: object, table: Table | None = None
) -> Sample:
    return Sample(figure(full, *more), figure(empty, *more), full if table is None else table)


def levers(data: object, empty: object, table: Table) -> Sample:
    return Sample(
        levers_figure(data, x="extra goals", empty="Nothing."), levers_figure(empty, x="x", empty="Nothing."), table
    )


TITLES = Titles("probability in one", "probability in the other", "both", "one")
TRAINING = TrainingData((0, 1), (math.nan, 0.4), (0.5, 0.4), (0.8, 0.9), (0.02, 0.01), 2)
UNTRAINED = TrainingData((), (), (), (), (), 0)
RANKED = RankingData(
    ("ours", "ours"), floats(0.9, 0.1), np.array([1, 2]), floats(0.5, 1.0), floats(1.0, 0.5), floats(0.0, 1.0), 0.5
)
MARK = Mark(0.5, 0.5, 1.0, 0.0)
PROMOTED = [
    Promotion(NASTY, 0.1, 0.2, 0.3, 0.2, 0.4, 0.5, 100, 0.7, (NASTY, "b")),
    Promotion("c", 0, 0, -1, -2, 0, 1, 9, 0, ()),
]
CHANGED = [Change(NASTY, 200, -50, -60, -40), Change("b", 20, 3, 1, 5)]
BECAUSE = BecauseData(((NASTY, "1 s ago"),), (("b", 0.4), ("c", 0.1)), (Way(0, 0, 4.0, "hover"),))
FLOWS = SankeyData((NASTY, "b"), (0, 1), (1, 0), (5, 2), 0.9)
SWARM = BeeswarmData(("lift", "delay"), EDGES, np.array([0, 1]), floats(0, 0.1), floats(1, -1), floats(0, 1))
HISTORY = HistoriesData(("u",), (0, 0, 0), (NASTY, "b", "c"), (0.0, 60.0, 90.0), ("cause", "effect", "other"))

SAMPLES: dict[str, Callable[[], Sample]] = {
    "agreement_figure": lambda: drawn(
        agreement_figure, AgreementData(EDGES, (0.1, 0.9), (0.2, 0.8)), AgreementData((), (), ()), TITLES, (0.5, 0.5)
    ),
    "auroc_figure": lambda: drawn(auroc_figure, TRAINING, UNTRAINED),
    "because_figure": lambda: drawn(because_figure, BECAUSE, BecauseData((), (), ()), table=because_table(BECAUSE)),
    "beeswarm_figure": lambda: drawn(
        beeswarm_figure,
        SWARM,
        BeeswarmData((), (), np.zeros(0, np.int64), floats(), floats(), floats()),
        table=beeswarm_table(SWARM),
    ),
    "behaviours_figure": lambda: drawn(
        behaviours_figure, BehavioursData((NASTY, "b"), (5, 2), (2, 1), 3), BehavioursData((), (), (), 0)
    ),
    "calibration_figure": lambda: drawn(calibration_figure, TRAINING, UNTRAINED),
    "changes_figure": lambda: drawn(
        changes_figure, ChangesData(EDGES, (0.1, 0.9), (0.9, 0.1)), ChangesData((), (), ())
    ),
    "confusion_figure": lambda: drawn(
        confusion_figure,
        confusion_data(np.array([True, False]), np.array([True, True])),
        confusion_data(np.zeros(0, bool), np.zeros(0, bool)),
    ),
    "contrast_figure": lambda: drawn(
        contrast_figure,
        ContrastData(("lift", "delay"), (0.5, -0.2), (0.1, 0.3)),
        ContrastData((), (), ()),
        ("drawn", NASTY),
    ),
    "dependence_figure": lambda: drawn(
        dependence_figure,
        DependenceData(EDGES, floats(1, 2), floats(0.5, -0.5)),
        DependenceData((), floats(), floats()),
        "times by chance",
    ),
    "held_out_figure": lambda: drawn(
        held_out_figure,
        HeldOutData((NASTY, "Markov"), (0.5, 0.4), (0.4, 0.3), (0.6, 0.5), 0),
        HeldOutData((), (), (), (), -1),
        "NDCG@5",
    ),
    "histories_figure": lambda: drawn(
        histories_figure, HISTORY, HistoriesData((), (), (), (), ()), table=histories_table(HISTORY)
    ),
    "importance_figure": lambda: drawn(
        importance_figure, ImportanceData(("lift", "delay"), (1.0, 0.5)), ImportanceData((), ())
    ),
    "lag_curve_figure": lambda: drawn(
        lag_curve_figure,
        LagCurveData(*(floats(*pair) for pair in ((1, 10), (10, 99), (9, 4), (3, 4), (3, 1), (0.5, 0.5), (1.5, 1.5)))),
        LagCurveData(*[floats()] * 7),
    ),
    "levers_figure": lambda: levers(promotion_data(PROMOTED, "b"), promotion_data((), "b"), promotion_table(PROMOTED)),
    "levers_figure of changes": lambda: levers(change_data(CHANGED), change_data(()), change_table(CHANGED)),
    "loss_figure": lambda: drawn(loss_figure, TRAINING, UNTRAINED),
    "null_figure": lambda: drawn(null_figure, NullData(("this log", "shuffled 1"), (9, 0)), NullData((), ())),
    "precision_recall_figure": lambda: drawn(precision_recall_figure, RANKED, RANKED._replace(edge_share=0.0), MARK),
    "reliability_figure": lambda: drawn(
        reliability_figure,
        reliability(floats(0.1, 0.9), np.array([False, True])),
        reliability(floats(), np.zeros(0, bool)),
    ),
    "roc_figure": lambda: drawn(roc_figure, RANKED, RANKED._replace(edge_share=0.0), MARK),
    "sankey_figure": lambda: drawn(sankey_figure, FLOWS, SankeyData((), (), (), (), 0.0), table=sankey_table(FLOWS)),
    "signed_bars_figure": lambda: drawn(
        signed_bars_figure,
        SignedBarsData((NASTY, "b"), (0.5, -0.2), ("", "note")),
        SignedBarsData((), (), ()),
        "There is nothing.",
    ),
    "timeline_figure": lambda: drawn(
        timeline_figure,
        TimelineData(floats(0, 60), np.array([3, 4]), 60.0, False),
        TimelineData(floats(), np.zeros(0, np.int64), 60.0, False),
    ),
    "two_scores_figure": lambda: drawn(
        two_scores_figure,
        TwoScoresData(EDGES, (0.1, 0.9), (-1.0, 2.0), ("an edge", "no edge")),
        TwoScoresData((), (), (), ()),
        "probability",
        "score (nats)",
    ),
    "waterfall_figure": lambda: drawn(
        waterfall_figure,
        WaterfallData(("lift", "delay"), ("It follows.", NASTY), (-1.0, 1.0), (2.0, -0.5), -1.0, 0.5),
        WaterfallData((), (), (), (), 0.0, 0.0),
    ),
}


@pytest.fixture(params=sorted(SAMPLES), ids=str)
def named(request: pytest.FixtureRequest) -> tuple[str, Sample]:
    return request.param, SAMPLES[request.param]()


def figures() -> Iterator[str]:
    """Every public ``*_figure`` of the folder, but the empty one."""
    for module in pkgutil.iter_modules(plots.__path__):
        found = importlib.import_module(f"causalviz.plots.{module.name}")
        yield from (
            name
            for name, value in vars(found).items()
            if name.endswith("_figure") and not name.startswith("_") and value.__module__ == found.__name__
        )


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Every ``show_figure(...)`` of the components, with its file's name."""
    for path in sorted(COMPONENTS.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "show_figure":
                yield path.name, node


def test_every_figure_is_tried_here() -> None:
    assert {name.partition(" ")[0] for name in SAMPLES} == set(figures()) - {"empty_figure"}


def test_axes_say_what_they_show(named: tuple[str, Sample]) -> None:
    name, sample = named
    if name in UNTITLED:
        assert len(sample.full.layout.annotations) >= 2
        return
    axes = [*sample.full.select_xaxes(), *sample.full.select_yaxes()]
    shown = [axis for axis in axes if axis.visible is not False and axis.showticklabels is not False]
    assert any(axis.title.text for axis in shown)
    for axis in shown:
        assert axis.title.text or axis.ticktext or _holds_names(sample.full, axis), axis.plotly_name


def _holds_names(figure: go.Figure, axis: go.layout.XAxis | go.layout.YAxis) -> bool:
    """Whether an axis lists names, which need no title."""
    letter, number = axis.plotly_name[0], axis.plotly_name[5:]
    shown = [trace for trace in figure.data if (getattr(trace, f"{letter}axis") or letter) == letter + number]
    return bool(shown) and all(isinstance(value, str) for trace in shown for value in getattr(trace, letter))


def test_hovering_says_the_numbers(named: tuple[str, Sample]) -> None:
    told = named[1].full.to_json()
    assert "hovertemplate" in told or "hovertext" in told
    for trace in named[1].full.data:
        is_key = getattr(trace, "x", None) is not None and list(trace.x) == [None]
        quiet = is_key or getattr(trace, "hoverinfo", None) == "skip"
        assert quiet or trace.type == "sankey" or trace.hovertemplate


def test_an_empty_one_says_why(named: tuple[str, Sample]) -> None:
    empty = named[1].empty
    assert len(empty.data) == 0
    assert len(empty.layout.annotations) == 1
    assert len(empty.layout.annotations[0].text) > len("Nothing")


def test_its_colours_are_those_that_everybody_tells_apart(named: tuple[str, Sample]) -> None:
    figure = named[1].full
    figure.layout.template = None
    for colour in COLOUR.findall(figure.to_json()):
        assert colour in PALETTE or _is_faded(colour), f"{colour} is not of plots/style.py"


def _is_faded(colour: str) -> bool:
    """Whether it is one of the palette, half transparent."""
    parts = re.findall(r"[\d.]+", colour)
    return colour.startswith("rgb") and "#" + "".join(f"{int(part):02x}" for part in parts[:3]) in PALETTE


def test_its_numbers_leave_as_a_table(named: tuple[str, Sample]) -> None:
    _, sample = named
    lines = csv_of(sample.table).splitlines()
    assert has_marks(sample.table)
    assert len(lines) >= 3
    assert "&lt;" not in "".join(lines)


def test_where_a_page_draws_one_it_gives_words_and_numbers() -> None:
    found = list(calls())
    assert len(found) > 20
    for file, call in found:
        assert len(call.args) == 4, f"{file}: show_figure needs a figure, a key, its words and its numbers"
        assert not any(isinstance(given, ast.Constant) and not given.value for given in call.args), file


def test_the_palette_is_told_apart_by_colour_blind_people() -> None:
    """Distances in CIELAB as a protanope and a deuteranope see it (matrices of Vienot et al. 1999)."""
    for sight in (PROTANOPE, DEUTERANOPE):
        pair = [_lab(sight @ _linear(colour)) for colour in (style.RAISES, style.LOWERS)]
        assert np.linalg.norm(pair[0] - pair[1]) > 40
        for one, other in itertools.combinations(style.CATEGORIES, 2):
            assert np.linalg.norm(_lab(sight @ _linear(one)) - _lab(sight @ _linear(other))) > 12, (one, other)


PROTANOPE = np.array([[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]])
DEUTERANOPE = np.array([[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]])
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.9505, 1.0, 1.089])


def _linear(colour: str) -> np.ndarray:
    """Linear RGB of a hexadecimal colour."""
    part = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def _lab(linear: np.ndarray) -> np.ndarray:
    """CIELAB of linear RGB."""
    x, y, z = np.cbrt(np.maximum(TO_XYZ @ linear / WHITE, 0.008856))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])

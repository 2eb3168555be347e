"""The small lag curve: a bar and a band per bin, nothing that a browser would fetch."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import numpy as np

from causalviz.plots.lag_curve import LagCurveData
from causalviz.plots.style import NEUTRAL, RAISES
from causalviz.report.chart import HEIGHT, WIDTH, lag_chart


def curve(*ratios: float) -> LagCurveData:
    n = len(ratios)
    high = 10.0 ** np.arange(1, n + 1)
    ratio = np.array(ratios)
    return LagCurveData(high / 10, high, 50 * ratio, np.full(n, 50.0), ratio, np.full(n, 0.8), np.full(n, 1.2))


def test_bars_outside_the_band_of_chance_are_coloured_and_higher_ones_reach_higher() -> None:
    root = ET.fromstring(lag_chart(curve(4.0, 1.0, 0.5)))
    boxes = root.findall("rect")
    assert len(boxes) == 6  # a band and a bar each
    bars = boxes[1::2]
    assert [bar.get("fill") for bar in bars] == [RAISES, NEUTRAL, RAISES]
    heights = [float(bar.get("height", "0")) for bar in bars]
    assert heights[0] > heights[1] > heights[2] > 0
    assert abs(heights[0] / heights[1] - 4.0) < 0.05


def test_all_of_it_lies_inside() -> None:
    root = ET.fromstring(lag_chart(curve(900.0, 1.0)))
    for box in root.findall("rect"):
        x, y, width, height = (float(box.get(name, "nan")) for name in ("x", "y", "width", "height"))
        assert 0 <= x <= x + width <= WIDTH
        assert 0 <= y <= y + height <= HEIGHT


def test_without_bins_there_is_nothing() -> None:
    assert lag_chart(curve()) == ""
    assert not re.search(r"href|url\(|style=", lag_chart(curve(2.0)))

"""The lag curve of a finding, small, as SVG for paper: bars over chance, and the band in which chance scatters."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import numpy as np

from causalviz.plots.network import duration_text
from causalviz.plots.style import NEUTRAL, RAISES, time_ticks

if TYPE_CHECKING:
    from causalviz.plots.lag_curve import LagCurveData

WIDTH, HEIGHT = 300.0, 128.0
LEFT, RIGHT, TOP, BOTTOM = 34.0, 6.0, 12.0, 30.0  # px around the bars
BAND = "#dde2e8"
INK = "#4a5560"


def lag_chart(data: LagCurveData) -> str:
    """Draws the curve.

    Args:
        data: Of the pair; without any bin the chart is empty text.

    Returns:
        An SVG element, or nothing where there is nothing to draw.
    """
    if not len(data.ratio):
        return ""
    low, high = float(np.log(data.low_s[0])), float(np.log(data.high_s[-1]))
    top = 1.08 * max(float(data.ratio.max()), float(data.band_high.max()), 1.5)
    width, height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def x(seconds: float) -> float:
        return LEFT + width * (float(np.log(seconds)) - low) / (high - low)

    def y(ratio: float) -> float:
        return TOP + height * (1 - min(ratio, top) / top)

    parts = [f'<svg class="lags" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" font-size="9.5" fill="{INK}">']
    parts.append("<title>Times as often as by chance, by the time from cause to effect</title>")
    rows = zip(data.low_s, data.high_s, data.ratio, data.band_low, data.band_high, strict=True)
    for start, end, ratio, least, most in rows:
        left, right = x(float(start)), x(float(end))
        parts.append(_box(left, y(float(most)), right - left, y(float(least)) - y(float(most)), BAND))
        inside = float(least) <= float(ratio) <= float(most)
        bar = _box(left + 1, y(float(ratio)), right - left - 2, y(0) - y(float(ratio)), NEUTRAL if inside else RAISES)
        parts.append(bar.replace("<rect", '<rect fill-opacity="0.8"'))
    parts.append(
        f'<path d="M{LEFT:g} {y(1):.1f}H{WIDTH - RIGHT:g}" stroke="{INK}" stroke-width="0.8" stroke-dasharray="2 2"/>'
    )
    parts += [_word(LEFT - 4, y(ratio) + 3, f"{ratio:g} ×", "end") for ratio in _levels(top)]
    ticks, texts = time_ticks(float(data.low_s[0]), float(data.high_s[-1]))
    parts += [_word(x(s), HEIGHT - BOTTOM + 11, text, "middle") for s, text in zip(ticks, texts, strict=True)]
    reach = duration_text(float(data.high_s[-1]))
    parts.append(_word(LEFT, HEIGHT - 5, f"time from cause to effect, up to {reach}; dotted: chance", "start"))
    return "".join([*parts, "</svg>"])


def _levels(top: float) -> list[float]:
    """Chance, and a round number near the top."""
    most = next((step for step in (500, 200, 100, 50, 20, 10, 5, 3, 2) if step <= top), 1)
    return [1.0] if most == 1 or most < 0.25 * top else [1.0, float(most)]


def _box(x: float, y: float, width: float, height: float, colour: str) -> str:
    shape = f'x="{x:.1f}" y="{y:.1f}" width="{max(width, 0.5):.1f}" height="{max(height, 0):.1f}"'
    return f'<rect {shape} fill="{colour}"/>'


def _word(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{html.escape(text)}</text>'

"""How much later the effect comes: pairs observed at each lag against what chance would give."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from causalviz.plots.network import duration_text
from causalviz.plots.style import BAND, CLEAR, NEUTRAL, RAISES, dressed, empty_figure, time_ticks

if TYPE_CHECKING:
    from causalviz.explain.evidence import LagCurve

Floats = NDArray[np.float64]


class LagCurveData(NamedTuple):
    """L bins of the lag, in seconds; ratios to the number of pairs that chance would give in the bin.

    Attributes:
        low_s: (L,) lower ends; the first one is moved up from 0, which a logarithmic axis cannot show.
        high_s: (L,) upper ends.
        observed: (L,) pairs.
        expected: (L,) pairs by chance.
        ratio: (L,) observed / expected.
        band_low: (L,) where the ratio would lie by chance.
        band_high: (L,)
    """

    low_s: Floats
    high_s: Floats
    observed: Floats
    expected: Floats
    ratio: Floats
    band_low: Floats
    band_high: Floats


def lag_curve_data(curve: LagCurve) -> LagCurveData:
    """Brings the curve to ratios; bins in which chance gives nothing are left out."""
    low, high = np.asarray(curve.low_s, float), np.asarray(curve.high_s, float)
    expected = np.asarray(curve.expected, float)
    kept = expected > 0
    if kept.any() and low[0] <= 0:
        step = high[1] / high[0] if len(high) > 1 else 2.0
        low = np.concatenate([[high[0] / max(step, 1.5)], low[1:]])
    by = expected[kept]
    observed = np.asarray(curve.observed, float)[kept]
    return LagCurveData(
        low[kept],
        high[kept],
        observed,
        by,
        observed / by,
        np.asarray(curve.band_low, float)[kept] / by,
        np.asarray(curve.band_high, float)[kept] / by,
    )


def lag_curve_figure(data: LagCurveData) -> go.Figure:
    """A stair of the ratio over the lag, with chance as a band around 1."""
    if not len(data.ratio):
        return empty_figure("The two behaviours never happen within reach of each other.")
    x = np.concatenate([data.low_s, data.high_s[-1:]])
    figure = go.Figure()
    for values, fill in ((data.band_low, None), (data.band_high, "tonexty")):
        figure.add_scatter(
            x=x,
            y=_stair(values),
            mode="lines",
            line={"shape": "hv", "width": 0, "color": CLEAR},
            fill=fill,
            fillcolor=BAND,
            name="range of chance (95 %)",
            showlegend=fill is not None,
            hoverinfo="skip",
        )
    figure.add_scatter(
        x=x,
        y=np.ones(len(x)),
        mode="lines",
        line={"color": NEUTRAL, "dash": "dot", "width": 1.5},
        name="by chance",
        hoverinfo="skip",
    )
    rows = zip(data.low_s, data.high_s, data.observed, data.expected, strict=True)
    hover = [
        f"{duration_text(low)} to {duration_text(high)} later<br>{seen:,.0f} pairs, {by:,.0f} by chance"
        for low, high, seen, by in rows
    ]
    figure.add_scatter(
        x=x,
        y=_stair(data.ratio),
        mode="lines",
        line={"shape": "hv", "color": RAISES, "width": 3},
        name="observed",
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=np.sqrt(data.low_s * data.high_s),
        y=data.ratio,
        mode="markers",
        marker={"color": RAISES, "size": 7},
        text=hover,
        hovertemplate="%{text}<br>%{y:.2f} times chance<extra></extra>",
        showlegend=False,
    )
    dressed(figure, 340, x="time from the cause to the effect", y="times as often as by chance")
    ticks, texts = time_ticks(float(x[0]), float(x[-1]))
    figure.update_xaxes(type="log", tickvals=ticks, ticktext=texts)
    return figure.update_yaxes(rangemode="tozero")


def _stair(values: Floats) -> Floats:
    """The last value once more, so that the last step has its width."""
    return np.concatenate([values, values[-1:]])

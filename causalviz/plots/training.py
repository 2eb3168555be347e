"""How a training goes: the loss on what is trained on and on what is kept aside, and the ranking quality."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import plotly.graph_objects as go

from causalviz.plots.style import CATEGORIES, LOWERS, NEUTRAL, RAISES, dressed, empty_figure

if TYPE_CHECKING:
    from causalviz.model.adapt_progress import AdaptStep


HEIGHT_PX = 260
AUROC_ROOM = 0.03  # of the axis below the lowest and above the highest value
LOSS_ROOM = 0.05  # of the highest loss, at least so much below and above the curves
ECE_ROOM = 0.05  # the axis reaches at least so high
THIRD = CATEGORIES[2]


class TrainingData(NamedTuple):
    """One entry per epoch, the first for the network as it was before; NaN where a score could not be measured."""

    epochs: tuple[int, ...]
    loss: tuple[float, ...]
    heldout_loss: tuple[float, ...]
    auroc: tuple[float, ...]
    ece: tuple[float, ...]
    total: int


def training_data(steps: Sequence[AdaptStep]) -> TrainingData:
    """Picks the epochs out of all steps."""
    epochs = [step for step in steps if step.stage == "training"]
    return TrainingData(
        tuple(step.done for step in epochs),
        tuple(_number(step.loss) for step in epochs),
        tuple(_number(step.heldout_loss) for step in epochs),
        tuple(_number(step.auroc) for step in epochs),
        tuple(_number(step.ece) for step in epochs),
        epochs[-1].total if epochs else 0,
    )


def loss_figure(data: TrainingData) -> go.Figure:
    """Two curves of the loss; if the held-out one rises, the network learns by heart."""
    if not data.epochs:
        return empty_figure("The curve begins with the first epoch.", HEIGHT_PX)
    figure = go.Figure()
    for values, name, colour in (
        (data.loss, "training worlds", NEUTRAL),
        (data.heldout_loss, "held-out worlds", RAISES),
    ):
        figure.add_scatter(
            x=data.epochs,
            y=values,
            name=name,
            mode="lines+markers",
            line={"color": colour, "width": 2.5},
            hovertemplate=f"epoch %{{x}}, {name}: %{{y:.4f}} nats<extra></extra>",
        )
    measured = [value for value in (*data.loss, *data.heldout_loss) if math.isfinite(value)]
    if measured:  # a loss is never negative, and one point alone would be given a whole nat of room
        room = max(LOSS_ROOM * max(measured), 0.1 * (max(measured) - min(measured)))
        figure.update_yaxes(range=[max(0.0, min(measured) - room), max(measured) + room])
    return _epochs(dressed(figure, HEIGHT_PX, x="epoch", y="loss (nats per pair)"), data)


def auroc_figure(data: TrainingData) -> go.Figure:
    """AUROC on held-out worlds: 0.5 is guessing, 1 is perfect order."""
    if not data.epochs:
        return empty_figure("The curve begins with the first epoch.", HEIGHT_PX)
    figure = _heldout(data, data.auroc, "AUROC", LOWERS)
    measured = [value for value in data.auroc if math.isfinite(value)]
    if measured:  # a window that does not make a tremble look like a rise
        figure.update_yaxes(range=[min(measured) - AUROC_ROOM, min(1.002, max(measured) + AUROC_ROOM)])
    return _epochs(dressed(figure, HEIGHT_PX, x="epoch", y="AUROC (1 is perfect)"), data)


def calibration_figure(data: TrainingData) -> go.Figure:
    """Expected calibration error on held-out worlds: 0 says that probabilities are frequencies."""
    if not data.epochs:
        return empty_figure("The curve begins with the first epoch.", HEIGHT_PX)
    figure = _heldout(data, data.ece, "calibration error", THIRD)
    measured = [value for value in data.ece if math.isfinite(value)]
    figure.update_yaxes(range=[0, max([ECE_ROOM, *(1.15 * value for value in measured)])])
    return _epochs(dressed(figure, HEIGHT_PX, x="epoch", y="ECE (0 is perfect)"), data)


def _heldout(data: TrainingData, values: tuple[float, ...], name: str, colour: str) -> go.Figure:
    return go.Figure(
        go.Scatter(
            x=data.epochs,
            y=values,
            name="held-out worlds",
            showlegend=True,
            mode="lines+markers",
            line={"color": colour, "width": 2.5},
            hovertemplate=f"epoch %{{x}}: {name} %{{y:.4f}}<extra></extra>",
        )
    )


def _epochs(figure: go.Figure, data: TrainingData) -> go.Figure:
    """Whole epochs on the axis, the whole training in view from the start."""
    first = min(data.epochs)
    room = max(0.3, 0.03 * data.total)
    return figure.update_xaxes(
        range=[first - room, data.total + room], tickformat="d", tick0=first, dtick=max(1, data.total // 6)
    )


def _number(value: float | None) -> float:
    return float("nan") if value is None else value

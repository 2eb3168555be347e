"""How a training goes: the loss on what is trained on and on what is kept aside, and the ranking quality."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import plotly.graph_objects as go

from causalviz.plots.style import LOWERS, NEUTRAL, RAISES, dressed, empty_figure

if TYPE_CHECKING:
    from causalviz.model.adaptation import AdaptStep


AUROC_ROOM = 0.03  # of the axis below the lowest and above the highest value


class TrainingData(NamedTuple):
    """One entry per epoch; NaN where a score could not be measured."""

    epochs: tuple[int, ...]
    loss: tuple[float, ...]
    heldout_loss: tuple[float, ...]
    auroc: tuple[float, ...]
    total: int


def training_data(steps: Sequence[AdaptStep]) -> TrainingData:
    """Picks the epochs out of all steps."""
    epochs = [step for step in steps if step.stage == "training"]
    return TrainingData(
        tuple(step.done for step in epochs),
        tuple(_number(step.loss) for step in epochs),
        tuple(_number(step.heldout_loss) for step in epochs),
        tuple(_number(step.auroc) for step in epochs),
        epochs[-1].total if epochs else 0,
    )


def loss_figure(data: TrainingData) -> go.Figure:
    """Two curves of the loss; if the held-out one rises, the network learns by heart."""
    if not data.epochs:
        return empty_figure("The curve begins with the first epoch.", 280)
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
    return _epochs(dressed(figure, 280, x="epoch", y="loss (nats per pair)"), data)


def auroc_figure(data: TrainingData) -> go.Figure:
    """AUROC on held-out worlds: 0.5 is guessing, 1 is perfect order."""
    if not data.epochs:
        return empty_figure("The curve begins with the first epoch.", 280)
    figure = go.Figure(
        go.Scatter(
            x=data.epochs,
            y=data.auroc,
            name="held-out worlds",
            showlegend=True,
            mode="lines+markers",
            line={"color": LOWERS, "width": 2.5},
            hovertemplate="epoch %{x}: AUROC %{y:.4f}<extra></extra>",
        )
    )
    measured = [value for value in data.auroc if math.isfinite(value)]
    if measured:  # a window that does not make a tremble look like a rise
        figure.update_yaxes(range=[min(measured) - AUROC_ROOM, min(1.002, max(measured) + AUROC_ROOM)])
    return _epochs(dressed(figure, 280, x="epoch", y="AUROC (1 is perfect)"), data)


def _epochs(figure: go.Figure, data: TrainingData) -> go.Figure:
    """Whole epochs on the axis, the whole training in view from the start."""
    return figure.update_xaxes(range=[0.5, data.total + 0.5], tickformat="d", dtick=max(1, data.total // 10))


def _number(value: float | None) -> float:
    return float("nan") if value is None else value

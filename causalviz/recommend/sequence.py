"""A transformer as recommender, alone or with the causal rates beneath it.

Alone it is the strong recommender that knows no causes. Together, the causal rates' chances are the network's prior,
and the answer is a mixture of both chances, whose weight makes the last part of the learned time most probable; what
the rates say of that part comes from a fit that has not seen it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from causalviz.events.log import EventLog
from causalviz.lags.grid import LagGrid
from causalviz.model.threads import one_core
from causalviz.model.transformer import (
    Packed,
    Transformer,
    TransformerConfig,
    TransformerStep,
    held_out_from,
    train_transformer,
)
from causalviz.recommend.rates import RateConfig, Rates, fit_rates
from causalviz.recommend.states import Questions, States, as_of, ask

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

WEIGHTS = np.linspace(0.0, 1.0, 21)  # of the transformer, that are tried
LEAST_CHANCE = 1e-12


@dataclass(frozen=True, eq=False)
class SequenceModel:
    """A transformer, or its mixture with rates.

    Attributes:
        transformer: The network.
        rates: The causal rates beneath it; None for the network alone.
        weight: Of the network's chances in the mixture, 0..1; 1 for the network alone.
    """

    transformer: Transformer
    rates: Rates | None
    weight: float

    def chances(self, log: EventLog, states: States) -> Floats:
        """(S, K) the chance of each behaviour to be the next.

        Args:
            log: Of the histories; read up to the moment of each state, never further.
            states: S states of them.
        """
        rows = rows_of(log, states)
        with one_core():
            if self.rates is None:
                return np.asarray(np.exp(self.transformer.log_chances(log, rows)))
            causal = self.rates.chances(states)
            told = np.exp(self.transformer.log_chances(log, rows, np.log(causal + LEAST_CHANCE)))
        return np.asarray(self.weight * told + (1 - self.weight) * causal)


class PackedMixture(NamedTuple):
    """A mixture as plain values, which can go from one process to another; see ``SequenceModel``."""

    transformer: Packed
    rates: Rates | None
    weight: float

    def opened(self) -> SequenceModel:
        """The mixture again."""
        return SequenceModel(self.transformer.opened(), self.rates, self.weight)


def learn_mixture(
    log: EventLog,
    grid: LagGrid,
    edges: Floats | Mask,
    *,
    on_step: Callable[[TransformerStep], None],
    cancelled: Callable[[], bool],
) -> PackedMixture | None:
    """``fit_mixture`` as work for a process of its own.

    Args:
        log: As there, like all others.
        grid: Lag bins.
        edges: (K, K), as for ``fit_rates``.
        on_step: Told after each epoch.
        cancelled: Asked at each step.
    """
    found = fit_mixture(log, grid, edges, on_epoch=on_step, cancelled=cancelled)
    return None if found is None else PackedMixture(found.transformer.packed(), found.rates, found.weight)


def fit_transformer(
    log: EventLog,
    *,
    config: TransformerConfig | None = None,
    on_epoch: Callable[[TransformerStep], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> SequenceModel | None:
    """The network alone; None if it was cancelled.

    Args:
        log: What it learns from.
        config: How.
        on_epoch: Told after each epoch.
        cancelled: Asked at each step.

    Raises:
        TrainingFailed: If there is too little to learn from.
    """
    with one_core():
        network = train_transformer(log, config, on_epoch=on_epoch, cancelled=cancelled)
    return None if network is None else SequenceModel(network, None, 1.0)


def fit_mixture(
    log: EventLog,
    grid: LagGrid,
    edges: Floats | Mask,
    *,
    config: TransformerConfig | None = None,
    rates: RateConfig | None = None,
    on_epoch: Callable[[TransformerStep], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> SequenceModel | None:
    """The causal rates, a transformer over them, and the weight of either; None if it was cancelled.

    Args:
        log: M events over K behaviours to learn from.
        grid: Lag bins of the rates.
        edges: (K, K) of the curated graph, as for ``fit_rates``.
        config: Of the transformer.
        rates: Of the rates.
        on_epoch: Told after each epoch.
        cancelled: Asked at each step.

    Raises:
        UnusableLog: If there is too little for the rates.
        TrainingFailed: If there is too little for the transformer.
    """
    weighed_from = held_out_from(log)
    learned = log.take_events(log.time < weighed_from)
    early = learned.take_events(learned.time < held_out_from(learned))
    beneath = fit_rates(early, grid, edges, config=rates)
    causal = beneath.chances(as_of(learned, grid, np.arange(learned.n_events)))  # (M, K), as of each event's moment
    with one_core():
        network = train_transformer(
            learned, config, prior=np.log(causal + LEAST_CHANCE), on_epoch=on_epoch, cancelled=cancelled
        )
        if network is None:
            return None
        before, aside = fit_rates(learned, grid, edges, config=rates), ask(log, grid, log.time >= weighed_from)
        weight = _best_weight(SequenceModel(network, before, 1.0).chances(log, aside.states), before, aside)
    return SequenceModel(network, fit_rates(log, grid, edges, config=rates), weight)


def rows_of(log: EventLog, states: States) -> NDArray[np.int64]:
    """(S,) the last event of each state's moment."""
    moments = np.unique(log.time)
    order = log.user.astype(np.int64) * len(moments) + np.searchsorted(moments, log.time)  # rises over the log
    wanted = states.user * len(moments) + np.searchsorted(moments, states.time, side="right") - 1
    return np.asarray(np.searchsorted(order, wanted, side="right") - 1)


def _best_weight(told: Floats, rates: Rates, asked: Questions) -> float:
    """The weight under which what came was most probable."""
    at = (np.arange(len(asked)), asked.target)
    causal = rates.chances(asked.states)[at]
    mixed = WEIGHTS[:, None] * told[at] + (1 - WEIGHTS[:, None]) * causal  # (W, Q)
    return float(WEIGHTS[int(np.argmax(np.log(mixed + LEAST_CHANCE).mean(1)))])

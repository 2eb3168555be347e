"""One visible training loop, for the prior model and for its adaptation to a log.

An *example* is one log's features with its known pairs. The loss is binary cross-entropy over the known pairs of a
batch of logs; AdamW with a one-cycle learning rate; the answer is the running average of the weights, which is
steadier than the last step. Calibration (slope and intercept, Platt 1999) is fitted on examples that were kept aside.
A step whose loss or gradient is no number is not taken: the training ends there, with the average so far at hand.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from causalviz.errors import SettingsError, TrainingFailed
from causalviz.model.calibration import calibration_error, sigmoid
from causalviz.model.features import PairFeatures
from causalviz.model.network import EdgeNetwork, known_part
from causalviz.model.structure import Structure


class Example(NamedTuple):
    """One log to learn from.

    Attributes:
        edge: (E, D) features of the candidates.
        node: (K, F) features of the behaviours.
        structure: The candidate graph.
        label: (E,) 1 for an edge, 0 for none; nearer to one half where a teacher doubts it.
        weight: (E,) weight in the loss; 0 where nothing is known.
    """

    edge: Tensor
    node: Tensor
    structure: Structure
    label: Tensor
    weight: Tensor


def example_of(features: PairFeatures, truth: NDArray[np.bool_]) -> Example:
    """An example from a world: every candidate's label is known."""
    label = torch.from_numpy(truth[features.cause, features.effect].astype(np.float32))
    return Example(
        torch.from_numpy(features.edge),
        torch.from_numpy(features.node),
        Structure.of(features.candidates, len(features.node)),
        label,
        torch.ones_like(label),
    )


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """How to train.

    Attributes:
        epochs: Passes over the examples.
        batch: Logs in one step.
        learning_rate: Peak of the one-cycle schedule.
        weight_decay: Of AdamW.
        feature_noise: Standard deviation added to standardised features, against worlds that are too clean.
        reveal: Share of the steps in which some pairs' answers are inputs, as verdicts will be.
        average: Decay of the running average of the weights.
        seed: Of initial weights, order, dropout and noise.
    """

    epochs: int = 20
    batch: int = 16
    learning_rate: float = 2e-3
    weight_decay: float = 1e-3
    feature_noise: float = 0.05
    reveal: float = 0.3
    average: float = 0.995
    seed: int = 0

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.batch < 1:
            raise SettingsError(
                f"epochs and batch must be at least 1 (got {self.epochs} and {self.batch}); raise them."
            )
        if not 0 < self.learning_rate <= 0.1:
            raise SettingsError(f"learning rate must lie in (0, 0.1] (got {self.learning_rate}).")


class EpochReport(NamedTuple):
    """What one epoch ended with; losses in nats per pair, scores on the examples kept aside."""

    epoch: int
    epochs: int
    loss: float
    heldout_loss: float
    auroc: float
    ece: float


class TrainingBroke(TrainingFailed):
    """A training that broke, with the last good network.

    Attributes:
        network: The running average before the step that broke.
        steps: Steps that were taken; 0 if the network is the one from before.
    """

    def __init__(self, sentence: str, network: EdgeNetwork, steps: int) -> None:
        super().__init__(sentence)
        self.network = network
        self.steps = steps


def train(
    network: EdgeNetwork,
    examples: Sequence[Example],
    heldout: Sequence[Example],
    config: TrainConfig,
    *,
    on_epoch: Callable[[EpochReport], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    line: tuple[float, float] = (1.0, 0.0),
) -> EdgeNetwork:
    """Trains a copy of the network.

    Args:
        network: Where to start; left as it is.
        examples: Logs to learn from.
        heldout: Logs to watch only.
        config: How.
        on_epoch: Told after each epoch.
        cancelled: Asked at each step; when it says True, the average so far is returned.
        line: Slope and intercept of the calibration under which the examples kept aside are watched.

    Returns:
        The running average of the weights, in evaluation mode.

    Raises:
        TrainingBroke: If the loss is not a number, or the memory ran out.
        SettingsError: If there are no examples.
    """
    if not examples:
        raise SettingsError("Training needs at least one example; simulate worlds or give verdicts.")
    rng = np.random.default_rng(config.seed)
    noise = torch.Generator().manual_seed(config.seed)
    live = copy.deepcopy(network).train()
    average = copy.deepcopy(network).eval()
    optimiser = torch.optim.AdamW(live.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay)
    steps = -(-len(examples) // config.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, config.learning_rate, total_steps=config.epochs * steps + 1, pct_start=0.15
    )
    step = 0
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)  # dropout draws from the global generator; the fork gives it back
        for epoch in range(config.epochs):
            total = 0.0
            for batch in np.array_split(rng.permutation(len(examples)), steps):
                if cancelled is not None and cancelled():
                    return average
                try:
                    loss = _step(live, collate([examples[n] for n in batch]), optimiser, config, noise)
                except (MemoryError, RuntimeError) as error:
                    if not is_out_of_memory(error):
                        raise
                    raise TrainingBroke(
                        f"The memory ran out in epoch {epoch + 1}; choose fewer worlds or a narrower network.",
                        average,
                        step,
                    ) from error
                if not np.isfinite(loss):
                    raise TrainingBroke(
                        f"The loss became {loss} in epoch {epoch + 1}; "
                        f"lower the learning rate (was {config.learning_rate:g}).",
                        average,
                        step,
                    )
                schedule.step()
                step += 1
                _blend(average, live, min(config.average, step / (step + 10)))
                total += loss * len(batch)
            if on_epoch is not None:
                watched = watch(average, heldout, line)
                on_epoch(EpochReport(epoch + 1, config.epochs, total / len(examples), *watched))
    return average


def between(one: EdgeNetwork, other: EdgeNetwork, way: float = 0.5) -> EdgeNetwork:
    """A network whose weights lie between those of two of one descent, in evaluation mode.

    Args:
        one: Of features that only it knows, the last of its features, the weights stay its own; so does the panel.
        other: The other one.
        way: How far from the one towards the other, 0 to 1.

    Raises:
        SettingsError: If their shapes differ in anything else.
    """
    known = min(one.config.edge_features, other.config.edge_features)
    if other.config != replace(one.config, edge_features=known, members=other.config.members):
        raise SettingsError("Only networks of one shape can be averaged; choose an ancestor of the model.")
    middle = copy.deepcopy(one).eval()
    _blend(middle, other, 1 - way)
    return middle


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error of Python, NumPy or torch says that the memory ran out."""
    return isinstance(error, MemoryError) or any(
        words in str(error) for words in ("can't allocate memory", "not enough memory", "out of memory")
    )


def _step(
    network: EdgeNetwork,
    batch: Example,
    optimiser: torch.optim.Optimizer,
    config: TrainConfig,
    noise: torch.Generator,
) -> float:
    scale = config.feature_noise * network.edge_scale
    read = batch.edge[:, : len(scale)]  # a network of earlier versions knows the first features only
    edge = read + scale * torch.randn(read.shape, generator=noise)
    known = _revealed(batch, config.reveal, noise)
    asked = batch._replace(weight=batch.weight * (known == 0))
    loss = _loss(network(edge, batch.node, batch.structure, known), asked)
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    length = torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    if not bool(length.isfinite()):
        return float("nan")  # before it spoils the weights
    optimiser.step()
    return float(loss.detach())


def _revealed(batch: Example, reveal: float, noise: torch.Generator) -> Tensor:
    """(E,) 1 or -1 where the answer of a pair is told beforehand: some edges, and as a rule fewer of the others."""
    told, edges, others = torch.rand(3, generator=noise).tolist()
    if told >= reveal:
        return torch.zeros_like(batch.label)
    edge = batch.label > 0.5
    share = torch.where(edge, 0.5 * edges, 0.5 * edges * others)
    chosen = (torch.rand(batch.label.shape, generator=noise) < share) & (batch.weight > 0)
    return torch.where(chosen, torch.where(edge, 1.0, -1.0), 0.0)


def _loss(logits: Tensor, batch: Example) -> Tensor:
    each = torch.nn.functional.binary_cross_entropy_with_logits(logits, batch.label, reduction="none")
    return (each * batch.weight).sum() / batch.weight.sum().clamp_min(1.0)


@torch.no_grad()
def _blend(average: EdgeNetwork, live: EdgeNetwork, keep: float) -> None:
    for kept, new in zip(average.parameters(), live.parameters(), strict=True):
        known_part(kept, new).lerp_(new, 1 - keep)


def collate(examples: Sequence[Example]) -> Example:
    """Joins logs into one graph of separate parts."""
    structure = Structure.joined([e.structure for e in examples])
    return Example(
        torch.cat([e.edge for e in examples]),
        torch.cat([e.node for e in examples]),
        structure,
        torch.cat([e.label for e in examples]),
        torch.cat([e.weight for e in examples]),
    )


def predict(network: EdgeNetwork, examples: Sequence[Example], batch: int = 32) -> NDArray[np.float64]:
    """Raw logits of all candidates of all examples, joined."""
    pieces = []
    with torch.no_grad():
        for start in range(0, len(examples), batch):
            joined = collate(examples[start : start + batch])
            pieces.append(network(joined.edge, joined.node, joined.structure).double().numpy())
    return np.concatenate(pieces) if pieces else np.empty(0)


def watch(
    network: EdgeNetwork, examples: Sequence[Example], line: tuple[float, float] = (1.0, 0.0)
) -> tuple[float, float, float]:
    """Loss, AUROC and calibration error on examples that are only watched, under a calibration; NaN where undefined."""
    from sklearn.metrics import roc_auc_score

    if not examples:
        return float("nan"), float("nan"), float("nan")
    logit = line[0] * predict(network, examples) + line[1]
    label = np.concatenate([e.label.numpy() for e in examples])
    loss = float(np.mean(np.logaddexp(0, logit) - label * logit))
    auroc = float(roc_auc_score(label, logit)) if 0 < label.sum() < len(label) else float("nan")
    return loss, auroc, calibration_error(sigmoid(logit), label)

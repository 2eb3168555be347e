"""Adapting the network to one log, in the same process.

Worlds that resemble the log (same behaviours, users, counts, clock and gaps; graphs of their own) are simulated,
and the network is trained on them a little further, together with the expert's verdicts as labelled pairs of the
log itself. A share of the worlds is kept aside: half of those calibrate, the other half score before and after.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import torch
from sklearn.metrics import average_precision_score, roc_auc_score

from causalviz.errors import SettingsError, UnreadableModel, UnusableLog
from causalviz.events.log import EventLog
from causalviz.model.calibration import calibration_error, fit_platt, sigmoid
from causalviz.model.checkpoint import load_model, save_model
from causalviz.model.features import PairFeatures, gather_evidence, pair_features
from causalviz.model.network import EdgeModel, EdgeNetwork, Structure
from causalviz.model.training import EpochReport, Example, TrainConfig, example_of, predict, train
from causalviz.worlds.matching import Profile, draw_matched_plan, profile_of
from causalviz.worlds.prior import Prior
from causalviz.worlds.simulator import simulate

HELDOUT_SHARE = 0.25
VERDICT_PAIRS = 30.0  # one verdict of weight 1 counts as much as this many simulated pairs
MIN_WORLD_EVENTS = 50
OUTCOME_FILE = "outcome.json"


class KnownEdge(NamedTuple):
    """A pair whose answer is known: an expert's verdict, or an uploaded graph."""

    cause: str
    effect: str
    exists: bool


@dataclass(frozen=True, kw_only=True)
class AdaptConfig:
    """How to adapt.

    Attributes:
        worlds: Matched worlds to simulate, 8 to 2000; a quarter is kept aside.
        epochs: Passes over them, 1 to 100.
        learning_rate: Peak; well below the prior's own, so that it refines and does not forget.
        verdict_weight: 0 ignores the verdicts; at 1 a verdict counts as much as 30 simulated pairs.
        seed: Of worlds and training.
    """

    worlds: int = 120
    epochs: int = 10
    learning_rate: float = 5e-4
    verdict_weight: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        if not 8 <= self.worlds <= 2000:
            raise SettingsError(f"Matched worlds must be between 8 and 2000 (got {self.worlds}).")
        if not 1 <= self.epochs <= 100:
            raise SettingsError(f"Epochs must be between 1 and 100 (got {self.epochs}).")
        if not 0 <= self.verdict_weight <= 100:
            raise SettingsError(f"The weight of verdicts must be between 0 and 100 (got {self.verdict_weight}).")


class AdaptStep(NamedTuple):
    """Progress: worlds done, or epochs done with their losses (nats per pair) and scores on held-out worlds."""

    stage: Literal["worlds", "training"]
    done: int
    total: int
    loss: float | None = None
    heldout_loss: float | None = None
    auroc: float | None = None
    ece: float | None = None
    seconds_left: float | None = None


class AdaptScores(NamedTuple):
    """On matched worlds that were never trained on; NaN where there is no edge among them."""

    auroc: float
    auprc: float
    ece: float
    loss: float


@dataclass(frozen=True, eq=False)
class Adaptation:
    """The adapted model, its history, and what it brought on held-out matched worlds."""

    model: EdgeModel
    steps: tuple[AdaptStep, ...]
    before: AdaptScores
    after: AdaptScores
    cancelled: bool


def adapt(
    model: EdgeModel,
    features: PairFeatures,
    log: EventLog,
    known: Sequence[KnownEdge] = (),
    config: AdaptConfig | None = None,
    *,
    on_step: Callable[[AdaptStep], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Adaptation:
    """Adapts a model to a log.

    Args:
        model: Where to start; left as it is.
        features: Of the log (``Discovery.features``).
        log: The log itself, for its profile.
        known: Pairs whose answer is known; names that the log does not have are passed over.
        config: How.
        on_step: Told after each world and each epoch.
        cancelled: Asked between worlds and at each training step.

    Returns:
        The adaptation; if cancelled early, ``model`` is the one from before.

    Raises:
        TrainingFailed: If the loss is not a number.
    """
    config = config or AdaptConfig()
    steps: list[AdaptStep] = []
    stop = cancelled or (lambda: False)

    def tell(step: AdaptStep) -> None:
        steps.append(step)
        if on_step is not None:
            on_step(step)

    examples = _matched_examples(profile_of(log), config, tell, stop)
    n_heldout = max(4, round(HELDOUT_SHARE * len(examples)))
    heldout, learned = examples[:n_heldout], examples[n_heldout:]
    nothing = AdaptScores(*[float("nan")] * 4)
    if stop() or not learned:
        return Adaptation(model, tuple(steps), nothing, nothing, True)
    network = _train(
        model.network, learned + _verdicts(features, log.names, known, config), heldout, config, tell, stop
    )
    label = np.concatenate([e.label.numpy() for e in heldout[::2]]).astype(np.float64)
    slope, intercept = fit_platt(predict(network, heldout[::2]), label)
    card = {**model.card, "adapted from": model.id, "adapted to log": log.fingerprint, "adaptation": asdict(config)}
    adapted = EdgeModel(network, slope, intercept, card)
    return Adaptation(adapted, tuple(steps), _scores(model, heldout[1::2]), _scores(adapted, heldout[1::2]), stop())


def save_adaptation(adaptation: Adaptation, folder: Path) -> None:
    """Writes the model into an existing folder, and how it came about beside it."""
    save_model(adaptation.model, folder)
    outcome = {
        "steps": adaptation.steps,
        "before": adaptation.before,
        "after": adaptation.after,
        "cancelled": adaptation.cancelled,
    }
    (folder / OUTCOME_FILE).write_text(json.dumps(outcome), encoding="utf-8")


def load_adaptation(folder: Path) -> Adaptation:
    """Reads what ``save_adaptation`` wrote.

    Raises:
        UnreadableModel: If a file is missing or damaged.
    """
    model = load_model(folder)
    try:
        outcome = json.loads((folder / OUTCOME_FILE).read_text(encoding="utf-8"))
        steps = tuple(AdaptStep(*step) for step in outcome["steps"])
        before, after = AdaptScores(*outcome["before"]), AdaptScores(*outcome["after"])
        return Adaptation(model, steps, before, after, bool(outcome["cancelled"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnreadableModel(f"The training in {folder} cannot be read ({error}); train again.") from error


def _matched_examples(
    profile: Profile, config: AdaptConfig, tell: Callable[[AdaptStep], None], stop: Callable[[], bool]
) -> list[Example]:
    examples: list[Example] = []
    started = time.monotonic()
    seeds = np.random.SeedSequence(config.seed).spawn(2 * config.worlds)
    for seed in seeds:
        if stop() or len(examples) == config.worlds:
            break
        rng = np.random.default_rng(seed)
        try:
            world = simulate(draw_matched_plan(profile, Prior(null=0.05), rng), rng)
        except UnusableLog:
            continue
        if world.log.n_events < MIN_WORLD_EVENTS:
            continue
        evidence = gather_evidence(world.log, seed=int(rng.integers(2**31)))
        examples.append(example_of(pair_features(evidence), world.truth))
        pace = (time.monotonic() - started) / len(examples)
        left = pace * (config.worlds - len(examples))
        tell(AdaptStep("worlds", len(examples), config.worlds, seconds_left=left))
    return examples


def _train(
    network: EdgeNetwork,
    examples: list[Example],
    heldout: list[Example],
    config: AdaptConfig,
    tell: Callable[[AdaptStep], None],
    stop: Callable[[], bool],
) -> EdgeNetwork:
    started = time.monotonic()

    def on_epoch(report: EpochReport) -> None:
        left = (time.monotonic() - started) / report.epoch * (report.epochs - report.epoch)
        scores = (report.loss, report.heldout_loss, report.auroc, report.ece)
        tell(AdaptStep("training", report.epoch, report.epochs, *scores, left))

    loop = TrainConfig(
        epochs=config.epochs, batch=8, learning_rate=config.learning_rate, average=0.98, seed=config.seed
    )
    return train(network, examples, heldout[::2], loop, on_epoch=on_epoch, cancelled=stop)


def _verdicts(
    features: PairFeatures, names: Sequence[str], known: Sequence[KnownEdge], config: AdaptConfig
) -> list[Example]:
    """The log itself as one example in which only the known pairs have a weight; none without verdicts."""
    code = {name: number for number, name in enumerate(names)}
    label, weight = np.zeros(len(features.edge), np.float32), np.zeros(len(features.edge), np.float32)
    for edge in known:
        if edge.cause in code and edge.effect in code:
            row = features.row(code[edge.cause], code[edge.effect])
            if row is not None:
                label[row], weight[row] = edge.exists, config.verdict_weight * VERDICT_PAIRS
    if not weight.any():
        return []
    return [
        Example(
            torch.from_numpy(features.edge),
            torch.from_numpy(features.node),
            Structure.of(features.candidates, len(features.node)),
            torch.from_numpy(label),
            torch.from_numpy(weight),
        )
    ]


def _scores(model: EdgeModel, examples: Sequence[Example]) -> AdaptScores:
    label = np.concatenate([e.label.numpy() for e in examples]).astype(np.float64)
    logit = model.slope * predict(model.network, examples) + model.intercept
    loss = float(np.mean(np.logaddexp(0.0, logit) - label * logit))
    probability = sigmoid(logit)
    if not 0 < label.sum() < len(label):
        return AdaptScores(float("nan"), float("nan"), calibration_error(probability, label), loss)
    return AdaptScores(
        float(roc_auc_score(label, probability)),
        float(average_precision_score(label, probability)),
        calibration_error(probability, label),
        loss,
    )

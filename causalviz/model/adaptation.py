"""Adapting the network to one log, in the same process.

Worlds that resemble the log (same behaviours, users, counts, clock and gaps; graphs of their own) are simulated,
and the network is trained on them a little further, together with the expert's verdicts as labelled pairs of the
log itself. A share of the worlds is kept aside: half of those calibrate, the other half score before and after. What
the training made is used only if it foresees the scored worlds at least as well as what was there before. Where there
are verdicts enough, half of them are kept from the training and recalibrate what came of it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from causalviz.errors import SettingsError, UnreadableModel
from causalviz.events.log import EventLog
from causalviz.model.calibration import calibration_error, fit_platt, sigmoid
from causalviz.model.checkpoint import load_model, save_model
from causalviz.model.features import PairFeatures, known_rows
from causalviz.model.network import EdgeModel, EdgeNetwork, Structure
from causalviz.model.recalibration import (
    LEARNED,
    LEAST_VERDICTS,
    RECALIBRATION,
    Recalibration,
    recalibrate_model,
    verdicts_learned,
)
from causalviz.model.training import EpochReport, Example, TrainConfig, example_of, predict, train
from causalviz.model.world_examples import plan_features
from causalviz.worlds.matching import Profile, draw_matched_plan, profile_of
from causalviz.worlds.prior import TRAINED

Floats = NDArray[np.float64]

HELDOUT_SHARE = 0.25
VERDICT_PAIRS = 30.0  # one verdict of weight 1 counts as much as this many simulated pairs
CALIBRATION_HOLD = (10.0, 10.0)  # few worlds shall not overturn the line from before
WORKERS = 2  # threads that simulate; the slow parts leave Python's lock alone
RESAMPLES = 1000
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
    epochs: int = 4
    learning_rate: float = 1.5e-4
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
    """The adapted model, its history, and what it brought on held-out matched worlds.

    Attributes:
        model: To be used from now on: the trained one, or the one from before where training did not help; with the
            verdicts' line where that helps.
        steps: All that was told.
        before: Scores of the model from before.
        after: Scores of the trained one, whether it is used or not.
        cancelled: Whether it was stopped early.
        gain: 90 % interval of what the loss falls by, resampled over the scored worlds; None where none was scored.
        helped: Whether the trained one is used.
        recalibration: What the verdicts that were kept aside did; None without verdicts.
    """

    model: EdgeModel
    steps: tuple[AdaptStep, ...]
    before: AdaptScores
    after: AdaptScores
    cancelled: bool
    gain: tuple[float, float] | None = None
    helped: bool = True
    recalibration: Recalibration | None = None

    @property
    def changed(self) -> bool:
        """Whether there is anything to use that was not there before."""
        return self.helped or (self.recalibration is not None and self.recalibration.used)


NOTHING = AdaptScores(*[float("nan")] * 4)


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
    calibrating, scored, learned = examples[:n_heldout:2], examples[1:n_heldout:2], examples[n_heldout:]
    if stop() or not learned:
        return Adaptation(model, tuple(steps), NOTHING, NOTHING, True)
    taught, aside = _split(known, config.seed) if config.verdict_weight else ((), tuple(known))
    lessons, pairs = _verdicts(features, log.names, taught, config)
    network = _train(model.network, learned + lessons, calibrating, config, tell, stop)
    said = model.slope * predict(network, calibrating) + model.intercept
    slope, intercept = fit_platt(said, _labels(calibrating), hold=CALIBRATION_HOLD)
    card: dict[str, object] = {
        **{key: value for key, value in model.card.items() if key != RECALIBRATION},
        "adapted from": model.id,
        "adapted to log": log.fingerprint,
        "adaptation": asdict(config),
        LEARNED: sorted({*verdicts_learned(model.card), *pairs}),
    }
    trained = EdgeModel(network, slope * model.slope, slope * model.intercept + intercept, card, model.familiarity)
    logits = _logits(model, scored), _logits(trained, scored)
    before, after = (_scores(logit, _labels(scored)) for logit in logits)
    helped = not after.loss > before.loss
    best, recalibration = trained if helped else model, None
    if known:
        best, recalibration = recalibrate_model(best, features, log.names, aside if helped else known, seed=config.seed)
    gain = _gain(*logits, scored, config.seed)
    return Adaptation(best, tuple(steps), before, after, stop(), gain, helped, recalibration)


def recalibrated(
    model: EdgeModel, features: PairFeatures, log: EventLog, known: Sequence[KnownEdge], *, seed: int = 0
) -> Adaptation:
    """The quick way, without training: only the verdicts' line, where it helps.

    Args:
        model: Where to start; left as it is.
        features: Of the log.
        log: The log itself.
        known: The verdicts.
        seed: Of the resampling.
    """
    mended, found = recalibrate_model(model, features, log.names, known, seed=seed)
    if found.used:
        card = {**mended.card, "adapted to log": log.fingerprint}
        mended = EdgeModel(mended.network, mended.slope, mended.intercept, card, mended.familiarity)
    return Adaptation(mended, (), NOTHING, NOTHING, False, helped=False, recalibration=found)


def save_adaptation(adaptation: Adaptation, folder: Path) -> None:
    """Writes the model into an existing folder, and how it came about beside it."""
    save_model(adaptation.model, folder)
    outcome = {
        "steps": adaptation.steps,
        "before": adaptation.before,
        "after": adaptation.after,
        "cancelled": adaptation.cancelled,
        "gain": adaptation.gain,
        "helped": adaptation.helped,
        "recalibration": None if adaptation.recalibration is None else adaptation.recalibration.as_json(),
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
        told, gain = outcome.get("recalibration"), outcome.get("gain")
        return Adaptation(
            model, steps, before, after, bool(outcome["cancelled"]),
            gain=None if gain is None else (float(gain[0]), float(gain[1])),
            helped=bool(outcome.get("helped", True)),
            recalibration=None if told is None else Recalibration.from_json(told),
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise UnreadableModel(f"The training in {folder} cannot be read ({error}); train again.") from error


def _matched_examples(
    profile: Profile, config: AdaptConfig, tell: Callable[[AdaptStep], None], stop: Callable[[], bool]
) -> list[Example]:
    examples: list[Example] = []
    started = time.monotonic()
    for example in _simulated(profile, config):
        if example is not None:
            examples.append(example)
            pace = (time.monotonic() - started) / len(examples)
            left = pace * (config.worlds - len(examples))
            tell(AdaptStep("worlds", len(examples), config.worlds, seconds_left=left))
        if stop() or len(examples) == config.worlds:
            break
    return examples


def _simulated(profile: Profile, config: AdaptConfig) -> Iterator[Example | None]:
    """Matched worlds in the order of their seeds, however the threads share them; None for one that is of no use."""
    priors, shares = zip(*TRAINED.values(), strict=True)

    def one(seed: np.random.SeedSequence) -> Example | None:
        rng = np.random.default_rng(seed)
        prior = priors[rng.choice(len(priors), p=shares)]
        found = plan_features(draw_matched_plan(profile, prior, rng), rng)
        return None if found is None else example_of(*found)

    pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="matched worlds")
    try:
        yield from pool.map(one, np.random.SeedSequence(config.seed).spawn(2 * config.worlds))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


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

    loop = TrainConfig(epochs=config.epochs, batch=8, learning_rate=config.learning_rate, average=0.9, seed=config.seed)
    return train(network, examples, heldout, loop, on_epoch=on_epoch, cancelled=stop)


def _split(known: Sequence[KnownEdge], seed: int) -> tuple[tuple[KnownEdge, ...], tuple[KnownEdge, ...]]:
    """Verdicts to learn from, and verdicts kept aside: every second couple once both halves are large enough."""
    if len(known) < 2 * LEAST_VERDICTS:
        return tuple(known), ()
    couples = sorted({frozenset((edge.cause, edge.effect)) for edge in known}, key=sorted)
    chosen = np.random.default_rng(seed).permutation(len(couples))[: len(couples) // 2]
    aside = {couples[number] for number in chosen}
    return (
        tuple(edge for edge in known if frozenset((edge.cause, edge.effect)) not in aside),
        tuple(edge for edge in known if frozenset((edge.cause, edge.effect)) in aside),
    )


def _verdicts(
    features: PairFeatures, names: Sequence[str], known: Sequence[KnownEdge], config: AdaptConfig
) -> tuple[list[Example], list[tuple[str, str]]]:
    """The log itself as one example in which only the known pairs have a weight, and those pairs; none without any."""
    label, weight = np.zeros(len(features.edge), np.float32), np.zeros(len(features.edge), np.float32)
    rows = known_rows(features, names, known)
    for row, _, exists in rows:
        label[row], weight[row] = exists, config.verdict_weight * VERDICT_PAIRS
    if not weight.any():
        return [], []
    example = Example(
        torch.from_numpy(features.edge),
        torch.from_numpy(features.node),
        Structure.of(features.candidates, len(features.node)),
        torch.from_numpy(label),
        torch.from_numpy(weight),
    )
    return [example], [pair for _, pair, _ in rows]


def _labels(examples: Sequence[Example]) -> Floats:
    return np.concatenate([e.label.numpy() for e in examples]).astype(np.float64)


def _logits(model: EdgeModel, examples: Sequence[Example]) -> Floats:
    return model.slope * predict(model.network, examples) + model.intercept


def _losses(logit: Floats, label: Floats) -> Floats:
    """Nats of every pair."""
    return np.asarray(np.logaddexp(0.0, logit) - label * logit)


def _gain(before: Floats, after: Floats, examples: Sequence[Example], seed: int) -> tuple[float, float]:
    """90 % interval of what the loss falls by, in nats per pair: worlds are drawn again, both models on the same."""
    label = _labels(examples)
    world = np.repeat(np.arange(len(examples)), [len(e.label) for e in examples])
    fall = np.bincount(world, _losses(before, label) - _losses(after, label))  # (worlds,)
    pairs = np.bincount(world)
    drawn = np.random.default_rng(seed).integers(len(examples), size=(RESAMPLES, len(examples)))
    low, high = np.quantile(fall[drawn].sum(1) / pairs[drawn].sum(1), (0.05, 0.95))
    return float(low), float(high)


def _scores(logit: Floats, label: Floats) -> AdaptScores:
    probability = sigmoid(logit)
    both = 0 < label.sum() < len(label)
    return AdaptScores(
        float(roc_auc_score(label, probability)) if both else float("nan"),
        float(average_precision_score(label, probability)) if both else float("nan"),
        calibration_error(probability, label),
        float(_losses(logit, label).mean()),
    )

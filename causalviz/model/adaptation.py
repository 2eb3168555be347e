"""Adapting the network to one log.

Worlds that resemble the log (same behaviours, users, counts, clock and gaps; graphs of their own) are simulated,
and the network is trained on them a little further, together with *lessons*: pairs of the log itself that are known
from the expert's verdicts or from an uploaded graph. No log is like its matched worlds in all, and a network that went
all the way to them is sure and wrong where it differs. So the weights go only ``WAY`` of it (Wortsman et al., CVPR
2022, "Robust fine-tuning of zero-shot models"), which keeps most of what the worlds teach.

A share of the worlds is kept aside: half of those calibrate, the other half score before and after. What the training
made is used only if it foresees the scored worlds about as well as what was there before, or, where lessons pull it
elsewhere, not clearly worse, and never if its probabilities are clearly worse calibrated there. Lessons are left out in
turn to see whether they help on what they do not say (``lessons``). Where there are verdicts enough, half of them are
kept from the training and recalibrate what came of it. A training that breaks ends with the last good network.

Instead of further, a network can be trained from scratch; it then knows nothing but the matched worlds and lessons.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict

import numpy as np
import torch
from numpy.typing import NDArray

from causalviz.errors import SettingsError, TrainingFailed
from causalviz.events.log import EventLog
from causalviz.model.adapt_progress import AdaptProgress, AdaptStep, Amount, Clock
from causalviz.model.adapted import Adaptation, AdaptConfig, AdaptScores, KnownEdge
from causalviz.model.calibration import calibration_error, fit_platt, sigmoid
from causalviz.model.decidability import BASE_RATE
from causalviz.model.edge_model import EdgeModel
from causalviz.model.familiarity import KEPT_ASIDE, Familiarity, summary
from causalviz.model.features import PairFeatures
from causalviz.model.lessons import (
    FOLDS,
    LEAST_COUPLES,
    Lesson,
    leave_out,
    lesson_example,
    lessons_of,
    n_couples,
)
from causalviz.model.matched_worlds import Wanted, matched_worlds
from causalviz.model.network import EdgeNetwork, NetworkConfig
from causalviz.model.recalibration import (
    LEARNED,
    LEAST_VERDICTS,
    RECALIBRATION,
    recalibrate_model,
    verdicts_learned,
)
from causalviz.model.training import (
    EpochReport,
    Example,
    TrainConfig,
    TrainingBroke,
    between,
    is_out_of_memory,
    predict,
    train,
    watch,
)
from causalviz.worlds.matching import profile_of

Floats = NDArray[np.float64]

HELDOUT_SHARE = 0.25
LEAST_HELDOUT, MOST_HELDOUT = 4, 40  # matched worlds
WATCHED_PAIRS = 3_000  # of the worlds that calibrate, whose loss is told after each epoch
BATCH = 8
WAY = 0.25  # from the weights before towards those trained on matched worlds
NOISE = 0.01  # of the loss: a rise by less, and within its interval, is none
WORLD_SCORES, BEFORE = "scores on matched worlds", "the shipped network"  # keys of a model's card
CALIBRATION_HOLD = (10.0, 10.0)  # few worlds shall not overturn the line from before
RESAMPLES = 1000
LEAST_SURE = 8  # scored worlds; a calibration error that was measured on fewer is mostly chance


NOTHING = AdaptScores(*[float("nan")] * 4)


def adapt(
    model: EdgeModel,
    features: PairFeatures,
    log: EventLog,
    known: Sequence[KnownEdge] = (),
    config: AdaptConfig | None = None,
    *,
    graph: Sequence[KnownEdge] = (),
    on_step: Callable[[AdaptStep], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Adaptation:
    """Adapts a model to a log.

    Args:
        model: Where to start; left as it is.
        features: Of the log (``Discovery.features``).
        log: The log itself, for its profile.
        known: Verdicts; names that the log does not have are passed over.
        config: How.
        graph: What a known graph says of the log's pairs; a verdict overrules it.
        on_step: Told after each world and each epoch.
        cancelled: Asked between worlds and at each training step.

    Returns:
        The adaptation; if cancelled early, ``model`` is the one from before.

    Raises:
        TrainingFailed: If the loss is no number at the very first step, or the memory ran out before the training.
        SettingsError: If there is nothing to learn from.
    """
    with _memory_named():
        return _adapt(model, features, log, known, graph, config or AdaptConfig(), on_step, cancelled)


def _adapt(
    model: EdgeModel,
    features: PairFeatures,
    log: EventLog,
    known: Sequence[KnownEdge],
    graph: Sequence[KnownEdge],
    config: AdaptConfig,
    on_step: Callable[[AdaptStep], None] | None,
    cancelled: Callable[[], bool] | None,
) -> Adaptation:
    steps: list[AdaptStep] = []
    clock = Clock(cancelled or (lambda: False))

    def tell(step: AdaptStep) -> None:
        steps.append(step)
        if on_step is not None:
            on_step(step)

    taught, aside = _split(known, config.seed) if config.verdict_weight else ((), tuple(known))
    everything = lessons_of(features, log.names, known, graph, config.verdict_weight, config.graph_weight)
    lessons = lessons_of(features, log.names, taught, graph, config.verdict_weight, config.graph_weight)
    if not (config.learn_worlds or lessons):
        raise SettingsError("There is nothing to learn from; choose matched worlds, or give verdicts or a known graph.")
    folds = FOLDS if config.check and n_couples(everything) >= LEAST_COUPLES else 0
    amount = _amount(config, folds)
    progress = AdaptProgress(amount, clock, tell)
    wanted = Wanted(amount.heldout, amount.learned, config.seed)
    heldout, learned = matched_worlds(profile_of(log), wanted, progress.world, clock.stopped)
    calibrating, scored = heldout[::2], heldout[1::2]
    if clock.stopped() or not scored or (config.learn_worlds and not learned):
        return Adaptation(model, tuple(steps), NOTHING, NOTHING, True)
    start = _start(model, learned, config)

    def examples(some: Sequence[Lesson]) -> list[Example]:
        return learned + lesson_example(features, some) * (1 if config.learn_worlds else BATCH)

    watched = _watched(calibrating)
    progress.begin_training(watch(start.network, watched, (start.slope, start.intercept)))
    failure = ""
    try:
        network = _train(start, examples(lessons), watched, config, clock.stopped, progress.epoch)
    except TrainingBroke as broke:
        if not broke.steps:
            raise
        network, failure = broke.network, str(broke)
    pairs = {lesson.pair for lesson in lessons}
    card: dict[str, object] = {
        **{key: value for key, value in start.card.items() if key != RECALIBRATION},
        "adapted to log": log.fingerprint,
        "adaptation": asdict(config),
        LEARNED: sorted({*verdicts_learned(start.card), *pairs}),
    }
    if start is model:
        card["adapted from"] = model.id
    trained = _calibrated(start, _moved(start, network, config), calibrating, card)
    logits = _logits(model, scored), _logits(trained, scored)
    before, after = (_scores(logit, _labels(scored)) for logit in logits)
    gain = _gain(*logits, scored, config.seed)
    calibration_gain = _calibration_gain(*logits, scored, config.seed)
    card[WORLD_SCORES] = {**after._asdict(), "worlds": len(scored), BEFORE: before._asdict()}
    most = before.loss * (1 + NOISE) if not lessons else math.inf
    foresees = not after.loss > before.loss or (gain[1] >= 0 and after.loss <= most)
    helped = foresees and not (calibration_gain is not None and calibration_gain[1] < 0)
    on_verdicts, on_graph = None, None
    if folds and not failure:

        def judge(some: Sequence[Lesson]) -> Floats:
            left = _train(start, examples(some), [], config, clock.stopped, progress.fold_epoch)
            return _calibrated(start, _moved(start, left, config), calibrating, {}).logits(features)

        try:
            on_verdicts, on_graph = leave_out(everything, model.logits(features), judge, seed=config.seed)
        except TrainingBroke as broke:
            failure = str(broke)
    best, recalibration = trained if helped else model, None
    if known:
        best, recalibration = recalibrate_model(best, features, log.names, aside if helped else known, seed=config.seed)
    return Adaptation(
        best, tuple(steps), before, after, clock.stopped(), gain, calibration_gain, helped, recalibration,
        failure=failure, on_verdicts=on_verdicts, on_graph=on_graph,
    )  # fmt: skip


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


def _amount(config: AdaptConfig, folds: int) -> Amount:
    heldout = max(LEAST_HELDOUT, min(MOST_HELDOUT, round(HELDOUT_SHARE * config.worlds)))
    learned = config.worlds - heldout if config.learn_worlds else 0
    return Amount(heldout, learned, config.epochs, folds * config.epochs)


def _watched(calibrating: Sequence[Example]) -> list[Example]:
    """The first worlds that hold ``WATCHED_PAIRS``: a curve needs no more, and every member of the panel reads them."""
    pairs = np.cumsum([len(example.label) for example in calibrating])
    return list(calibrating[: 1 + int(np.searchsorted(pairs, WATCHED_PAIRS))])


def _start(model: EdgeModel, learned: Sequence[Example], config: AdaptConfig) -> EdgeModel:
    """What the training starts from: the model, or an untrained network that fits the worlds."""
    if config.start == "shipped":
        return model
    edge, node = (torch.cat([getattr(example, kind) for example in learned]) for kind in ("edge", "node"))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        shape = NetworkConfig(
            edge_features=edge.shape[1], node_features=node.shape[1], hidden=config.hidden, rounds=config.rounds
        )
        network = EdgeNetwork(shape)
    network.standardise(edge, node)
    worlds = np.stack([summary(example.edge.numpy(), example.node.numpy()) for example in learned])
    card: dict[str, object] = {
        "made by": "a training from scratch on worlds matched to one log",
        "worlds learned from": len(learned),
        BASE_RATE: float(np.clip(_labels(learned).mean(), 1e-4, 0.5)),
    }
    return EdgeModel(network, 1.0, 0.0, card, Familiarity.fit(worlds) if len(worlds) >= KEPT_ASIDE else None)


def _train(
    start: EdgeModel,
    examples: list[Example],
    heldout: list[Example],
    config: AdaptConfig,
    stop: Callable[[], bool],
    on_epoch: Callable[[EpochReport], None],
) -> EdgeNetwork:
    loop = TrainConfig(
        epochs=config.epochs,
        batch=BATCH if config.learn_worlds else 1,
        learning_rate=config.learning_rate,
        average=0.9,
        seed=config.seed,
    )
    line = (start.slope, start.intercept)
    return train(start.network, examples, heldout, loop, on_epoch=on_epoch, cancelled=stop, line=line)


def _moved(start: EdgeModel, trained: EdgeNetwork, config: AdaptConfig) -> EdgeNetwork:
    """Where the weights go: all the way from scratch, or to lessons alone; else some of it."""
    if config.start == "scratch" or not config.learn_worlds:
        return trained
    return between(start.network, trained, WAY)


def _calibrated(
    start: EdgeModel, network: EdgeNetwork, calibrating: Sequence[Example], card: dict[str, object]
) -> EdgeModel:
    said = start.slope * predict(network, calibrating) + start.intercept
    slope, intercept = fit_platt(said, _labels(calibrating), hold=CALIBRATION_HOLD)
    return EdgeModel(network, slope * start.slope, slope * start.intercept + intercept, card, start.familiarity)


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


@contextmanager
def _memory_named() -> Iterator[None]:
    """Says in a sentence that the memory ran out."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        raise TrainingFailed(
            "The memory ran out, and nothing was changed; choose fewer worlds or close other programs."
        ) from error


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


def _calibration_gain(
    before: Floats, after: Floats, examples: Sequence[Example], seed: int
) -> tuple[float, float] | None:
    """90 % interval of what the calibration error falls by, worlds drawn again; None where they are too few."""
    if len(examples) < LEAST_SURE:
        return None
    label, ends = _labels(examples), np.cumsum([len(e.label) for e in examples])
    rows = np.split(np.arange(len(label)), ends[:-1])  # pairs of each world
    rng, falls = np.random.default_rng(seed), []
    for _ in range(RESAMPLES // 4):
        drawn = np.concatenate([rows[world] for world in rng.integers(len(rows), size=len(rows))])
        errors = [calibration_error(sigmoid(logit[drawn]), label[drawn]) for logit in (before, after)]
        falls.append(errors[0] - errors[1])
    low, high = np.quantile(falls, (0.05, 0.95))
    return float(low), float(high)


def _scores(logit: Floats, label: Floats) -> AdaptScores:
    from sklearn.metrics import average_precision_score, roc_auc_score

    probability = sigmoid(logit)
    both = 0 < label.sum() < len(label)
    return AdaptScores(
        float(roc_auc_score(label, probability)) if both else float("nan"),
        float(average_precision_score(label, probability)) if both else float("nan"),
        calibration_error(probability, label),
        float(_losses(logit, label).mean()),
    )

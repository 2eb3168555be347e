"""How the shipped prior model is made: worlds -> examples (-> teachers) -> network -> calibration -> card.

With it go what tells the signs and the amounts of its edges: signs from the same worlds, amounts from others.

A network that learns on forgets some of what served where the worlds do not reach. The mean of its weights and those of
an ancestor keeps most of the gain and less of that loss (Wortsman et al., CVPR 2022).

The card says what was learned from and how it went: scores on worlds never seen, scores on each *held-out family*
(mechanisms that no training ever drew), and the learning curve, the same scores after fewer worlds. Calibration is
fitted on worlds of the prior and of the held-out families, half of each; the other halves are scored.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score
from torch import Tensor

from causalviz.model.amount_lessons import amount_lessons
from causalviz.model.amounts import Amounts, learn_amounts
from causalviz.model.calibration import calibration_error, fit_platt, sigmoid
from causalviz.model.distillation import TaughtExamples
from causalviz.model.edge_model import EdgeModel
from causalviz.model.familiarity import Familiarity, summary
from causalviz.model.features import groups_of
from causalviz.model.network import EdgeNetwork, NetworkConfig, panel_of
from causalviz.model.signs import Signs, learn_signs
from causalviz.model.training import EpochReport, Example, TrainConfig, between, predict, train
from causalviz.model.world_examples import WorldExamples, simulate_examples
from causalviz.worlds.prior import HELD_OUT, TRAINED, Prior

FORMER = (  # what a card keeps of the model that learned on
    "continued from", "taught by", "averaged with", "priors", "settings", "worlds learned from",
    "scores on worlds never seen", "learning curve"
)  # fmt: skip
HANDS = 4  # into which the features are dealt, each hidden from one member of the panel that answers
STANDARD = 2000  # examples that are enough for mean and scale of the features


@dataclass(frozen=True, kw_only=True)
class PretrainConfig:
    """How the prior model is made; the defaults make the shipped one.

    Attributes:
        worlds: Simulated logs to learn from.
        heldout: Further ones for calibration and for the card's scores (half each).
        family: Worlds of each held-out family, for the same (half each).
        curve: Smaller numbers of worlds at which the learning curve is measured.
        seed: Of worlds and training.
        training: The loop's settings.
        hidden: H of the network.
        amounts: Worlds from which amounts are learned.
        taught: Share of the teachers in the answers, where there are teachers.
        workers: Parallel processes.
    """

    worlds: int = 12_000
    heldout: int = 400
    family: int = 100
    curve: tuple[int, ...] = (1_000, 4_000)
    seed: int = 0
    training: TrainConfig = field(default_factory=lambda: TrainConfig(epochs=8))
    hidden: int = 48
    amounts: int = 2_400
    taught: float = 0.5
    workers: int = 2


def pretrain(
    cache: Path,
    config: PretrainConfig,
    mixture: Mapping[str, tuple[Prior, float]] = TRAINED,
    families: Mapping[str, Prior] = HELD_OUT,
    *,
    start: EdgeModel | None = None,
    teachers: Sequence[EdgeModel] = (),
    averaged: EdgeModel | None = None,
    on_progress: Callable[[str, int, int], None] | None = None,
    on_epoch: Callable[[EpochReport], None] | None = None,
) -> EdgeModel:
    """Makes a prior model; the same settings give the same model on the same machine.

    Args:
        cache: Folder of the cached examples.
        config: How.
        mixture: Ranges of the worlds by name, and the share of the worlds drawn from each.
        families: Priors that are only calibrated and scored on.
        start: A model that learns on, also one of a time that knew fewer features; without one, an untrained network.
        teachers: Models whose mean answer is mixed into the known ones.
        averaged: An ancestor of the model, whose weights are averaged with what was learned.
        on_progress: Told (stage, done, total).
        on_epoch: Told after each epoch.

    Returns:
        The calibrated model with its card.
    """
    started = time.perf_counter()
    heldout, learned = _drawn(cache, config, mixture, on_progress)
    kept = _kept(cache, config, families, heldout, on_progress)
    curve: list[dict[str, float]] = []
    panel = _panel_of_groups(learned)
    sizes = config.curve if start is None else ()
    for n in (*(n for n in sizes if n < len(learned)), len(learned)):
        part = learned[:n]
        first = first_network(part, config) if start is None else _widened(start.network, learned)
        lessons = TaughtExamples.by(teachers, part, config.taught) if teachers else part
        network = train(first.seated(panel), lessons, heldout[::2], config.training, on_epoch=on_epoch)
        if averaged is not None:
            network = between(network, averaged.network)
        line, scores = kept.judged(network)
        curve.append({"worlds": n, **scores["scores on worlds never seen"]})
    summaries = np.stack([summary(world.edge.astype(np.float32), world.node) for world in learned.worlds])
    labels = learned.labels()
    card: dict[str, object] = {
        "made by": "python -m causalviz pretrain"
        + " --start" * (start is not None)
        + " --teacher" * len(teachers)
        + " --average" * (averaged is not None),
        **({"continued from": {"id": start.id, **_former(start.card)}} if start else {}),
        **({"taught by": [_other(model, start) for model in teachers]} if teachers else {}),
        **({"averaged with": _other(averaged, start)} if averaged else {}),
        "priors": {name: {"share": share, **asdict(prior)} for name, (prior, share) in mixture.items()},
        "settings": asdict(config),
        "worlds learned from": len(learned),
        "pairs learned from": len(labels),
        "base rate": round(float(labels.mean()), 4),
        **scores,
        "learning curve": curve,
        "seconds": round(time.perf_counter() - started),
    }
    return EdgeModel(network, *line, card, Familiarity.fit(summaries))


def pretrain_panel(
    cache: Path,
    model: EdgeModel,
    config: PretrainConfig,
    mixture: Mapping[str, tuple[Prior, float]] = TRAINED,
    families: Mapping[str, Prior] = HELD_OUT,
    *,
    on_progress: Callable[[str, int, int], None] | None = None,
) -> EdgeModel:
    """Lets a model answer as a panel of ``HANDS``: the same weights, calibrated and scored anew.

    Args:
        cache: Folder of the cached examples.
        model: Of today's features.
        config: Says how many worlds are kept aside, and their seed, which deals the features too; nothing is learned.
        mixture: As for ``pretrain``.
        families: As for ``pretrain``.
        on_progress: Told (stage, done, total).
    """
    heldout, _ = _drawn(cache, replace(config, worlds=0), mixture, on_progress)
    network = model.network.seated(_panel_of_hands(heldout, config.seed))
    line, scores = _kept(cache, config, families, heldout, on_progress).judged(network)
    before = {name: model.card[name] for name in scores if name in model.card}
    made = {"made by": "python -m causalviz pretrain --panel-of", "of": model.id, "seed": config.seed, **before}
    card = {**model.card, **scores, "panel": made}
    return EdgeModel(network, *line, card, model.familiarity)


def pretrain_signs(cache: Path, config: PretrainConfig, mixture: Mapping[str, tuple[Prior, float]] = TRAINED) -> Signs:
    """Learns the signs from the edges of the worlds that a model learns from; arguments as for ``pretrain``."""
    _, learned = _drawn(cache, config, mixture, None)
    edges, signs = zip(*(world.true_edges() for world in learned.worlds), strict=True)
    columns = learned.worlds[0].columns
    return learn_signs(columns, np.concatenate(edges), np.concatenate(signs) < 0, config.training.seed)


def pretrain_amounts(
    model: EdgeModel,
    signs: Signs,
    config: PretrainConfig,
    mixture: Mapping[str, tuple[Prior, float]] = TRAINED,
    *,
    on_progress: Callable[[str, int, int], None] | None = None,
) -> Amounts:
    """Learns the amounts of the edges that a model draws; other arguments as for ``pretrain``."""
    lessons = amount_lessons(model, signs, mixture, config.amounts, config.seed, config.workers, on_progress)
    return learn_amounts(lessons, config.training.seed)


class _Kept(NamedTuple):
    """Worlds that nothing was learned from: half of them calibrate, the others are scored."""

    heldout: WorldExamples
    families: Mapping[str, WorldExamples]

    def judged(self, network: EdgeNetwork) -> tuple[tuple[float, float], dict[str, dict[str, Any]]]:
        """Slope and intercept of the calibration, and the scores as the card has them."""
        calibrating = WorldExamples([w for e in (self.heldout, *self.families.values()) for w in e[::2].worlds])
        line = fit_platt(predict(network, calibrating), calibrating.labels())
        return line, {
            "scores on worlds never seen": _scores(network, *line, self.heldout[1::2]),
            "scores on held-out families": {
                name: _scores(network, *line, family[1::2]) for name, family in self.families.items()
            },
        }


def _kept(
    cache: Path,
    config: PretrainConfig,
    families: Mapping[str, Prior],
    heldout: WorldExamples,
    on_progress: Callable[[str, int, int], None] | None,
) -> _Kept:
    unseen = {
        name: simulate_examples(cache, family, config.family, config.seed, config.workers, on_progress)
        for name, family in families.items()
    }
    return _Kept(heldout, unseen)


def _panel_of_groups(examples: WorldExamples) -> Tensor:
    """(members, D) a member for each group of features, which is blind to it."""
    columns = examples.worlds[0].columns
    return panel_of([group.columns for group in groups_of(columns)], len(columns))


def _panel_of_hands(examples: WorldExamples, seed: int) -> Tensor:
    """(HANDS, D) the features dealt at random into so many hands, and a member for each that is blind to it."""
    features = len(examples.worlds[0].columns)
    hands = np.array_split(np.random.default_rng(seed).permutation(features), HANDS)
    return panel_of([hand.tolist() for hand in hands], features)


def _drawn(
    cache: Path,
    config: PretrainConfig,
    mixture: Mapping[str, tuple[Prior, float]],
    on_progress: Callable[[str, int, int], None] | None,
) -> tuple[WorldExamples, WorldExamples]:
    """The worlds of the mixture in random order: those kept aside, and those learned from."""
    total = config.heldout + config.worlds
    drawn = [
        world
        for prior, share in mixture.values()
        for world in simulate_examples(
            cache, prior, round(share * total), config.seed, config.workers, on_progress
        ).worlds
    ]
    order = np.random.default_rng(config.seed).permutation(len(drawn))
    examples = WorldExamples([drawn[n] for n in order])
    return examples[: config.heldout], examples[config.heldout :]


def _former(card: Mapping[str, object]) -> dict[str, object]:
    """What a card says of the worlds that its model learned from."""
    return {name: card[name] for name in FORMER if name in card}


def _other(model: EdgeModel, start: EdgeModel | None) -> dict[str, object]:
    """What a card keeps of a teacher or an ancestor; what it shares with the start's descent is told there."""
    if start is not None and (model.id == start.id or model.id in _descent(start.card)):
        return {"id": model.id}
    former = _former(model.card)
    parent = former.get("continued from")
    if start is not None and isinstance(parent, Mapping) and parent.get("id") == start.id:
        former["continued from"] = {"id": start.id}
    return {"id": model.id, **former}


def _descent(card: Mapping[str, object]) -> Iterator[object]:
    """The ids of the models that one continued from, its parent first."""
    parent = card.get("continued from")
    if isinstance(parent, Mapping):
        yield parent.get("id")
        yield from _descent(parent)


def first_network(examples: Sequence[Example], config: PretrainConfig) -> EdgeNetwork:
    """An untrained network whose standardisation fits the examples."""
    edge, node = _some(examples)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        shape = NetworkConfig(edge_features=edge.shape[1], node_features=node.shape[1], hidden=config.hidden)
        network = EdgeNetwork(shape)
    network.standardise(edge, node)
    return network


def _widened(network: EdgeNetwork, examples: Sequence[Example]) -> EdgeNetwork:
    """A network of a time that knew fewer features, reading all those of the examples."""
    if network.config.edge_features == examples[0].edge.shape[1]:
        return network
    return network.widened(_some(examples)[0])


def _some(examples: Sequence[Example]) -> tuple[Tensor, Tensor]:
    """Features of pairs and of behaviours, of ``STANDARD`` worlds."""
    some = [examples[n] for n in range(min(len(examples), STANDARD))]
    return torch.cat([e.edge for e in some]), torch.cat([e.node for e in some])


def _scores(network: EdgeNetwork, slope: float, intercept: float, examples: WorldExamples) -> dict[str, float]:
    """Over all pairs of all worlds; NaN-free only where there are edges and other pairs."""
    probability: NDArray[np.float64] = sigmoid(slope * predict(network, examples) + intercept)
    label = examples.labels()
    both = 0 < label.sum() < len(label)
    return {
        "AUROC": round(float(roc_auc_score(label, probability)), 4) if both else float("nan"),
        "AUPRC": round(float(average_precision_score(label, probability)), 4) if both else float("nan"),
        "ECE": round(calibration_error(probability, label), 4),
        "edges": int(label.sum()),
        "pairs": len(label),
    }

"""What adapting a network is asked to do, and what it brought, kept in a folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from causalviz.errors import SettingsError, UnreadableModel
from causalviz.model.adapt_progress import AdaptStep
from causalviz.model.checkpoint import load_model, save_model
from causalviz.model.edge_model import EdgeModel
from causalviz.model.lessons import LeftOut
from causalviz.model.recalibration import Recalibration

Start = Literal["shipped", "scratch"]

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
        worlds: Matched worlds to simulate, 8 to 2000; a quarter, 4 to 40, is kept aside.
        epochs: Passes over them, 1 to 100.
        learning_rate: Peak; well below the prior's own, so that it refines and does not forget. From scratch 2e-3.
        verdict_weight: 0 ignores the verdicts; at 1 a verdict counts as much as 30 simulated pairs.
        graph_weight: 0 ignores the known graph; at 1 a pair of it counts as much as 5 simulated pairs.
        seed: Of worlds and training.
        learn_worlds: Whether worlds are learned from; those kept aside are simulated all the same.
        start: From the model, or from scratch.
        hidden: H of a network from scratch; the model has its own.
        rounds: Rounds of message passing of a network from scratch.
        check: Whether lessons are left out in turn, which takes as long as three more trainings.
    """

    worlds: int = 200
    epochs: int = 6
    learning_rate: float = 5e-4
    verdict_weight: float = 1.0
    graph_weight: float = 1.0
    seed: int = 0
    learn_worlds: bool = True
    start: Start = "shipped"
    hidden: int = 32
    rounds: int = 3
    check: bool = True

    def __post_init__(self) -> None:
        if not 8 <= self.worlds <= 2000:
            raise SettingsError(f"Matched worlds must be between 8 and 2000 (got {self.worlds}).")
        if not 1 <= self.epochs <= 100:
            raise SettingsError(f"Epochs must be between 1 and 100 (got {self.epochs}).")
        if not 0 < self.learning_rate <= 0.1:
            raise SettingsError(f"The learning rate must be between 0 and 0.1 (got {self.learning_rate}).")
        for name, weight in (("verdicts", self.verdict_weight), ("the known graph", self.graph_weight)):
            if not 0 <= weight <= 100:
                raise SettingsError(f"The weight of {name} must be between 0 and 100 (got {weight}).")
        if not (4 <= self.hidden <= 256 and 1 <= self.rounds <= 8):
            raise SettingsError(
                "Hidden width and rounds must be between 4 and 256 and between 1 and 8 "
                f"(got {self.hidden} and {self.rounds})."
            )
        if self.start == "scratch" and not self.learn_worlds:
            raise SettingsError("A network from scratch has to learn from matched worlds; switch them on.")


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
        calibration_gain: 90 % interval of what the calibration error falls by, resampled likewise; None where there
            were too few worlds to tell.
        helped: Whether the trained one is used.
        recalibration: What the verdicts that were kept aside did; None without verdicts.
        failure: Why the training ended before its time, with the last good network; empty if it did not.
        on_verdicts: Scores on left-out verdicts; None where there were too few, or nobody asked.
        on_graph: Scores on left-out pairs of the known graph.
    """

    model: EdgeModel
    steps: tuple[AdaptStep, ...]
    before: AdaptScores
    after: AdaptScores
    cancelled: bool
    gain: tuple[float, float] | None = None
    calibration_gain: tuple[float, float] | None = None
    helped: bool = True
    recalibration: Recalibration | None = None
    failure: str = ""
    on_verdicts: LeftOut | None = None
    on_graph: LeftOut | None = None

    @property
    def changed(self) -> bool:
        """Whether there is anything to use that was not there before."""
        return self.helped or (self.recalibration is not None and self.recalibration.used)


def save_adaptation(adaptation: Adaptation, folder: Path) -> None:
    """Writes the model into an existing folder, and how it came about beside it."""
    save_model(adaptation.model, folder)
    outcome = {
        "steps": adaptation.steps,
        "before": adaptation.before,
        "after": adaptation.after,
        "cancelled": adaptation.cancelled,
        "gain": adaptation.gain,
        "calibration_gain": adaptation.calibration_gain,
        "helped": adaptation.helped,
        "recalibration": None if adaptation.recalibration is None else adaptation.recalibration.as_json(),
        "failure": adaptation.failure,
        "on_verdicts": None if adaptation.on_verdicts is None else adaptation.on_verdicts.as_json(),
        "on_graph": None if adaptation.on_graph is None else adaptation.on_graph.as_json(),
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
        told = outcome.get("recalibration")
        gain, calibration_gain = (_pair(outcome.get(which)) for which in ("gain", "calibration_gain"))
        left = [outcome.get(source) for source in ("on_verdicts", "on_graph")]
        on_verdicts, on_graph = (None if source is None else LeftOut.from_json(source) for source in left)
        return Adaptation(
            model, steps, before, after, bool(outcome["cancelled"]),
            gain=gain,
            calibration_gain=calibration_gain,
            helped=bool(outcome.get("helped", True)),
            recalibration=None if told is None else Recalibration.from_json(told),
            failure=str(outcome.get("failure", "")),
            on_verdicts=on_verdicts,
            on_graph=on_graph,
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise UnreadableModel(f"The training in {folder} cannot be read ({error}); train again.") from error


def _pair(told: Sequence[float] | None) -> tuple[float, float] | None:
    return None if told is None else (float(told[0]), float(told[1]))

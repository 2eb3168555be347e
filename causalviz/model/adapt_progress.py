"""Where an adaptation stands, and about how long the rest of it will take.

Simulating takes nearly all of the time, so before the first epoch is over its length is guessed from that of a world.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal, NamedTuple

from causalviz.model.training import EpochReport

HELD_S = 0.5  # a question that is answered later than this was held up by a pause
EPOCH_OF_A_WORLD = 1 / 7  # time that learning from a world once takes, of that for simulating it


class AdaptStep(NamedTuple):
    """Progress: worlds done, epochs done with losses (nats per pair) and scores on held-out worlds, epochs of checks.

    Epoch 0 is the network before its first step. The time left is that of the whole training.
    """

    stage: Literal["worlds", "training", "checking"]
    done: int
    total: int
    loss: float | None = None
    heldout_loss: float | None = None
    auroc: float | None = None
    ece: float | None = None
    seconds_left: float | None = None


class Amount(NamedTuple):
    """What there is to do: worlds kept aside, worlds to learn from, epochs, and epochs of the checks."""

    heldout: int
    learned: int
    epochs: int
    fold_epochs: int


class Clock:
    """Working time, and whether to stop; what holds the question up for long, as a pause does, is not counted."""

    def __init__(self, cancelled: Callable[[], bool]) -> None:
        self._cancelled = cancelled
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def stopped(self) -> bool:
        asked = time.monotonic()
        answer = self._cancelled()
        held = time.monotonic() - asked
        if held > HELD_S:
            self._began += held
        return answer


class AdaptProgress:
    """Tells where a training stands, and about how long the rest will take."""

    def __init__(self, amount: Amount, clock: Clock, tell: Callable[[AdaptStep], None]) -> None:
        self._amount, self._clock, self._tell = amount, clock, tell
        self._began, self._checked = 0.0, 0

    def world(self, done: int) -> None:
        total = self._amount.heldout + self._amount.learned
        pace = self._clock.seconds / done
        rest = (self._amount.epochs + self._amount.fold_epochs) * max(self._amount.learned, 1) * EPOCH_OF_A_WORLD
        self._tell(AdaptStep("worlds", done, total, seconds_left=pace * (total - done + rest)))

    def begin_training(self, watched: tuple[float, float, float]) -> None:
        self._began = self._clock.seconds
        self._tell(AdaptStep("training", 0, self._amount.epochs, None, *watched))

    def epoch(self, report: EpochReport) -> None:
        scores = (report.loss, report.heldout_loss, report.auroc, report.ece)
        self._tell(AdaptStep("training", report.epoch, report.epochs, *scores, self._left(report.epoch)))

    def fold_epoch(self, _report: EpochReport) -> None:
        self._checked += 1
        left = self._left(self._amount.epochs + self._checked)
        self._tell(AdaptStep("checking", self._checked, self._amount.fold_epochs, seconds_left=left))

    def _left(self, done: int) -> float:
        pace = (self._clock.seconds - self._began) / done
        return pace * (self._amount.epochs + self._amount.fold_epochs - done)

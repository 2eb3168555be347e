"""Recalibration: probabilities mended by an analyst's verdicts on a few pairs of the log itself.

Simulated worlds are not the log, so the network may be surer, or keener, than it should be. A *line*
logit' = slope * logit + intercept is fitted to the verdicts (Jabbari et al. 2017 do it for bootstrapped edge
probabilities; Platt 1999), held near (1, 0) with the strength of a few verdicts. Two things keep it honest:

*Left-out verdicts.* Each couple {a, b} is left out in turn, the line fitted on the others, and loss, Brier score and
calibration error measured on what was left out, with and without. The line is used only if it lowers the loss there
by more than one standard error.

*Selection.* People rule on the pairs that they are shown, the probable ones first. A choice by the probability alone
does not bend the line (and weighing verdicts by the pairs they stand for made it worse: it only adds noise). A choice
that depends on the answer does, as when only errors are ruled on, and no cross-validation can see it; so both kinds of
verdicts must be there, the intercept is held more firmly than the slope, and a line may make the network much less
sure but only half surer: that all verdicts so far agree with it is no proof.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from causalviz.errors import SettingsError
from causalviz.model.calibration import calibration_error, fit_platt, sigmoid
from causalviz.model.features import known_rows

if TYPE_CHECKING:
    from causalviz.model.adapted import KnownEdge
    from causalviz.model.edge_model import EdgeModel
    from causalviz.model.features import PairFeatures

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST_VERDICTS = 20  # on simulated logs the line did as much harm as good with 12, and good with 25
LEAST_OF_A_KIND = 2
HOLD = (4.0, 6.0)  # verdicts' worth of holding slope and intercept near (1, 0)
STEEPEST = 1.5
FLATTEST = 0.1  # a line that does not rise would turn the ranking over
MAX_FOLDS = 60
BINS = 5  # of the calibration error: verdicts are few
RESAMPLES = 500
RECALIBRATION = "recalibration"  # keys of a model's card
LEARNED = "verdicts learned from"


class VerdictScores(NamedTuple):
    """On verdicts that were left out of the fit: loss in nats per verdict, Brier score, calibration error."""

    loss: float
    brier: float
    ece: float


@dataclass(frozen=True, kw_only=True)
class Recalibration:
    """What the verdicts did, or would have done.

    Attributes:
        slope: Of the line; 1 where it is not used.
        intercept: Of the line; 0 where it is not used.
        used: Whether the line is used.
        verdicts: How many there were to learn from.
        before: Scores without the line; None with too few verdicts to measure.
        after: Scores with lines fitted on the other verdicts.
        gain: 90 % interval of what the loss falls by, resampled over couples; None as ``before``.
        reason: Why it is used or not, one sentence.
    """

    slope: float
    intercept: float
    used: bool
    verdicts: int
    before: VerdictScores | None
    after: VerdictScores | None
    gain: tuple[float, float] | None
    reason: str

    def as_json(self) -> dict[str, object]:
        """Plain values, for a model's card."""
        return {
            "slope": self.slope,
            "intercept": self.intercept,
            "used": self.used,
            "verdicts": self.verdicts,
            "before": self.before,
            "after": self.after,
            "gain": self.gain,
            "reason": self.reason,
        }

    @classmethod
    def from_json(cls, told: Mapping[str, object]) -> Recalibration:
        """The other way.

        Raises:
            KeyError: If something is missing.
            TypeError: If something is of another kind.
            ValueError: If a number is not finite.
        """
        slope, intercept = _number(told["slope"]), _number(told["intercept"])
        if not FLATTEST <= slope <= STEEPEST:
            raise ValueError(f"a slope of {slope}")
        gain = _numbers(told["gain"], 2)
        before, after = _numbers(told["before"], 3), _numbers(told["after"], 3)
        return cls(
            slope=slope,
            intercept=intercept,
            used=bool(told["used"]),
            verdicts=int(_number(told["verdicts"])),
            before=VerdictScores(*before) if before else None,
            after=VerdictScores(*after) if after else None,
            gain=(gain[0], gain[1]) if gain else None,
            reason=str(told["reason"]),
        )


def recalibrate(
    logit: Floats, rows: Ints, label: Floats, couple: Ints | None = None, *, seed: int = 0
) -> Recalibration:
    """Fits the line and measures on left-out verdicts whether it helps.

    Args:
        logit: (E,) of all candidate pairs of the log, from a network that has not learned from these verdicts.
        rows: (V,) rows of the pairs with a verdict.
        label: (V,) 1 for an edge, 0 for none.
        couple: (V,) equal for the two directions of one couple, whose verdicts depend on each other; None if all
            are independent.
        seed: Of the resampling.

    Returns:
        The line, (1, 0) unless it helps, with its scores.

    Raises:
        SettingsError: If the lengths differ.
    """
    if not len(rows) == len(label) == len(rows if couple is None else couple):
        raise SettingsError(f"Each verdict needs one row and one label (got {len(rows)} and {len(label)}).")
    couple = np.arange(len(rows)) if couple is None else np.unique(couple, return_inverse=True)[1]
    lacking = _lacking(label)
    if lacking:
        return _unused(len(label), lacking)
    x = logit[rows]
    with_line = _left_out(x, label, couple)  # (V,)
    before, after = _scores(x, label), _scores(with_line, label)
    mean, error, interval = _gain(_loss(x, label) - _loss(with_line, label), couple, seed)
    measured = (before, after, interval)
    if not mean > error:
        return _unused(
            len(label),
            f"On verdicts left out of the fit it does not help for sure ({_change(before, after)}).",
            measured,
        )
    slope, intercept = _line(x, label)
    return Recalibration(
        slope=slope,
        intercept=intercept,
        used=True,
        verdicts=len(label),
        before=before,
        after=after,
        gain=interval,
        reason=f"On verdicts left out of the fit it helps ({_change(before, after)}).",
    )


def recalibrate_model(
    model: EdgeModel, features: PairFeatures, names: Sequence[str], known: Sequence[KnownEdge], *, seed: int = 0
) -> tuple[EdgeModel, Recalibration]:
    """Recalibrates a network to one log by verdicts that it has not learned from.

    Args:
        model: Left as it is; an earlier recalibration of it is taken off first, so that none is laid over another.
        features: Of the log.
        names: Its K behaviours.
        known: Verdicts; those on names that the log does not have, on pairs that were no candidates, and those that
            the network was trained on, are passed over.
        seed: Of the resampling.

    Returns:
        The network with its line, without one if none helps, and what was measured.

    Raises:
        UnreadableModel: If the network reads other features.
    """
    base = without_recalibration(model)
    learned = verdicts_learned(model.card)
    judged = known_rows(features, names, known)
    label = {row: float(exists) for row, pair, exists in judged if pair not in learned}
    rows = np.fromiter(label, np.int64, len(label))
    couple = np.minimum(rows, features.candidates.reverse[rows])
    found = recalibrate(base.logits(features), rows, np.fromiter(label.values(), float, len(label)), couple, seed=seed)
    if not found.used:
        return base, found
    slope, intercept = found.slope * base.slope, found.slope * base.intercept + found.intercept
    card = {**base.card, RECALIBRATION: found.as_json()}
    return type(base)(base.network, slope, intercept, card, base.familiarity), found


def without_recalibration(model: EdgeModel) -> EdgeModel:
    """The network as it was before verdicts recalibrated it; itself if none did."""
    told = model.card.get(RECALIBRATION)
    if not isinstance(told, dict):
        return model
    try:
        line = Recalibration.from_json(told)
    except (KeyError, TypeError, ValueError):
        return model  # a stranger's card: what it says cannot be taken off
    slope = model.slope / line.slope
    intercept = (model.intercept - line.intercept) / line.slope
    card = {key: value for key, value in model.card.items() if key != RECALIBRATION}
    return type(model)(model.network, slope, intercept, card, model.familiarity)


def verdicts_learned(card: Mapping[str, object]) -> frozenset[tuple[str, str]]:
    """Pairs whose verdicts a network was trained on, as its card has them."""
    told = card.get(LEARNED)
    pairs = told if isinstance(told, list) else []
    return frozenset(
        (str(pair[0]), str(pair[1])) for pair in pairs if isinstance(pair, list | tuple) and len(pair) == 2
    )


def _lacking(label: Floats) -> str:
    """Why there is too little to learn from, or ""."""
    edges, others = int(label.sum()), int(len(label) - label.sum())
    if len(label) < LEAST_VERDICTS:
        return (
            f"It takes at least {LEAST_VERDICTS} verdicts that the network has not learned from "
            f"(there are {len(label)})."
        )
    if min(edges, others) < LEAST_OF_A_KIND:
        few, many = ("accepted", "rejected") if edges < others else ("rejected", "accepted")
        return f"Nearly all verdicts {many} an edge; rule on some that are to be {few} too, or only one side is heard."
    return ""


def _unused(
    verdicts: int,
    reason: str,
    measured: tuple[VerdictScores | None, VerdictScores | None, tuple[float, float] | None] = (None, None, None),
) -> Recalibration:
    before, after, gain = measured
    return Recalibration(
        slope=1.0, intercept=0.0, used=False, verdicts=verdicts, before=before, after=after, gain=gain, reason=reason
    )


def _line(x: Floats, label: Floats) -> tuple[float, float]:
    slope, intercept = fit_platt(x, label, hold=HOLD)
    return float(np.clip(slope, FLATTEST, STEEPEST)), intercept


def _left_out(x: Floats, label: Floats, couple: Ints) -> Floats:
    """(V,) logits under lines fitted without the verdict's own couple; with very many, without its whole fold."""
    fold = couple % MAX_FOLDS
    mended = np.empty_like(x)
    for out in np.unique(fold):
        here = fold == out
        slope, intercept = _line(x[~here], label[~here])
        mended[here] = slope * x[here] + intercept
    return mended


def _loss(logit: Floats, label: Floats) -> Floats:
    """(V,) nats."""
    return np.asarray(np.logaddexp(0.0, logit) - label * logit)


def _scores(logit: Floats, label: Floats) -> VerdictScores:
    p = sigmoid(logit)
    return VerdictScores(
        float(_loss(logit, label).mean()), float(np.mean((p - label) ** 2)), calibration_error(p, label, BINS)
    )


def _gain(each: Floats, couple: Ints, seed: int) -> tuple[float, float, tuple[float, float]]:
    """Mean of (V,) falls of the loss, its standard error, and its 90 % interval; all by resampling couples."""
    total, size = np.bincount(couple, each), np.bincount(couple)  # (C,)
    drawn = np.random.default_rng(seed).integers(len(total), size=(RESAMPLES, len(total)))
    means = total[drawn].sum(1) / size[drawn].sum(1)
    low, high = np.quantile(means, (0.05, 0.95))
    return float(each.mean()), float(means.std()), (float(low), float(high))


def _change(before: VerdictScores, after: VerdictScores) -> str:
    return f"loss {before.loss:.3f} before, {after.loss:.3f} after"


def _number(value: object) -> float:
    number = float(cast("float", value))
    if not math.isfinite(number):
        raise ValueError(f"{number} where a number belongs")
    return number


def _numbers(value: object, n: int) -> list[float]:
    """n numbers; none for None."""
    if value is None:
        return []
    numbers = [_number(part) for part in cast("Sequence[object]", value)]
    if len(numbers) != n:
        raise ValueError(f"{len(numbers)} numbers where {n} belong")
    return numbers

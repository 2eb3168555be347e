"""From answers to lines. A line is a method on a group of logs.

Ranking scores, F1, g-score and orientation are means over the group's worlds. ECE and Brier are those of all its pairs
together, because the few hundred pairs of one world leave an ECE of its own to chance; they are given for probabilities
only. ``drawn`` is the share of all pairs drawn, ``top wrong`` the highest score of a pair that is no edge, the
largest over the worlds; ``seconds`` is a mean over the worlds, ``MB`` the largest peak memory, imports included. Where
users were resampled, half the width of a score's 90 % interval stands behind it.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.answers import Answer
from benchmarks.known import Known
from benchmarks.runner import Obtained
from causalviz.evaluate.metrics import evaluate_scores
from causalviz.model.calibration import calibration_error

RANKING = ("auroc", "auprc", "f1", "g_score", "orientation")
CALIBRATION = ("ece", "brier")
SCORES = (*RANKING, *CALIBRATION)
TITLES = ("AUROC", "AUPRC", "F1", "g-score", "orient.", "ECE", "Brier", "drawn", "top wrong", "seconds", "MB")


class Line(NamedTuple):
    """A method on a group; NaN where a number is not defined, and ``note`` says why there is none.

    Attributes:
        group: Of logs.
        method: Its label.
        worlds: How many worlds were answered.
        scores: By the names of ``SCORES``.
        half_widths: Of the 90 % intervals, by the same names; empty where users were not resampled.
        drawn: Share of all pairs drawn.
        top_wrong: Highest score of a pair that is no edge.
        seconds: Mean wall time.
        peak_mb: Largest peak memory, imports included.
        note: One remark.
    """

    group: str
    method: str
    worlds: int
    scores: dict[str, float]
    half_widths: dict[str, float]
    drawn: float
    top_wrong: float
    seconds: float
    peak_mb: float
    note: str


def line_of(
    group: str, method: str, worlds: Sequence[Known], obtained: Sequence[Obtained], half_widths: dict[str, float]
) -> Line:
    """Sums up what a method said about a group's worlds, as far as it said anything."""
    pairs = [(world, o.answer) for world, o in zip(worlds, obtained, strict=False) if o.answer is not None]
    note = next((o.reason for o in obtained if o.reason), "")
    if not pairs:
        return Line(group, method, 0, scores_of([]), {}, math.nan, math.nan, math.nan, math.nan, note)
    off = [~np.eye(len(world.truth), dtype=bool) for world, _ in pairs]
    wrong = [answer.score[o & ~world.truth] for (world, answer), o in zip(pairs, off, strict=True)]
    drawn = sum(int(answer.drawn[o].sum()) for (_, answer), o in zip(pairs, off, strict=True))
    return Line(
        group,
        method,
        len(pairs),
        scores_of(pairs),
        half_widths,
        drawn / sum(int(o.sum()) for o in off),
        max(float(w.max(initial=0.0)) for w in wrong),
        float(np.mean([o.seconds for o in obtained if o.answer is not None])),
        max(o.peak_mb for o in obtained if o.answer is not None),
        note,
    )


def scores_of(pairs: Sequence[tuple[Known, Answer]]) -> dict[str, float]:
    """Means over worlds, and the calibration of all pairs together."""
    single = [evaluate_scores(answer.score, answer.drawn, world.truth) for world, answer in pairs]
    scores = {name: _mean([getattr(s, name) for s in single]) for name in RANKING}
    if not pairs or not all(answer.probable for _, answer in pairs):
        return scores | dict.fromkeys(CALIBRATION, math.nan)
    off = [~np.eye(len(world.truth), dtype=bool) for world, _ in pairs]
    p = np.concatenate([answer.score[o] for (_, answer), o in zip(pairs, off, strict=True)])
    label = np.concatenate([world.truth[o] for (world, _), o in zip(pairs, off, strict=True)])
    return scores | {"ece": calibration_error(p, label), "brier": float(np.mean((p - label) ** 2))}


def heading() -> str:
    """The table's first line."""
    return f"{'log':<28}{'method':<20}{'n':>3}" + "".join(f"{title:>12}" for title in TITLES)


def text_of(line: Line) -> str:
    """A line as text."""
    cells = [_cell(line.scores[name], line.half_widths.get(name)) for name in SCORES]
    cells += [f"{line.drawn:.2%}", _cell(line.top_wrong), f"{line.seconds:.2f}", f"{line.peak_mb:.0f}"]
    cells = ["-" if cell in ("nan", "nan%") else cell for cell in cells]
    start = f"{line.group:<28}{line.method:<20}{line.worlds:>3}"
    return (
        start
        + ("".join(f"{cell:>12}" for cell in cells) if line.worlds else "")
        + (f"  {line.note}" if line.note else "")
    )


def write_csv(lines: Sequence[Line], path: Path) -> None:
    """Writes all lines with all digits; undefined numbers are empty."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        names = [*SCORES, *(f"{name}_half_width" for name in SCORES)]
        writer.writerow(["log", "method", "worlds", *names, "drawn", "top_wrong", "seconds", "peak_mb", "note"])
        for line in lines:
            numbers = [line.scores[name] for name in SCORES]
            numbers += [line.half_widths.get(name, math.nan) for name in SCORES]
            numbers += [line.drawn, line.top_wrong, line.seconds, line.peak_mb]
            shown = ["" if math.isnan(number) else f"{number:.6g}" for number in numbers]
            writer.writerow([line.group, line.method, line.worlds, *shown, line.note])


def _cell(number: float, half_width: float | None = None) -> str:
    if half_width is None or math.isnan(half_width):
        return f"{number:.3f}"
    return f"{number:.3f}±{half_width:.3f}"[0:12].replace("±0.", "±.")


def _mean(values: Sequence[float]) -> float:
    defined = [value for value in values if not math.isnan(value)]
    return float(np.mean(defined)) if defined else math.nan

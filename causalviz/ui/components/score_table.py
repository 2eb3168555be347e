"""Scores against a truth: the threshold, five figures at a glance, and all scores beside the free lines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from causalviz.evaluate.metrics import THRESHOLD

if TYPE_CHECKING:
    from causalviz.evaluate.intervals import Interval
    from causalviz.evaluate.metrics import Scores
    from causalviz.ui.evaluating import Measured

UNDEFINED = "–"
COUNTS = {"shd", "sid"}
CALIBRATION = {"brier", "ece"}  # of probabilities, which a free line does not give


class Reading(NamedTuple):
    """How a score is called, and what it says."""

    title: str
    meaning: str


READINGS: dict[str, Reading] = {
    "precision": Reading("Precision", "Share of the drawn edges that are true."),
    "recall": Reading("Recall", "Share of the true edges that are drawn."),
    "f1": Reading("F1", "Both in one number: their harmonic mean."),
    "accuracy": Reading("Accuracy", "Share of all pairs decided rightly; high as soon as edges are few."),
    "shd": Reading("SHD", "Edges to add, delete or turn until the graph is right; 0 is perfect."),
    "sid": Reading("SID", "Pairs whose effect of an intervention it gets wrong; 0 is perfect."),
    "orientation": Reading("Orientation", "Share of the true edges whose direction is the surer one."),
    "auroc": Reading("AUROC", "Chance that a true edge ranks above another pair; 0.5 is guessing."),
    "auprc": Reading("AUPRC", "How clean the top of the ranking is; guessing gives the share of edges."),
    "brier": Reading("Brier", "Mean squared distance from probability to truth; 0 is perfect."),
    "ece": Reading("ECE", "How far probabilities are from frequencies; 0 is perfect."),
}
AT_A_GLANCE = ("precision", "recall", "f1", "auroc", "shd")


def choose_threshold() -> float:
    """From which probability on an edge is drawn, on the whole page."""
    return st.slider(
        "An edge is drawn from this probability on", 0.01, 0.99, THRESHOLD, 0.01, format="%.2f", key="threshold",
        help="Scores fixed at 0.50 are comparable; moving it afterwards shows what one would have got.", width=420,
    )  # fmt: skip


def scores_at_a_glance(measured: Measured, fields: Sequence[str], key: str) -> None:
    """A few scores in large print, with their 90 % intervals."""
    with st.container(horizontal=True, gap="medium", key=key):
        for field in fields:
            interval = interval_text(field, measured.intervals[field])
            title, meaning = READINGS[field]
            st.metric(
                title, score_text(field, measured.scores), None if interval == UNDEFINED else f"90 %: {interval}",
                delta_color="off", delta_arrow="off", help=meaning,
            )  # fmt: skip


def score_words(scores: Scores, fields: Sequence[str]) -> str:
    """Some scores in one line."""
    return ", ".join(f"{READINGS[field].title} {score_text(field, scores)}" for field in fields if field != "auroc")


def score_table(measured: Measured, ours: str, threshold: float) -> None:
    """All scores, a row each, the free lines always beside."""
    st.subheader("All scores, beside lines that cost nothing", anchor=False)
    st.dataframe(
        score_rows(measured, ours),
        key="score_table",
        hide_index=True,
        height="content",
        alt="Scores of the graph and of the free lines",
        column_config={
            "Score": st.column_config.TextColumn(width=100, pinned=True),
            **{
                title: st.column_config.TextColumn(width=112, alignment="right")
                for title in (ours, "90 % interval", *(name.capitalize() for name in measured.lines))
            },
            "How to read it": st.column_config.TextColumn(width=440),
        },
    )
    scores = measured.scores
    st.caption(
        f"{scores.pairs:,} pair{'s' * (scores.pairs != 1)}, {scores.true_edges:,} of them edges; {scores.drawn:,} "
        f"drawn at {threshold:.2f}. "
        f"The free lines are drawn at {THRESHOLD:g}, where each says more yes than no; a graph that beats none of them "
        "says nothing. Intervals: behaviours are left out one at a time, because pairs that share one are not "
        "independent."
    )


def score_rows(measured: Measured, ours: str) -> dict[str, list[str]]:
    """The table's cells by column."""
    lines = {
        name.capitalize(): [UNDEFINED if f in CALIBRATION else score_text(f, of) for f in READINGS]
        for name, of in measured.lines.items()
    }
    return {
        "Score": [reading.title for reading in READINGS.values()],
        ours: [score_text(field, measured.scores) for field in READINGS],
        "90 % interval": [interval_text(field, measured.intervals[field]) for field in READINGS],
        **lines,
        "How to read it": [_meaning(field, reading, measured.scores) for field, reading in READINGS.items()],
    }


def score_text(field: str, scores: Scores) -> str:
    """A score: three places as the command line prints them, counts whole; a dash where it is not defined."""
    value = getattr(scores, field)
    if not math.isfinite(value):
        return UNDEFINED
    return f"{value:,.0f}" if field in COUNTS else f"{value:.3f}"


def interval_text(field: str, interval: Interval) -> str:
    """Both ends, or a dash."""
    if not math.isfinite(interval.low):
        return UNDEFINED
    if field in COUNTS:
        return f"{interval.low:,.0f} to {interval.high:,.0f}"
    return (
        f"{interval.low:.2f} to {interval.high:.2f}"
        if field not in CALIBRATION
        else (f"{interval.low:.3f} to {interval.high:.3f}")
    )


def _meaning(field: str, reading: Reading, scores: Scores) -> str:
    if field == "sid" and not math.isfinite(scores.sid):
        return "Not defined: a graph has cycles, or the truth leaves pairs open."
    return reading.meaning

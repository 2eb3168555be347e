"""Drawn against true: the confusion table, the curves, the reliability, and the edges that are wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from causalviz.evaluate.curves import steps_of
from causalviz.evaluate.metrics import evaluate_scores, scored_pairs
from causalviz.evaluate.mistakes import Kind, Mistake, find_mistakes
from causalviz.evaluate.reliability import reliability
from causalviz.plots.confusion import confusion_data, confusion_figure
from causalviz.plots.ranking import mark_of, precision_recall_figure, ranking_data, roc_figure
from causalviz.plots.reliability import reliability_figure
from causalviz.ui.components.figure import download_numbers, show_figure
from causalviz.ui.components.score_table import AT_A_GLANCE, score_table, score_words, scores_at_a_glance
from causalviz.ui.components.text import arrow
from causalviz.ui.wording import chance_words

if TYPE_CHECKING:
    from causalviz.evaluate.truths import Case
    from causalviz.graph.verdicts import Pair
    from causalviz.ui.evaluating import Beside, Measured

MOST_SHOWN = 8  # wrong edges; all of them are in the file
BADGES = {
    Kind.FALSE: ":orange-badge[false alarm]",
    Kind.MISSED: ":violet-badge[missed]",
    Kind.REVERSED: ":red-badge[reversed]",
}


def truth_report(beside: Beside, found: Measured, ours: str, threshold: float) -> Pair | None:
    """All that can be said against a truth; returns a wrong edge that the visitor wants explained.

    Args:
        beside: The answer and the free lines beside the truth.
        found: Their scores.
        ours: What the answer is called.
        threshold: From where on an edge is drawn.
    """
    scores_at_a_glance(found, AT_A_GLANCE, "scores")
    if beside.curated is not None:
        case = beside.case
        curated = evaluate_scores(beside.curated.astype(np.float64), beside.curated, case.truth, case.known)
        st.markdown(
            "Scored is the network alone. With your verdicts and rules, as the Graph page draws it: "
            f"**{score_words(curated, AT_A_GLANCE)}**."
        )
    left, right = st.columns(2, gap="large")
    with left:
        confusion_panel(beside.case, threshold)
    with right:
        wanted = mistake_list(beside.case, threshold)
    score_table(found, ours, threshold)
    ranking_panel(beside, ours, threshold)
    reliability_panel(beside.case, found)
    return wanted


def confusion_panel(case: Case, threshold: float) -> None:
    """Which pairs were drawn, and which are edges."""
    st.subheader("Drawn and true", anchor=False)
    scored = scored_pairs(case.truth, case.known)
    data = confusion_data(case.probability[scored] >= threshold, case.truth[scored])
    show_figure(confusion_figure(data), "confusion", "Number of pairs drawn or not, that are edges or not", data)


def mistake_list(case: Case, threshold: float) -> Pair | None:
    """The wrong edges, the surest first; returns one that the visitor wants explained."""
    st.subheader("Wrong edges", anchor=False)
    found = find_mistakes(case.names, case.probability, case.probability >= threshold, case.truth, case.known)
    if not found:
        st.markdown(":material/check_circle: None at this threshold: the network draws every pair as the truth has it.")
        return None
    wanted = None
    with st.container(key="mistakes", gap="xsmall"):
        for place, mistake in enumerate(found[:MOST_SHOWN]):
            if _mistake_row(mistake, place):
                wanted = mistake.cause, mistake.effect
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        more = len(found) - MOST_SHOWN
        st.caption(f"… and {more:,} more, of which the graph is less sure." if more > 0 else "The surest stand first.")
        download_numbers({field: [getattr(m, field) for m in found] for field in Mistake._fields}, "wrong_edges")
    return wanted


def ranking_panel(beside: Beside, ours: str, threshold: float) -> None:
    """Precision-recall and ROC curves of the answer and the free lines, with the threshold as a mark."""
    case = beside.case
    scored = scored_pairs(case.truth, case.known)
    answers = {ours: case.probability, **beside.lines}
    steps = {name: steps_of(score[scored], case.truth[scored]) for name, score in answers.items()}
    data, mark = ranking_data(steps), mark_of(steps[ours], threshold)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Precision and recall", anchor=False)
        st.caption("Up and to the right is better. The dot is the network at the threshold above.")
        show_figure(precision_recall_figure(data, mark), "precision_recall", "Precision over recall by answer", data)
    with right:
        st.subheader("ROC", anchor=False)
        st.caption("Up and to the left is better; it flatters where edges are few.")
        show_figure(roc_figure(data, mark), "roc", "Recall over false alarms by answer", data)


def reliability_panel(case: Case, found: Measured) -> None:
    """Whether the probabilities mean what they say."""
    st.subheader("Do the probabilities mean what they say?", anchor=False)
    scored = scored_pairs(case.truth, case.known)
    data = reliability(case.probability[scored], np.asarray(case.truth[scored]))
    left, right = st.columns([3, 2], gap="large", vertical_alignment="center")
    with left:
        show_figure(reliability_figure(data), "reliability", "Share of edges over the probability that was given", data)
    with right:
        st.markdown(
            "On the dotted line, of the pairs called 80 % sure, eight in ten are edges. **Below it** the network is "
            "too sure, **above it** too cautious. Bins of few pairs say little; the bars below count them."
        )
        scores_at_a_glance(found, ("ece", "brier"), "calibration")


def _mistake_row(mistake: Mistake, place: int) -> bool:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(
            f"{BADGES[mistake.kind]} {arrow(mistake.cause, mistake.effect)} · {chance_words(mistake.probability)}"
        )
        return st.button(
            "Explain", icon=":material/lightbulb:", type="tertiary", key=f"explain_mistake_{place}", width="content"
        )

"""Why the network gives one pair its probability: figures at a glance, the arguments, and what each says."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from causalviz.model.calibration import sigmoid
from causalviz.plots.network import duration_text
from causalviz.plots.signed_bars import signed_bars_data, signed_bars_figure
from causalviz.plots.waterfall import chance_text, log_odds_text, waterfall_data, waterfall_figure
from causalviz.ui.components.figure import show_figure
from causalviz.ui.components.text import plain
from causalviz.ui.wording import chance_words, ratio_words

if TYPE_CHECKING:
    from causalviz.explain.columns import SingleFeature
    from causalviz.explain.shapley import EdgeExplanation
    from causalviz.ui.wording import Finding

UNKNOWN = "unknown"
SEEN = 0.005  # a difference of probabilities that rounding does not hide


def edge_metrics(finding: Finding, reverse: float) -> None:
    """Probability, effect, delay and share, each with its meaning.

    Args:
        finding: The pair.
        reverse: Probability of the opposite direction.
    """
    size, low, high = finding.effect_size, finding.effect_low, finding.effect_high
    known = all(map(math.isfinite, (size, low, high)))
    figures = (
        ("Probability", chance_words(finding.probability), f"{chance_words(reverse)} the other way round",
         "That the first directly influences the second; calibrated on simulated worlds."),
        ("Rate ratio", f"× {ratio_words(size)}" if known else UNKNOWN,
         f"90 %: {ratio_words(low)} to {ratio_words(high)}" if known else None,
         "How often the effect comes in the lags after the cause, over how often it would come there anyway."),
        ("Typical delay", duration_text(finding.delay_s), "half of them come sooner",
         "Median delay of the effects that are blamed on the cause."),
        ("Share of the effect", chance_words(finding.attributed), "is blamed on the cause",
         "How many of the effect's events the cause set off, when every event shares its blame among all before it."),
    )  # fmt: skip
    with st.container(horizontal=True, gap="medium", key="edge_metrics"):
        for title, value, note, meaning in figures:
            st.metric(title, value, note, delta_color="off", delta_arrow="off", help=meaning)


def edge_waterfall(explanation: EdgeExplanation, probability: float) -> None:
    """How the arguments add up to the network's answer, and what became of it where the log cannot decide.

    Args:
        explanation: Of the pair.
        probability: Of the pair, after doubt.
    """
    st.subheader("Why the network says so", anchor=False)
    data = waterfall_data(explanation)
    show_figure(waterfall_figure(data), "waterfall", "How each argument moves the probability", data)
    if explanation.parts:
        st.caption(
            f"In log-odds: {log_odds_text(data.base)} if this pair's own evidence were average and all around it as "
            f"it is, {log_odds_text(sum(data.step))} from its own evidence, {log_odds_text(data.total)} in all, "
            f"which is {chance_text(data.total)}."
        )
    if explanation.parts and abs(float(sigmoid(np.array(data.total))) - probability) > SEEN:
        st.caption(
            f"That is the network's own answer. The log cannot decide this pair, so its probability is drawn to what "
            f"is usual for any pair: {chance_words(probability)}."
        )


def edge_arguments(explanation: EdgeExplanation, features_of: Callable[[str], Sequence[SingleFeature]]) -> None:
    """What each argument says about this pair, the strongest first; one unfolds to its single features.

    Args:
        explanation: Of the pair.
        features_of: The single features of an argument, by the name of its group; asked when it is unfolded.
    """
    st.subheader("What each argument says", anchor=False)
    parts = sorted(explanation.parts, key=lambda part: -abs(part.shap))
    with st.container(key="arguments", gap="xsmall"):
        for part in parts:
            weight = f":{'blue' if part.shap >= 0 else 'orange'}-badge[{log_odds_text(part.shap)}]"
            st.markdown(f"{weight} **{plain(part.label[:1].upper() + part.label[1:])}**  \n{plain(part.sentence)}")
    if not parts:
        st.caption("Nothing: this pair was left out for stronger candidates.")
        return
    labels = {part.group: part.label for part in parts}
    unfolded = st.selectbox(
        "Unfold an argument to its single features", list(labels), index=None, placeholder="Choose an argument",
        format_func=labels.__getitem__, key="unfolded_argument",
        help="The argument's weight, shared out among its features in the order in which they become known.",
    )  # fmt: skip
    if unfolded is not None:
        features = features_of(unfolded)
        data = signed_bars_data([feature.label for feature in features], [feature.shap for feature in features])
        alt = f"How the weight of the argument {labels[unfolded]} falls on its single features"
        show_figure(signed_bars_figure(data, "It has no features."), "single_features", alt, data)

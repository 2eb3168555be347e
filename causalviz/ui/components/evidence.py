"""What the log itself shows about one pair: the lag curve, the counts, and real histories."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from causalviz.plots.histories import histories_data, histories_figure, histories_table
from causalviz.plots.lag_curve import lag_curve_data, lag_curve_figure
from causalviz.plots.network import duration_text
from causalviz.ui.components.figure import show_figure
from causalviz.ui.components.text import plain

if TYPE_CHECKING:
    from causalviz.explain.evidence import Evidence, Histories, LagCurve, PairCounts


def lag_evidence(curve: LagCurve, cause: str, effect: str) -> None:
    """The lag curve, and in words where it leaves the range of chance."""
    st.subheader("When the effect comes", anchor=False)
    st.markdown(_reading(curve, cause, effect))
    alt = f"How often {effect} follows {cause} at each lag, over chance"
    data = lag_curve_data(curve)
    show_figure(lag_curve_figure(data), "lag_curve", alt, data)


def count_evidence(evidence: Evidence, cause: str, effect: str) -> None:
    """The plain counts behind the pair."""
    st.subheader("What was counted", anchor=False)
    reach = duration_text(float(evidence.curve.high_s[-1]))
    st.dataframe(  # the counts stand first: in a narrow window what comes last is cut, and a cut number is another one
        {"Count": _count_texts(evidence.counts), "In this log": _count_titles(cause, effect, reach)},
        hide_index=True,
        height="content",
        column_config={"Count": st.column_config.TextColumn(alignment="right", width="small")},
        key="pair_counts",
    )


def history_evidence(histories: Histories, cause: str, effect: str, *, lowers: bool) -> None:
    """Real users for and against the edge, with how typical each kind is."""
    st.subheader("Real histories", anchor=False)
    window = duration_text(histories.window_s)
    if histories.watched == 0:
        st.info(f"No user was seen for {window} after {plain(cause)}, so no history can speak.")
        return
    share = 100 * histories.followed / histories.watched
    st.markdown(
        f"Within {window}, **{plain(effect)}** followed **{histories.followed:,}** of {histories.watched:,} times "
        f"that **{plain(cause)}** happened and the user was seen long enough ({share:.2g} %)."
    )
    for column, speaks_for in zip(st.columns(2, gap="large"), (True, False), strict=True):
        with column:
            st.markdown(f"**{'For' if speaks_for else 'Against'}**: {_kind(speaks_for, lowers)}")
            examples = [example for example in histories.examples if example.speaks_for is speaks_for]
            key = "histories_for" if speaks_for else "histories_against"
            data = histories_data(examples, cause, effect)
            alt = f"Histories of users {'for' if speaks_for else 'against'} {cause} to {effect}, over time"
            show_figure(histories_figure(data), key, alt, histories_table(data))


def _kind(speaks_for: bool, lowers: bool) -> str:
    return "the effect followed" if speaks_for != lowers else "the effect did not follow"


def _reading(curve: LagCurve, cause: str, effect: str) -> str:
    """Where the curve leaves the range of chance."""
    above, below = curve.observed > curve.band_high, curve.observed < curve.band_low
    names = f"**{plain(effect)}** after **{plain(cause)}**"
    if not above.any() and not below.any():
        return f"{names}: at no lag beyond what chance shows."
    parts = []
    for where, said in ((above, "more often than chance"), (below, "more rarely than chance")):
        if where.any():
            stretches = [_reach(float(curve.low_s[first]), float(curve.high_s[last])) for first, last in _runs(where)]
            parts.append(f"{said} {' and '.join(stretches)} later")
    return f"{names}: {'; '.join(parts)}."


def _runs(where: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last place of each run of neighbours."""
    places = where.nonzero()[0]
    return [(int(run[0]), int(run[-1])) for run in np.split(places, np.flatnonzero(np.diff(places) > 1) + 1)]


def _reach(low_s: float, high_s: float) -> str:
    return f"{duration_text(low_s)} to {duration_text(high_s)}" if low_s > 0 else f"up to {duration_text(high_s)}"


def _count_titles(cause: str, effect: str, reach: str) -> list[str]:
    return [
        f"{cause} happened",
        f"{effect} happened",
        "Users who did both",
        f"{cause} then {effect}, within {reach}",
        "… by chance",
        f"{effect} then {cause}, within {reach}",
        f"{effect} with any {cause} in the {reach} before",
        f"{effect} directly after {cause}",
        "Both at the same moment",
    ]


def _count_texts(counts: PairCounts) -> list[str]:
    return [
        f"{counts.cause_events:,}",
        f"{counts.effect_events:,}",
        f"{counts.users_with_both:,}",
        f"{counts.pairs:,}",
        f"{counts.expected:,.0f}",
        f"{counts.reverse_pairs:,}",
        f"{counts.nearest:,}",
        f"{counts.follows:,}",
        f"{counts.ties:,}",
    ]

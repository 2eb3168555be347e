"""Towards a goal: what to promote, what one user could do next, and what changes if a behaviour is changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from causalviz.graph.causal_graph import DOUBTFUL
from causalviz.plots.levers import UNSURE, change_data, change_table, levers_figure, promotion_data, promotion_table
from causalviz.plots.network import visible_text
from causalviz.ui.components.figure import show_figure
from causalviz.ui.components.text import plain

if TYPE_CHECKING:
    from causalviz.recommend.influence import Influence
    from causalviz.recommend.promotion import Change, NextAction, Promotion

TOTALS = (
    "Along the curated graph, all ways, detours and repeats together; a pair that is too unsure to be drawn counts by "
    f"its probability, from {DOUBTFUL:g} on, unless it is judged. Bars show 90 % intervals."
)


def choose_goal(influence: Influence, key: str = "goal", label: str = "Goal") -> str:
    """One of the behaviours; first what is called like a goal."""
    from causalviz.recommend.promotion import likely_goal

    first = influence.names.index(likely_goal(influence))
    return st.selectbox(
        label, list(influence.names), index=first, key=key, format_func=visible_text, persist_state="session"
    )


def choose_change(influence: Influence) -> tuple[str, float]:
    """Which behaviour is changed, and how many times as often it happens then."""
    totals = influence.happened.totals
    first = 0 if totals is None else int((influence.events[:, None] * totals.clip(min=0)).sum(axis=1).argmax())
    left, right = st.columns(2, gap="large")
    with left:
        name = st.selectbox(
            "If this behaviour", list(influence.names), index=first, key="changed", format_func=visible_text,
            persist_state="session",
        )  # fmt: skip
    with right:
        factor = st.slider(
            "happened so many times as often", 0.0, 3.0, 2.0, step=0.25, key="factor", format="× %.2f",
            persist_state="session",
            help="0 switches it off, 1 leaves it alone, 2 doubles it.",
        )  # fmt: skip
    return name, factor


def promotions(found: Sequence[Promotion], goal: str) -> None:
    """Levers as bars and as a table."""
    st.subheader("What leads there", anchor=False)
    figure = levers_figure(
        promotion_data(found, goal),
        x="extra goals if each of 1000 users did it once more",
        empty="No way in the graph leads to this behaviour.",
    )
    alt = "Expected extra goals per 1000 users for each behaviour, with intervals"
    show_figure(figure, "promotions", alt, promotion_table(found))
    if not found:
        return
    st.caption(TOTALS)
    st.dataframe(
        pd.DataFrame(
            {
                "Behaviour": [visible_text(one.behaviour) for one in found],
                "Extra": [one.extra[0] for one in found],
                "Low": [one.extra[1] for one in found],
                "High": [one.extra[2] for one in found],
                "Repeats": [one.repeats for one in found],
                "Reach": [one.reach for one in found],
                "Share": [one.goal_share for one in found],
                "Way": [_way(one) for one in found],
            }
        ),
        hide_index=True,
        key="promotion_table",
        alt="Levers towards the goal",
        column_config={
            "Extra": st.column_config.NumberColumn(
                "Extra / 1000", format="%.0f", help="Extra goals if each of 1000 users did it once more"
            ),
            "Low": st.column_config.NumberColumn("from", format="%.0f", help="Lower end of the 90 % interval"),
            "High": st.column_config.NumberColumn("to", format="%.0f", help="Upper end of the 90 % interval"),
            "Repeats": st.column_config.NumberColumn(
                format="%.2f", help="Further events of its own that each one sets off directly"
            ),
            "Reach": st.column_config.NumberColumn(format="percent", help="Users who did it at least once"),
            "Share": st.column_config.NumberColumn(
                "Goals due to it", format="percent", help="Goals that would go if it never happened"
            ),
            "Way": st.column_config.TextColumn("Strongest way", width="large"),
        },
    )


def _way(one: Promotion) -> str:
    return " → ".join(visible_text(name) for name in one.path) + UNSURE * one.doubtful


def best_actions(actions: Sequence[NextAction], goal: str) -> None:
    """What one user could do next towards the goal, in words."""
    st.subheader("Best next step of one user", anchor=False)
    if not actions:
        st.caption("No behaviour in the graph leads to this goal.")
        return
    for place, one in enumerate(actions, start=1):
        st.markdown(
            f"{place}. **{plain(one.behaviour)}**: comes next with a chance of {one.chance:.0%}, and each one leads "
            f"to {one.total:.2f} {plain(goal)} on average."
        )


def changes(found: Sequence[Change], changed: str, factor: float) -> None:
    """What follows downstream, as bars and as a table."""
    st.subheader("What follows", anchor=False)
    figure = levers_figure(
        change_data(found if factor != 1 else ()),
        x="expected change, % of what happened",
        empty="Nothing is changed." if factor == 1 else f"Nothing in the graph follows from {changed}.",
    )
    alt = "Expected change of each behaviour downstream, with intervals"
    show_figure(figure, "changes", alt, change_table(found if factor != 1 else ()))
    if not found or factor == 1:
        return
    st.caption(TOTALS)
    st.dataframe(
        pd.DataFrame(
            {
                "Behaviour": [visible_text(one.behaviour) for one in found],
                "Events": [one.events for one in found],
                "Change": [one.change for one in found],
                "Low": [one.low for one in found],
                "High": [one.high for one in found],
            }
        ),
        hide_index=True,
        key="change_table",
        alt="Expected changes downstream",
        column_config={
            "Events": st.column_config.NumberColumn("Happened", format="localized"),
            "Change": st.column_config.NumberColumn("Expected change", format="%+.0f"),
            "Low": st.column_config.NumberColumn("from", format="%+.0f", help="Lower end of the 90 % interval"),
            "High": st.column_config.NumberColumn("to", format="%+.0f", help="Upper end of the 90 % interval"),
        },
    )

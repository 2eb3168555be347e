"""The slim bar of the guided demo: where one is, what to see and say, and the ways on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import streamlit as st

from causalviz.ui.components.header import ASSETS

if TYPE_CHECKING:
    from causalviz.ui.tour_steps import Step

Way = Literal["back", "next", "end", "here"]


def tour_bar(step: Step, number: int, steps: int, *, lost: str) -> Way | None:
    """Draws the bar.

    Args:
        step: The one that is on.
        number: Its number, from 1 on.
        steps: How many there are.
        lost: Label of the button that brings a visitor to the step, who is elsewhere; empty for one who is there.

    Returns:
        What the visitor wants.
    """
    st.html(ASSETS / "tour.css")
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="tour_bar"):
        st.markdown(f"**{number} of {steps} · {step.title}.** {step.see} **Say:** {step.say}", width="stretch")
        with st.container(horizontal=True, width="content", gap="xsmall", vertical_alignment="center"):
            ways: tuple[tuple[Way, str, bool], ...] = (
                ("here", lost, bool(lost)),
                ("back", "Back", number > 1),
                ("next", "Next", number < steps),
                ("end", "End", True),
            )
            main = "here" if lost else "next" if number < steps else "end"
            for way, label, shown in ways:
                kind: Literal["primary", "tertiary"] = "primary" if way == main else "tertiary"
                if shown and st.button(label, key=f"tour_{way}", type=kind):
                    return way
    return None

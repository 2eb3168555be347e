"""A figure on a page: Streamlit's theme, no toolbar, and words for those who cannot see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    import plotly.graph_objects as go


def show_figure(figure: go.Figure, key: str, alt: str) -> None:
    """Draws a figure.

    Args:
        figure: Of ``causalviz.plots``.
        key: Unique on the page.
        alt: What it shows, in one sentence.
    """
    st.plotly_chart(figure, key=key, alt=alt, config={"displayModeBar": False, "responsive": True})

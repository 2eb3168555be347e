"""A figure on a page: Streamlit's theme, no toolbar, words for those who cannot see it, its numbers as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from causalviz.plots.chart_table import csv_of, has_marks

INK = {"light": "#4a5563", "dark": "#c3ccd6"}  # of words on axes; Streamlit's own are too pale on white

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from causalviz.plots.chart_table import ChartData, Table


def show_figure(figure: go.Figure, key: str, alt: str, data: ChartData | Table) -> None:
    """Draws a figure.

    Args:
        figure: Of ``causalviz.plots``.
        key: Unique on the page; names the file of its numbers too.
        alt: What it shows, in one sentence.
        data: What the figure was made of, or columns of it; offered as CSV under it where there are any.
    """
    with st.container(gap="xxsmall"):
        st.plotly_chart(_inked(figure), key=key, alt=alt, config={"displayModeBar": False, "responsive": True})
        if has_marks(data):
            download_numbers(data, key)


def _inked(figure: go.Figure) -> go.Figure:
    """The figure with axes that can be read on the page's ground."""
    ink = {"color": INK["dark" if st.context.theme.type == "dark" else "light"]}
    for axes in (figure.update_xaxes, figure.update_yaxes):
        axes(tickfont=ink, title={"font": ink})
    return figure.update_layout(font=ink)


def download_numbers(data: ChartData | Table, key: str) -> None:
    """A small button that gives a chart's numbers as CSV; the file is made when it is asked for."""
    st.download_button(
        "CSV",
        lambda: csv_of(data).encode("utf-8-sig"),  # the mark at its start tells spreadsheets that it is Unicode
        file_name=f"{key}.csv",
        mime="text/csv",
        key=f"{key}_csv",
        type="tertiary",
        icon=":material/download:",
        on_click="ignore",
        help="The numbers of this chart as a table",
    )

"""The project's models: a list with what can be done with each, and two of them compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from causalviz.plots.changes import changes_data, changes_figure
from causalviz.ui.components.figure import show_figure
from causalviz.ui.components.score_table import READINGS, UNDEFINED, score_text
from causalviz.ui.components.text import file_stem, plain
from causalviz.ui.components.truth_choice import TITLES, Upload
from causalviz.ui.components.versions_panel import moment

if TYPE_CHECKING:
    from causalviz.ui.modelling import ModelComparison, ModelRow

WORLD_SCORES = {"auroc": "AUROC", "auprc": "Average precision", "ece": "Calibration error", "loss": "Loss"}
TRUTH_SCORES = ("auroc", "auprc", "f1", "brier", "ece")
LARGEST_ZIP_MB = 68
FORM_PX = 300


class Deeds(NamedTuple):
    """What is done with a model, in callbacks: use it, rename it, pack it, take one in."""

    use: Callable[[str], None]
    rename: Callable[[str, str], None]
    export: Callable[[str], bytes]
    bring: Callable[[Upload], None]


def models_list(rows: Sequence[ModelRow], deeds: Deeds) -> None:
    """Draws a line for each model, and the place for bringing one."""
    with st.container(gap="small", key="model_list"):
        for row in rows:
            _model(row, deeds)
    with st.popover("Import a model", icon=":material/upload_file:", key="import_model_menu"):
        _import_form(deeds)


def _model(row: ModelRow, deeds: Deeds) -> None:
    key = row.id or "shipped"
    with st.container(border=True, gap="xsmall", key=f"model_{key}"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            badge = " :blue-badge[judges now]" if row.judges else ""
            broken = "" if row.readable else " :orange-badge[of another version]"
            st.markdown(f"**{plain(row.name)}**{badge}{broken}", width="stretch")
            with st.container(horizontal=True, gap="xsmall", width="content"):
                if not row.judges and row.readable:
                    st.button(
                        "Use", icon=":material/check:", type="tertiary", key=f"use_model_{key}", on_click=deeds.use,
                        args=(row.id,),
                    )  # fmt: skip
                if row.id:
                    with st.popover("Rename", icon=":material/edit:", type="tertiary", key=f"rename_menu_{key}"):
                        _rename_form(row, deeds)
                if row.readable:
                    st.download_button(
                        "Export", lambda: deeds.export(row.id), file_name=f"{file_stem(row.name, 'model')}.zip",
                        mime="application/zip", key=f"export_model_{key}", type="tertiary", on_click="ignore",
                        icon=":material/download:", help="Weights as safetensors and the card as JSON, in one zip",
                    )  # fmt: skip
        st.caption(" · ".join(filter(None, (row.kind, moment(row.created) if row.created else "", _scores(row)))))


def _scores(row: ModelRow) -> str:
    told = [f"{title} {row.scores[field]:.3f}" for field, title in WORLD_SCORES.items() if field in row.scores]
    return f"on {row.worlds} held-out worlds: {', '.join(told)}" if told else ""


def _rename_form(row: ModelRow, deeds: Deeds) -> None:
    key = f"model_name_{row.id}"

    def renamed() -> None:
        deeds.rename(row.id, str(st.session_state[key]))

    with st.container(width=FORM_PX):
        st.text_input("New name", row.name, max_chars=80, key=key)
        st.button("Rename it", icon=":material/edit:", type="primary", key=f"rename_model_{row.id}", on_click=renamed)


def _import_form(deeds: Deeds) -> None:
    with st.container(width=FORM_PX):
        st.caption("A zip that was exported here. It is checked, runs nothing, and judges only once you say Use.")
        file = st.file_uploader(
            "Model", type=["zip"], key="import_model", max_upload_size=LARGEST_ZIP_MB, label_visibility="collapsed"
        )
        if file is not None:
            upload = Upload(file.name, file.getvalue())
            st.button("Check and add it", type="primary", key="add_model", on_click=deeds.bring, args=(upload,))


def choose_models(rows: Sequence[ModelRow]) -> tuple[str, str] | None:
    """Two lists; None where there is nothing to choose, or both are the same."""
    names = {row.id: row.name for row in rows if row.readable}
    if len(names) < 2:
        st.caption("As soon as there are two models, they can be compared here.")
        return None
    ids = list(names)
    with st.container(horizontal=True, gap="small", key="compare_models"):
        one = st.selectbox("Model", ids, len(ids) - 1, format_func=names.__getitem__, key="compare_one")
        other = st.selectbox("beside", ids, 0, format_func=names.__getitem__, key="compare_other")
    if one == other:
        st.caption("Choose two different models.")
        return None
    return one, other


def model_comparison(comparison: ModelComparison, one: ModelRow, other: ModelRow) -> None:
    """Draws the scores of two models as a table, and the edges on which they differ most."""
    st.dataframe(
        comparison_rows(comparison, one, other), hide_index=True, height="content", key="model_scores",
        alt="Scores of two models",
        column_config={"Measured on": st.column_config.TextColumn(width=260)},
    )  # fmt: skip
    if one.worlds != other.worlds:
        st.caption(
            "A dash: not measured on this log's worlds. Trainings with other numbers of worlds were scored on other "
            "ones, so their scores on worlds do not compare."
        )
    st.caption("A model that learned from verdicts or a known graph is flattered by scores against them.")
    st.markdown("**Edges on which they differ most**")
    data = changes_data(comparison.names, comparison.one, comparison.other)
    figure = changes_figure(data, (one.name, other.name))
    alt = "Probability of edges under the two models"
    show_figure(figure, "model_changes", alt, data)


def comparison_rows(comparison: ModelComparison, one: ModelRow, other: ModelRow) -> dict[str, list[str]]:
    """The table's cells by column: scores on worlds, then against each truth."""
    names = (one.name, other.name) if one.name != other.name else (f"{one.name} (1)", f"{other.name} (2)")
    rows: list[tuple[str, str, str, str]] = []
    for field, title in WORLD_SCORES.items():
        cells = [f"{row.scores[field]:.3f}" if field in row.scores else UNDEFINED for row in (one, other)]
        if cells != [UNDEFINED, UNDEFINED]:
            rows.append(("held-out worlds like this log", title, *cells))  # type: ignore[arg-type]
    for kind, pair in comparison.truths.items():
        for field in TRUTH_SCORES:
            first, second = (score_text(field, scores) for scores in pair)
            rows.append((TITLES[kind], READINGS[field].title, first, second))
    columns = list(zip(*rows, strict=True)) if rows else [(), (), (), ()]
    return {
        title: [str(cell) for cell in column]
        for title, column in zip(("Measured on", "Score", *names), columns, strict=True)
    }

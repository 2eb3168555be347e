"""The test of recommenders: which split, how far it is, what came of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import streamlit as st

from causalviz.forecasting import CAUSAL
from causalviz.plots.held_out import held_out_data, held_out_figure
from causalviz.plots.network import duration_text
from causalviz.ui.components.figure import show_figure
from causalviz.ui.components.text import plain
from causalviz.ui.jobs import State
from causalviz.ui.recommending import Subject, current_test, has_items, start_test, tests
from causalviz.ui.session import get_session

if TYPE_CHECKING:
    from causalviz.forecasting import Comparison, Split
    from causalviz.item_forecasting import ItemComparison
    from causalviz.ui.jobs import Job
    from causalviz.ui.recommending import HeldOutStep
    from causalviz.ui.session import Session

POLL_S = 1.5
SPLITS: dict[Split, str] = {"time": "The last fifth of the events", "last": "Each user's last moment"}
SUBJECTS: dict[Subject, str] = {"behaviours": "Next behaviours", "items": "Next items"}
MEANING: dict[Split, str] = {
    "time": "Learned from the first 80 % of the events, asked for everything after them.",
    "last": "Learned from all but each user's last moment, asked for that one.",
}


def held_out_desk(session: Session) -> None:
    """The test of the project's log: offered, running or done."""
    subject = choose_subject() if has_items(session) else "behaviours"
    split = choose_split(subject)
    deep = subject == "behaviours" and choose_transformer()
    job = current_test(session, split, subject, deep)
    if job is not None and not job.state.is_final:
        _follow(split, subject, deep)
    elif job is not None and job.result is not None:
        outcome_of(job.result)
    elif start_offer(job):
        start_test(session, split, subject, deep)
        st.rerun()


@st.fragment(run_every=POLL_S)
def _follow(split: Split, subject: Subject, deep: bool) -> None:
    """How far the test is; ends itself by rerunning the page once the test is over."""
    job = current_test(get_session(), split, subject, deep)
    if job is None or job.state.is_final:
        st.rerun()
    elif progress_of(job):
        tests().cancel(job.id)


def choose_subject() -> Subject:
    """What is recommended."""
    chosen: Subject = st.segmented_control(
        "Recommend", list(SUBJECTS), default="behaviours", required=True, format_func=SUBJECTS.__getitem__,
        key="recommend_subject", persist_state="session",
    )  # fmt: skip
    return chosen


def choose_split(subject: Subject) -> Split:
    """What is held out."""
    chosen: Split = st.segmented_control(
        "Hold out", list(SPLITS), default="time", required=True, format_func=SPLITS.__getitem__, key="recommend_split",
        persist_state="session",
    )  # fmt: skip
    st.caption(
        f"{MEANING[chosen]} The graph is discovered anew without what is asked for, and all {subject} are ranked."
    )
    return chosen


def choose_transformer() -> bool:
    """Whether a transformer is trained beside the others."""
    return st.toggle(
        "With a transformer", key="recommend_transformer", persist_state="session",
        help="A network that reads whole histories and knows no causes, alone and over the causal rates. It is trained "
        "on the learned part, which takes some minutes.",
    )  # fmt: skip


def start_offer(job: Job[HeldOutStep, Comparison | ItemComparison | None] | None) -> bool:
    """Offers to run the test; says what ended the last one. Returns True once it is wanted."""
    if job is not None and job.state == State.FAILED:
        st.error(plain(job.error), icon=":material/error:")
    elif job is not None and job.state == State.CANCELLED:
        st.info("The test was cancelled.", icon=":material/stop_circle:")
    return st.button("Run the test", type="primary", icon=":material/science:", key="run_test")


def progress_of(job: Job[HeldOutStep, Comparison | ItemComparison | None]) -> bool:
    """Draws how far the test is; returns True if it shall be cancelled."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if not job.steps:
            st.progress(0.0, "Waiting for its turn" if job.state == State.WAITING else "Starting")
        else:
            step = job.steps[-1]
            left = step.seconds_left
            about = f", about {duration_text(max(1.0, round(left)))} left" if math.isfinite(left) else ""
            done = (step.done + step.part) / max(step.total, 1)
            st.progress(min(1.0, done), f"{step.stage} ({step.done} of {step.total}){about}")
        return st.button("Cancel", icon=":material/stop_circle:", key="cancel_test")


def outcome_of(found: Comparison | ItemComparison) -> None:
    """Scores of all methods, as dots and as a table."""
    table = found.table()
    st.caption(
        f"{found.questions:,} questions of {found.users:,} users; the graph of the learned part has {found.edges} "
        "edges."
    )
    data, alt = held_out_data(table, CAUSAL), f"NDCG at {found.top} of each method with its interval"
    show_figure(held_out_figure(data, f"NDCG@{found.top}, mean over users, with 90 % interval"), "held_out", alt, data)
    kept = ["method", "ndcg", "hit_rate", "mrr", "coverage", "novelty", "ndcg_gain", "ndcg_gain_low", "ndcg_gain_high"]
    st.dataframe(
        table[kept],
        hide_index=True,
        key="held_out_table",
        placeholder="–",
        alt="Scores of all methods",
        column_config={
            "method": "Method",
            "ndcg": st.column_config.NumberColumn(f"NDCG@{found.top}", format="%.3f"),
            "hit_rate": st.column_config.NumberColumn(f"Hits@{found.top}", format="percent"),
            "mrr": st.column_config.NumberColumn("MRR", format="%.3f"),
            "coverage": st.column_config.NumberColumn("Coverage", format="percent"),
            "novelty": st.column_config.NumberColumn("Novelty", format="%.2f bit"),
            "ndcg_gain": st.column_config.NumberColumn(
                "Lead of causal rates", format="%+.3f", help="NDCG of the causal rates less this method's, same users"
            ),
            "ndcg_gain_low": st.column_config.NumberColumn("from", format="%+.3f", help="90 % interval, by user"),
            "ndcg_gain_high": st.column_config.NumberColumn("to", format="%+.3f", help="90 % interval, by user"),
        },
    )

"""Checks without a truth: what each asks, its start, its progress, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import streamlit as st

from causalviz.evaluate.null_check import drawn_edges
from causalviz.evaluate.stability import agreement, returned
from causalviz.events.log import TICKS_PER_S
from causalviz.plots.agreement import AgreementData, Titles, agreement_data, agreement_figure
from causalviz.plots.network import visible_text
from causalviz.plots.null_check import null_data, null_figure
from causalviz.plots.timeline import DATED_FROM_S
from causalviz.ui.components.figure import show_figure
from causalviz.ui.components.text import plain
from causalviz.ui.jobs import State

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from causalviz.discovery import Discovery
    from causalviz.trials import Checked, CheckKind
    from causalviz.ui.following import Stage
    from causalviz.ui.jobs import Job

STEADY = 0.9  # an edge that returns in this share of the resampled logs is called steady
FEW_MOVED = 0.5  # of the events; where fewer could move, the shuffled log is too much like the log


class Question(NamedTuple):
    """What a check asks, how its answer reads, and how many logs it may answer."""

    title: str
    reading: str
    times: tuple[int, ...]


QUESTIONS: dict[CheckKind, Question] = {
    "users": Question(
        "Would other users give the same graph?",
        "Users are drawn anew, with replacement, and the log is answered again. An edge that returns nearly always "
        "rests on many users; one that comes and goes rests on a few.",
        (10, 20, 50),
    ),
    "halves": Question(
        "Does it hold over time?",
        "The first half of the log's span against the second. Each half knows less than the whole, so weak edges "
        "may drop out; an edge that is sure in one half and gone in the other has changed.",
        (2,),
    ),
    "null": Question(
        "What would be drawn if nothing caused anything?",
        "The same users, moments and behaviours, but which happens when is shuffled within each user, so that every "
        "behaviour keeps its hours and seasons and nothing leads to anything. Every edge drawn there is a false one.",
        (3, 5, 10),
    ),
}
RETURNED = Titles(
    "probability on this log", "share of resampled logs that draw it", "drawn here and steady", "one of both"
)
OVER_TIME = Titles("probability in the first half", "probability in the second half", "drawn in both", "drawn in one")


def check_panel(
    kind: CheckKind, job: Job[Stage, Checked] | None, discovery: Discovery, threshold: float, seconds_each: float
) -> int | None:
    """A check that does not run: its question, what it brought, and the offer to run it.

    Args:
        kind: Which check.
        job: Its latest run, or None.
        discovery: On the log itself.
        threshold: From where on an edge is drawn.
        seconds_each: How long one more log takes.

    Returns:
        How many logs to answer, once it is wanted.
    """
    check_question(kind)
    if job is not None and job.state is State.DONE and job.result is not None:
        outcome = {"users": _users, "halves": _halves, "null": _null}[kind]
        outcome(job.result, discovery.names, np.nan_to_num(discovery.probability), threshold)
    return _start(kind, job, seconds_each)


def check_question(kind: CheckKind) -> None:
    """The check's title, and how to read its answer."""
    st.subheader(QUESTIONS[kind].title, anchor=False)
    st.caption(QUESTIONS[kind].reading)


def check_progress(kind: CheckKind, job: Job[Stage, Checked]) -> bool:
    """A check that runs: its question, and how far it is; returns True once it is to be cancelled."""
    check_question(kind)
    _, done, total = job.steps[-1] if job.steps else ("", 0, 1)
    text = "Waiting for another check to end" if job.state is State.WAITING else f"{done} of {total} logs answered"
    if done and job.state is State.RUNNING:
        text += f", about {_about(job.seconds / done * (total - done))} left"
    with st.container(horizontal=True, vertical_alignment="center", key=f"progress_{kind}"):
        st.progress(done / max(total, 1), text)
        return st.button("Cancel", icon=":material/stop:", key=f"cancel_{kind}")


def _edge_list(data: AgreementData, titles: tuple[str, str], key: str) -> None:
    """Pairs with their two numbers, for reading and sorting."""
    st.dataframe(
        pd.DataFrame(
            {
                "Cause": [visible_text(cause) for cause, _ in data.edges],
                "Effect": [visible_text(effect) for _, effect in data.edges],
                titles[0]: pd.Series(data.first, dtype=float),
                titles[1]: pd.Series(data.second, dtype=float),
            }
        ),
        key=key,
        hide_index=True,
        height=380,
        alt="Edges with both numbers",
        column_config={
            "Cause": st.column_config.TextColumn(width=96),
            "Effect": st.column_config.TextColumn(width=96),
            **{
                title: st.column_config.ProgressColumn(title, min_value=0.0, max_value=1.0, format="%.2f", width=96)
                for title in titles
            },
        },
    )


def _start(kind: CheckKind, job: Job[Stage, Checked] | None, seconds_each: float) -> int | None:
    """Offers the check, anew where it was made before."""
    times = QUESTIONS[kind].times
    if job is not None and job.state is State.FAILED:
        st.error(plain(job.error), icon=":material/error:")
    if job is not None and job.state is State.CANCELLED:
        st.caption("The last run was cancelled.")
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"start_{kind}"):
        chosen = times[0]
        if len(times) > 1:
            chosen = (
                st.segmented_control("Logs to answer", times, default=times[1], required=True, key=f"times_{kind}")
                or times[1]
            )
        again = job is not None and job.state is State.DONE
        pressed = st.button(
            "Check again" if again else "Check", icon=":material/play_arrow:", key=f"check_{kind}",
            type="secondary" if again else "primary",
        )  # fmt: skip
        if job is not None and job.seconds and job.result is not None and len(job.result.answers):
            seconds_each = job.seconds / len(job.result.answers)  # as it went last time
        st.caption(f"About {_about(chosen * seconds_each)}, in the background.")
    return chosen if pressed else None


def _users(checked: Checked, names: Sequence[str], probability: NDArray[np.float64], threshold: float) -> None:
    share = returned(checked.answers, threshold)
    off = ~np.eye(len(names), dtype=bool)
    drawn, steady, times = (probability >= threshold) & off, (share >= STEADY) & off, len(checked.answers)
    st.markdown(
        f"Of **{int(drawn.sum()):,}** edges drawn at {threshold:.2f}, **{int((drawn & steady).sum()):,}** returned in "
        f"at least {_percent(STEADY)} of {times:,} resampled logs. Of the pairs not drawn, "
        f"**{int((~drawn & off & (share >= 0.5)).sum()):,}** came up in half of them or more."
    )
    interesting = np.where(drawn | (share > 0), 1.0, 0.0)
    data = agreement_data(names, probability * interesting, share * interesting)
    data = _sorted_by(data, lambda _, again: abs(again - 0.5))  # what comes and goes
    _list_and_figure(data, ("Probability", "Returned"), RETURNED, (threshold, STEADY), "stability")


def _halves(checked: Checked, names: Sequence[str], _probability: NDArray[np.float64], threshold: float) -> None:
    first, second = checked.answers
    found = agreement(first, second, threshold)
    drawn = found.both + found.first_only + found.second_only
    if not drawn:
        st.markdown(f"Neither half draws an edge at {threshold:.2f}; a lower threshold may show some.")
    else:
        st.markdown(
            f"Of **{drawn:,}** edges that a half draws at {threshold:.2f}, both draw **{found.both:,}** "
            f"({_percent(found.share)}); {found.first_only:,} only the first, {found.second_only:,} only the second. "
            f"{_middle_words(checked.note)}"
        )
    data = _sorted_by(agreement_data(names, first, second), lambda one, other: -abs(one - other))  # what changed
    _list_and_figure(data, ("First half", "Second half"), OVER_TIME, (threshold, threshold), "time_halves")


def _null(checked: Checked, names: Sequence[str], probability: NDArray[np.float64], threshold: float) -> None:
    off = ~np.eye(len(names), dtype=bool)
    drawn, shuffled = int((probability[off] >= threshold).sum()), drawn_edges(checked.answers, threshold)
    mean = float(shuffled.mean())
    st.markdown(
        f"**{drawn:,}** edges are drawn in this log at {threshold:.2f}; with the order destroyed it is "
        f"**{mean:.2g}** on average of {len(shuffled):,} shuffled logs (at most {int(shuffled.max()):,}, of "
        f"{int(off.sum()):,} pairs). " + _false_words(mean, drawn)
    )
    if checked.note < FEW_MOVED:
        st.warning(
            f"Only {_percent(checked.note)} of the events had another one of the same user to change places with, so "
            "the shuffled logs still look much like this one.",
            icon=":material/warning:",
        )
    data = null_data(drawn, shuffled)
    show_figure(null_figure(data), "null_check", "Edges drawn in this log and in shuffled ones", data)


def _list_and_figure(
    data: AgreementData, columns: tuple[str, str], titles: Titles, cuts: tuple[float, float], key: str
) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        _edge_list(data, columns, f"{key}_list")
    with right:
        show_figure(agreement_figure(data, titles, cuts), key, f"{titles.second} over {titles.first}, by pair", data)


def _sorted_by(data: AgreementData, key: Callable[[float, float], float]) -> AgreementData:
    """The pairs with the smallest key of both numbers first, the surer ones first where it is the same."""
    order = sorted(range(len(data.edges)), key=lambda k: (key(data.first[k], data.second[k]), -data.first[k]))
    return AgreementData(
        tuple(data.edges[k] for k in order), tuple(data.first[k] for k in order), tuple(data.second[k] for k in order)
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _about(seconds: float) -> str:
    """A length of time that was guessed, in words that do not claim more."""
    return f"{max(1, round(seconds)):,} s" if seconds < 90 else f"{round(seconds / 60):,} min"


def _middle_words(ticks: float) -> str:
    seconds = ticks / TICKS_PER_S
    if seconds < DATED_FROM_S:
        return ""
    return f"The halves meet on {datetime.fromtimestamp(seconds, UTC):%d %b %Y, %H:%M} UTC."


def _false_words(mean: float, drawn: int) -> str:
    if not drawn:
        return ""
    if mean >= drawn:
        return "The graph draws no more than chance would: do not trust it."
    if mean < 0.005 * drawn:
        return "So hardly any of the drawn edges is owed to chance."
    return f"So about {_percent(mean / drawn)} of the drawn edges may be false ones of this kind."

"""What a user does next: choose whose history, see what is likely and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from causalviz.errors import SettingsError
from causalviz.graph.formulas import disarmed_csv
from causalviz.plots.because import ago_text, because_data, because_figure, because_table, factor_text
from causalviz.plots.network import duration_text, visible_text
from causalviz.recommend.reasons import UNCAUSED
from causalviz.ui.components.figure import show_figure

if TYPE_CHECKING:
    from causalviz.events.log import EventLog
    from causalviz.recommend.reasons import Prediction, Reason

HORIZONS: dict[str, float | None] = {
    "Whatever comes next": None,
    "Within 10 minutes": 600.0,
    "Within 1 hour": 3_600.0,
    "Within 1 day": 86_400.0,
    "Within 7 days": 604_800.0,
}
LISTED_USERS = 300  # in the list; others are typed
MINUTES_S = 60.0
SHOWN_EVENTS = 6
BEFORE = "Minutes before the last"
REASON_HEIGHT_PX = 66  # of a row: reasons break into lines where rows are higher than 4 rem, 64 px
REAL, TYPED = "A user of the log", "A history I type"


def choose_reach(log: EventLog) -> tuple[float | None, bool]:
    """How far to look ahead, and whether a sequence model has its say; it knows what is next, but not how soon."""
    horizon_s = _choose_horizon(log)
    return horizon_s, horizon_s is None and _choose_sequence()


def _choose_horizon(log: EventLog) -> float | None:
    """Times that the log is too short to learn from are not offered."""
    span_s = float(log.time.max() - log.time.min()) / 1000
    offered = [name for name, horizon_s in HORIZONS.items() if horizon_s is None or horizon_s < span_s / 4]
    chosen = st.selectbox("How far ahead", offered, key="recommend_horizon", persist_state="session")
    return HORIZONS[chosen]


def _choose_sequence() -> bool:
    return st.toggle(
        "With a sequence model", key="recommend_sequence", persist_state="session",
        help="A transformer that reads whole histories, over the causal rates, each with the weight that did best on "
        "held-out time. It is trained once for the graph as it is, which takes minutes.",
    )  # fmt: skip


def choose_history(log: EventLog) -> EventLog:
    """The history to recommend for, as a log of one user.

    Raises:
        SettingsError: If the user is unknown, or the typed history has no events or odd times.
    """
    source = st.segmented_control(
        "Recommend for", [REAL, TYPED], default=REAL, required=True, key="recommend_source", persist_state="session"
    )
    return _typed(log) if source == TYPED else _real(log)


def history_line(history: EventLog) -> None:
    """The last events in one line, so that one knows whom one looks at."""
    end, names = int(history.time[-1]), history.names
    rows = range(max(0, history.n_events - SHOWN_EVENTS), history.n_events)
    said = [f"{visible_text(names[history.behaviour[n]])} ({_before(end, int(history.time[n]))})" for n in rows]
    more = f"{history.n_events - SHOWN_EVENTS:,} earlier events, then " if history.n_events > SHOWN_EVENTS else ""
    st.text(f"{more}{'  →  '.join(said)}")


def is_typed() -> bool:
    """Whether the chosen history is one that somebody made up."""
    return bool(st.session_state.get("recommend_source") == TYPED)


def because_paths(predictions: Sequence[Prediction]) -> None:
    """From past behaviours to what is likely."""
    st.subheader("What is likely, and through which edges", anchor=False)
    data, alt = because_data(predictions), "Paths from past behaviours to what is likely next"
    show_figure(because_figure(data), "because", alt, because_table(data))


def next_behaviours(predictions: Sequence[Prediction], horizon_s: float | None, *, deep: bool = False) -> None:
    """The table that says the same as the paths; ``deep`` with what the causes alone say."""
    st.markdown("**Next behaviours**")
    chance = "Chance to be next" if horizon_s is None else f"Chance within {duration_text(horizon_s)}"
    st.dataframe(
        prediction_rows(predictions, deep=deep),
        hide_index=True,
        key="predictions",
        row_height=REASON_HEIGHT_PX,
        alt="The most likely behaviours with their reasons",
        column_config={
            "Chance": st.column_config.ProgressColumn(chance, min_value=0.0, max_value=1.0, format="percent"),
            "Causes": st.column_config.NumberColumn(
                "By causes", format="percent", width="small", help="What the causal rates alone say"
            ),
            "Without": st.column_config.NumberColumn(
                "Without",
                format="percent",
                width="small",
                help="The same for a user of usual habits without these events",
            ),
            "Because": st.column_config.TextColumn(
                width="large",
                help="× 2 doubles the rate, × 0.5 halves it; perhaps: a pair too unsure to be drawn in the graph",
            ),
        },
    )


def download(label: str, table: Callable[[], pd.DataFrame], name: str, key: str) -> None:
    """A button that makes its table only once it is pressed."""
    st.download_button(
        label, data=lambda: disarmed_csv(table()).encode("utf-8", "backslashreplace"), file_name=name,
        mime="text/csv", icon=":material/download:", key=key, on_click="ignore",
    )  # fmt: skip


def prediction_rows(predictions: Sequence[Prediction], *, deep: bool = False) -> pd.DataFrame:
    """The table's cells."""
    causes = {"Causes": [found.by_causes for found in predictions]} if deep else {}
    return pd.DataFrame(
        {
            "Behaviour": [visible_text(found.behaviour) for found in predictions],
            "Chance": [found.chance for found in predictions],
            **causes,
            "Without": [found.usual for found in predictions],
            "Because": [
                "; ".join([*[UNCAUSED] * found.is_uncaused, *map(_reason, _telling(found.reasons))])
                for found in predictions
            ],
        }
    )


def _telling(reasons: Sequence[Reason]) -> list[Reason]:
    """Those that change the rate as far as one can see."""
    return [why for why in reasons if factor_text(why.factor) != factor_text(1.0)]


def _reason(why: Reason) -> str:
    factor = factor_text(why.factor)
    if why.kind == "edge":
        return f"{visible_text(why.cause)} {ago_text(why.ago_s)} {factor}"
    if why.kind == "unsure":
        return f"perhaps {visible_text(why.cause)} {ago_text(why.ago_s)} {factor}"
    if why.kind == "itself":
        return f"its own last time {ago_text(why.ago_s)} {factor}"
    if why.kind == "recency":
        lately = {0: "just now", 1: "one event ago"}.get(why.since, f"{why.since:,} events ago")
        return f"done {lately} by this user {factor}"
    if why.kind == "habit":
        often = {0: "never done", 1: "done once"}.get(why.times, f"done {why.times:,} times")
        return f"{often} by this user {factor}"
    return f"how busy this user is {factor}"


def _real(log: EventLog) -> EventLog:
    from causalviz.advice import user_history

    listed = list(log.user_names[:LISTED_USERS])
    name = st.selectbox(
        "User", listed, key=f"recommend_user_{log.fingerprint}", accept_new_options=log.n_users > LISTED_USERS,
        persist_state="session",
        help=f"One of {log.n_users:,} users; type an id to find those that are not listed.",
    )  # fmt: skip
    if name not in log.user_names:
        raise SettingsError(f"The log has no user {name!r}; choose an id that it has.")
    return user_history(log, log.user_names.index(name))


def _typed(log: EventLog) -> EventLog:
    from causalviz.advice import typed_history

    key = f"typed_history_{log.fingerprint}"
    begun, last = f"{key}_begun", f"{key}_last"
    if key not in st.session_state:  # a first visit, or the page was left meanwhile
        usual = pd.DataFrame({"Behaviour": [log.names[0]], BEFORE: [0.0]})
        st.session_state[begun] = st.session_state.get(last, usual)
    edited = st.data_editor(
        st.session_state[begun],
        key=key,
        num_rows="dynamic",
        hide_index=True,
        column_config={
            "Behaviour": st.column_config.SelectboxColumn(options=list(log.names), required=True),
            BEFORE: st.column_config.NumberColumn(
                min_value=0.0, required=True, default=0.0, help="What comes next is told as of the last one"
            ),
        },
    )
    st.session_state[last] = edited
    rows = edited.dropna()
    events = [
        (str(name), float(minutes) * MINUTES_S) for name, minutes in zip(rows["Behaviour"], rows[BEFORE], strict=True)
    ]
    return typed_history(log, events)


def _before(end: int, time: int) -> str:
    return "latest" if time == end else f"{duration_text((end - time) / 1000)} before"

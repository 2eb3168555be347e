"""Reading the graph for one cause and one goal: ways between them, what a fair comparison holds fixed, what follows."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from causalviz.plots.network import chance_text, duration_text, visible_text
from causalviz.ui.components.text import plain

if TYPE_CHECKING:
    from causalviz.graph.independence import ClaimResult
    from causalviz.graph.reading import GraphReading, Paths, Relatives
    from causalviz.graph.verdicts import Pair
    from causalviz.ui.reading import Checked

Highlight = dict[str, list["Pair"]]

OUTCOMES = {  # of a claim, the worst first: in its row, and of several
    "fails": ("✕ fails", "fail"),
    "not decidable": ("? open", "cannot be decided"),
    "holds": ("✓ holds", "hold"),
}
ROW_PX, HEAD_PX, MAX_TABLE_PX = 35, 38, 320
MAX_CHIPS = 12  # names listed of one kind of relatives; a large graph has hundreds


def reading_panel(
    reading: GraphReading,
    behaviours: Sequence[str],
    project_id: str,
    checks: Callable[[tuple[str, ...]], Checked | None],
    chosen: tuple[str, ...] = (),
) -> Highlight:
    """Draws the choice of cause and goal, and what the graph says about them.

    Args:
        reading: Of the graph.
        behaviours: Those to choose among.
        project_id: Whose; the choice is kept by it.
        checks: Tests the graph's claims against the log, given the chosen behaviours; None without a log.
        chosen: (cause, effect) or (behaviour,) to begin with, as selected in the drawing.

    Returns:
        Edges to mark in the drawing, ``{"causal": [...], "biasing": [...]}``; an edge of both is listed in both.
    """
    cause, goal = _choice(behaviours, project_id, chosen)
    _set_aside(reading)
    highlight: Highlight = {"causal": [], "biasing": []}
    if cause is None and goal is None:
        st.caption(
            "Choose a cause and a goal to see how the one leads to the other, and what else makes them go together."
        )
    elif cause is None or goal is None:
        one = cause if cause is not None else goal
        if one is not None:
            st.markdown(f"**{plain(one)}**")
            _relatives(reading.relatives(one))
    elif cause == goal:
        st.caption("Cause and goal are the same; choose two different behaviours.")
    else:
        highlight = _pair(reading, cause, goal)
    about = tuple(name for name in (cause, goal) if name is not None)
    with st.expander("What the graph implies, tested against the log", icon=":material/fact_check:", expanded=False):
        _checks(checks(about))
    return highlight


def check_rows(tested: Sequence[ClaimResult]) -> pd.DataFrame:
    """The table's cells, one row per claim: the failing ones first, the strongest first."""
    order = list(OUTCOMES)
    ranked = sorted(
        tested,
        key=lambda result: (
            order.index(result.outcome.value),
            0.0 if math.isnan(result.statistic) else -abs(result.statistic),
        ),
    )
    return pd.DataFrame(
        {
            "Claim": [OUTCOMES[result.outcome.value][0] for result in ranked],
            "After": [visible_text(result.claim.cause) for result in ranked],
            "No more": [visible_text(result.claim.effect) for result in ranked],
            "Rate": pd.Series([result.ratio for result in ranked], dtype=float),
            "t": pd.Series([result.statistic for result in ranked], dtype=float),
            "q": pd.Series([result.q_value for result in ranked], dtype=float),
            "Given": [", ".join(map(visible_text, result.claim.given)) or "nothing" for result in ranked],
            "Lags": ["" if math.isnan(r.lag_s[1]) else _lags(*r.lag_s) for r in ranked],
        }
    )


def _choice(behaviours: Sequence[str], project_id: str, chosen: tuple[str, ...]) -> tuple[str | None, str | None]:
    """The two lists; a name that the graph no longer has is chosen no more."""
    keys = [f"reading_{end}_{project_id}" for end in ("cause", "goal")]
    for key, start in zip(keys, (*chosen, None, None)[:2], strict=True):
        if st.session_state.get(key) not in behaviours:
            st.session_state[key] = start if start in behaviours else None

    def swap() -> None:
        one, two = (st.session_state.get(key) for key in keys)
        st.session_state[keys[0]], st.session_state[keys[1]] = two, one

    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        cause = st.selectbox(
            "Cause", behaviours, key=keys[0], index=None, placeholder="Choose", format_func=visible_text,
            persist_state="session",
        )  # fmt: skip
        st.button(
            "",
            icon=":material/swap_horiz:",
            key=f"reading_swap_{project_id}",
            help="Swap cause and goal",
            on_click=swap,
        )
        goal = st.selectbox(
            "Goal", behaviours, key=keys[1], index=None, placeholder="Choose", format_func=visible_text,
            persist_state="session",
        )  # fmt: skip
    return cause, goal


def _set_aside(reading: GraphReading) -> None:
    from causalviz.graph.reading import set_aside_sentence

    if reading.set_aside:
        st.caption(plain(set_aside_sentence(reading.set_aside)))


def _pair(reading: GraphReading, cause: str, goal: str) -> Highlight:
    from causalviz.graph.reading import adjustment_sentence

    found = reading.pair(cause, goal)
    with st.container(border=True, gap="small", key="reading_pair"):
        st.markdown(f":material/balance: {plain(adjustment_sentence(found))}")
        _ways(found.causal, "Causal paths", "green", f"No path leads from {plain(cause)} to {plain(goal)}.")
        if found.mediators:
            st.markdown(f"By way of {_chips(found.mediators)}")
        _ways(found.biasing, "Biasing paths", "violet", "Nothing else makes the two go together.")
        if found.causal.listed or found.biasing.listed:
            st.caption(
                "The number is the probability that all edges of a path exist; those that an expert asserted are sure."
            )
    around = st.tabs(
        [visible_text(name) if len(name) < 24 else visible_text(name[:23]) + "…" for name in (cause, goal)]
    )
    for tab, name in zip(around, (cause, goal), strict=True):
        with tab:
            _relatives(reading.relatives(name))
    return {"causal": list(found.causal.edges), "biasing": list(found.biasing.edges)}


def _ways(paths: Paths, title: str, colour: str, none: str) -> None:
    if not paths.listed:
        st.markdown(f"**{title}**  \n:small[{none}]")
        return
    rows = [f"- {plain(chance_text(path.sure))} · {plain(path.text)}" for path in paths.listed]
    more = "\n- *and more, less sure or longer ones*" if paths.cut else ""
    st.markdown(f":{colour}[**━ {title}**]\n" + "\n".join(rows) + more)


def _relatives(around: Relatives) -> None:
    lines = [
        f"{title}: {_chips(names) if names else '–'}"
        for title, names in (
            ("Direct causes", around.parents), ("Direct effects", around.children),
            ("All causes", around.ancestors), ("All effects", around.descendants),
        )
    ]  # fmt: skip
    st.markdown("  \n".join(lines))


def _chips(names: Sequence[str]) -> str:
    shown = " ".join(f":gray-badge[{plain(name)}]" for name in names[:MAX_CHIPS])
    return shown + (f" and {len(names) - MAX_CHIPS:,} more" if len(names) > MAX_CHIPS else "")


def _checks(checked: Checked | None) -> None:
    if checked is None:
        st.caption("Without a log there is nothing to test against.")
        return
    counts = {outcome: sum(result.outcome.value == outcome for result in checked.tested) for outcome in OUTCOMES}
    st.caption(
        "Each pair without an arrow is a claim: once the direct causes of the second behaviour are known, the first "
        "one changes nothing. "
        + (
            "  ·  ".join(f"**{count:,}** {OUTCOMES[outcome][1]}" for outcome, count in counts.items() if count)
            if checked.tested
            else ""
        )
    )
    if checked.left or checked.unknown:
        notes = [
            f"{checked.left:,} claims about other behaviours are not tested; choose these to test them."
            if checked.left
            else "",
            f"{checked.unknown:,} claims name behaviours that the log does not have." if checked.unknown else "",
        ]
        st.caption(" ".join(filter(None, notes)))
    if not checked.tested:
        st.caption("The graph makes no claim that could be tested.")
        return
    rows = check_rows(checked.tested)
    st.dataframe(
        rows, hide_index=True, key="reading_checks", placeholder="–",
        height=min(MAX_TABLE_PX, HEAD_PX + ROW_PX * len(rows)),
        alt="The claims of the graph, one per row, the failing ones first",
        column_config={
            "Claim": st.column_config.TextColumn(
                width=66,
                help="Fails: the log contradicts it beyond chance (at most 5 % false alarms) and by a third of the "
                "usual rate or more. Holds: that much would have been seen. Open: too few events to say.",
            ),
            "After": st.column_config.TextColumn(width=80, help="The behaviour that is said to change nothing"),
            "No more": st.column_config.TextColumn("…, no more", width=80, help="What is said not to follow"),
            "Rate": st.column_config.NumberColumn(
                "Rate ×", format="%.2f", width=56,
                help="Rate after one more such event, over what the direct causes explain; 1 is as claimed",
            ),
            "t": st.column_config.NumberColumn(
                format="%.1f", width=46,
                help="The statistic: change over its error, the weaker one of two regressions",
            ),
            "q": st.column_config.NumberColumn(
                format="%.3f", width=56,
                help="Share of false alarms among claims that look as bad (Benjamini–Hochberg)",
            ),
            "Given": st.column_config.TextColumn(width="small", help="What is held fixed"),
            "Lags": st.column_config.TextColumn(width="small", help="The lags at which the two go together most"),
        },
    )  # fmt: skip


def _lags(low_s: float, high_s: float) -> str:
    return f"up to {duration_text(high_s)}" if low_s == 0 else f"{duration_text(low_s)} to {duration_text(high_s)}"

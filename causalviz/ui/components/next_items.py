"""Which item a user comes to next: choose what is to happen to it, see the items and why."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from causalviz.plots.because import ago_text
from causalviz.plots.network import visible_text
from causalviz.ui.components.next_behaviour import download, is_typed
from causalviz.ui.components.text import plain
from causalviz.ui.recommending import all_items, current_items, items_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from causalviz.events.log import EventLog
    from causalviz.ui.session import Session

ANY = "any event"


def next_items_desk(session: Session, history: EventLog, goal: str | None, top: int) -> None:
    """The items that the user of a one-user log comes to next.

    Args:
        session: Whose project.
        history: Of one user.
        goal: What is to happen to the item; None for any event.
        top: How many.

    Raises:
        CausalVizError: If nothing follows from the log's events to items.
    """
    st.markdown("**Next items**" if goal is None else f"**Next items: {plain(goal)}**")
    stage = current_items(session, goal)
    if stage is not None:
        next_items(items_of(stage, history, not is_typed(), top), lambda: all_items(stage, top))


def choose_item_goal(kinds: list[str]) -> str | None:
    """What is to happen to the item; None for any event."""
    chosen = st.selectbox(
        "What happens to the next item", ["", *kinds], key="item_goal", persist_state="session",
        format_func=lambda kind: visible_text(kind) or ANY,
    )  # fmt: skip
    return chosen or None


def next_items(table: pd.DataFrame, all_users: Callable[[], pd.DataFrame]) -> None:
    """The items of one user, and a button for those of all.

    Args:
        table: Of ``causalviz.recommend.tables.items_table``.
        all_users: Makes the same table of all users.
    """
    st.dataframe(
        item_rows(table),
        hide_index=True,
        key="next_items",
        alt="The most likely items with their reasons",
        column_config={
            "Chance": st.column_config.ProgressColumn(
                "Chance to be next", min_value=0.0, max_value=1.0, format="percent",
                help="Of being the next item, given that the user comes to one",
            ),
            "Because": st.column_config.TextColumn(width="large", help="What speaks most for the item"),
        },
    )  # fmt: skip
    download("Items of all users (CSV)", all_users, "items.csv", "download_items")


def item_rows(table: pd.DataFrame) -> pd.DataFrame:
    """The table's cells."""
    reasons = zip(table["because"], table["of_item"], table["of_event"], table["ago_s"], strict=True)
    return pd.DataFrame(
        {
            "Item": [visible_text(name) for name in table["item"]],
            "Chance": table["chance"].to_numpy(),
            "Because": [_reason(source, item, event, ago_s) for source, item, event, ago_s in reasons],
        }
    )


def _reason(source: str, item: str, event: str, ago_s: float) -> str:
    if source == "popular":
        return "popular with everybody"
    did = visible_text(event) + (f" {ago_text(ago_s)}" if math.isfinite(ago_s) else "")
    if source == "own":
        return f"own item: {did}"
    what = "often comes after" if source == "companion" else "same category as"
    return f"{what} {visible_text(item)} ({did})"

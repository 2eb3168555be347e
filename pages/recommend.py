"""Recommend: what a user does next and why, what leads to a goal, what would change, and how good all that is."""

from functools import partial

import streamlit as st

from causalviz.events.log import EventLog
from causalviz.plots.network import CLAIM
from causalviz.recommend.promotion import next_actions, promote, what_if
from causalviz.ui import recommending as stages
from causalviz.ui.components import goal, held_out, next_behaviour, next_items
from causalviz.ui.components.kept import kept_tabs
from causalviz.ui.guards import require_log, show_errors
from causalviz.ui.session import Session, bootstrap

TOP = 5


def show_next(session: Session, log: EventLog) -> None:
    """One history, and what is likely after it."""
    left, right = st.columns([3, 2], gap="large")
    with right:
        horizon_s, deep = next_behaviour.choose_reach(log)
        wished = next_items.choose_item_goal(stages.item_goals(session)) if stages.has_items(session) else None
    with left:
        history = next_behaviour.choose_history(log)
    next_behaviour.history_line(history)
    predictions = stages.predictions_of(session, history, horizon_s, TOP, deep=deep)
    next_behaviour.because_paths(predictions)
    next_behaviour.next_behaviours(predictions, horizon_s, deep=deep)
    everyone = partial(stages.all_predictions, session, horizon_s, TOP, deep=deep)
    next_behaviour.download("All users (CSV)", everyone, "next.csv", "get_next")
    if stages.has_items(session):
        next_items.next_items_desk(session, history, wished, TOP)
    st.caption(CLAIM)


def show_goal(session: Session, log: EventLog) -> None:
    """Levers towards a goal, and one user's best next step."""
    influence, rates = stages.current_influence(session), stages.current_rates(session, None)
    if influence is None or rates is None:
        return
    wished = goal.choose_goal(influence)
    goal.promotions(promote(influence, wished), wished)
    chances = rates.chances(stages.state_of(rates, next_behaviour.choose_history(log)))
    goal.best_actions(next_actions(influence, wished, chances)[0], wished)
    next_behaviour.download(
        "All users (CSV)", lambda: stages.all_actions(session, influence, wished, None), "actions.csv", "download_goal"
    )


def show_what_if(session: Session) -> None:
    """One behaviour changed, and all that follows."""
    influence = stages.current_influence(session)
    if influence is not None:
        changed, factor = goal.choose_change(influence)
        goal.changes(what_if(influence, changed, factor), changed, factor)


session = bootstrap("Recommend", "What comes next and why, and what leads to a goal, from the curated graph.")
log = require_log(session)
first, second, third, fourth = kept_tabs(
    ["Next behaviour", "Towards a goal", "What if", "How good is it"], key="recommend_tab"
)
with show_errors():
    with first:
        if first.open:
            show_next(session, log)
    with second:
        if second.open:
            show_goal(session, log)
    with third:
        if third.open:
            show_what_if(session)
    with fourth:
        if fourth.open:
            held_out.held_out_desk(session)

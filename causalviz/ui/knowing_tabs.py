"""Two of the tabs beside the drawing: what an expert knows beforehand, and what an expert is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from causalviz.errors import KnowledgeConflict
from causalviz.graph.knowledge import Knowledge, check_rules
from causalviz.ui.components.edge_panel import time_travel
from causalviz.ui.components.review_panel import informing_panel, review_panel, worklist_panel
from causalviz.ui.components.rules_panel import rules_panel
from causalviz.ui.components.text import plain
from causalviz.ui.curating import can_travel, propose, select
from causalviz.ui.knowing import (
    asked_now,
    change_knowledge,
    current_informed,
    current_knowledge,
    current_review,
    current_worklist,
    inform_by_verdicts,
    moved_by_verdicts,
    skip_question,
    take_refusal,
)
from causalviz.ui.router import go_to

if TYPE_CHECKING:
    from collections.abc import Sequence

    from causalviz.ui.session import Session


def rules_tab(session: Session, behaviours: Sequence[str]) -> None:
    """Draws the project's rules.

    Args:
        session: Whose project.
        behaviours: What the graph has.
    """
    knowledge = current_knowledge(session)
    rules_panel(knowledge, behaviours, change_knowledge, take_refusal(), _clash(knowledge))


def review_tab(session: Session) -> None:
    """Draws the review queue, the worklist, and whether verdicts inform the estimates."""
    refusal = take_refusal()
    if refusal:
        st.error(plain(refusal), icon=":material/error:")
    progress = current_review(session)
    asked = asked_now(session, progress)
    explain = review_panel(progress, asked, propose, skip_question, select)
    with st.container(horizontal=True, gap="xsmall"):
        time_travel(*can_travel(session), propose)
    informing_panel(current_informed(session), moved_by_verdicts(session), inform_by_verdicts)
    worklist_panel(current_worklist(session), select)
    if explain and asked is not None:
        select(asked.question.pair)
        go_to("explain")


def _clash(knowledge: Knowledge) -> str:
    try:
        check_rules(knowledge)
    except KnowledgeConflict as clash:
        return str(clash)
    return ""

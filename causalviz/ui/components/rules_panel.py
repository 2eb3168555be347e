"""What an expert knows beforehand, as rules: written, listed, taken back, imported and exported.

Every list shows what is in force now, whoever wrote it: a change that was refused is not kept in it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from causalviz.graph.knowledge import Knowledge, Rule, RuleKind, with_closed, with_rules, without_rules
from causalviz.graph.knowledge_table import LARGEST, read_knowledge, write_knowledge
from causalviz.plots.network import visible_text
from causalviz.ui.components.text import arrow, plain

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

ChangeKnowledge = Callable[[Callable[[Knowledge], Knowledge]], None]

LISTS = (  # kind, label, help
    (RuleKind.GOAL, "Goals", "What the analysis is about. A goal causes nothing but other goals."),
    (RuleKind.CAUSES_NOTHING, "Cause nothing", "These never cause another behaviour."),
    (RuleKind.CAUSED_BY_NOTHING, "Caused by nothing", "No other behaviour causes these, such as a message you send."),
)
LINES_SHOWN = 5  # more rules on pairs are scrolled
LINE_PX = 40
EXAMPLE = """rule,behaviour,other
required,view,cart
forbidden,cart,view
tier 1,search,
tier 2 closed,view,
causes nothing,log out,
caused by nothing,see advert,
goal,buy,"""


def rules_panel(
    knowledge: Knowledge, behaviours: Sequence[str], change: ChangeKnowledge, refusal: str = "", clash: str = ""
) -> None:
    """Draws the rules with their controls.

    Args:
        knowledge: In force, with the names of today.
        behaviours: What the graph has.
        change: Told how the rules are to change, in a callback.
        refusal: Why the latest change was refused, or nothing.
        clash: Which rules clash although nothing was changed here, as after a version was restored.
    """
    st.caption("Rules come before data and verdicts, and inform the pairs around them.")
    for sentence in (refusal, clash):
        if sentence:
            st.error(plain(sentence), icon=":material/error:")
    strangers = knowledge.strangers(behaviours)
    if strangers:
        shown = ", ".join(map(plain, strangers[:5])) + (" …" if len(strangers) > 5 else "")
        st.caption(f":material/hourglass_empty: Not in the log now, so their rules wait: {shown}")
    _new_pair(behaviours, change)
    _pairs(knowledge, change)
    for kind, label, meaning in LISTS:
        _names(knowledge, behaviours, change, kind, label, meaning)
    _tiers(knowledge, behaviours, change)
    _files(knowledge, change)


def _new_pair(behaviours: Sequence[str], change: ChangeKnowledge) -> None:
    def add(kind: RuleKind, cause: str, effect: str) -> None:
        change(lambda before: with_rules(before, [Rule(kind, cause, effect)]))
        st.session_state["rule_cause"] = st.session_state["rule_effect"] = None

    with st.container(horizontal=True, gap="small", key="rule_pair"):
        cause = st.selectbox(
            "Cause", behaviours, index=None, placeholder="Cause", key="rule_cause", format_func=visible_text
        )
        effect = st.selectbox(
            "Effect", behaviours, index=None, placeholder="Effect", key="rule_effect", format_func=visible_text
        )
    with st.container(horizontal=True, gap="xsmall"):
        for kind, label, icon in (
            (RuleKind.REQUIRED, "Require", ":material/lock:"),
            (RuleKind.FORBIDDEN, "Forbid", ":material/block:"),
        ):
            st.button(
                label, icon=icon, key=f"rule_{kind.value}", disabled=cause is None or effect is None, on_click=add,
                args=(kind, cause or "", effect or ""),
            )  # fmt: skip


def _pairs(knowledge: Knowledge, change: ChangeKnowledge) -> None:
    """The rules on pairs, one line each, with a way back."""
    rules = [rule for rule in knowledge.rules() if rule.other]
    if not rules:
        return
    tall = len(rules) > LINES_SHOWN
    with st.container(height=LINES_SHOWN * LINE_PX if tall else "content", border=tall, gap="xsmall", key="rule_lines"):
        for number, rule in enumerate(rules):
            icon = "lock" if rule.kind is RuleKind.REQUIRED else "block"
            with st.container(
                horizontal=True, wrap=False, vertical_alignment="center", gap="xsmall", key=f"rule_line_{number}"
            ):
                st.markdown(f":material/{icon}: {arrow(rule.behaviour, rule.other)}", width="stretch")
                st.button(
                    "Remove", key=f"rule_remove_{number}", type="tertiary", help=f"{rule.kind.value.capitalize()}",
                    on_click=change, args=(partial(without_rules, removed=[rule]),),
                )  # fmt: skip


def _names(
    knowledge: Knowledge,
    behaviours: Sequence[str],
    change: ChangeKnowledge,
    kind: RuleKind,
    label: str,
    meaning: str,
) -> None:
    """A list of behaviours of which one thing is said."""
    there = [rule for rule in knowledge.rules() if rule.kind is kind]
    _choice(there, behaviours, change, lambda name: Rule(kind, name), label, f"rule_{kind.value}_names", meaning)


def _tiers(knowledge: Knowledge, behaviours: Sequence[str], change: ChangeKnowledge) -> None:
    """The order in time: a list for each tier, and an empty one for the next."""
    st.markdown("**Order in time**", help="A later tier never causes an earlier one. Behaviours in no tier are free.")
    placed = {name for tier in knowledge.tiers for name in tier.behaviours}
    for number in range(1, len(knowledge.tiers) + 2):
        there = [rule for rule in knowledge.rules() if rule.tier == number]
        mine = {rule.behaviour for rule in there}
        free = [name for name in behaviours if name in mine or name not in placed]
        if not free:
            continue
        label = f"Tier {number}" if there else f"Tier {number}, new"
        _choice(there, free, change, partial(_tier_rule, number), label, f"rule_tier_{number}", "")
        if there:
            _closed(knowledge, number, change)


def _closed(knowledge: Knowledge, number: int, change: ChangeKnowledge) -> None:
    key = f"rule_closed_{number}"
    st.session_state[key] = knowledge.tiers[number - 1].closed

    def keep() -> None:
        closed = bool(st.session_state[key])
        change(lambda before: with_closed(before, number, closed))

    st.checkbox(f"Nothing in tier {number} causes anything else in it", key=key, on_change=keep)


def _tier_rule(number: int, name: str) -> Rule:
    return Rule(RuleKind.TIER, name, tier=number)


def _choice(
    there: Sequence[Rule],
    behaviours: Collection[str],
    change: ChangeKnowledge,
    rule_of: Callable[[str], Rule],
    label: str,
    key: str,
    meaning: str,
) -> None:
    """A list of behaviours: what is chosen becomes a rule, what is taken out is one no more."""
    names = [rule.behaviour for rule in there]
    st.session_state[key] = names  # what is in force, not what was refused

    def keep() -> None:
        chosen = [str(name) for name in st.session_state[key]]
        added = [rule_of(name) for name in chosen if name not in names]
        removed = [rule for rule in there if rule.behaviour not in chosen]
        change(lambda before: without_rules(with_rules(before, added), removed))

    options = list(dict.fromkeys([*behaviours, *names]))
    st.multiselect(
        label, options, key=key, on_change=keep, placeholder="No behaviour", help=meaning or None,
        format_func=visible_text,
    )  # fmt: skip


def _files(knowledge: Knowledge, change: ChangeKnowledge) -> None:
    with st.container(horizontal=True, gap="xsmall", key="rule_files"):
        with st.popover("Import rules", icon=":material/upload:", type="tertiary"):
            st.caption("A CSV of three columns, as Excel saves it:")
            st.code(EXAMPLE, language=None)
            file = st.file_uploader(
                "Rules", type=["csv", "tsv", "txt"], key="rule_file", label_visibility="collapsed",
                max_upload_size=LARGEST >> 20,
            )  # fmt: skip
            _import(file, change)
        st.download_button(
            "Export rules", lambda: write_knowledge(knowledge), "rules.csv", "text/csv", on_click="ignore",
            icon=":material/download:", key="rule_export", type="tertiary", disabled=not knowledge,
        )  # fmt: skip


def _import(file: UploadedFile | None, change: ChangeKnowledge) -> None:
    def add(before: Knowledge, data: bytes, name: str) -> Knowledge:
        read = read_knowledge(data, name)
        return with_rules(before, read.rules(), [n for n, tier in enumerate(read.tiers, 1) if tier.closed])

    def replace_all(_before: Knowledge, data: bytes, name: str) -> Knowledge:
        return read_knowledge(data, name)

    data, name = (b"", "") if file is None else (file.getvalue(), file.name)
    with st.container(horizontal=True, gap="xsmall"):
        for label, deed in (("Add to these", add), ("Replace all", replace_all)):
            st.button(
                label, key=f"rule_import {label}", disabled=file is None, on_click=change,
                args=(partial(deed, data=data, name=name),),
            )  # fmt: skip

"""What an expert knows, kept with the project, and what follows from it: worklist, review queue, informed estimates.

Rules are changed by functions on knowledge, so that of two tabs which change different rules both count. A change that
clashes is refused as a whole, with a sentence that the next drawing shows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import streamlit as st

from causalviz.errors import CausalVizError
from causalviz.graph.knowledge import Knowledge, Rule, check_rules
from causalviz.graph.store import DeedKind, Doing
from causalviz.graph.verdicts import ASSERTED
from causalviz.ui.adapting import learned_pairs
from causalviz.ui.compute import (
    current_discovery,
    current_history,
    current_model,
    current_project,
    current_view,
    discovery_of_state,
    knowledge_of_state,
    store,
)
from causalviz.ui.contest import retried
from causalviz.ui.following import Stage, follow
from causalviz.ui.jobs import JobRegistry
from causalviz.ui.session import get_session
from causalviz.ui.settings import informed_of, with_informed, with_knowledge

if TYPE_CHECKING:
    from causalviz.discovery import Discovery
    from causalviz.graph.review import Disagreement, Progress, Question
    from causalviz.graph.store import Project
    from causalviz.graph.verdicts import Pair
    from causalviz.ui.session import Session
    from causalviz.ui.wording import Finding

Queue = tuple["Question", ...]
Change = Callable[[Knowledge], Knowledge]

REFUSAL = "knowledge_refusal"
SKIPPED = "review_skipped"


class Informed(NamedTuple):
    """Which verdicts the estimates take in.

    Attributes:
        entries: So many entries of the history; 0 for none.
        verdicts: How many rulings stood after them.
        standing: How many rulings stand now.
        fresh: How many of these are not taken in, or otherwise.
        learned: How many verdicts the project's own network was trained on.
    """

    entries: int
    verdicts: int
    standing: int
    fresh: int
    learned: int


class Moved(NamedTuple):
    """A pair that verdicts on others carry over the threshold, or below it."""

    pair: Pair
    before: float
    after: float


class Asked(NamedTuple):
    """The pair that is under review: what was found about it, and how often its two behaviours happened."""

    question: Question
    finding: Finding
    cause_events: int
    effect_events: int


def current_knowledge(session: Session) -> Knowledge:
    """The project's rules, with the names of today.

    Raises:
        SettingsError: If they are damaged.
    """
    project = current_project(session)
    return Knowledge() if project is None else knowledge_of_state(project)


def change_knowledge(change: Change) -> None:
    """Changes the project's rules, if they do not clash then; call it in a callback.

    Args:
        change: From the rules as they are to the rules as they shall be; may raise a ``CausalVizError`` itself.
    """

    def changed(project: Project) -> Project:
        knowledge, history = change(knowledge_of_state(project)), current_history(get_session())
        asserted = [pair for pair, said in history.standing().items() if said.ruling in ASSERTED]
        check_rules(knowledge, acyclic=history.acyclic, asserted=asserted)
        return with_knowledge(project, knowledge)

    _change(changed, _rules_said)


def take_refusal() -> str:
    """Why the latest change of the rules was refused; told once, empty where it was not."""
    return str(st.session_state.pop(REFUSAL, ""))


def inform_by_verdicts(wanted: bool) -> None:
    """Lets the verdicts so far inform the estimates of the pairs around them, or lets none; call it in a callback."""

    def changed(project: Project) -> Project:
        return with_informed(project, len(store().history(project.id).entries) if wanted else 0)

    said = "with the verdicts so far" if wanted else "by the log and the rules alone"
    _change(changed, lambda _before, _after: Doing(DeedKind.JUDGED, said))


def moved_by_verdicts(session: Session) -> tuple[Moved, ...]:
    """What the informed estimates draw otherwise than the log alone, the largest change first; judged pairs apart."""
    project = current_project(session)
    if project is None or not informed_of(project):
        return ()
    told, alone = (discovery_of_state(state) for state in (project, with_informed(project, 0)))
    if told is None or alone is None:
        return ()
    least, ruled = current_view(session).threshold, current_history(session).rulings()
    after, before = told.probability, alone.probability
    crossed = [(int(i), int(j)) for i, j in zip(*np.nonzero((after >= least) != (before >= least)), strict=True)]
    found = [
        Moved(pair, float(before[at]), float(after[at]))
        for at in crossed
        if (pair := (told.names[at[0]], told.names[at[1]])) not in ruled
    ]
    return tuple(sorted(found, key=lambda one: (-abs(one.after - one.before), one.pair)))


def current_informed(session: Session) -> Informed:
    """Which verdicts the estimates take in."""
    project, history = current_project(session), current_history(session)
    entries = 0 if project is None else min(informed_of(project), len(history.entries))
    then, now = history.first(entries).rulings(), history.rulings()
    fresh = len(set(then.items()) ^ set(now.items())) if entries else len(now)
    return Informed(entries, len(then), len(now), fresh, len(learned_pairs(session)))


def current_worklist(session: Session) -> tuple[Disagreement, ...]:
    """Where data and expert disagree, the highest stake first; empty before a log was chosen."""
    from causalviz.graph.review import disagreements

    discovery = current_discovery(session)
    return () if discovery is None else disagreements(discovery.table(), current_history(session))


def current_review(session: Session) -> Progress:
    """The review queue as far as it is needed: when all of it is answered, the next pairs follow."""
    from causalviz.graph.review import progress_of

    discovery, history = current_discovery(session), current_history(session)
    if discovery is None:
        return progress_of((), history)
    key = _answers(discovery, history.knowledge)
    asked: Queue = ()
    while True:
        more = _queue(session, discovery, history.knowledge, key, asked)
        asked = (*asked, *more)
        progress = progress_of(asked, history, _skipped(key))
        if progress.open or not more:
            return progress


def asked_now(session: Session, progress: Progress) -> Asked | None:
    """The first open question with what was found about it; None where all are answered."""
    from causalviz.ui.wording import finding_of

    discovery = current_discovery(session)
    if discovery is None or not progress.open:
        return None
    question = progress.open[0]
    events = dict(zip(discovery.names, discovery.counts.total().events[0].tolist(), strict=True))
    finding = finding_of(discovery.table(), *question.pair)
    return Asked(question, finding, events[question.cause], events[question.effect])


def skip_question(pair: Pair) -> None:
    """Puts a pair off until all others of its queue are answered; call it in a callback."""
    discovery, session = current_discovery(get_session()), get_session()
    if discovery is not None:
        key = _answers(discovery, current_knowledge(session))
        st.session_state[SKIPPED] = key, (*(other for other in _skipped(key) if other != pair), pair)


@st.cache_resource(show_spinner=False)
def reviews() -> JobRegistry[Stage, Queue]:
    """Review queues of this process, one per log, model, rules and what was asked before."""
    return JobRegistry(max_running=1, max_kept=8)


def _change(changed: Callable[[Project], Project], told: Callable[[Project, Project], Doing] | None = None) -> None:
    """Saves a changed project over the revision that was read, again where somebody was faster.

    Args:
        changed: From the project as it is to the project as it shall be.
        told: What the audit trail says of the two; None for nothing.
    """

    def attempt() -> None:
        project = current_project(get_session())
        if project is not None:
            after = changed(project)
            store().save_project(after, get_session().author, told(project, after) if told else None)

    try:
        retried(attempt)
    except CausalVizError as refusal:
        st.session_state[REFUSAL] = str(refusal)


def _rules_said(before: Project, after: Project) -> Doing:
    """Which rules came and which went."""
    there, left = ([_rule_said(rule) for rule in knowledge_of_state(state).rules()] for state in (before, after))
    came, went = ([said for said in some if said not in other] for some, other in ((left, there), (there, left)))
    return Doing(DeedKind.RULES, "; ".join(came), f"no longer: {'; '.join(went)}" if went else "")


def _rule_said(rule: Rule) -> str:
    named = f"{rule.behaviour} → {rule.other}" if rule.other else rule.behaviour
    return f"{rule.kind.value}{f' {rule.tier}' if rule.tier else ''}: {named}"


def _answers(discovery: Discovery, knowledge: Knowledge) -> str:
    """Of all that the queue depends on."""
    rules = hashlib.blake2b(repr(knowledge).encode(), digest_size=8).hexdigest()
    return f"{discovery.log_fingerprint} {discovery.answer_id} {rules}"


def _queue(session: Session, discovery: Discovery, knowledge: Knowledge, key: str, asked: Queue) -> Queue:
    model = current_model(session)
    after = frozenset(question.pair for question in asked)

    def work(on_step: Callable[[Stage], None], _cancelled: Callable[[], bool]) -> Queue:
        from causalviz.graph.review import review_queue
        from causalviz.model.threads import one_core

        features = discovery.features
        said = np.zeros(len(features.cause), np.int8) if discovery.said is None else discovery.said
        with one_core():
            return review_queue(
                model, features, discovery.doubts, discovery.names, said, knowledge,
                after=after, on_progress=lambda done, total: on_step(("pairs weighed", done, total)),
            )  # fmt: skip

    return follow(reviews(), reviews().ensure(f"{key} {len(asked)}", work), "Finding what to ask")


def _skipped(key: str) -> tuple[Pair, ...]:
    told: tuple[str, tuple[Pair, ...]] = st.session_state.get(SKIPPED, ("", ()))
    return told[1] if told[0] == key else ()

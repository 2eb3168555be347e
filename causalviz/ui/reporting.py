"""The report of the open project, gathered from what the other pages show."""

from __future__ import annotations

import shlex
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from causalviz.errors import GraphError
from causalviz.events.findings import left_out
from causalviz.ui.components.score_table import READINGS, UNDEFINED, interval_text, score_text
from causalviz.ui.compute import (
    current_discovery,
    current_evidence,
    current_explanation,
    current_graph,
    current_history,
    current_log,
    current_project,
    current_view,
    store,
)
from causalviz.ui.curating import current_looks, current_places, drawn_graph
from causalviz.ui.evaluating import current_beside, known_graph_title, measured, truth_kinds
from causalviz.ui.logs import current_report
from causalviz.ui.settings import informed_of, rules_of, sample_of
from causalviz.ui.versioning import current_trail

if TYPE_CHECKING:
    from causalviz.evaluate.metrics import Scores
    from causalviz.events.rules import Rules
    from causalviz.graph.store import Project
    from causalviz.report.content import OnProgress, ScoreLine
    from causalviz.ui.evaluating import Measured, TruthKind
    from causalviz.ui.session import Session

SCORED = ("precision", "recall", "f1", "auroc", "auprc", "shd", "orientation", "ece")
LOWER_IS_BETTER = frozenset({"shd", "sid", "brier", "ece"})


def question_of(project: Project) -> str:
    """What the project asks, in the visitor's words; empty where nobody said."""
    return str(project.settings.get("question", ""))


def ask(project_id: str, question: str) -> None:
    """Keeps the question with the project."""
    said = question.strip()
    store().change_project(project_id, lambda now: replace(now, settings={**now.settings, "question": said}))


def write_report(session: Session, findings: int, on_progress: OnProgress) -> str:
    """Writes the report of the open project.

    Args:
        session: Whose project.
        findings: How many edges are told in words, at most.
        on_progress: Told (steps done, steps in all, what is done now).

    Returns:
        HTML, to be stored as UTF-8.

    Raises:
        GraphError: If there is no log and therefore nothing to report.
        CausalVizError: If the log or the model cannot be used.
    """
    from causalviz.report import content
    from causalviz.report.page import report_page

    project, log, discovery = current_project(session), current_log(session), current_discovery(session)
    whole = current_graph(session)
    if project is None or log is None or discovery is None or whole is None:
        raise GraphError("There is nothing to report on yet; choose a log on the Data page.")
    graph, table, history = drawn_graph(session, whole), discovery.table(), current_history(session)
    explain, show = partial(current_explanation, session), partial(current_evidence, session)
    edges = content.top_edges(graph, table, findings)
    told = content.tell_all(edges, table, history.standing(), explain, show, on_progress)
    edits = content.edited(current_trail(session))
    kind = next(iter(truth_kinds(session)), None)
    report = content.report_of(
        content.Heading(project.name, question_of(project), session.author),
        log,
        current_report(session),
        discovery,
        content.Drawn(graph, current_places(session, whole), current_looks(session).kinds),
        told,
        _chosen(session, project),
        commands_for(session, project),
    )
    curated = replace(
        report,
        edits=edits[: content.MOST_EDITS],
        edits_in_all=len(edits),
        rules=tuple(rule.words for rule in history.knowledge.rules()),
        truth="" if kind is None else _truth_name(kind, session),
        scores=() if kind is None else _score_lines(session, kind),
    )
    return report_page(curated)


def commands_for(session: Session, project: Project) -> tuple[str, ...]:
    """What to type to get the same probabilities without the dashboard; a comment says what it leaves out."""
    rules, sample, reading = rules_of(project), sample_of(project), current_report(session)
    roles = {"item": "item"} if rules.level == "item" else {}
    lines, log = [], "LOG"
    if sample is not None:
        name, language = sample
        lines.append(f"python -m causalviz simulate --preset {name} --seed 0 --language {language} --out {name}")
        log = f"{name}/log.csv"
    elif reading is not None:
        log = reading.file
        named = {role: reading.roles.column(role) for role in ("user", "event", "time", "item")}
        roles = {role: column for role, column in named.items() if column and (role != "item" or "item" in roles)}
    options = "".join(f" --{role} {shlex.quote(column)}" for role, column in roles.items())
    top = f" --top-items {rules.top_items}" if "item" in roles else ""
    known = " --known verdicts.csv" if informed_of(project) or current_history(session).knowledge else ""
    lines.append(f"python -m causalviz discover {shlex.quote(log)}{options}{top}{known} --out found")
    return (*lines, *_left_out(rules, project))


def _left_out(rules: Rules, project: Project) -> tuple[str, ...]:
    """Comments on what the command line does not do of what the project did."""
    changed = [
        f"{len(done):,} {what}"
        for what, done in (("merged", rules.merged), ("renamed", rules.renamed), ("hidden", rules.hidden))
        if done
    ]
    said = [f"# left out in the project: {note.sentence}" for note in left_out(rules)]
    said += [f"# behaviours were changed ({', '.join(changed)}): change them in the file first"] if changed else []
    if project.model_id is not None:
        said.append("# judged by the project's own network; the command line uses the shipped one")
    return tuple(said)


def _chosen(session: Session, project: Project) -> dict[str, str]:
    """The project's settings in words."""
    rules, view = rules_of(project), current_view(session)
    from causalviz.pipeline import DiscoverConfig

    usual = DiscoverConfig()
    one = "an event type" if rules.level == "event" else f"an event type with its {rules.level}"
    top = "" if rules.level == "event" else f", the {rules.top_items} most frequent told apart"
    changes = [
        *(f"{' + '.join(old)} merged into {new}" for new, old in rules.merged),
        *(f"{old} renamed {new}" for old, new in rules.renamed),
        *(f"{name} hidden" for name in rules.hidden),
    ]
    without = " ".join(note.sentence for note in left_out(rules))
    top_k = "all causes of each behaviour" if view.top_k == 0 else f"the {view.top_k} most probable causes of each"
    informed = informed_of(project)
    return {
        "Behaviour": f"{one}{top}",
        "Left out": without or "nothing",
        "Changed behaviours": "; ".join(changes) or "none",
        "Least probability of an edge": f"{view.threshold:.2f}; {top_k}",
        "Estimates take in": f"the first {informed:,} entries of the history" if informed else "no verdicts",
        "Seed": f"{usual.seed}, of a sample of up to {usual.sample_events:,} events for the fitted models",
    }


def _truth_name(kind: TruthKind, session: Session) -> str:
    return {
        "sample": "the sample’s own graph",
        "upload": f"the uploaded graph {known_graph_title(session) or ''}".strip(),
        "verdicts": "the expert’s verdicts",
    }[kind]


def _score_lines(session: Session, kind: TruthKind) -> tuple[ScoreLine, ...]:
    beside = current_beside(session, kind)
    if beside is None:
        return ()
    found = measured(beside, current_view(session).threshold)
    return tuple(_score_line(field, found) for field in SCORED)


def _score_line(field: str, found: Measured) -> ScoreLine:
    from causalviz.report.content import ScoreLine

    title, meaning = READINGS[field]
    best = _best_free(field, found.lines)
    interval = interval_text(field, found.intervals[field])
    return ScoreLine(title, score_text(field, found.scores), interval, best, meaning)


def _best_free(field: str, lines: dict[str, Scores]) -> str:
    """The best of the free lines, with its name."""
    if field in {"brier", "ece"}:
        return UNDEFINED
    sign = -1.0 if field in LOWER_IS_BETTER else 1.0
    known = {name: score for name, score in lines.items() if score_text(field, score) != UNDEFINED}
    if not known:
        return UNDEFINED
    best = max(known, key=lambda name: sign * float(getattr(known[name], field)))
    return f"{score_text(field, known[best])} ({best})"

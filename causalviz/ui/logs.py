"""Opening a log: a sample or a file becomes events in the store and a project over them.

The upload itself is read once and dropped; what stays is Parquet in the store's folder of that log, with the
report of the reading beside it; so the same events from another file, or read in another way, lie apart. One project
holds one log, because verdicts speak of its behaviours.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from causalviz.events.mapping import Roles
from causalviz.events.report import ReadReport
from causalviz.events.rules import Level, RawEvents, Rules, apply_rules
from causalviz.graph.store import DeedKind, Doing
from causalviz.ui.compute import EVENTS_FILE, check_knowledge_of_state, current_project, current_raw, store
from causalviz.ui.settings import with_rules, with_sample
from causalviz.ui.steps import stepped

if TYPE_CHECKING:
    from causalviz.graph.store import Project
    from causalviz.ui.session import Session
    from causalviz.worlds.demos import DemoName, Language

REPORT_FILE = "report.json"
ON_DATA_PAGE = "on the Data page"
SAMPLE_NAMES = {"shop": "Shop sample", "social": "Social sample", "video": "Video sample"}


def open_sample(name: DemoName, language: Language) -> Project:
    """Simulates a demo log and opens a new project on it.

    Args:
        name: Which demo.
        language: Of its behaviour names.
    """
    from causalviz.worlds.demos import demo_log

    raw = RawEvents.from_log(demo_log(name, language).log)
    title = SAMPLE_NAMES[name] + (" (中文)" if language == "zh" else "")
    rules = Rules(level="item") if name == "shop" else Rules()
    return store().save_project(with_sample(_open(title, raw, None, rules), name, language))


def open_file(path: Path, name: str, roles: Roles) -> Project:
    """Reads a file and opens a new project on it; the file may be deleted afterwards.

    Args:
        path: The file.
        name: What the visitor calls it; names the project and stands in messages.
        roles: Which column is what.

    Raises:
        LogError: If the file cannot be read or used.
    """
    from causalviz.events.readers import read_events

    raw, report = read_events(path, roles, title=name)
    rules = Rules() if len(raw.event_names) > 1 else Rules(level=levels_of(raw)[1])
    return _open(Path(name).name.partition(".")[0] or "My log", raw, report, rules)


def open_sketch() -> Project:
    """A project without a log, whose graph is drawn or imported by hand."""
    return store().create_project(_free_name("Sketch"))


def levels_of(raw: RawEvents | None) -> list[Level]:
    """What may count as one behaviour, by the columns that the log has."""
    levels: list[Level] = ["event"]
    if raw is not None and raw.item is not None:
        levels.append("item")
    if raw is not None and raw.category is not None:
        levels.append("category")
    return levels


def change_rules(session: Session, rules: Rules) -> None:
    """Saves other rules with the project, if they leave a log that can be used.

    Raises:
        UnusableLog: If they do not; the project keeps its rules then.
        KnowledgeConflict: If two rules of the expert would clash on merged behaviours; likewise.
        RevisionConflict: If another tab saved the project in between.
    """
    project, raw = current_project(session), current_raw(session)
    if project is not None and raw is not None:
        apply_rules(raw, rules)
        changed = with_rules(project, rules)
        check_knowledge_of_state(changed)
        doing = Doing(DeedKind.BEHAVIOURS, ON_DATA_PAGE)
        store().save_project(stepped(project, changed, ON_DATA_PAGE), session.author, doing)


def current_report(session: Session) -> ReadReport | None:
    """What happened when the project's file was read; None for a sample."""
    project = current_project(session)
    if project is None or project.log_id is None:
        return None
    file = store().log_folder(project.log_id) / REPORT_FILE
    if not file.is_file():
        return None
    return ReadReport.from_json(file.read_text(encoding="utf-8"))


def _open(title: str, raw: RawEvents, report: ReadReport | None, rules: Rules) -> Project:
    apply_rules(raw, rules)  # a log that cannot be used must fail before anything of it is kept

    def write(folder: Path) -> None:
        raw.save(folder / EVENTS_FILE)
        if report is not None:
            (folder / REPORT_FILE).write_text(report.to_json(), encoding="utf-8")

    content = raw.fingerprint if report is None else f"{raw.fingerprint}-{report.fingerprint}"
    log = store().add_log(title, content, write)
    project = replace(store().create_project(_free_name(title)), log_id=log.fingerprint)
    return store().save_project(with_rules(project, rules))


def _free_name(title: str) -> str:
    """The title, with a number behind it if a project already has it."""
    taken = {project.name for project in store().projects()}
    if title not in taken:
        return title
    return next(name for n in range(2, len(taken) + 3) if (name := f"{title} {n}") not in taken)

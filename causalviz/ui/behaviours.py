"""Behaviours changed by hand on the graph: hidden from the drawing, renamed, merged, assumed, described.

Renaming and merging change the rules of the log, which is read anew; hiding changes only what is drawn. An assumed
behaviour has no events: it is a node for what an expert knows and no log recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from causalviz.errors import CausalVizError
from causalviz.events.rules import apply_rules, merged, renamed
from causalviz.graph.naming import renaming
from causalviz.graph.store import DeedKind, Doing
from causalviz.ui.compute import (
    check_knowledge_of_state,
    current_history,
    current_project,
    current_raw,
    names_of_state,
    store,
)
from causalviz.ui.graph_editor import Kind, Operation
from causalviz.ui.settings import (
    assumed_behaviours,
    behaviour_notes,
    former_rules,
    rules_of,
    view_of,
    with_behaviours,
    with_rules,
    with_view,
)
from causalviz.ui.steps import redone, step_to_redo, step_to_undo, stepped, undone

if TYPE_CHECKING:
    from causalviz.events.rules import Rules
    from causalviz.graph.store import Project
    from causalviz.ui.session import Session


Change = Callable[["Project"], "Project"]


class Steps(NamedTuple):
    """Whether a change of behaviours is what undo would take back, and what redo would bring back."""

    undo: bool
    redo: bool


def change_behaviours(session: Session, edits: Iterable[Operation]) -> tuple[str, ...]:
    """Applies operations on behaviours to the open project, each by itself.

    Args:
        session: Whose project.
        edits: Of the kinds HIDE, RENAME, MERGE, ASSUME and DESCRIBE, in their order.

    Returns:
        A sentence for each one that was refused.
    """
    refusals: list[str] = []
    for edit in edits:
        project = current_project(session)
        if project is None:
            break
        try:
            change = _DEEDS[edit.kind](session, project, edit)
        except CausalVizError as refusal:
            refusals.append(str(refusal))
        else:
            said = _SAID[edit.kind].format(names=", ".join(edit.names), note=edit.note.strip())
            remembered = partial(_remembered, change=change, said=said)
            store().change_project(project.id, remembered, session.author, Doing(DeedKind.BEHAVIOURS, said))
    return tuple(refusals)


def with_names_of_today(project: Project, operations: Iterable[Operation]) -> tuple[Operation, ...]:
    """Operations on a drawing that was made before somebody else renamed or merged behaviours, in today's names.

    Args:
        project: As it is now.
        operations: In the names of their drawing.
    """
    told, names = tuple(operations), frozenset(names_of_state(project))
    strangers = {name for operation in told for name in operation.names} - names
    if not strangers:
        return told
    found: dict[str, str] = {}
    for epoch in former_rules(project):  # the oldest first, so that the latest meaning counts
        name_now = renaming(epoch.rules, rules_of(project), names)
        found |= {name: new for name in strangers if (new := name_now(name)) in names}
    return tuple(replace(one, names=tuple(found.get(name, name) for name in one.names)) for one in told)


def can_step(session: Session) -> Steps:
    """Whether undo would take back a change of behaviours, and whether redo would bring one back."""
    project, history = current_project(session), current_history(session)
    if project is None:
        return Steps(undo=False, redo=False)
    return Steps(step_to_undo(project, history) is not None, step_to_redo(project, history) is not None)


def take_step(session: Session, kind: Kind) -> str:
    """Takes the latest change of behaviours back, or does it again.

    Args:
        session: Whose project.
        kind: UNDO or REDO, which ``can_step`` says to be possible.

    Returns:
        Why it was refused; empty where it was not.
    """
    project, history = current_project(session), current_history(session)
    if project is None:
        return ""
    back = kind is Kind.UNDO
    step = step_to_undo(project, history) if back else step_to_redo(project, history)
    if step is None:
        return "The behaviours were changed in another tab in the meantime; nothing was changed."
    change = undone if back else redone
    try:
        _check(session, change(project))
    except CausalVizError as refusal:
        return str(refusal)
    doing = Doing(DeedKind.UNDONE if back else DeedKind.REDONE, step.said)
    store().save_project(change(project), session.author, doing)
    return ""


def _remembered(there: Project, change: Change, said: str) -> Project:
    return stepped(there, change(there), said)


def _hide(session: Session, project: Project, edit: Operation) -> Change:
    """An assumed behaviour on which nobody said anything is forgotten; all others wait among the hidden ones."""
    spoken = {name for pair in current_history(session).standing() for name in pair}
    idle = {name for name in edit.names if name in assumed_behaviours(project) and name not in spoken}
    if not set(names_of_state(project)) - {*view_of(project).hidden, *edit.names}:
        raise CausalVizError("Nothing would be left to draw; leave at least one behaviour.")

    def change(there: Project) -> Project:
        view = view_of(there)
        hidden = tuple(dict.fromkeys([*view.hidden, *(name for name in edit.names if name not in idle)]))
        assumed = [name for name in assumed_behaviours(there) if name not in idle]
        return with_view(with_behaviours(there, assumed, behaviour_notes(there)), replace(view, hidden=hidden))

    return change


def _rename(session: Session, project: Project, edit: Operation) -> Change:
    old, new = edit.names[0], edit.note.strip()
    _check_free(new, project, mine=())
    return _read_anew(session, project, lambda rules: renamed(rules, old, new), {old: new})


def _merge(session: Session, project: Project, edit: Operation) -> Change:
    new = edit.note.strip()
    _check_free(new, project, mine=edit.names)
    new_names = dict.fromkeys(edit.names, new)
    return _read_anew(session, project, lambda rules: merged(rules, edit.names, new), new_names)


def _assume(_session: Session, project: Project, edit: Operation) -> Change:
    new = edit.note.strip()
    _check_free(new, project, mine=())
    return lambda there: with_behaviours(there, [*assumed_behaviours(there), new], behaviour_notes(there))


def _describe(_session: Session, _project: Project, edit: Operation) -> Change:
    said = {edit.names[0]: edit.note.strip()}
    return lambda there: with_behaviours(there, assumed_behaviours(there), behaviour_notes(there) | said)


_DEEDS: dict[Kind, Callable[[Session, Project, Operation], Change]] = {
    Kind.HIDE: _hide,
    Kind.RENAME: _rename,
    Kind.MERGE: _merge,
    Kind.ASSUME: _assume,
    Kind.DESCRIBE: _describe,
}


_SAID: dict[Kind, str] = {
    Kind.HIDE: "hidden: {names}",
    Kind.RENAME: "renamed: {names}, now {note}",
    Kind.MERGE: "merged: {names}, now {note}",
    Kind.ASSUME: "assumed: {note}",
    Kind.DESCRIBE: "noted: {names}: {note}",
}


def _check(session: Session, changed: Project) -> None:
    """Refuses a state whose log could not be used, or whose rules clash."""
    raw = current_raw(session)
    if raw is not None:
        apply_rules(raw, rules_of(changed))
    check_knowledge_of_state(changed)


def _check_free(new: str, project: Project, mine: tuple[str, ...]) -> None:
    if new in names_of_state(project) and new not in mine:
        raise CausalVizError(f"There is a behaviour “{new}” already; choose another name, or merge the two.")


def _read_anew(
    session: Session, project: Project, change_rules: Callable[[Rules], Rules], new_names: dict[str, str]
) -> Change:
    """Other rules, if they leave a log that can be used; notes and places follow the new names."""

    def change(there: Project) -> Project:
        notes = behaviour_notes(there)
        notes |= {new: notes[old] for old, new in new_names.items() if old in notes}
        assumed = tuple(dict.fromkeys(new_names.get(name, name) for name in assumed_behaviours(there)))
        return with_rules(with_behaviours(there, assumed, notes), change_rules(rules_of(there)))

    _check(session, change(project))
    places = store().positions(project.id)
    store().save_positions(project.id, {new: places[old] for old, new in new_names.items() if old in places})
    return change

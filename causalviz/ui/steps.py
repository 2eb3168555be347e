"""Changes of behaviours as steps that can be taken back, like verdicts: hidden, renamed, merged, assumed, described.

A step keeps what the settings said before and after it of names, assumed behaviours, notes and what is hidden. It can
be taken back as long as they still say what it left: where somebody changed behaviours elsewhere since, the step is
no longer one of the present state, and is passed over. The project keeps its latest steps, so that a refresh or a
restart of the server loses none. Undo takes whichever came last, a step or a verdict; redo goes the same way back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from causalviz.graph.moment import now
from causalviz.graph.verdicts import Act
from causalviz.ui.settings import rules_of, view_of, with_rules, with_view

if TYPE_CHECKING:
    from causalviz.graph.store import Project
    from causalviz.graph.verdicts import History

KEPT_STEPS = 12  # of a project, each way
PARTS = ("rules", "behaviours")  # of the settings, whole; of the view, only what is hidden

State = Mapping[str, Any]


class Step(NamedTuple):
    """One change of behaviours.

    Attributes:
        at: When it was done or, if it was taken back, when that was; ISO 8601.
        said: What it is called in the audit trail.
        before: What the settings said before it.
        after: What they said after it.
    """

    at: str
    said: str
    before: State
    after: State


def stepped(before: Project, after: Project, said: str) -> Project:
    """A changed project that remembers the step that led to it; not saved.

    Args:
        before: As it was.
        after: As it is to be.
        said: What the step is called.
    """
    there, left = _state(before), _state(after)
    if there == left:
        return after
    return _with_steps(after, [*_steps(after, "done"), Step(now(), said, there, left)], [])


def step_to_undo(project: Project, history: History) -> Step | None:
    """The step that undo takes back; None where there is none, or a verdict came later."""
    steps = _steps(project, "done")
    if not steps or steps[-1].after != _state(project):
        return None
    return None if history.latest is not None and history.latest.at > steps[-1].at else steps[-1]


def step_to_redo(project: Project, history: History) -> Step | None:
    """The step that redo brings back; None where there is none, or a verdict was undone later or given since."""
    steps = _steps(project, "undone")
    if not steps or steps[-1].before != _state(project):
        return None
    last = history.entries[-1] if history.entries else None
    if last is not None and last.at > steps[-1].at and (history.can_redo or last.act not in {Act.UNDO, Act.REDO}):
        return None
    return steps[-1]


def undone(project: Project) -> Project:
    """The project before its latest step, which can be done again; not saved."""
    *earlier, last = _steps(project, "done")
    taken_back = [*_steps(project, "undone"), last._replace(at=now())]
    return _with_steps(_put(project, last.before), earlier, taken_back)


def redone(project: Project) -> Project:
    """The project after the step that was taken back last; not saved."""
    *others, last = _steps(project, "undone")
    return _with_steps(_put(project, last.after), [*_steps(project, "done"), last._replace(at=now())], others)


def _state(project: Project) -> State:
    """What steps change, as JSON gives it back."""
    parts = {name: project.settings.get(name) for name in PARTS}
    plain: State = json.loads(json.dumps({**parts, "hidden": view_of(project).hidden}))
    return plain


def _put(project: Project, state: State) -> Project:
    """The project with another state of its behaviours; its former names are remembered."""
    aimed = replace(project, settings={**project.settings, "rules": state["rules"]})
    changed = with_rules(project, rules_of(aimed))
    settings = {**changed.settings, **{name: state[name] for name in PARTS}}
    return with_view(replace(changed, settings=settings), replace(view_of(project), hidden=tuple(state["hidden"])))


def _steps(project: Project, way: str) -> list[Step]:
    written = project.settings.get("steps")
    return [Step(*step) for step in written.get(way, [])] if isinstance(written, Mapping) else []


def _with_steps(project: Project, done: Sequence[Step], taken_back: Sequence[Step]) -> Project:
    kept = {"done": [list(step) for step in done[-KEPT_STEPS:]], "undone": [list(s) for s in taken_back[-KEPT_STEPS:]]}
    return replace(project, settings={**project.settings, "steps": kept})

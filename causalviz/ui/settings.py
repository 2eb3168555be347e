"""A project's settings: the JSON in the store, as values.

``rules`` shape the behaviours, ``view`` the drawn graph. Unknown fields are passed over, so that a project
written by a later version still opens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

from causalviz.events.rules import Rules
from causalviz.graph.causal_graph import View

if TYPE_CHECKING:
    from causalviz.graph.store import Project

Value = TypeVar("Value", Rules, View)


def rules_of(project: Project) -> Rules:
    """How raw events become behaviours in this project."""
    return _read(Rules, project.settings.get("rules"))


def view_of(project: Project) -> View:
    """Which part of the graph this project shows."""
    return _read(View, project.settings.get("view"))


def with_rules(project: Project, rules: Rules) -> Project:
    """The project with other rules; not saved."""
    return replace(project, settings={**project.settings, "rules": asdict(rules)})


def with_view(project: Project, view: View) -> Project:
    """The project with another view; not saved."""
    return replace(project, settings={**project.settings, "view": asdict(view)})


def _read(kind: type[Value], written: object) -> Value:
    if not isinstance(written, Mapping):
        return kind()
    known = {field.name for field in fields(kind)}
    return kind(**{name: _frozen(value) for name, value in written.items() if name in known})


def _frozen(value: Any) -> Any:
    """JSON has lists where values have tuples."""
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value

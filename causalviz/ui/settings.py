"""A project's settings: the JSON in the store, as values.

``rules`` shape the behaviours, ``view`` the drawn graph, ``knowledge`` is what an expert knows beforehand, ``informed``
how many entries of the history the estimates take in. ``rules_before`` are former rules with the time until which they
were in force, so that what was said under them still finds its behaviours; only renamings and merges are kept there,
and of those that the next rules merely continue only how many there were. Unknown fields are passed over, so that a
project written by a later version still opens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from causalviz.events.rules import Rules
from causalviz.graph.causal_graph import View
from causalviz.graph.knowledge import Knowledge, knowledge_from_json, knowledge_json
from causalviz.graph.moment import now
from causalviz.graph.naming import Epoch

if TYPE_CHECKING:
    from causalviz.graph.store import Project

NAMING = ("merged", "renamed")  # the fields of the rules that change names
BEGINNING = "0001-01-01T00:00:00+00:00"

Value = TypeVar("Value", Rules, View)


def rules_of(project: Project) -> Rules:
    """How raw events become behaviours in this project."""
    return _read(Rules, project.settings.get("rules"))


def view_of(project: Project) -> View:
    """Which part of the graph this project shows."""
    return _read(View, project.settings.get("view"))


def assumed_behaviours(project: Project) -> tuple[str, ...]:
    """Behaviours that an expert assumes and that no log has, in the order of their adding."""
    return tuple(_of_behaviours(project).get("assumed", ()))


def behaviour_notes(project: Project) -> dict[str, str]:
    """Words on behaviours."""
    return dict(_of_behaviours(project).get("notes", {}))


def with_behaviours(project: Project, assumed: Sequence[str], notes: Mapping[str, str]) -> Project:
    """The project with other assumed behaviours and notes; not saved."""
    kept = {"assumed": list(assumed), "notes": {name: note for name, note in notes.items() if note}}
    return replace(project, settings={**project.settings, "behaviours": kept})


def _of_behaviours(project: Project) -> Mapping[str, Any]:
    written = project.settings.get("behaviours")
    return written if isinstance(written, Mapping) else {}


def with_rules(project: Project, rules: Rules, at: str | None = None) -> Project:
    """The project with other rules, the ones before remembered until ``at`` (ISO 8601; None for now); not saved."""
    before, past = rules_of(project), [*project.settings.get("rules_before", [])]
    if (before.merged, before.renamed) != (rules.merged, rules.renamed):
        until = at or now()
        kept = {field: _shortened(getattr(before, field), getattr(rules, field)) for field in NAMING}
        past.append({"until": until, **kept})
    kept_past = {"rules_before": past} if past else {}
    return replace(project, settings={**project.settings, "rules": asdict(rules), **kept_past})


def former_rules(project: Project) -> tuple[Epoch, ...]:
    """The rules that were in force before, the oldest first; only their renamings and merges are remembered."""
    next_, epochs = rules_of(project), []
    for written in reversed(project.settings.get("rules_before", [])):
        naming = {
            field: getattr(next_, field)[: written[field]] if isinstance(written[field], int) else written[field]
            for field in NAMING
        }
        next_ = Rules(**{field: _frozen(value) for field, value in naming.items()})
        epochs.append(Epoch(written["until"], next_))
    return tuple(reversed(epochs))


def knowledge_of(project: Project) -> Knowledge:
    """The expert's rules, with the names that they were written with.

    Raises:
        SettingsError: If they are damaged.
    """
    return knowledge_from_json(project.settings.get("knowledge"))


def knowledge_since(project: Project) -> str:
    """When the expert's rules were last written, ISO 8601; the beginning of time where they never were."""
    written = project.settings.get("knowledge")
    return str(written.get("at", BEGINNING)) if isinstance(written, Mapping) else BEGINNING


def with_knowledge(project: Project, knowledge: Knowledge, at: str | None = None) -> Project:
    """The project with other rules of the expert, written ``at`` (ISO 8601; None for now); not saved."""
    since = at or now()
    written = {**knowledge_json(knowledge), "at": since}
    return replace(project, settings={**project.settings, "knowledge": written})


def informed_of(project: Project) -> int:
    """How many entries of the history the estimates take in; 0 for none."""
    written = project.settings.get("informed", 0)
    return max(written, 0) if isinstance(written, int) else 0


def with_informed(project: Project, entries: int) -> Project:
    """The project with estimates that take in so many entries of the history; not saved."""
    return replace(project, settings={**project.settings, "informed": entries})


def with_view(project: Project, view: View) -> Project:
    """The project with another view; not saved."""
    return replace(project, settings={**project.settings, "view": asdict(view)})


class KnownGraph(NamedTuple):
    """True edges (cause, effect) that somebody uploaded, and the name of the file."""

    title: str
    edges: tuple[tuple[str, str], ...]


def sample_of(project: Project) -> tuple[str, str] | None:
    """Name and language of the sample that this project opened; None for a log of one's own."""
    written = project.settings.get("sample")
    return (str(written["name"]), str(written["language"])) if isinstance(written, Mapping) else None


def with_sample(project: Project, name: str, language: str) -> Project:
    """The project with a note of which sample it holds; not saved."""
    return replace(project, settings={**project.settings, "sample": {"name": name, "language": language}})


def known_graph_of(project: Project) -> KnownGraph | None:
    """The uploaded truth, or None."""
    written = project.settings.get("known_graph")
    if not isinstance(written, Mapping):
        return None
    return KnownGraph(str(written["title"]), tuple((str(cause), str(effect)) for cause, effect in written["edges"]))


def with_known_graph(project: Project, known: KnownGraph | None) -> Project:
    """The project with another uploaded truth, or without one; not saved."""
    kept = None if known is None else {"title": known.title, "edges": [list(edge) for edge in known.edges]}
    return replace(project, settings={**project.settings, "known_graph": kept})


def _read(kind: type[Value], written: object) -> Value:
    if not isinstance(written, Mapping):
        return kind()
    known = {field.name for field in fields(kind)}
    return kind(**{name: _frozen(value) for name, value in written.items() if name in known})


def _frozen(value: Any) -> Any:
    """JSON has lists where values have tuples."""
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


def _shortened(before: tuple[Any, ...], after: tuple[Any, ...]) -> int | tuple[Any, ...]:
    """How many there were, if more merely followed; else all of them."""
    return len(before) if after[: len(before)] == before else before

"""What the store hands out: frozen records, all times ISO 8601 in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from causalviz.graph.verdicts import History

Json = Mapping[str, Any]  # what JSON can say; each reader knows the form of its own part
Place = tuple[float, float]  # centre of a box, px, y downwards


@dataclass(frozen=True)
class Project:
    """One log, the settings for reading it, and the model that judges it; verdicts and places are kept by its id.

    Attributes:
        id: Its name in URLs.
        name: What people call it.
        log_id: Fingerprint of its log, or None before one was chosen.
        model_id: Its adapted model, or None for the shipped prior.
        settings: JSON: the rules and the view, and whether cycles are wanted.
        created: When.
        revision: Raised by one at each save.
    """

    id: str
    name: str
    log_id: str | None = None
    model_id: str | None = None
    settings: Json = field(default_factory=dict)
    created: str = ""
    revision: int = 0


@dataclass(frozen=True)
class Binned:
    """A project in the bin, since when, and until when it can be taken out."""

    project: Project
    since: str
    until: str


@dataclass(frozen=True)
class LogRecord:
    """A log in the store, found by its content."""

    fingerprint: str
    title: str
    created: str


@dataclass(frozen=True)
class ModelRecord:
    """A model that was adapted in a project; its weights lie in the model's folder.

    ``kept`` is False as long as nobody has decided whether to keep what the training brought.
    """

    id: str
    project_id: str
    name: str
    card: Json
    created: str
    kept: bool = False


@dataclass(frozen=True)
class Version:
    """A named, immutable state of a project.

    Attributes:
        id: Its name.
        project_id: Whose.
        name: What people call it; unique in its project.
        note: What they said about it.
        author: Who kept it.
        created: When.
        history_length: It holds so many of the project's first verdicts.
        log_id: Its log.
        model_id: Its model, or None for the shipped prior.
        settings: All of the project's settings then.
        places: Where the boxes stood, px; None for versions of the store's first form, which did not keep them.
    """

    id: str
    project_id: str
    name: str
    note: str
    author: str
    created: str
    history_length: int
    log_id: str | None
    model_id: str | None
    settings: Json
    places: Mapping[str, Place] | None = None

    def as_project(self, now: Project) -> Project:
        """The project as it was then; a value that is not in the store."""
        return Project(now.id, now.name, self.log_id, self.model_id, self.settings, now.created, now.revision)


class Restored(NamedTuple):
    """A project after a version was restored, its verdicts, and the version that keeps what stood before, if new."""

    project: Project
    history: History
    kept: Version | None


class DeedKind(StrEnum):
    """What was done to a project as a whole."""

    CREATED = "created"
    RENAMED = "renamed"
    VERSION = "version kept"
    RESTORED = "version restored"
    BRANCHED = "branched"
    BINNED = "moved to the bin"
    RETURNED = "taken out of the bin"
    BEHAVIOURS = "behaviours changed"
    UNDONE = "change undone"
    REDONE = "change redone"
    RULES = "rules changed"
    JUDGED = "judged anew"


class Doing(NamedTuple):
    """A deed that is about to be done: what, what it is called, and anything else."""

    kind: DeedKind
    subject: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that was done to a project as a whole.

    Attributes:
        kind: What.
        author: Who; empty where nobody said.
        at: When.
        subject: The project's or version's name.
        note: Anything else.

    Raises:
        ValueError: If ``at`` is no ISO 8601 time.
    """

    kind: DeedKind
    author: str
    at: str
    subject: str
    note: str = ""

    def __post_init__(self) -> None:
        datetime.fromisoformat(self.at)

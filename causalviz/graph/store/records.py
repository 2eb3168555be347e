"""What the store hands out: frozen records, all times ISO 8601 in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = Mapping[str, Any]  # what JSON can say; each reader knows the form of its own part


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
    """A named, immutable state of a project: its first ``history_length`` verdicts, its model and its settings."""

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

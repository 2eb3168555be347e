"""The project store: what must survive a refresh, a second tab and a restart of the server."""

from causalviz.graph.store.records import (
    Binned,
    Deed,
    DeedKind,
    Doing,
    LogRecord,
    ModelRecord,
    Project,
    Restored,
    Version,
)
from causalviz.graph.store.store import Store

__all__ = [
    "Binned",
    "Deed",
    "DeedKind",
    "Doing",
    "LogRecord",
    "ModelRecord",
    "Project",
    "Restored",
    "Store",
    "Version",
]

"""The project store: what must survive a refresh, a second tab and a restart of the server."""

from causalviz.graph.store.records import LogRecord, ModelRecord, Project, Version
from causalviz.graph.store.store import Store

__all__ = ["LogRecord", "ModelRecord", "Project", "Store", "Version"]

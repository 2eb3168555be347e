"""The store: projects and all that belongs to them, in one database and one folder.

    <home>/store.db            projects, verdicts, places, versions, deeds, and what is known of logs and models
    <home>/logs/<fingerprint>  events of a log, found by content, shared by projects
    <home>/models/<id>         weights and card of an adapted model
    <home>/uploads             files on their way to becoming a log

Two tabs cannot overwrite each other: a project is saved only over the revision that was read, and the key of an
entry of the history is its place in it. All methods may be called from any thread, and each of them raises
``StoreError`` where the database is damaged, full or locked. Each noun has a module of its own beside this one.
"""

from __future__ import annotations

import os
from pathlib import Path

from causalviz.errors import StoreError
from causalviz.events.folders import default_home, sweep
from causalviz.graph.store.bin import Bin
from causalviz.graph.store.deeds import Deeds
from causalviz.graph.store.histories import Histories
from causalviz.graph.store.logs import Logs
from causalviz.graph.store.models import Models
from causalviz.graph.store.places import Places
from causalviz.graph.store.versions import Versions


class Store(Versions, Histories, Places, Models, Logs, Deeds, Bin):
    """Projects and all that belongs to them.

    Args:
        home: Its folder; None for ``CAUSALVIZ_HOME`` or else the user's data folder.
        url: Database address; None for ``CAUSALVIZ_DATABASE`` or else SQLite in ``home``.

    Raises:
        StoreError: If the folder or the database cannot be used.
    """

    def __init__(self, home: Path | None = None, url: str | None = None) -> None:
        home = _prepared(home or default_home())
        super().__init__(home, url or os.environ.get("CAUSALVIZ_DATABASE") or f"sqlite:///{home / 'store.db'}")
        self.empty_bin()

    @property
    def uploads(self) -> Path:
        """Where files lie until they are read."""
        return self.home / "uploads"


def _prepared(home: Path) -> Path:
    """The folder with all that is in it."""
    try:
        home = home.expanduser().resolve()
        for folder in (home / "uploads", home / "logs", home / "models"):
            folder.mkdir(parents=True, exist_ok=True)
            sweep(folder)
    except (OSError, RuntimeError, ValueError) as error:  # no right or space; no such "~user"; a name with NUL
        why = error.strerror or error if isinstance(error, OSError) else error
        raise StoreError(f"The folder {home} cannot be written ({why}); set CAUSALVIZ_HOME to another one.") from error
    return home

"""The end of a project: what has lain in the bin for long enough goes for good, and what only it needed with it.

A model that another project or one of its versions still uses is handed over to that project.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from sqlalchemy import Connection, delete, select, update

from causalviz.graph.moment import now
from causalviz.graph.store.logs import sweep_logs
from causalviz.graph.store.projects import KEEP_BINNED
from causalviz.graph.store.tables import DEEDS, ENTRIES, MODELS, POSITIONS, PROJECTS, VERSIONS
from causalviz.graph.store.transactions import Transactions


class Bin(Transactions):
    """The bin of a store."""

    def empty_bin(self) -> None:
        """Deletes projects whose time in the bin is over, and logs that nobody needs."""
        with self._writing() as connection:
            models = [model for project in _overdue(connection) for model in _delete(connection, project)]
            sweep_logs(connection, self._logs)
        _remove(self._models, models)


def _overdue(connection: Connection) -> list[str]:
    long_ago = now(KEEP_BINNED)
    return list(connection.execute(select(PROJECTS.c.id).where(PROJECTS.c.binned < long_ago)).scalars())


def _delete(connection: Connection, project_id: str) -> list[str]:
    """Deletes a project's rows; returns the models whose folders may go."""
    for table in (ENTRIES, POSITIONS, VERSIONS, DEEDS):
        connection.execute(delete(table).where(table.c.project_id == project_id))
    gone: list[str] = []
    for model_id in list(connection.execute(select(MODELS.c.id).where(MODELS.c.project_id == project_id)).scalars()):
        heir = _user_of(connection, model_id, project_id)
        if heir is None:
            connection.execute(delete(MODELS).where(MODELS.c.id == model_id))
            gone.append(model_id)
        else:
            connection.execute(update(MODELS).where(MODELS.c.id == model_id).values(project_id=heir))
    connection.execute(delete(PROJECTS).where(PROJECTS.c.id == project_id))
    return gone


def _user_of(connection: Connection, model_id: str, project_id: str) -> str | None:
    """Another project that uses a model, now or in a version."""
    now = select(PROJECTS.c.id).where(PROJECTS.c.model_id == model_id, PROJECTS.c.id != project_id)
    then = select(VERSIONS.c.project_id).where(VERSIONS.c.model_id == model_id, VERSIONS.c.project_id != project_id)
    return connection.execute(now.union(then)).scalars().first()


def _remove(folder: Path, models: list[str]) -> None:
    for model_id in models:
        shutil.rmtree(folder / model_id, ignore_errors=True)

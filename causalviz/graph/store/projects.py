"""Projects in the store: made, saved, renamed, and moved to a bin from which they come back.

A project is saved only over the revision that was read (``save_project``), or changed as it is now
(``change_project``), which needs no revision because nobody can come in between. Nothing that is deleted is lost at
once: the bin keeps it for ``KEEP_BINNED``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from causalviz.errors import RevisionConflict, StoreError, UnknownRecord
from causalviz.graph.moment import now
from causalviz.graph.store.deeds import note_deed
from causalviz.graph.store.records import Binned, DeedKind, Doing, Project
from causalviz.graph.store.tables import LOGS, MODELS, PROJECTS
from causalviz.graph.store.transactions import Transactions, json_object, new_id

KEEP_BINNED = timedelta(days=30)
_BY_ID = select(PROJECTS).where(PROJECTS.c.id == bindparam("project"))  # built once: a page asks dozens of times


class Projects(Transactions):
    """The projects of a store."""

    def projects(self) -> tuple[Project, ...]:
        """All projects that are not in the bin, the latest first."""
        query = select(PROJECTS).where(PROJECTS.c.binned.is_(None))
        with self._reading() as connection:
            rows = connection.execute(query.order_by(PROJECTS.c.created.desc(), PROJECTS.c.id))
            return tuple(_project(row) for row in rows)

    def project(self, project_id: str) -> Project:
        """One project as it is now.

        Raises:
            UnknownRecord: If there is none of that id, or it is in the bin.
        """
        with self._reading() as connection:
            return find_project(connection, project_id)

    def create_project(self, name: str, author: str = "") -> Project:
        """A new, empty project."""
        with self._writing() as connection:
            return add_project(connection, Project("", name), author)

    def save_project(self, project: Project, author: str = "", doing: Doing | None = None) -> Project:
        """Saves name, log, model and settings over the revision that was read.

        Args:
            project: As it shall be.
            author: Who saves it.
            doing: What the audit trail says of it; None for nothing.

        Returns:
            The project with its new revision.

        Raises:
            RevisionConflict: If somebody else saved in between.
            UnknownRecord: If the project, its log or its model is not in the store.
        """
        with self._writing() as connection:
            there = find_project(connection, project.id)
            if there.revision != project.revision:
                raise _too_late(connection, there, project)
            return save_over(connection, there, project, author, doing)

    def change_project(
        self,
        project_id: str,
        change: Callable[[Project], Project],
        author: str = "",
        doing: Doing | None = None,
    ) -> Project:
        """Changes a project as it is now: of two tabs that change different things, both count.

        Args:
            project_id: Whose.
            change: From the project as it is to the project as it shall be; quick, because writers wait for it.
            author: Who does it.
            doing: What the audit trail says of it; None for nothing.

        Raises:
            UnknownRecord: If the project, its log or its model is not in the store.
        """
        with self._writing() as connection:
            there = find_project(connection, project_id)
            return save_over(connection, there, change(there), author, doing)

    def rename_project(self, project_id: str, name: str, author: str) -> Project:
        """Gives a project another name.

        Raises:
            StoreError: If the name is empty, or another project has it.
            UnknownRecord: If there is no such project.
        """
        with self._writing() as connection:
            there = find_project(connection, project_id)
            name = _clean(name)
            if name != there.name and name in _names(connection):
                raise StoreError(f"There is a project “{name}” already; choose another name.")
            return save_over(connection, there, replace(there, name=name), author)

    def bin_project(self, project_id: str, author: str) -> Binned:
        """Moves a project to the bin; its verdicts, versions, log and models stay with it for ``KEEP_BINNED``.

        Raises:
            UnknownRecord: If there is no such project.
        """
        with self._writing() as connection:
            there, since = find_project(connection, project_id), now()
            connection.execute(update(PROJECTS).where(PROJECTS.c.id == there.id).values(binned=since))
            note_deed(connection, there.id, DeedKind.BINNED, author, there.name)
            return Binned(there, since, _until(since))

    def return_project(self, project_id: str, author: str) -> Project:
        """Takes a project out of the bin; where its name is taken by now, a number is put behind it.

        Raises:
            UnknownRecord: If the bin does not have it.
        """
        with self._writing() as connection:
            query = select(PROJECTS).where(PROJECTS.c.id == project_id, PROJECTS.c.binned.is_not(None))
            row = connection.execute(query).one_or_none()
            if row is None:
                raise UnknownRecord(f"The bin has no project “{project_id}” any more; look among the open ones.")
            name = free_name(connection, row.name)
            connection.execute(update(PROJECTS).where(PROJECTS.c.id == row.id).values(binned=None, name=name))
            note_deed(connection, row.id, DeedKind.RETURNED, author, name)
            return find_project(connection, row.id)

    def binned_projects(self) -> tuple[Binned, ...]:
        """What is in the bin, the latest first."""
        query = select(PROJECTS).where(PROJECTS.c.binned.is_not(None))
        with self._reading() as connection:
            rows = connection.execute(query.order_by(PROJECTS.c.binned.desc(), PROJECTS.c.id))
            return tuple(Binned(_project(row), row.binned, _until(row.binned)) for row in rows)


def find_project(connection: Connection, project_id: str) -> Project:
    """One project as it is now.

    Raises:
        UnknownRecord: If there is none of that id, or it is in the bin.
    """
    row = connection.execute(_BY_ID, {"project": project_id}).one_or_none()
    if row is None:
        raise UnknownRecord(f"There is no project “{project_id}” in this store; choose another one.")
    if row.binned is not None:
        raise UnknownRecord(f"“{row.name}” was moved to the bin; take it out there, or choose another project.")
    return _project(row)


def add_project(connection: Connection, project: Project, author: str) -> Project:
    """A new project like the given one, with an id and a date of its own."""
    _check_parts(connection, project)
    made = replace(project, id=new_id(), name=_clean(project.name), created=now(), revision=1)
    row = {**vars(made), "settings": dict(made.settings), "saved": made.created}
    connection.execute(insert(PROJECTS).values(row))
    note_deed(connection, made.id, DeedKind.CREATED, author, made.name)
    return made


def free_name(connection: Connection, wanted: str) -> str:
    """The name, with a number behind it if a project already has it."""
    return numbered(wanted, _names(connection))


def numbered(wanted: str, taken: set[str]) -> str:
    """The name, with the least number behind it that makes it one of its own."""
    if wanted not in taken:
        return wanted
    return next(name for n in range(2, len(taken) + 3) if (name := f"{wanted} {n}") not in taken)


def save_over(
    connection: Connection, there: Project, project: Project, author: str, doing: Doing | None = None
) -> Project:
    """Writes a project over the one that is there, and notes another name, and what was done, in the audit trail."""
    _check_parts(connection, project)
    saved = replace(project, id=there.id, name=_clean(project.name), created=there.created, revision=there.revision + 1)
    change = update(PROJECTS).where(PROJECTS.c.id == there.id, PROJECTS.c.revision == there.revision)
    values = {
        "name": saved.name,
        "log_id": saved.log_id,
        "model_id": saved.model_id,
        "settings": dict(saved.settings),
        "saved": now(),
        "revision": saved.revision,
    }
    if connection.execute(change.values(values)).rowcount == 0:
        raise _too_late(connection, find_project(connection, there.id), there)
    if saved.name != there.name:
        note_deed(connection, there.id, DeedKind.RENAMED, author, saved.name, f"before: {there.name}")
    if doing is not None:
        note_deed(connection, there.id, doing.kind, author, doing.subject, doing.note)
    return find_project(connection, there.id)  # as JSON gives it back


def _check_parts(connection: Connection, project: Project) -> None:
    model, log = project.model_id, project.log_id
    if model is not None and connection.execute(select(MODELS.c.id).where(MODELS.c.id == model)).first() is None:
        raise UnknownRecord(f"There is no model “{model}” in this store; go back to the shipped one.")
    if log is None:
        return
    if connection.execute(select(LOGS.c.fingerprint).where(LOGS.c.fingerprint == log)).first() is None:
        raise UnknownRecord(f"There is no log “{log}” in this store; add it first.")


def _too_late(connection: Connection, there: Project, mine: Project) -> RevisionConflict:
    saved = connection.execute(select(PROJECTS.c.saved).where(PROJECTS.c.id == there.id)).scalar_one()
    return RevisionConflict(
        f"“{there.name}” was saved by another tab or person at {saved} (revision {there.revision}, yours is "
        f"{mine.revision}); reload the page and make your change again."
    )


def _names(connection: Connection) -> set[str]:
    """Of the projects that are not in the bin."""
    return set(connection.execute(select(PROJECTS.c.name).where(PROJECTS.c.binned.is_(None))).scalars())


def _clean(name: str) -> str:
    if not name.strip():
        raise StoreError("A project needs a name; type one.")
    return name.strip()


def _until(since: str) -> str:
    return (datetime.fromisoformat(since) + KEEP_BINNED).isoformat(timespec="microseconds")


def _project(row: Row[Any]) -> Project:
    return Project(row.id, row.name, row.log_id, row.model_id, json_object(row.settings), row.created, row.revision)

"""Versions in the store: a project's state under a name, never changed again.

A version is the length of the history at its time, and a copy of all else: settings, log, model, places of boxes.
To restore one is to append a verdict that says so, so that what was said since is still there and can be had back;
and whatever the restoring would lay aside is kept as a version first. To branch is to begin a new project from one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from causalviz.errors import RevisionConflict, StoreError, UnknownRecord
from causalviz.graph.moment import now
from causalviz.graph.store.deeds import note_deed
from causalviz.graph.store.histories import read_history, write_entries
from causalviz.graph.store.places import read_places, replace_places
from causalviz.graph.store.projects import Projects, add_project, find_project, free_name, numbered, save_over
from causalviz.graph.store.records import DeedKind, Json, Place, Project, Restored, Version
from causalviz.graph.store.tables import ENTRIES, VERSIONS
from causalviz.graph.store.transactions import Clash, json_object, new_id
from causalviz.graph.verdicts import Act, History, Verdict

Settle = Callable[[Project, Version], Json]


class Versions(Projects):
    """The versions of a store's projects."""

    def add_version(self, project_id: str, name: str, note: str, author: str) -> Version:
        """Gives the project's present state a name.

        Raises:
            StoreError: If the name is empty or taken.
            UnknownRecord: If there is no such project.
        """
        if not name.strip():
            raise StoreError("A version needs a name; type one.")
        with self._writing() as connection:
            present = _present(connection, find_project(connection, project_id))
            if name.strip() in _names(connection, project_id):
                raise StoreError(f"There is a version “{name.strip()}” already; choose another name.")
            return _keep(connection, replace(present, name=name.strip(), note=note.strip(), author=author))

    def versions(self, project_id: str) -> tuple[Version, ...]:
        """A project's versions, the latest first."""
        with self._reading() as connection:
            return _versions(connection, project_id)

    def version(self, version_id: str) -> Version:
        """One version.

        Raises:
            UnknownRecord: If there is none of that id.
        """
        with self._reading() as connection:
            return _find(connection, version_id)

    def restore_version(self, version_id: str, author: str, settle: Settle | None = None) -> Restored:
        """Makes what stands equal to a version; nothing is lost.

        The history grows by one verdict, which undo takes back as a whole. Settings, log, model and places become
        the version's; how they were is kept as a version, unless there is one of the same state.

        Args:
            version_id: Which one.
            author: Who does it.
            settle: From the project as it is and the version to the settings that stand from now on, where those of
                the version must not forget what came since; None for the version's own.

        Raises:
            UnknownRecord: If the version, its project or its model is gone.
            RevisionConflict: If somebody else wrote at the same moment.
        """
        try:
            with self._writing() as connection:
                version = _find(connection, version_id)
                project = find_project(connection, version.project_id)
                kept = _keep_present(connection, project, version, author)
                history = _restore_verdicts(connection, project, version, author)
                settings = version.settings if settle is None else settle(project, version)
                restored = replace(version.as_project(project), settings=settings)
                project = save_over(connection, project, restored, author)
                if version.places is not None:
                    replace_places(connection, project.id, version.places)
                note_deed(connection, project.id, DeedKind.RESTORED, author, version.name)
                return Restored(project, history, kept)
        except Clash as error:
            raise RevisionConflict("Another tab or person has just changed this project; restore again.") from error

    def branch_version(self, version_id: str, name: str, author: str) -> Project:
        """Begins a new project from a version; both share the log and the model, and nothing else from then on.

        Args:
            version_id: From which.
            name: Of the new project; where it is taken, a number is put behind it.
            author: Who does it.

        Raises:
            StoreError: If the name is empty.
            UnknownRecord: If the version, its project or its model is gone.
        """
        with self._writing() as connection:
            version = _find(connection, version_id)
            parent = find_project(connection, version.project_id)
            like = replace(version.as_project(parent), name=free_name(connection, name.strip()))
            project = add_project(connection, like, author)
            write_entries(connection, project.id, _then(connection, parent, version).entries, 0)
            replace_places(connection, project.id, version.places or read_places(connection, parent.id))
            told = f"from version “{version.name}” of “{parent.name}”"
            note_deed(connection, project.id, DeedKind.BRANCHED, author, project.name, told)
            note_deed(connection, parent.id, DeedKind.BRANCHED, author, version.name, f"into “{project.name}”")
            return project


def _present(connection: Connection, project: Project) -> Version:
    """The present state as a version without a name."""
    counted = select(func.count()).select_from(ENTRIES).where(ENTRIES.c.project_id == project.id)
    length, places = connection.execute(counted).scalar_one(), read_places(connection, project.id)
    settings, unnamed = dict(project.settings), ("", "", "")
    return Version(new_id(), project.id, *unnamed, now(), length, project.log_id, project.model_id, settings, places)


def _keep(connection: Connection, version: Version) -> Version:
    places = None if version.places is None else {name: list(place) for name, place in version.places.items()}
    connection.execute(insert(VERSIONS).values({**vars(version), "places": places}))
    note_deed(connection, version.project_id, DeedKind.VERSION, version.author, version.name, version.note)
    return version


def _keep_present(connection: Connection, project: Project, version: Version, author: str) -> Version | None:
    """Keeps how the project is, unless a version already says the same."""
    present, history = _present(connection, project), read_history(connection, project)
    for kept in _versions(connection, project.id):
        same_verdicts = history.first(kept.history_length).standing() == history.standing()
        if same_verdicts and _beside_verdicts(kept) == _beside_verdicts(present):
            return None
    name = numbered(f"Before “{version.name}” was restored", _names(connection, project.id))
    return _keep(connection, replace(present, name=name, author=author))


def _beside_verdicts(version: Version) -> tuple[object, ...]:
    return version.settings, version.log_id, version.model_id, version.places


def _restore_verdicts(connection: Connection, project: Project, version: Version, author: str) -> History:
    """Appends the verdict that restores what stood, unless that stands already."""
    history = read_history(connection, project)
    length = version.history_length
    if history.first(length).standing() == history.standing():
        return history
    longer = history.append(Verdict(Act.RESTORE, "", "", author, now(), version.name, length))
    write_entries(connection, project.id, longer.entries[-1:], len(history.entries))
    return longer


def _then(connection: Connection, project: Project, version: Version) -> History:
    return read_history(connection, project).first(version.history_length)


def _find(connection: Connection, version_id: str) -> Version:
    row = connection.execute(select(VERSIONS).where(VERSIONS.c.id == version_id)).one_or_none()
    if row is None:
        raise UnknownRecord(f"There is no version “{version_id}” in this store; choose another one.")
    return _version(row)


def _versions(connection: Connection, project_id: str) -> tuple[Version, ...]:
    query = select(VERSIONS).where(VERSIONS.c.project_id == project_id)
    rows = connection.execute(query.order_by(VERSIONS.c.created.desc(), VERSIONS.c.id))
    return tuple(_version(row) for row in rows)


def _names(connection: Connection, project_id: str) -> set[str]:
    return set(connection.execute(select(VERSIONS.c.name).where(VERSIONS.c.project_id == project_id)).scalars())


def _version(row: Row[Any]) -> Version:
    told: Mapping[str, list[float]] | None = row.places
    places: dict[str, Place] | None = None
    if told is not None:
        places = {name: (float(x), float(y)) for name, (x, y) in json_object(told).items()}
    return Version(**{**row._mapping, "settings": json_object(row.settings), "places": places})

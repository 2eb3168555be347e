"""The store: projects and all that belongs to them, in one database and one folder.

    <home>/store.db            projects, verdicts, places, versions, and what is known of logs and models
    <home>/logs/<fingerprint>  events of a log, found by content, shared by projects
    <home>/models/<id>         weights and card of an adapted model
    <home>/uploads             files on their way to becoming a log

Two tabs cannot overwrite each other: a project is saved only over the revision that was read, and the key of an
entry of the history is its place in it. All methods may be called from any thread, and each of them raises
``StoreError`` where the database is damaged, full or locked.
"""

from __future__ import annotations

import math
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import platformdirs
from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from causalviz.errors import RevisionConflict, StoreError, UnknownRecord
from causalviz.graph.store.database import open_database
from causalviz.graph.store.folders import sweep, write_folder
from causalviz.graph.store.records import Json, LogRecord, ModelRecord, Project, Version
from causalviz.graph.store.tables import CLIENTS, ENTRIES, LOGS, MODELS, POSITIONS, PROJECTS, VERSIONS
from causalviz.graph.verdicts import Act, History, Verdict

Write = Callable[[Path], object]
Place = tuple[float, float]

KEEP_CLIENTS = timedelta(days=30)  # a tab that was closed longer ago does not come back


class _Clash(StoreError):
    """A write breaks a key or a rule of the tables."""


class Store:
    """Projects and all that belongs to them.

    Args:
        home: Its folder; None for ``CAUSALVIZ_HOME`` or else the user's data folder.
        url: Database address; None for ``CAUSALVIZ_DATABASE`` or else SQLite in ``home``.

    Raises:
        StoreError: If the folder or the database cannot be used.
    """

    def __init__(self, home: Path | None = None, url: str | None = None) -> None:
        self.home = home or _default_home()
        try:
            self.home = self.home.expanduser().resolve()
            for folder in (self.uploads, self._logs, self._models):
                folder.mkdir(parents=True, exist_ok=True)
                sweep(folder)
        except (OSError, RuntimeError, ValueError) as error:  # no right or space; no such "~user"; a name with NUL
            why = error.strerror or error if isinstance(error, OSError) else error
            raise StoreError(
                f"The folder {self.home} cannot be written ({why}); set CAUSALVIZ_HOME to another one."
            ) from error
        url = url or os.environ.get("CAUSALVIZ_DATABASE") or f"sqlite:///{self.home / 'store.db'}"
        self._engine = open_database(url)
        address = self._engine.url
        in_a_file = self._engine.dialect.name == "sqlite" and address.database
        self._place = str(address.database) if in_a_file else address.render_as_string()

    def close(self) -> None:
        """Lets go of the database."""
        self._engine.dispose()

    @property
    def uploads(self) -> Path:
        """Where files lie until they are read."""
        return self.home / "uploads"

    # Projects

    def projects(self) -> tuple[Project, ...]:
        """All projects, the latest first."""
        query = select(PROJECTS).order_by(PROJECTS.c.created.desc(), PROJECTS.c.id)
        with self._reading() as connection:
            return tuple(_project(row) for row in connection.execute(query))

    def project(self, project_id: str) -> Project:
        """One project as it is now.

        Raises:
            UnknownRecord: If there is none of that id.
        """
        with self._reading() as connection:
            row = connection.execute(select(PROJECTS).where(PROJECTS.c.id == project_id)).one_or_none()
            if row is None:
                raise UnknownRecord(f"There is no project “{project_id}” in this store; choose another one.")
            return _project(row)

    def create_project(self, name: str) -> Project:
        """A new, empty project."""
        if not name.strip():
            raise StoreError("A project needs a name; type one.")
        now = _now()
        project = Project(_new_id(), name.strip(), created=now, revision=1)
        with self._writing() as connection:
            connection.execute(insert(PROJECTS).values({**vars(project), "saved": now}))
        return project

    def save_project(self, project: Project) -> Project:
        """Saves name, log, model and settings over the revision that was read.

        Returns:
            The project with its new revision.

        Raises:
            RevisionConflict: If somebody else saved in between.
            UnknownRecord: If the project, its log or its model is not in the store.
        """
        if project.model_id is not None:
            self.model(project.model_id)
        values = {
            "name": project.name,
            "log_id": project.log_id,
            "model_id": project.model_id,
            "settings": dict(project.settings),
            "saved": _now(),
            "revision": project.revision + 1,
        }
        change = update(PROJECTS).where(PROJECTS.c.id == project.id, PROJECTS.c.revision == project.revision)
        try:
            with self._writing() as connection:
                changed = connection.execute(change.values(values)).rowcount
        except _Clash as error:
            raise UnknownRecord(f"There is no log “{project.log_id}” in this store; add it first.") from error
        if changed == 0:
            self._explain_conflict(project)
        return self.project(project.id)

    def _explain_conflict(self, project: Project) -> None:
        there = self.project(project.id)
        with self._reading() as connection:
            saved = connection.execute(select(PROJECTS.c.saved).where(PROJECTS.c.id == project.id)).scalar_one()
        raise RevisionConflict(
            f"“{there.name}” was saved by another tab or person at {saved} (revision {there.revision}, yours is "
            f"{project.revision}); reload the page and make your change again."
        )

    # Logs and models

    def add_log(self, title: str, fingerprint: str, write: Write) -> LogRecord:
        """Adds a log; one that is there already is used again.

        Args:
            title: What people call it.
            fingerprint: Of its content.
            write: Fills the log's folder.
        """
        write_folder(self._logs, fingerprint, write)
        record = LogRecord(fingerprint, title, _now())
        try:
            with self._writing() as connection:
                connection.execute(insert(LOGS).values(vars(record)))
        except _Clash:
            return self.log(fingerprint)
        return record

    def log(self, fingerprint: str) -> LogRecord:
        """What is known of a log.

        Raises:
            UnknownRecord: If it is not in the store.
        """
        with self._reading() as connection:
            row = connection.execute(select(LOGS).where(LOGS.c.fingerprint == fingerprint)).one_or_none()
        if row is None:
            raise UnknownRecord(f"There is no log “{fingerprint}” in this store; open its file again.")
        return LogRecord(**row._mapping)

    def log_folder(self, fingerprint: str) -> Path:
        """Where a log's events lie.

        Raises:
            UnknownRecord: If it is not in the store.
        """
        return _existing(self._logs / self.log(fingerprint).fingerprint)

    def add_model(self, project_id: str, name: str, write: Write, card: Json) -> ModelRecord:
        """Adds a model to a project, undecided; the project does not use it until it is saved with its id.

        Args:
            project_id: Whose.
            name: What people call it.
            write: Fills the model's folder.
            card: What is to be known of it, JSON.
        """
        project = self.project(project_id)
        record = ModelRecord(_new_id(), project.id, name, dict(card), _now())
        write_folder(self._models, record.id, write)
        try:
            with self._writing() as connection:
                connection.execute(insert(MODELS).values(vars(record)))
        except StoreError:
            shutil.rmtree(self._models / record.id, ignore_errors=True)  # nobody would ever find it
            raise
        return record

    def model(self, model_id: str) -> ModelRecord:
        """What is known of a model.

        Raises:
            UnknownRecord: If it is not in the store.
        """
        with self._reading() as connection:
            row = connection.execute(select(MODELS).where(MODELS.c.id == model_id)).one_or_none()
            if row is None:
                raise UnknownRecord(f"There is no model “{model_id}” in this store; go back to the shipped one.")
            return _model(row)

    def models(self, project_id: str) -> tuple[ModelRecord, ...]:
        """A project's models, the latest first."""
        query = select(MODELS).where(MODELS.c.project_id == project_id)
        with self._reading() as connection:
            rows = connection.execute(query.order_by(MODELS.c.created.desc(), MODELS.c.id))
            return tuple(_model(row) for row in rows)

    def undecided_model(self, project_id: str) -> ModelRecord | None:
        """The latest model of which nobody has said yet whether it shall be kept."""
        return next((record for record in self.models(project_id) if not record.kept), None)

    def keep_model(self, model_id: str) -> None:
        """Decides to keep a model.

        Raises:
            UnknownRecord: If it is not in the store.
        """
        record = self.model(model_id)
        with self._writing() as connection:
            connection.execute(update(MODELS).where(MODELS.c.id == record.id).values(kept=True))

    def discard_model(self, model_id: str) -> None:
        """Decides against a model: it is gone. One that is gone already, or was kept, is left as it is."""
        undecided = (MODELS.c.id == model_id, MODELS.c.kept.is_(False))
        with self._writing() as connection:
            gone = connection.execute(delete(MODELS).where(*undecided)).rowcount
        if gone:
            shutil.rmtree(self._models / model_id, ignore_errors=True)

    def model_folder(self, model_id: str) -> Path:
        """Where a model's weights lie.

        Raises:
            UnknownRecord: If it is not in the store.
        """
        return _existing(self._models / self.model(model_id).id)

    # Verdicts

    def history(self, project_id: str) -> History:
        """All verdicts on a project; its setting ``acyclic`` says whether cycles are refused.

        Raises:
            UnknownRecord: If there is no such project.
        """
        acyclic = bool(self.project(project_id).settings.get("acyclic", False))
        query = select(ENTRIES).where(ENTRIES.c.project_id == project_id).order_by(ENTRIES.c.seq)
        with self._reading() as connection:
            history = History(tuple(_verdict(row) for row in connection.execute(query)), acyclic)
            history.standing()  # entries that contradict each other are found here and not by who asks next
        return history

    def append_verdicts(
        self, project_id: str, history: History, expected_length: int, *, client: str = "", client_seq: int = 0
    ) -> History:
        """Writes the entries of a history that are beyond the ones that were read.

        Args:
            project_id: Whose.
            history: The longer history.
            expected_length: How many entries there were when it was read.
            client: The editor that sent the operations behind them, or nothing.
            client_seq: The last operation of that editor that is in; written in the same transaction, so that an
                operation counts once even if the server dies.

        Returns:
            The history.

        Raises:
            RevisionConflict: If somebody else's verdicts were written in between.
            UnknownRecord: If there is no such project.
        """
        rows = [
            {
                "project_id": project_id,
                "seq": seq,
                "act": entry.act.value,
                "cause": entry.cause,
                "effect": entry.effect,
                "author": entry.author,
                "at": entry.at,
                "note": entry.note,
            }
            for seq, entry in enumerate(history.entries[expected_length:], expected_length)
        ]
        try:
            with self._writing() as connection:
                if rows:
                    connection.execute(insert(ENTRIES), rows)
                if client:
                    _acknowledge(connection, client, client_seq)
        except _Clash as error:
            self.project(project_id)
            raise RevisionConflict(
                "Another tab or person has given verdicts in the meantime; look at them and do yours again."
            ) from error
        return history

    def acked(self, client: str) -> int:
        """The last operation of an editor that has been applied; 0 for an editor never seen."""
        with self._reading() as connection:
            return connection.execute(select(CLIENTS.c.seq).where(CLIENTS.c.client == client)).scalar() or 0

    # Places of the boxes

    def positions(self, project_id: str) -> dict[str, Place]:
        """Where each behaviour's box was put, px."""
        query = select(POSITIONS).where(POSITIONS.c.project_id == project_id)
        with self._reading() as connection:
            return {row.behaviour: (row.x, row.y) for row in connection.execute(query)}

    def save_positions(self, project_id: str, moved: Mapping[str, Place]) -> None:
        """Puts some boxes elsewhere; of two tabs that move the same box, the later one wins.

        Raises:
            StoreError: If a place is none.
            UnknownRecord: If there is no such project.
        """
        if not moved:
            return
        lost = [name for name, place in moved.items() if not all(map(math.isfinite, place))]
        if lost:
            raise StoreError(f"The box of “{lost[0]}” has no place in the drawing; move it again.")
        project = self.project(project_id)
        mine = POSITIONS.c.project_id == project.id
        rows = [{"project_id": project.id, "behaviour": name, "x": x, "y": y} for name, (x, y) in moved.items()]
        with self._writing() as connection:
            connection.execute(delete(POSITIONS).where(mine, POSITIONS.c.behaviour.in_(list(moved))))
            connection.execute(insert(POSITIONS), rows)

    # Versions

    def add_version(self, project_id: str, name: str, note: str, author: str) -> Version:
        """Gives the project's present state a name.

        Raises:
            StoreError: If the name is empty or taken.
        """
        if not name.strip():
            raise StoreError("A version needs a name; type one.")
        project = self.project(project_id)
        try:
            with self._writing() as connection:
                length = connection.execute(
                    select(func.count()).select_from(ENTRIES).where(ENTRIES.c.project_id == project.id)
                ).scalar_one()
                version = Version(
                    _new_id(), project.id, name.strip(), note, author, _now(), length,
                    project.log_id, project.model_id, dict(project.settings),
                )  # fmt: skip
                connection.execute(insert(VERSIONS).values(vars(version)))
        except _Clash as error:
            raise StoreError(f"There is a version “{name.strip()}” already; choose another name.") from error
        return version

    def versions(self, project_id: str) -> tuple[Version, ...]:
        """A project's versions, the latest first."""
        query = select(VERSIONS).where(VERSIONS.c.project_id == project_id)
        with self._reading() as connection:
            rows = connection.execute(query.order_by(VERSIONS.c.created.desc(), VERSIONS.c.id))
            return tuple(_version(row) for row in rows)

    # The database

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._explained(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """A transaction: all that is done within it counts, or nothing."""
        with self._explained(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turns what the driver says, and what damaged rows lead to, into a sentence."""
        try:
            yield
        except IntegrityError as error:
            raise _Clash(self._sentence(error.orig or error)) from error
        except StatementError as error:
            raise StoreError(self._sentence(error.orig or error)) from error
        except PoolTimeout as error:
            raise StoreError(self._sentence(error)) from error
        except UnicodeEncodeError as error:
            raise StoreError(
                f"The store at {self._place} cannot hold a text with a broken character; type the text anew."
            ) from error
        except (ValueError, TypeError, AttributeError, LookupError, OverflowError) as error:
            raise StoreError(self._sentence(f"a row is damaged: {error}")) from error

    def _sentence(self, words: object) -> str:
        first = next(iter(str(words).splitlines()), "no reason given")
        return (
            f"The store at {self._place} cannot do this ({first}); try again, free some space, restore a copy of it, "
            "or set CAUSALVIZ_HOME to another folder."
        )

    @property
    def _logs(self) -> Path:
        return self.home / "logs"

    @property
    def _models(self) -> Path:
        return self.home / "models"


def _default_home() -> Path:
    told = os.environ.get("CAUSALVIZ_HOME")
    return Path(told) if told else Path(platformdirs.user_data_dir("causalviz", appauthor=False))


def _existing(folder: Path) -> Path:
    if not folder.is_dir():
        raise UnknownRecord(f"The folder {folder} is missing from the store; restore it or open the file again.")
    return folder


def _project(row: Row[Any]) -> Project:
    return Project(row.id, row.name, row.log_id, row.model_id, _json(row.settings), row.created, row.revision)


def _model(row: Row[Any]) -> ModelRecord:
    return ModelRecord(**{**row._mapping, "card": _json(row.card)})


def _version(row: Row[Any]) -> Version:
    return Version(**{**row._mapping, "settings": _json(row.settings)})


def _json(value: object) -> Json:
    if not isinstance(value, dict):
        raise TypeError("settings and cards are objects of JSON")
    return value


def _verdict(row: Row[Any]) -> Verdict:
    return Verdict(Act(row.act), row.cause, row.effect, row.author, row.at, row.note)


def _acknowledge(connection: Connection, client: str, seq: int) -> None:
    """Notes an editor's last applied operation, and forgets editors that are long gone."""
    long_ago = (datetime.now(UTC) - KEEP_CLIENTS).isoformat(timespec="microseconds")
    connection.execute(delete(CLIENTS).where((CLIENTS.c.client == client) | (CLIENTS.c.seen < long_ago)))
    connection.execute(insert(CLIENTS).values(client=client, seq=seq, seen=_now()))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _new_id() -> str:
    return secrets.token_hex(8)

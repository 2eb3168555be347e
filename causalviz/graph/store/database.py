"""The database under the store: opened with the promises it needs, and brought to today's form."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import Connection, Engine, column, create_engine, event, inspect, make_url, select, table
from sqlalchemy.exc import ArgumentError, DBAPIError

from causalviz.errors import StoreError

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext

MIGRATIONS = Path(__file__).with_name("migrations")
# today's form; a database that has it is opened without Alembic, which takes two seconds to import
FORM = max(path.name for path in (MIGRATIONS / "versions").glob("r*.py")).partition("_")[0]
FORMS = select(table("alembic_version", column("version_num")))
BUSY_MS = 10_000  # how long SQLite waits for another writer before it gives up
_migrating = threading.Lock()  # Alembic keeps its context in the process


class _Cursor(Protocol):
    def execute(self, sql: str, /) -> object: ...
    def close(self) -> None: ...


class _RawConnection(Protocol):
    def cursor(self) -> _Cursor: ...


def open_database(url: str) -> Engine:
    """Opens a database and applies the migrations that it lacks.

    Args:
        url: SQLAlchemy's; ``sqlite:///…`` or, with its driver installed, PostgreSQL's.

    Raises:
        StoreError: If it cannot be reached, or was written by a later version.
    """
    try:
        engine = create_engine(url)
    except (ArgumentError, ModuleNotFoundError) as error:
        raise StoreError(f"The database address cannot be used ({error}); check it and its driver.") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _promise)
    try:
        with _migrating, engine.begin() as connection:
            if not _is_of_today(connection):
                _migrate(connection)
    except DBAPIError as error:
        where = make_url(url).render_as_string(hide_password=True)
        raise StoreError(
            f"The database at {where} cannot be opened ({error.orig}); check its place and its rights."
        ) from error
    return engine


def _promise(connection: _RawConnection, _record: object) -> None:
    """What SQLite does only when asked: readers beside a writer, commits on the disk, foreign keys, patience."""
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", f"busy_timeout = {BUSY_MS}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _is_of_today(connection: Connection) -> bool:
    if not inspect(connection).has_table("alembic_version"):
        return False
    return list(connection.execute(FORMS).scalars()) == [FORM]


def _migrate(connection: Connection, form: str = FORM) -> None:
    """Brings the tables to a form."""
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # two servers that start at once take turns
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    script = ScriptDirectory.from_config(config)
    heads = MigrationContext.configure(connection).get_current_heads()
    known = {revision.revision for revision in script.walk_revisions()}
    if not known.issuperset(heads):
        raise StoreError(
            f"A later version of CausalViz wrote this store (form {heads[0]}); install that version, "
            "or let CAUSALVIZ_HOME name another folder."
        )
    if set(heads) == {form}:
        return

    def steps(revision: object, _context: MigrationContext) -> object:
        return script._upgrade_revs(form, revision)  # type: ignore[arg-type]

    with EnvironmentContext(config, script, fn=steps, destination_rev=form) as environment:
        environment.configure(connection=connection)
        environment.run_migrations()

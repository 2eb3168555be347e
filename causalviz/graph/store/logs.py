"""Logs in the store: found by content, shared by projects, and swept once no project needs them.

A log is needed by every project that reads it, in the bin or not, and by every version. One that nobody needs is
swept ``KEEP_UNUSED`` after it was last added, so that a log on its way into a project is never taken away.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, bindparam, delete, func, insert, select, union, update

from causalviz.errors import UnknownRecord
from causalviz.events.folders import STAGING, write_folder
from causalviz.graph.moment import now
from causalviz.graph.store.records import LogRecord
from causalviz.graph.store.tables import LOGS, PROJECTS, VERSIONS
from causalviz.graph.store.transactions import Transactions, existing

Write = Callable[[Path], object]

KEEP_UNUSED = timedelta(days=1)
_BY_FINGERPRINT = select(LOGS).where(LOGS.c.fingerprint == bindparam("log"))  # built once: a page asks dozens of times


class Logs(Transactions):
    """The logs of a store."""

    def add_log(self, title: str, fingerprint: str, write: Write) -> LogRecord:
        """Adds a log; one that is there already is used again.

        Args:
            title: What people call it.
            fingerprint: Of its content.
            write: Fills the log's folder.
        """
        write_folder(self._logs, fingerprint, write)
        known = LOGS.c.fingerprint == fingerprint
        with self._writing() as connection:
            if connection.execute(update(LOGS).where(known).values(used=now())).rowcount == 0:
                row = {"fingerprint": fingerprint, "title": title, "created": now(), "used": now()}
                connection.execute(insert(LOGS).values(row))
        write_folder(self._logs, fingerprint, write)  # again, if it was swept before it was noted
        return self.log(fingerprint)

    def log(self, fingerprint: str) -> LogRecord:
        """What is known of a log.

        Raises:
            UnknownRecord: If it is not in the store.
        """
        with self._reading() as connection:
            row = connection.execute(_BY_FINGERPRINT, {"log": fingerprint}).one_or_none()
        if row is None:
            raise UnknownRecord(f"There is no log “{fingerprint}” in this store; open its file again.")
        return LogRecord(row.fingerprint, row.title, row.created)

    def log_folder(self, fingerprint: str) -> Path:
        """Where a log's events lie.

        Raises:
            UnknownRecord: If it is not in the store.
        """
        return existing(self._logs / self.log(fingerprint).fingerprint)


def sweep_logs(connection: Connection, folder: Path) -> None:
    """Takes away the logs that no project and no version needs.

    Args:
        connection: In a write.
        folder: Of all logs. What is swept goes into its passing folder, which is emptied a day later.
    """
    long_ago = now(KEEP_UNUSED)
    needed = union(
        select(PROJECTS.c.log_id).where(PROJECTS.c.log_id.is_not(None)),
        select(VERSIONS.c.log_id).where(VERSIONS.c.log_id.is_not(None)),
    )
    unused = select(LOGS.c.fingerprint).where(
        LOGS.c.fingerprint.not_in(needed), func.coalesce(LOGS.c.used, LOGS.c.created) < long_ago
    )
    for fingerprint in list(connection.execute(unused).scalars()):
        connection.execute(delete(LOGS).where(LOGS.c.fingerprint == fingerprint))
        if (folder / fingerprint).is_dir():
            (folder / STAGING).mkdir(exist_ok=True)
            (folder / fingerprint).rename(folder / STAGING / f"swept-{secrets.token_hex(6)}")

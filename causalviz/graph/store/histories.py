"""The projects' verdicts in the store: a history only ever grows, and an entry's key is its place in it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select

from causalviz.errors import RevisionConflict
from causalviz.graph.moment import now
from causalviz.graph.store.projects import Projects, find_project
from causalviz.graph.store.records import Project
from causalviz.graph.store.tables import CLIENTS, ENTRIES
from causalviz.graph.store.transactions import Clash
from causalviz.graph.verdicts import Act, History, Verdict

KEEP_CLIENTS = timedelta(days=30)  # a tab that was closed longer ago does not come back
_LENGTH = select(func.count()).select_from(ENTRIES).where(ENTRIES.c.project_id == bindparam("project"))


class Histories(Projects):
    """The verdicts on a store's projects, and how far each mounted editor has been applied."""

    def history(self, project_id: str) -> History:
        """All verdicts on a project; its setting ``acyclic`` says whether cycles are refused.

        Raises:
            UnknownRecord: If there is no such project.
        """
        with self._reading() as connection:
            return read_history(connection, find_project(connection, project_id))

    def history_length(self, project_id: str) -> int:
        """How many entries a project's history has, without reading them."""
        with self._reading() as connection:
            return connection.execute(_LENGTH, {"project": project_id}).scalar_one()

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
        try:
            with self._writing() as connection:
                write_entries(connection, project_id, history.entries[expected_length:], expected_length)
                if client:
                    _acknowledge(connection, client, client_seq)
        except Clash as error:
            self.project(project_id)
            raise RevisionConflict(
                "Another tab or person has given verdicts in the meantime; look at them and do yours again."
            ) from error
        return history

    def acked(self, client: str) -> int:
        """The last operation of an editor that has been applied; 0 for an editor never seen."""
        with self._reading() as connection:
            return connection.execute(select(CLIENTS.c.seq).where(CLIENTS.c.client == client)).scalar() or 0


def read_history(connection: Connection, project: Project) -> History:
    """All verdicts on a project."""
    query = select(ENTRIES).where(ENTRIES.c.project_id == project.id).order_by(ENTRIES.c.seq)
    acyclic = bool(project.settings.get("acyclic", False))
    history = History(tuple(_verdict(row) for row in connection.execute(query)), acyclic)
    history.standing()  # entries that contradict each other are found here and not by who asks next
    return history


def write_entries(connection: Connection, project_id: str, entries: Iterable[Verdict], start: int) -> None:
    """Writes entries at their places in the history, the first one at ``start``."""
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
            "length": entry.length,
            "probability": entry.probability,
        }
        for seq, entry in enumerate(entries, start)
    ]
    if rows:
        connection.execute(insert(ENTRIES), rows)


def _verdict(row: Row[Any]) -> Verdict:
    return Verdict(Act(row.act), row.cause, row.effect, row.author, row.at, row.note, row.length, row.probability)


def _acknowledge(connection: Connection, client: str, seq: int) -> None:
    """Notes an editor's last applied operation, and forgets editors that are long gone."""
    long_ago = now(KEEP_CLIENTS)
    connection.execute(delete(CLIENTS).where((CLIENTS.c.client == client) | (CLIENTS.c.seen < long_ago)))
    connection.execute(insert(CLIENTS).values(client=client, seq=seq, seen=now()))

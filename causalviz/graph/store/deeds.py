"""What was done to a project as a whole: the part of the audit trail that no verdict tells."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from causalviz.graph.moment import now
from causalviz.graph.store.records import Deed, DeedKind
from causalviz.graph.store.tables import DEEDS
from causalviz.graph.store.transactions import Transactions


class Deeds(Transactions):
    """The audit trail of a store."""

    def deeds(self, project_id: str) -> tuple[Deed, ...]:
        """All that was done to a project as a whole, the earliest first."""
        query = select(DEEDS).where(DEEDS.c.project_id == project_id).order_by(DEEDS.c.id)
        with self._reading() as connection:
            return tuple(
                Deed(DeedKind(row.kind), row.author, row.at, row.subject, row.note) for row in connection.execute(query)
            )


def note_deed(
    connection: Connection, project_id: str, kind: DeedKind, author: str, subject: str, note: str = ""
) -> None:
    """Writes a deed in the transaction that does it."""
    row = {"project_id": project_id, "kind": kind.value, "author": author, "at": now()}
    connection.execute(insert(DEEDS).values(**row, subject=subject, note=note))

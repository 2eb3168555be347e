"""Where the boxes of each project's drawing were put."""

from __future__ import annotations

import math
from collections.abc import Mapping

from sqlalchemy import Connection, delete, insert, select

from causalviz.errors import StoreError
from causalviz.graph.store.projects import Projects, find_project
from causalviz.graph.store.records import Place
from causalviz.graph.store.tables import POSITIONS


class Places(Projects):
    """The places of boxes in a store."""

    def positions(self, project_id: str) -> dict[str, Place]:
        """Where each behaviour's box was put, px."""
        with self._reading() as connection:
            return read_places(connection, project_id)

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
        with self._writing() as connection:
            project = find_project(connection, project_id)
            mine = POSITIONS.c.project_id == project.id
            connection.execute(delete(POSITIONS).where(mine, POSITIONS.c.behaviour.in_(list(moved))))
            _insert(connection, project.id, moved)


def read_places(connection: Connection, project_id: str) -> dict[str, Place]:
    """Where each behaviour's box was put, px."""
    query = select(POSITIONS).where(POSITIONS.c.project_id == project_id).order_by(POSITIONS.c.behaviour)
    return {row.behaviour: (row.x, row.y) for row in connection.execute(query)}


def replace_places(connection: Connection, project_id: str, places: Mapping[str, Place]) -> None:
    """Forgets all places and writes these."""
    connection.execute(delete(POSITIONS).where(POSITIONS.c.project_id == project_id))
    _insert(connection, project_id, places)


def _insert(connection: Connection, project_id: str, places: Mapping[str, Place]) -> None:
    rows = [{"project_id": project_id, "behaviour": name, "x": x, "y": y} for name, (x, y) in places.items()]
    if rows:
        connection.execute(insert(POSITIONS), rows)

"""Models in the store: what trainings brought, undecided until somebody keeps or discards it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from causalviz.errors import StoreError, UnknownRecord
from causalviz.events.folders import write_folder
from causalviz.graph.moment import now
from causalviz.graph.store.logs import Write
from causalviz.graph.store.projects import Projects
from causalviz.graph.store.records import Json, ModelRecord
from causalviz.graph.store.tables import MODELS
from causalviz.graph.store.transactions import existing, json_object, new_id


class Models(Projects):
    """The models of a store's projects."""

    def add_model(self, project_id: str, name: str, write: Write, card: Json) -> ModelRecord:
        """Adds a model to a project, undecided; the project does not use it until it is saved with its id.

        Args:
            project_id: Whose.
            name: What people call it.
            write: Fills the model's folder.
            card: What is to be known of it, JSON.
        """
        project = self.project(project_id)
        record = ModelRecord(new_id(), project.id, name, dict(card), now())
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

    def rename_model(self, model_id: str, name: str) -> None:
        """Gives a model another name.

        Raises:
            StoreError: If the name is empty, or another model of the project has it.
            UnknownRecord: If it is not in the store.
        """
        record, name = self.model(model_id), name.strip()
        if not name:
            raise StoreError("A model needs a name; type one.")
        if any(other.name == name and other.id != record.id for other in self.models(record.project_id)):
            raise StoreError(f"There is a model “{name}” already; choose another name.")
        with self._writing() as connection:
            connection.execute(update(MODELS).where(MODELS.c.id == record.id).values(name=name))

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
        return existing(self._models / self.model(model_id).id)


def _model(row: Row[Any]) -> ModelRecord:
    return ModelRecord(**{**row._mapping, "card": json_object(row.card)})

"""The models of the project: listed, used, renamed, compared, exported and imported.

A model in the store never changes; the project names the one that judges. Scores that a training measured lie in the
model's card: on worlds kept aside, which are the same for all trainings of one log with equally many of them. Two
models are compared by what they say of the log itself, and by every truth that the project has.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from causalviz.errors import UnknownRecord, UnreadableModel
from causalviz.ui.adapting import SHIPPED, judged_by, numbered
from causalviz.ui.compute import (
    can_read_model,
    current_project,
    discovery_of_state,
    prior_discovery,
    store,
)
from causalviz.ui.evaluating import current_beside, truth_kinds

if TYPE_CHECKING:
    from causalviz.discovery import Discovery
    from causalviz.evaluate.metrics import Scores
    from causalviz.graph.store import ModelRecord
    from causalviz.ui.evaluating import TruthKind
    from causalviz.ui.session import Session

SHIPPED_NAME = "Shipped network"
IMPORTED = "imported from"  # key of a model's card


class ModelRow(NamedTuple):
    """A model as the list shows it.

    Attributes:
        id: Its id; ``SHIPPED`` for the shipped network.
        name: What it is called.
        created: When, ISO 8601; empty for the shipped one.
        kind: How it came about.
        scores: On worlds kept aside: AUROC, average precision, calibration error, loss; empty where never measured.
        worlds: How many worlds those were.
        judges: Whether the project uses it.
        readable: Whether this version can read it.
    """

    id: str
    name: str
    created: str
    kind: str
    scores: Mapping[str, float]
    worlds: int
    judges: bool
    readable: bool


class ModelComparison(NamedTuple):
    """Two models on one log.

    Attributes:
        names: Of the K behaviours.
        one: (K, K) probabilities of the first.
        other: (K, K) of the second.
        truths: Scores of both against every truth of the project.
    """

    names: tuple[str, ...]
    one: NDArray[np.float64]
    other: NDArray[np.float64]
    truths: dict[TruthKind, tuple[Scores, Scores]]


def current_models(session: Session) -> tuple[ModelRow, ...]:
    """The project's kept models, the latest first, and the shipped one."""
    project = current_project(session)
    if project is None:
        return ()
    records = [record for record in store().models(project.id) if record.kept or record.id == project.model_id]
    rows = [_row(record, judges=record.id == project.model_id) for record in records]
    measured = next((found for record in records if (found := _scores(record.card, shipped=True))[1]), ({}, 0))
    shipped = ModelRow(SHIPPED, SHIPPED_NAME, "", "shipped", *measured, project.model_id is None, True)
    return (*rows, shipped)


def use_model(session: Session, model_id: str) -> None:
    """Lets the project use another of its models.

    Raises:
        UnknownRecord: If there is no project, or it has no such model.
        UnreadableModel: If this version cannot read it.
    """
    project = current_project(session)
    if project is None:
        raise UnknownRecord("There is no project that could use the model; open one.")
    if model_id != SHIPPED:
        _own(session, model_id)
        if not can_read_model(model_id):
            raise UnreadableModel("This model comes from another version and cannot be read; train again.")
    store().change_project(
        project.id, lambda there: replace(there, model_id=model_id or None), session.author, judged_by(model_id)
    )


def rename_model(session: Session, model_id: str, name: str) -> None:
    """Gives one of the project's models another name.

    Raises:
        StoreError: If the name is empty or taken.
        UnknownRecord: If the project has no such model.
    """
    store().rename_model(_own(session, model_id).id, name)


def export_model(session: Session, model_id: str) -> bytes:
    """One of the project's models, or the shipped one, as a zip.

    Raises:
        UnknownRecord: If the project has no such model.
        UnreadableModel: If it cannot be read.
    """
    from causalviz.model.checkpoint import load_model, load_prior
    from causalviz.model.exchange import model_zip

    if model_id == SHIPPED:
        return model_zip(load_prior())
    return model_zip(load_model(store().model_folder(_own(session, model_id).id)))


def import_model(session: Session, title: str, data: bytes) -> str:
    """Checks a model that somebody brought, also on the project's own log, and adds it to the list, unused.

    Returns:
        What it is called.

    Raises:
        UnreadableModel: If it fails a check.
        UnknownRecord: If there is no log.
    """
    from causalviz.model.checkpoint import save_model
    from causalviz.model.edge_model import EdgeModel
    from causalviz.model.exchange import read_model_zip

    project, discovery = current_project(session), prior_discovery(session)
    if project is None or discovery is None:
        raise UnknownRecord("There is no log that the model could judge; choose one on the Data page.")
    read = read_model_zip(data, title)
    if not np.isfinite(read.logits(discovery.features)).all():
        raise UnreadableModel(f"The model in “{title}” answers with no numbers on this log; choose another one.")
    card = {**read.card, IMPORTED: title}
    model = EdgeModel(read.network, read.slope, read.intercept, card, read.familiarity)
    taken = store().models(project.id)
    stem = PurePath(title).stem[:60].strip() or "Imported"
    name = stem if stem not in {record.name for record in taken} else numbered(stem, taken)
    record = store().add_model(project.id, name, lambda folder: save_model(model, folder), card)
    store().keep_model(record.id)
    return name


def compare_models(session: Session, one: str, other: str) -> ModelComparison | None:
    """What two models say of the log; None before a log was chosen.

    Raises:
        UnknownRecord: If the project has no such model.
        CausalVizError: If the log, a model or a truth cannot be used.
    """
    first, second = _judged_by(session, one), _judged_by(session, other)
    if first is None or second is None:
        return None
    truths = {kind: scores for kind in truth_kinds(session) if (scores := _against(session, kind, first, second))}
    return ModelComparison(first.names, first.probability, second.probability, truths)


def _judged_by(session: Session, model_id: str) -> Discovery | None:
    project = current_project(session)
    if project is None:
        return None
    if model_id != SHIPPED:
        _own(session, model_id)
    return discovery_of_state(replace(project, model_id=model_id or None))


def _against(session: Session, kind: TruthKind, one: Discovery, other: Discovery) -> tuple[Scores, Scores] | None:
    from causalviz.evaluate.metrics import evaluate

    beside = current_beside(session, kind)
    if beside is None:
        return None
    case = beside.case
    place = {name: code for code, name in enumerate(one.names)}
    if not set(case.names) <= set(place):
        return None
    at = np.array([place[name] for name in case.names])
    first, second = (
        evaluate(np.nan_to_num(found.probability[np.ix_(at, at)]), case.truth, known=case.known)
        for found in (one, other)
    )
    return first, second


def _own(session: Session, model_id: str) -> ModelRecord:
    """The record of one of the project's models.

    Raises:
        UnknownRecord: If it is none of them.
    """
    record = store().model(model_id)
    if record.project_id != session.project_id:
        raise UnknownRecord("This project has no such model any more; choose another one.")
    return record


def _row(record: ModelRecord, *, judges: bool) -> ModelRow:
    scores, worlds = _scores(record.card)
    return ModelRow(
        record.id, record.name, record.created, _kind(record.card), scores, worlds, judges, can_read_model(record.id)
    )


def _scores(card: Mapping[str, object], *, shipped: bool = False) -> tuple[dict[str, float], int]:
    """Scores on worlds kept aside as a card has them, or those of the shipped network there, and how many worlds."""
    from causalviz.model.adaptation import BEFORE, WORLD_SCORES

    written = _mapping(card.get(WORLD_SCORES))
    worlds = written.get("worlds")
    told = _mapping(written.get(BEFORE)) if shipped else written
    numbers = {name: float(value) for name, value in told.items() if isinstance(value, int | float)}
    finite = {name: value for name, value in numbers.items() if name != "worlds" and math.isfinite(value)}
    return finite, worlds if isinstance(worlds, int) and finite else 0


def _mapping(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value if isinstance(value, Mapping) else {})


def _kind(card: Mapping[str, object]) -> str:
    if IMPORTED in card:
        return "imported"
    adaptation = card.get("adaptation")
    if isinstance(adaptation, Mapping):
        return "from scratch" if adaptation.get("start") == "scratch" else "adapted"
    return "recalibrated"

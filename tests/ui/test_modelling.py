"""The models of a project: listed, used, renamed, exported, imported, compared."""

from __future__ import annotations

import numpy as np
import pytest
from small_project import open_small_project

from causalviz.errors import StoreError, UnknownRecord, UnreadableModel
from causalviz.model.checkpoint import load_prior, save_model
from causalviz.model.edge_model import EdgeModel
from causalviz.ui import compute
from causalviz.ui.modelling import (
    SHIPPED,
    compare_models,
    current_models,
    export_model,
    import_model,
    rename_model,
    use_model,
)
from causalviz.ui.session import Session
from causalviz.ui.settings import KnownGraph, with_known_graph

pytestmark = pytest.mark.usefixtures("own_home")
BEFORE = {"auroc": 0.8, "auprc": 0.5, "ece": 0.03, "loss": float("nan")}
SCORES = {"auroc": 0.9, "auprc": 0.6, "ece": 0.02, "loss": 0.1, "worlds": 15, "the shipped network": BEFORE}


@pytest.fixture
def session() -> Session:
    return Session(project_id=open_small_project())


def add(session: Session, name: str, *, slope: float = 1.0, kept: bool = True) -> str:
    """A model like the shipped one with another calibration."""
    prior = load_prior()
    card = {**prior.card, "adaptation": {"start": "shipped"}, "scores on matched worlds": SCORES}
    model = EdgeModel(prior.network, slope, prior.intercept, card, prior.familiarity)
    store = compute.store()
    record = store.add_model(session.project_id or "", name, lambda folder: save_model(model, folder), card)
    if kept:
        store.keep_model(record.id)
    return record.id


def test_the_list_has_what_was_kept_and_the_shipped_one(session: Session) -> None:
    mine = add(session, "Adapted 1")
    add(session, "undecided", kept=False)
    rows = current_models(session)
    assert [(row.id, row.kind, row.judges, row.readable) for row in rows] == [
        (mine, "adapted", False, True),
        (SHIPPED, "shipped", True, True),
    ]
    assert rows[0].scores == {"auroc": 0.9, "auprc": 0.6, "ece": 0.02, "loss": 0.1}
    assert rows[1].scores == {"auroc": 0.8, "auprc": 0.5, "ece": 0.03}  # on the same worlds
    assert (rows[0].worlds, rows[1].worlds) == (15, 15)


def test_another_model_judges_once_it_is_used(session: Session) -> None:
    mine = add(session, "Adapted 1", slope=0.5)
    use_model(session, mine)
    assert compute.current_model(session).slope == 0.5
    assert [row.judges for row in current_models(session)] == [True, False]
    use_model(session, SHIPPED)
    assert compute.current_model(session).id == load_prior().id


def test_a_model_that_cannot_be_read_is_not_used(session: Session) -> None:
    mine = add(session, "Adapted 1")
    (compute.store().model_folder(mine) / "card.json").write_text("{}")
    assert not current_models(session)[0].readable
    with pytest.raises(UnreadableModel, match="another version"):
        use_model(session, mine)


def test_names_are_given_once(session: Session) -> None:
    one, other = add(session, "one"), add(session, "other")
    rename_model(session, one, " better ")
    assert compute.store().model(one).name == "better"
    with pytest.raises(StoreError, match="already"):
        rename_model(session, other, "better")
    with pytest.raises(StoreError, match="type one"):
        rename_model(session, other, "  ")


def test_models_of_other_projects_are_none_of_its_own(session: Session) -> None:
    other = compute.store().create_project("other")
    mine = add(session, "mine")
    for deed in (lambda s: use_model(s, mine), lambda s: export_model(s, mine), lambda s: rename_model(s, mine, "x")):
        with pytest.raises(UnknownRecord, match="no such model"):
            deed(Session(project_id=other.id))


def test_what_was_exported_can_be_imported(session: Session) -> None:
    mine = add(session, "mine", slope=0.7)
    data = export_model(session, mine)
    assert import_model(session, "from a friend.zip", data) == "from a friend"
    assert import_model(session, "from a friend.zip", data) == "from a friend 1"
    row = next(row for row in current_models(session) if row.name == "from a friend")
    assert (row.kind, row.judges) == ("imported", False)
    use_model(session, row.id)
    assert compute.current_model(session).slope == 0.7
    assert export_model(session, SHIPPED)[:2] == b"PK"


def test_a_damaged_file_adds_nothing(session: Session) -> None:
    with pytest.raises(UnreadableModel, match="no zip"):
        import_model(session, "x.zip", b"PK")
    assert len(current_models(session)) == 1


def test_weights_that_answer_with_no_numbers_are_refused(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    data = export_model(session, SHIPPED)
    monkeypatch.setattr(EdgeModel, "logits", lambda *_: np.array([np.inf]))
    with pytest.raises(UnreadableModel, match="no numbers on this log"):
        import_model(session, "x.zip", data)


def test_two_models_are_compared_on_the_log_and_on_every_truth(session: Session) -> None:
    flat = add(session, "flat", slope=0.3)
    project = compute.current_project(session)
    assert project is not None
    graph = KnownGraph("t.csv", (("impression", "watch"),))
    compute.store().save_project(with_known_graph(project, graph))
    found = compare_models(session, SHIPPED, flat)
    assert found is not None
    prior = compute.prior_discovery(session)
    assert prior is not None
    np.testing.assert_array_equal(found.one, prior.probability)
    assert not np.allclose(np.nan_to_num(found.one), np.nan_to_num(found.other))
    shipped, flattened = found.truths["upload"]
    assert shipped.auroc == pytest.approx(flattened.auroc, abs=0.02)  # the same order, but for pairs left undecided
    assert shipped.brier != flattened.brier

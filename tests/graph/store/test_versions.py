"""Versions: a state under a name, restored without a loss, and begun anew from."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest
from graph_strategies import AT, histories
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from causalviz.errors import StoreError, UnknownRecord
from causalviz.graph.store import Project, Store, Version
from causalviz.graph.verdicts import Act, History, Verdict

PLACES = {"view": (1.0, 2.0), "购买": (-3.5, 0.0)}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = Store(tmp_path_factory.mktemp("home"))
    yield opened
    opened.close()


@pytest.fixture
def project(store: Store, request: pytest.FixtureRequest) -> Project:
    made = store.create_project(request.node.name, "Ada")
    store.save_positions(made.id, PLACES)
    return store.save_project(replace(made, settings={"rules": {"hidden": ["x"]}, "knowledge": [1, {"deep": None}]}))


def say(store: Store, project: Project, act: Act, cause: str, effect: str) -> None:
    history = store.history(project.id)
    longer = history.append(Verdict(act, cause, effect, "Ada", AT))
    store.append_verdicts(project.id, longer, len(history.entries))


def test_a_version_freezes_everything(store: Store, project: Project) -> None:
    say(store, project, Act.ADD, "view", "购买")
    version = store.add_version(project.id, " first ", " for Monday ", "Ada")
    say(store, project, Act.CLEAR, "view", "购买")
    store.save_positions(project.id, {"view": (9.0, 9.0)})
    store.change_project(project.id, lambda now: replace(now, settings={}))
    assert store.versions(project.id) == (version,)
    assert store.version(version.id) == version
    assert (version.name, version.note, version.author, version.history_length) == ("first", "for Monday", "Ada", 1)
    assert version.settings == project.settings
    assert version.places == PLACES
    with pytest.raises(FrozenInstanceError):
        version.name = "other"  # type: ignore[misc]


def test_restoring_loses_nothing(store: Store, project: Project) -> None:
    say(store, project, Act.ADD, "view", "购买")
    version = store.add_version(project.id, "first", "", "Ada")
    say(store, project, Act.CLEAR, "view", "购买")
    store.save_positions(project.id, {"view": (9.0, 9.0), "new": (0.0, 0.0)})
    store.change_project(project.id, lambda now: replace(now, settings={"view": {"threshold": 0.9}}))
    before = store.history(project.id)
    done = store.restore_version(version.id, "Bob")
    now = store.project(project.id)
    assert (now, store.history(project.id)) == (done.project, done.history)
    assert now.settings == version.settings
    assert now.name == project.name
    assert store.positions(project.id) == PLACES
    assert done.history.standing() == before.first(1).standing()
    assert done.history.entries[:-1] == before.entries
    kept = done.kept
    assert kept is not None
    assert (kept.name, kept.author, kept.history_length) == ("Before “first” was restored", "Bob", 2)
    assert kept.settings == {"view": {"threshold": 0.9}}
    back = store.restore_version(kept.id, "Bob")
    assert back.kept is None  # "first" says the same
    assert back.history.standing() == before.standing()
    assert store.positions(project.id) == {**PLACES, "view": (9.0, 9.0), "new": (0.0, 0.0)}
    assert store.project(project.id).settings == kept.settings


def test_restoring_what_stands_writes_no_verdict(store: Store, project: Project) -> None:
    say(store, project, Act.ADD, "view", "购买")
    version = store.add_version(project.id, "first", "", "Ada")
    done = store.restore_version(version.id, "Bob")
    assert done.kept is None
    assert len(done.history.entries) == 1
    assert [deed.kind.value for deed in store.deeds(project.id)][-1] == "version restored"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories(), st.data())
def test_standing_after_restoring_is_that_of_the_version(store: Store, history: History, data: st.DataObject) -> None:
    project = store.create_project("x")
    length = data.draw(st.integers(0, len(history.entries)))
    store.append_verdicts(project.id, history.first(length), 0)
    version = store.add_version(project.id, "v", "", "Ada")
    store.append_verdicts(project.id, history, length)
    stood = history.first(length).standing()
    assert store.restore_version(version.id, "Bob").history.standing() == stood
    again = store.history(project.id)
    assert again.standing() == stood
    if len(again.entries) > len(history.entries):
        assert again.undo("Bob", AT).standing() == history.standing()


def test_a_branch_goes_its_own_way_on_the_same_log_and_model(store: Store, project: Project) -> None:
    store.add_log("log", "abc", lambda folder: (folder / "x").write_text(""))
    model = store.add_model(project.id, "m", lambda folder: (folder / "w").write_text("7"), {})
    store.change_project(project.id, lambda now: replace(now, log_id="abc", model_id=model.id))
    say(store, project, Act.ADD, "view", "购买")
    version = store.add_version(project.id, "first", "", "Ada")
    say(store, project, Act.ADD, "购买", "view")
    branch = store.branch_version(version.id, project.name, "Bob")
    assert branch == store.project(branch.id)
    assert branch.name == f"{project.name} 2"
    assert (branch.log_id, branch.model_id, branch.settings) == ("abc", model.id, project.settings)
    assert store.positions(branch.id) == PLACES
    assert list(store.history(branch.id).standing()) == [("view", "购买")]
    say(store, branch, Act.CLEAR, "view", "购买")
    assert len(store.history(project.id).standing()) == 2
    assert [deed.kind.value for deed in store.deeds(branch.id)] == ["created", "branched"]


def test_names_of_versions_are_unique_in_their_project(store: Store, project: Project) -> None:
    store.add_version(project.id, "first", "", "Ada")
    with pytest.raises(StoreError, match="“first” already"):
        store.add_version(project.id, " first", "", "Bob")
    with pytest.raises(StoreError, match="needs a name"):
        store.add_version(project.id, " ", "", "Bob")
    store.add_version(store.create_project("other").id, "first", "", "Ada")


def test_two_restorings_of_one_name_keep_both(store: Store, project: Project) -> None:
    version = store.add_version(project.id, "first", "", "Ada")
    names = []
    for threshold in (0.1, 0.2):
        view = {"view": {"threshold": threshold}}
        store.change_project(project.id, lambda now, view=view: replace(now, settings=view))  # type: ignore[misc]
        kept = store.restore_version(version.id, "Ada").kept
        assert kept is not None
        names.append(kept.name)
    assert names == ["Before “first” was restored", "Before “first” was restored 2"]


@pytest.mark.parametrize("ask", ["version", "restore_version", "branch_version"])
def test_what_is_not_there_is_said(store: Store, ask: str) -> None:
    more = {"version": (), "restore_version": ("Ada",), "branch_version": ("x", "Ada")}[ask]
    with pytest.raises(UnknownRecord, match="no version “nobody”"):
        getattr(store, ask)("nobody", *more)


def test_a_damaged_place_is_one_sentence(tmp_path: Path) -> None:
    store = Store(tmp_path)
    project = store.create_project("Shop")
    store.add_version(project.id, "v", "", "Ada")
    raw = sqlite3.connect(tmp_path / "store.db")
    raw.execute("UPDATE versions SET places = '{\"view\": [1]}'")
    raw.commit()
    raw.close()
    with pytest.raises(StoreError, match="a row is damaged"):
        store.versions(project.id)
    store.close()


def test_a_version_as_a_project_is_the_project_of_then(project: Project) -> None:
    version = Version("v", project.id, "first", "", "Ada", AT, 0, "log", "model", {"a": math.pi})
    then = version.as_project(project)
    assert (then.id, then.name, then.log_id, then.model_id) == (project.id, project.name, "log", "model")
    assert then.settings == {"a": math.pi}


@pytest.mark.parametrize("way", ["restore", "branch"])
def test_a_version_whose_model_is_gone_is_refused_and_nothing_changes(store: Store, project: Project, way: str) -> None:
    model = store.add_model(project.id, "tried", lambda folder: (folder / "card.json").write_text("{}"), {})
    store.change_project(project.id, lambda now: replace(now, model_id=model.id))
    version = store.add_version(project.id, "with it", "", "Ada")
    store.change_project(project.id, lambda now: replace(now, model_id=None))
    store.discard_model(model.id)
    before = store.project(project.id)
    calls = {
        "restore": lambda: store.restore_version(version.id, "Ada"),
        "branch": lambda: store.branch_version(version.id, f"{project.name} anew", "Ada"),
    }
    with pytest.raises(UnknownRecord, match="no model"):
        calls[way]()
    assert store.project(project.id) == before

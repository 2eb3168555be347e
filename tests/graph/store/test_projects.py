"""Projects renamed, binned, taken out again, and gone for good only when nobody needs them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from graph_strategies import AT

from causalviz.errors import RevisionConflict, StoreError, UnknownRecord
from causalviz.graph.store import DeedKind, Project, Store
from causalviz.graph.verdicts import Act, History, Verdict

LONG_AGO = (datetime.now(UTC) - timedelta(days=31)).isoformat()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "home")
    yield opened
    opened.close()


def write_events(folder: Path) -> None:
    (folder / "events.parquet").write_bytes(b"events")


def age(store: Store, sql: str) -> None:
    """Turns back a clock in the database."""
    raw = sqlite3.connect(store.home / "store.db")
    raw.execute(sql, {"then": LONG_AGO})
    raw.commit()
    raw.close()


def full(store: Store, name: str, fingerprint: str) -> Project:
    """A project with something of everything."""
    store.add_log(name, fingerprint, write_events)
    made = store.create_project(name)
    model = store.add_model(made.id, "m", lambda folder: (folder / "w").write_text("7"), {})
    store.append_verdicts(made.id, History().append(Verdict(Act.ADD, "view", "buy", "Ada", AT)), 0)
    store.save_positions(made.id, {"view": (0.0, 0.0)})
    project = store.save_project(replace(made, log_id=fingerprint, model_id=model.id))
    store.add_version(made.id, "v", "", "Ada")
    return project


def test_a_rename_is_kept_and_told(store: Store) -> None:
    project = store.create_project("Shop", "Ada")
    assert store.rename_project(project.id, " Spring ", "Bob").name == "Spring"
    assert store.project(project.id).revision == 2
    assert store.rename_project(project.id, "Spring", "Bob").name == "Spring"
    deeds = store.deeds(project.id)
    assert [(deed.kind, deed.author, deed.subject, deed.note) for deed in deeds] == [
        (DeedKind.CREATED, "Ada", "Shop", ""),
        (DeedKind.RENAMED, "Bob", "Spring", "before: Shop"),
    ]


@pytest.mark.parametrize("name", ["", "  ", "Video"])
def test_a_name_must_be_one_and_free(store: Store, name: str) -> None:
    store.create_project("Video")
    project = store.create_project("Shop")
    with pytest.raises(StoreError, match="name"):
        store.rename_project(project.id, name, "Ada")
    assert store.project(project.id) == project


def test_the_bin_keeps_everything_and_gives_it_back(store: Store) -> None:
    project, history = full(store, "Shop", "abc"), 1
    binned = store.bin_project(project.id, "Ada")
    assert binned.project == project
    assert datetime.fromisoformat(binned.until) - datetime.fromisoformat(binned.since) == timedelta(days=30)
    assert store.projects() == ()
    assert store.binned_projects() == (binned,)
    for ask in (store.project, store.history, lambda known: store.rename_project(known, "x", "Ada")):
        with pytest.raises(UnknownRecord, match="“Shop” was moved to the bin"):
            ask(project.id)
    other = store.create_project("Shop")
    store.empty_bin()
    back = store.return_project(project.id, "Ada")
    assert back == replace(project, name="Shop 2")
    assert len(store.history(project.id).entries) == history
    assert len(store.versions(project.id)) == 1
    assert {one.id for one in store.projects()} == {project.id, other.id}
    assert [deed.kind for deed in store.deeds(project.id)][-2:] == [DeedKind.BINNED, DeedKind.RETURNED]
    with pytest.raises(UnknownRecord, match="no project"):
        store.return_project(project.id, "Ada")


def test_after_its_time_a_project_is_gone_with_what_only_it_needed(store: Store) -> None:
    gone, stays = full(store, "Shop", "abc"), full(store, "Video", "def")
    store.bin_project(gone.id, "Ada")
    age(store, "UPDATE projects SET binned = :then WHERE binned IS NOT NULL")
    age(store, "UPDATE logs SET used = :then")
    store.empty_bin()
    assert store.binned_projects() == ()
    with pytest.raises(UnknownRecord):
        store.project(gone.id)
    assert store.deeds(gone.id) == ()
    with pytest.raises(UnknownRecord):
        store.log("abc")
    assert [path.name for path in (store.home / "models").iterdir() if path.name != ".staging"] == [stays.model_id]
    assert {path.name for path in (store.home / "logs").iterdir()} == {".staging", "def"}
    assert (store.log_folder("def") / "events.parquet").is_file()


def test_what_others_use_survives_its_project(store: Store) -> None:
    project = full(store, "Shop", "abc")
    branch = store.branch_version(store.versions(project.id)[0].id, "Branch", "Ada")
    store.bin_project(project.id, "Ada")
    age(store, "UPDATE projects SET binned = :then WHERE binned IS NOT NULL")
    age(store, "UPDATE logs SET used = :then")
    store.empty_bin()
    assert store.log_folder("abc").is_dir()
    assert store.model(str(branch.model_id)).project_id == branch.id
    assert store.model_folder(str(branch.model_id)).is_dir()
    assert len(store.history(branch.id).entries) == 1


def test_a_log_on_its_way_into_a_project_is_left_alone(store: Store) -> None:
    store.add_log("log", "abc", write_events)
    store.empty_bin()
    assert store.log_folder("abc").is_dir()
    age(store, "UPDATE logs SET used = :then, created = :then")
    store.add_log("log", "abc", write_events)  # used again
    store.empty_bin()
    assert store.log_folder("abc").is_dir()
    age(store, "UPDATE logs SET used = NULL")
    store.empty_bin()
    with pytest.raises(UnknownRecord):
        store.log("abc")
    assert (store.add_log("again", "abc", write_events).title, store.log_folder("abc").is_dir()) == ("again", True)


def test_opening_a_store_empties_its_bin(store: Store) -> None:
    project = store.create_project("Shop")
    store.bin_project(project.id, "Ada")
    age(store, "UPDATE projects SET binned = :then")
    again = Store(store.home)
    assert again.binned_projects() == ()
    again.close()


def test_two_that_change_different_settings_both_count(store: Store) -> None:
    project = store.create_project("Shop")
    other = Store(store.home)

    def change(number: int) -> None:
        mine = (store, other)[number % 2]
        mine.change_project(project.id, lambda now: replace(now, settings={**now.settings, str(number): number}))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(change, range(12)))
    assert store.project(project.id).settings == {str(number): number for number in range(12)}
    assert store.project(project.id).revision == 13
    with pytest.raises(RevisionConflict, match="revision 13, yours is 1"):
        other.save_project(replace(project, name="Mine"))
    other.close()

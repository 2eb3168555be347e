"""The store on a fresh folder: nothing is lost, nothing is overwritten."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from graph_strategies import AT
from sqlalchemy import create_engine, event

from causalviz.errors import RevisionConflict, StoreError, UnknownRecord
from causalviz.graph.store import Store
from causalviz.graph.store.tables import METADATA
from causalviz.graph.verdicts import Act, History, Verdict


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "home")
    yield opened
    opened.close()


def added(history: History, cause: str, effect: str) -> History:
    return history.append(Verdict(Act.ADD, cause, effect, "Ada", AT))


def write_events(folder: Path) -> None:
    (folder / "events.parquet").write_bytes(b"events")


def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    first = Store(tmp_path)
    project = first.create_project("  Shop ")
    first.add_log("shop", "f00d", write_events)
    saved = first.save_project(replace(project, log_id="f00d", settings={"view": {"threshold": 0.7}}))
    first.append_verdicts(project.id, added(History(), "view", "购买"), 0)
    first.save_positions(project.id, {"view": (1.5, -2.0)})
    first.close()
    again = Store(tmp_path)
    assert again.projects() == (saved,)
    assert (saved.name, saved.revision, again.project(project.id).settings) == ("Shop", 2, {"view": {"threshold": 0.7}})
    assert list(again.history(project.id).standing()) == [("view", "购买")]
    assert again.positions(project.id) == {"view": (1.5, -2.0)}
    assert (again.log_folder("f00d") / "events.parquet").read_bytes() == b"events"
    again.close()


def test_the_folder_follows_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAUSALVIZ_HOME", str(tmp_path / "there"))
    store = Store()
    assert store.uploads == tmp_path / "there" / "uploads"
    assert store.uploads.is_dir()
    store.close()


def test_another_database_can_be_named(tmp_path: Path) -> None:
    store = Store(tmp_path / "home", url=f"sqlite:///{tmp_path / 'elsewhere.db'}")
    store.create_project("x")
    store.close()
    assert (tmp_path / "elsewhere.db").is_file()
    assert not (tmp_path / "home" / "store.db").exists()


def test_the_migrations_lead_to_the_tables_of_the_code(store: Store) -> None:
    engine = create_engine(f"sqlite:///{store.home / 'store.db'}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
    engine.dispose()


def test_readers_do_not_wait_and_foreign_keys_hold(store: Store) -> None:
    with store._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 10_000


def test_a_store_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    Store(tmp_path).close()
    raw = sqlite3.connect(tmp_path / "store.db")
    raw.execute("UPDATE alembic_version SET version_num = 'r9999'")
    raw.commit()
    raw.close()
    with pytest.raises(StoreError, match=r"later version .* r9999"):
        Store(tmp_path)


@pytest.mark.parametrize("url", ["nonsense", "sqlite:////no/such/folder/x.db"])
def test_a_database_that_cannot_be_opened_is_one_sentence(tmp_path: Path, url: str) -> None:
    with pytest.raises(StoreError, match="; check "):
        Store(tmp_path, url=url)


def test_a_home_that_is_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="set CAUSALVIZ_HOME"):
        Store(tmp_path / "file")


def test_of_two_tabs_the_second_to_save_is_told(store: Store) -> None:
    mine = yours = store.create_project("Shop")
    store.save_project(replace(yours, name="Yours"))
    with pytest.raises(RevisionConflict, match=r"“Yours” was saved .* \(revision 2, yours is 1\)"):
        store.save_project(replace(mine, name="Mine"))
    assert store.project(mine.id).name == "Yours"


def test_of_two_histories_the_second_is_refused_and_nothing_of_it_is_kept(store: Store) -> None:
    project = store.create_project("Shop")
    store.append_verdicts(project.id, added(History(), "view", "cart"), 0, client="one", client_seq=1)
    late = added(added(History(), "a", "b"), "b", "c")
    with pytest.raises(RevisionConflict, match="in the meantime"):
        store.append_verdicts(project.id, late, 0, client="two", client_seq=2)
    assert list(store.history(project.id).standing()) == [("view", "cart")]
    assert (store.acked("one"), store.acked("two"), store.acked("three")) == (1, 0, 0)


def test_verdicts_come_back_in_their_order_with_all_their_parts(store: Store) -> None:
    project = store.create_project("Shop")
    history = History((Verdict(Act.REJECT, "<b>", "买", "Ada", AT, "why\nnot"),)).undo("Bob", AT)
    assert store.append_verdicts(project.id, history, 0) == history
    assert store.history(project.id) == history
    longer = history.redo("Cem", AT)
    store.append_verdicts(project.id, longer, 2)
    assert store.history(project.id) == longer


def test_a_project_may_want_no_cycles(store: Store) -> None:
    project = store.create_project("Shop")
    assert not store.history(project.id).acyclic
    store.save_project(replace(project, settings={"acyclic": True}))
    assert store.history(project.id).acyclic


def test_tabs_that_move_different_boxes_both_win(store: Store) -> None:
    project = store.create_project("Shop")
    store.save_positions(project.id, {"view": (0, 0), "cart": (1, 1)})
    store.save_positions(project.id, {"view": (5, 5)})
    store.save_positions(project.id, {"buy": (2, 2)})
    store.save_positions(project.id, {})
    assert store.positions(project.id) == {"view": (5, 5), "cart": (1, 1), "buy": (2, 2)}


def test_a_log_is_stored_once(store: Store) -> None:
    record = store.add_log("first", "abc", write_events)

    def never(_folder: Path) -> None:
        raise AssertionError("written twice")

    assert store.add_log("second", "abc", never) == record


def test_a_log_that_failed_half_way_leaves_nothing(store: Store) -> None:
    def broken(folder: Path) -> None:
        (folder / "half").write_text("x")
        raise OSError(28, "No space left on device")

    with pytest.raises(StoreError, match=r"No space left on device.*free some space"):
        store.add_log("log", "abc", broken)
    with pytest.raises(UnknownRecord, match="no log “abc”"):
        store.log_folder("abc")
    assert not [path for path in (store.home / "logs").rglob("*") if path.is_file()]


@pytest.mark.parametrize("name", ["../x", "", ".hidden", "a/b", "名"])
def test_a_fingerprint_cannot_lead_out_of_the_store(store: Store, name: str) -> None:
    with pytest.raises(StoreError, match="cannot name a folder"):
        store.add_log("log", name, write_events)


def test_models_belong_to_their_project(store: Store) -> None:
    project, other = store.create_project("Shop"), store.create_project("Video")
    record = store.add_model(project.id, "adapted", lambda folder: (folder / "w").write_text("7"), {"epochs": 3})
    assert store.models(project.id) == (record,)
    assert store.models(other.id) == ()
    assert (store.model_folder(record.id) / "w").read_text() == "7"
    assert store.save_project(replace(project, model_id=record.id)).model_id == record.id


def test_versions_are_named_states(store: Store) -> None:
    project = store.create_project("Shop")
    store.append_verdicts(project.id, added(History(), "view", "cart"), 0)
    version = store.add_version(project.id, "first", "for Monday", "Ada")
    store.append_verdicts(project.id, added(store.history(project.id), "cart", "buy"), 1)
    assert store.versions(project.id) == (version,)
    assert (version.history_length, version.note, version.author, version.settings) == (1, "for Monday", "Ada", {})
    with pytest.raises(StoreError, match="“first” already"):
        store.add_version(project.id, "first", "", "Bob")
    with pytest.raises(StoreError, match="needs a name"):
        store.add_version(project.id, " ", "", "Bob")


@pytest.mark.parametrize(
    "ask",
    [
        lambda store: store.project("nobody"),
        lambda store: store.history("nobody"),
        lambda store: store.save_positions("nobody", {"a": (0, 0)}),
        lambda store: store.append_verdicts("nobody", added(History(), "a", "b"), 0),
        lambda store: store.add_model("nobody", "m", write_events, {}),
        lambda store: store.model_folder("nobody"),
        lambda store: store.log_folder("nobody"),
        lambda store: store.save_project(replace(store.create_project("x"), log_id="nolog")),
        lambda store: store.save_project(replace(store.create_project("x"), model_id="nomodel")),
    ],
)
def test_what_is_not_there_is_said_so(store: Store, ask: object) -> None:
    with pytest.raises(UnknownRecord, match=r"no |No "):
        ask(store)  # type: ignore[operator]


def test_a_folder_that_was_removed_by_hand_is_said_so(store: Store) -> None:
    store.add_log("log", "abc", write_events)
    (store.log_folder("abc") / "events.parquet").unlink()
    store.log_folder("abc").rmdir()
    with pytest.raises(UnknownRecord, match="missing from the store"):
        store.log_folder("abc")


def test_many_threads_lose_nothing(store: Store) -> None:
    project = store.create_project("Shop")
    start = threading.Barrier(6)

    def give(worker: int) -> None:
        start.wait(10)
        store.add_log("same", "abc", write_events)
        while True:
            history = store.history(project.id)
            try:
                store.append_verdicts(project.id, added(history, f"cause {worker}", "effect"), len(history.entries))
                return
            except RevisionConflict:
                continue

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(give, range(6)))
    assert set(store.history(project.id).standing()) == {(f"cause {worker}", "effect") for worker in range(6)}


def test_stores_that_open_at_once_agree(tmp_path: Path) -> None:
    start = threading.Barrier(4)

    def enter(_worker: int) -> None:
        start.wait(10)
        store = Store(tmp_path)
        store.create_project("x")
        store.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(enter, range(4)))
    store = Store(tmp_path)
    assert len(store.projects()) == 4
    store.close()


def test_a_model_is_undecided_until_it_is_kept_or_discarded(tmp_path: Path) -> None:
    store = Store(tmp_path)
    project = store.create_project("shop")
    first, second = (
        store.add_model(project.id, name, lambda folder: (folder / "w").write_text("7"), {}) for name in ("one", "two")
    )
    assert store.undecided_model(project.id) in (first, second)
    store.keep_model(first.id)
    store.discard_model(first.id)  # too late: it was kept
    assert store.undecided_model(project.id) == second
    folder = store.model_folder(second.id)
    store.discard_model(second.id)
    store.discard_model(second.id)
    assert store.undecided_model(project.id) is None
    assert [record.id for record in store.models(project.id)] == [first.id]
    assert not folder.exists()
    store.close()


def spoil(store: Store, sql: str) -> None:
    raw = sqlite3.connect(store.home / "store.db")
    raw.execute(sql)
    raw.commit()
    raw.close()


@pytest.mark.parametrize(
    ("sql", "ask"),
    [
        ("UPDATE projects SET settings = '{broken'", lambda store, _: store.projects()),
        ("UPDATE projects SET settings = '5'", lambda store, project: store.project(project.id)),
        ("UPDATE projects SET settings = '5'", lambda store, project: store.history(project.id)),
        ("UPDATE entries SET act = 'boss'", lambda store, project: store.history(project.id)),
        ("UPDATE entries SET at = 'noon'", lambda store, project: store.history(project.id)),
        ("UPDATE entries SET act = 'undo'", lambda store, project: store.history(project.id)),
        ("UPDATE projects SET name = CAST(x'ff' AS TEXT)", lambda store, _: store.projects()),
        ("DROP TABLE positions", lambda store, project: store.positions(project.id)),
        ("DROP TABLE clients", lambda store, _: store.acked("c")),
        ("DROP TABLE versions", lambda store, project: store.add_version(project.id, "v", "", "Ada")),
    ],
)
def test_a_damaged_store_is_one_sentence_with_its_place(store: Store, sql: str, ask: object) -> None:
    project = store.create_project("Shop")
    store.append_verdicts(project.id, added(History(), "view", "buy"), 0)
    spoil(store, sql)
    with pytest.raises(StoreError, match=r"store\.db cannot do this \(.+\); .*set CAUSALVIZ_HOME") as refusal:
        ask(store, project)  # type: ignore[operator]
    assert "\n" not in str(refusal.value)


def test_a_damaged_page_is_one_sentence(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.create_project("Shop")
    store.close()
    path = tmp_path / "store.db"
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xa5" * (len(whole) - 4096))
    with pytest.raises(StoreError, match=r"malformed"):
        Store(tmp_path).projects()


def test_a_locked_store_is_one_sentence(store: Store) -> None:
    @event.listens_for(store._engine, "checkout")
    def _no_patience(raw: sqlite3.Connection, _record: object, _proxy: object) -> None:
        raw.execute("PRAGMA busy_timeout = 1")

    other = sqlite3.connect(store.home / "store.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreError, match=r"database is locked.*try again"):
        store.create_project("Shop")
    other.close()
    assert store.projects() == ()


def test_a_full_disk_is_one_sentence(store: Store) -> None:
    with store._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    @event.listens_for(store._engine, "checkout")
    def _no_space(raw: sqlite3.Connection, _record: object, _proxy: object) -> None:
        raw.execute(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(StoreError, match=r"full.*free some space"):
        store.create_project("x" * 100_000)
    assert store.projects() == ()


def test_a_broken_character_is_one_sentence(store: Store) -> None:
    with pytest.raises(StoreError, match="broken character"):
        store.create_project("\ud800")
    with pytest.raises(StoreError, match="broken character"):
        store.acked("\ud800")


def test_settings_that_no_json_can_hold_are_one_sentence(store: Store) -> None:
    with pytest.raises(StoreError, match="cannot do this"):
        store.save_project(replace(store.create_project("x"), settings={"view": object()}))


@pytest.mark.parametrize("place", [(float("nan"), 0.0), (0.0, float("inf"))])
def test_a_box_needs_a_place(store: Store, place: tuple[float, float]) -> None:
    project = store.create_project("Shop")
    with pytest.raises(StoreError, match="“view” has no place"):
        store.save_positions(project.id, {"view": place})


def test_a_folder_says_why_even_where_the_system_does_not(store: Store) -> None:
    def fail(_folder: Path) -> None:
        raise OSError("the drive left")

    with pytest.raises(StoreError, match=r"\(the drive left\)"):
        store.add_log("log", "abc", fail)


def test_a_model_that_cannot_be_noted_leaves_no_folder(store: Store) -> None:
    project = store.create_project("Shop")
    with pytest.raises(StoreError, match="broken character"):
        store.add_model(project.id, "\ud800", write_events, {})
    assert [path.name for path in (store.home / "models").iterdir()] == [".staging"]


@pytest.mark.parametrize("home", ["~nobody-of-this-name/store", "nul\0"])
def test_a_home_that_is_no_place_is_one_sentence(home: str) -> None:
    with pytest.raises(StoreError, match="set CAUSALVIZ_HOME"):
        Store(Path(home))

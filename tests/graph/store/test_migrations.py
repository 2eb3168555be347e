"""A store of the first form opens: the same projects, verdicts, places and versions."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from causalviz.graph.store import Store
from causalviz.graph.store.database import FORM, MIGRATIONS, _migrate
from causalviz.graph.verdicts import Ruling

AT = "2026-01-01T12:00:00+00:00"


@pytest.fixture
def old_home(tmp_path: Path) -> Path:
    """A home as the first form left it: one project, its log, model, three verdicts, two places and a version."""
    engine = create_engine(f"sqlite:///{tmp_path / 'store.db'}")
    rows: list[tuple[str, tuple[object, ...]]] = [
        ("logs (fingerprint, title, created)", ("f00d", "shop", AT)),
        (
            "projects (id, name, log_id, model_id, settings, created, saved, revision)",
            ("p1", "商店", "f00d", "m1", json.dumps({"view": {"threshold": 0.7}, "later": [1]}), AT, AT, 4),
        ),
        ("models (id, project_id, name, card, created, kept)", ("m1", "p1", "adapted", '{"epochs": 3}', AT, True)),
        ("entries VALUES", ("p1", 0, "add", "view", "buy", "Ada", AT, "")),
        ("entries VALUES", ("p1", 1, "reject", "buy", "view", "Bob", AT, "no")),
        ("entries VALUES", ("p1", 2, "undo", "buy", "view", "Bob", AT, "")),
        ("positions VALUES", ("p1", "view", 1.5, -2.0)),
        ("positions VALUES", ("p1", "buy", 0.0, 3.0)),
        ("clients VALUES", ("tab", 7, AT)),
        ("versions VALUES", ("v1", "p1", "first", "for Monday", "Ada", AT, 2, "f00d", "m1", '{"acyclic": true}')),
    ]
    with engine.begin() as connection:
        _migrate(connection, "r0001")
    with engine.begin() as connection:
        for table, values in rows:
            into = table.removesuffix("VALUES")
            marks = ", ".join("?" * len(values))
            connection.exec_driver_sql(f"INSERT INTO {into} VALUES ({marks})", values)  # noqa: S608
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one() == "r0001"
    engine.dispose()
    for folder in ("logs/f00d", "models/m1"):
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path


def test_all_that_was_there_is_there(old_home: Path) -> None:
    store = Store(old_home)
    (project,) = store.projects()
    assert (project.id, project.name, project.log_id, project.model_id, project.revision) == (
        "p1", "商店", "f00d", "m1", 4,
    )  # fmt: skip
    assert project.settings == {"view": {"threshold": 0.7}, "later": [1]}
    history = store.history("p1")
    assert [entry.act.value for entry in history.entries] == ["add", "reject", "undo"]
    assert {pair: said.ruling for pair, said in history.standing().items()} == {("view", "buy"): Ruling.ADDED}
    assert {entry.probability for entry in history.entries} == {None}
    assert store.positions("p1") == {"view": (1.5, -2.0), "buy": (0.0, 3.0)}
    assert store.acked("tab") == 7
    assert store.model("m1").card == {"epochs": 3}
    assert store.log_folder("f00d").is_dir()
    assert store.binned_projects() == ()
    assert store.deeds("p1") == ()
    store.close()
    again = Store(old_home)  # the second time there is nothing to migrate
    assert again.projects() == (project,)
    again.close()


def test_todays_form_is_that_of_the_last_migration() -> None:
    assert (*sorted((MIGRATIONS / "versions").glob("r*.py")),)[-1].name.startswith(FORM)


def test_a_store_of_today_is_opened_without_what_migrates(tmp_path: Path) -> None:
    Store(tmp_path).close()
    opened = "import sys, pathlib; from causalviz.graph.store import Store; Store(pathlib.Path(sys.argv[1])).close()"
    check = f"{opened}; assert 'alembic' not in sys.modules"
    subprocess.run([sys.executable, "-c", check, str(tmp_path)], check=True)


def test_a_version_of_the_first_form_is_read_restored_and_branched_from(old_home: Path) -> None:
    store = Store(old_home)
    (version,) = store.versions("p1")
    assert (version.name, version.note, version.history_length, version.places) == ("first", "for Monday", 2, None)
    done = store.restore_version("v1", "Ada")
    assert done.project.settings == {"acyclic": True}
    assert set(done.history.standing()) == {("view", "buy"), ("buy", "view")}
    assert store.positions("p1") == {"view": (1.5, -2.0), "buy": (0.0, 3.0)}  # where they stood nobody knows
    branch = store.branch_version("v1", "Branch", "Ada")
    assert len(store.history(branch.id).entries) == 2
    assert store.positions(branch.id) == store.positions("p1")
    store.close()

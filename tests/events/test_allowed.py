"""A visitor reads what the operator allowed, and nothing through links, dots or other spellings."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from causalviz.errors import SettingsError, UnreadableLog
from causalviz.events.allowed import (
    FOLDERS,
    TABLES,
    allowed_folders,
    allowed_path,
    allowed_tables,
    logs_in,
    with_table,
)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, ...]:
    """Two folders that may be read, one of them by a link, beside one that may not."""
    for name in ("open/days", "other", "closed"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("open/a.csv", "open/notes.md", "open/days/1.parquet", "open/days/2.parquet", "closed/secret.csv"):
        (tmp_path / name).write_text("x")
    (tmp_path / "linked").symlink_to(tmp_path / "other")
    told = os.pathsep.join(str(tmp_path / name) for name in ("open", "linked", "none"))
    return allowed_folders({FOLDERS: told})


def test_nothing_is_allowed_unless_it_is_said() -> None:
    assert allowed_folders({}) == allowed_folders({FOLDERS: ""}) == ()
    assert allowed_tables({}) == ()


def test_logs_are_listed_and_a_folder_of_parquet_is_one(folders: tuple[Path, ...], tmp_path: Path) -> None:
    assert folders == (tmp_path / "open", tmp_path / "other")
    assert logs_in(folders) == (str(tmp_path / "open/a.csv"), str(tmp_path / "open/days"))


@pytest.mark.parametrize("inside", ["open/a.csv", "open/days", "open/days/../a.csv", "open"])
def test_what_lies_inside_is_allowed(folders: tuple[Path, ...], tmp_path: Path, inside: str) -> None:
    assert allowed_path(str(tmp_path / inside), folders) == (tmp_path / inside).resolve()


@pytest.mark.parametrize(
    "outside",
    ["closed/secret.csv", "open/../closed/secret.csv", "open/link.csv", "open/none.csv", "openness.csv", "a\0b"],
)
def test_what_lies_outside_is_refused_in_the_same_words(
    folders: tuple[Path, ...], tmp_path: Path, outside: str
) -> None:
    (tmp_path / "open/link.csv").symlink_to(tmp_path / "closed/secret.csv")
    (tmp_path / "openness.csv").write_text("x")
    with pytest.raises(UnreadableLog, match="is nothing in a folder that may be read here"):
        allowed_path(str(tmp_path / outside), folders)


def test_a_link_out_of_a_folder_of_parquet_is_refused(folders: tuple[Path, ...], tmp_path: Path) -> None:
    (tmp_path / "open/days/3.parquet").symlink_to(tmp_path / "closed/secret.csv")
    with pytest.raises(UnreadableLog, match=r"'3\.parquet' in .* leads nowhere, or out"):
        allowed_path(str(tmp_path / "open/days"), folders)


def test_links_in_a_circle_lead_nowhere(folders: tuple[Path, ...], tmp_path: Path) -> None:
    for one, other in (("3", "4"), ("4", "3")):
        (tmp_path / f"open/days/{one}.parquet").symlink_to(tmp_path / f"open/days/{other}.parquet")
    for inside, said in (("open/days/3.parquet", "is nothing in a folder"), ("open/days", "leads nowhere")):
        with pytest.raises(UnreadableLog, match=said):
            allowed_path(str(tmp_path / inside), folders)


def test_tables_are_addresses_and_a_star_is_any_table() -> None:
    one, all_of = allowed_tables({TABLES: " duckdb:///d/f.duckdb#log\n postgresql://me:pw@h/shop#* "})
    assert str(with_table(all_of, "s.events")) == "postgresql://me@h:5432/shop#s.events"
    assert with_table(one, "other") == one


def test_an_address_that_is_none_is_told_by_its_place() -> None:
    with pytest.raises(SettingsError, match=f"^Address 2 of {TABLES}: ") as caught:
        allowed_tables({TABLES: "duckdb:///f.duckdb#log mysql://me:s3cret@h/d#t"})
    assert "s3cret" not in str(caught.value)

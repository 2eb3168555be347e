"""Addresses say where a table is and never their password; a table is read like a file and never written."""

from __future__ import annotations

import errno
import importlib.util
import re
import socket
import sys
from pathlib import Path
from urllib.parse import quote

import duckdb
import pyarrow.parquet as pq
import pytest
from postgres_cluster import HERE, OWNER, PASSWORD

from causalviz.errors import OversizedLog, SettingsError, UnreadableLog
from causalviz.events.database import Address, copy_table, local_copy, open_database, source_of
from causalviz.events.mapping import Roles
from causalviz.events.readers import read_events

needs_ibis = pytest.mark.skipif(not importlib.util.find_spec("ibis"), reason="the extra 'warehouse' is not installed")
SECRET = "s3cret/@"  # noqa: S105


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A DuckDB file with a table, one of an odd name, and a view that reaches for another file."""
    path = tmp_path / "shop.duckdb"
    (tmp_path / "other.csv").write_text("a\n1\n")
    with duckdb.connect(str(path)) as engine:
        engine.execute("create schema s")
        engine.execute(
            "create table log (who varchar, what varchar, moment timestamp, much decimal(9, 2), tags varchar[])"
        )
        engine.execute(
            "insert into log values ('u', 'view', '2026-01-01', 1.5, ['x']), ('u', 'buy', '2026-01-02', 2, [])"
        )
        engine.execute("""create table s."a ""b"" ' ; drop" as from log""")
        engine.execute(f"create view beyond as from '{tmp_path / 'other.csv'}'")
    return path


def test_an_address_is_shown_without_its_password() -> None:
    address = Address.parse(
        f"postgresql+psycopg://me:{quote(SECRET, safe='')}@db.example/shop?sslmode=require#s.events"
    )
    assert (address.user, address.password, address.host, address.port) == ("me", SECRET, "db.example", 5432)
    assert (address.database, address.table, address.options) == ("shop", "s.events", (("sslmode", "require"),))
    assert str(address) == "postgresql://me@db.example:5432/shop?sslmode=require#s.events"
    assert Address.parse(str(address)).options == address.options
    assert SECRET not in repr(address)


def test_a_file_is_no_address() -> None:
    assert source_of("logs/events.csv") == Path("logs/events.csv")
    assert str(source_of("duckdb:///d/f.duckdb#t")) == "duckdb:///d/f.duckdb#t"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"mysql://me:{SECRET}@h/d#t", "begins with none of duckdb, postgres, postgresql"),
        ("postgresql://me:s3cret@h:port/d#t", "does not tell its host and port; write /"),
        ("postgresql://me:s3cret/more@h/d#t", "%2F"),
        ("postgresql://me:1/s3cret@h/d#t", "%2F"),  # read as a host, a port and a database
        ("postgresql://me:1/d#s3cret@h/d#t", "%23"),
        ("postgresql://me:1/d?s3cret@h/d#t", "%3F"),
        ("postgresql://me:s3cret@h/d", "names no table"),
        ("postgresql://me:s3cret@h#t", "names no database"),
        ("postgresql://me@h/d?password=s3cret#t", "takes sslmode and sslrootcert only"),
    ],
)
def test_what_is_no_address_gets_a_sentence_without_the_password(text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as caught:
        source_of(text)
    assert "s3cret" not in str(caught.value)


@needs_ibis
def test_a_table_is_read_like_a_file(database: Path) -> None:
    with local_copy(Address.parse(f"duckdb://{database}#log")) as path:
        raw, report = read_events(path, Roles("who", "what", "moment"))
        assert pq.read_schema(path).names == ["who", "what", "moment", "much"]  # a list is no text
    assert raw.event_names == ("buy", "view")
    assert (report.events, report.format) == (2, "a table of DuckDB")
    assert not path.exists()


@needs_ibis
def test_a_table_of_more_rows_than_may_be_is_not_fetched_whole(database: Path, tmp_path: Path) -> None:
    address, path = Address.parse(f"duckdb://{database}#log"), tmp_path / "copy"
    copy_table(address, path, 2)
    said = rf"shop.duckdb#log has more than 1 rows, .* discover '{re.escape(str(address))}' --out DIR"
    with pytest.raises(OversizedLog, match=said):
        copy_table(address, path, 1)
    assert not path.exists()


@needs_ibis
def test_a_hostile_name_is_a_name(database: Path) -> None:
    name = quote("""s.a "b" ' ; drop""")
    with open_database(Address.parse(f"duckdb://{database}#{name}")) as table:
        assert table.count().to_pyarrow().as_py() == 2


@needs_ibis
@pytest.mark.parametrize("table", ["beyond", "nothing"])
def test_a_table_that_is_not_there_or_reaches_out_is_refused(database: Path, table: str) -> None:
    there = local_copy(Address.parse(f"duckdb://{database}#{table}"))
    with pytest.raises(UnreadableLog, match=r"shop.duckdb#\w+ cannot be read \(.+\); check") as caught, there:
        pass
    assert "\n" not in str(caught.value)


@needs_ibis
def test_a_disk_that_is_full_is_no_fault_of_the_address(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pq, "ParquetWriter", full)
    there = local_copy(Address.parse(f"duckdb://{database}#log"))
    with pytest.raises(UnreadableLog, match=r"The disk is full, so duckdb://.* free some space in"), there:
        pass


@needs_ibis
def test_nothing_is_written(database: Path) -> None:
    with (
        pytest.raises(UnreadableLog, match="read-only"),
        open_database(Address.parse(f"duckdb://{database}#log")) as table,
    ):
        table.get_backend().raw_sql("delete from log")


@needs_ibis
def test_a_database_file_that_is_missing_is_not_made(tmp_path: Path) -> None:
    with (
        pytest.raises(UnreadableLog, match="there is no such file"),
        local_copy(Address.parse(f"duckdb://{tmp_path}/none.duckdb#t")),
    ):
        pass
    assert not list(tmp_path.iterdir())


@needs_ibis
def test_postgres_is_read_and_not_written(postgres_port: int) -> None:
    import psycopg

    with psycopg.connect(
        host=HERE, port=postgres_port, user=OWNER, password=PASSWORD, dbname="postgres", autocommit=True
    ) as own:
        own.execute("create schema if not exists reading")
        own.execute(
            "create table reading.log as select 'u' as who, 'e' || k as what, now() as at from generate_series(1, 3) k"
        )
    address = Address.parse(
        f"postgresql://{OWNER}:{quote(PASSWORD, safe='')}@{HERE}:{postgres_port}/postgres#reading.log"
    )
    with local_copy(address) as path:
        assert pq.read_table(path)["what"].to_pylist() == ["e1", "e2", "e3"]
    with pytest.raises(UnreadableLog, match="read-only"), open_database(address) as table:
        table.get_backend().raw_sql("delete from reading.log")
    wrong = Address.parse(
        f"postgresql://{OWNER}:{SECRET}x@{HERE}:{postgres_port}/postgres#reading.log".replace("/@", "%2F%40")
    )
    said = r"reading.log cannot be read \(password authentication failed for user .*\); check its user and its password"
    with pytest.raises(UnreadableLog, match=said) as caught, open_database(wrong):
        pass
    assert SECRET not in str(caught.value)
    assert PASSWORD not in str(caught.value)


@needs_ibis
def test_a_postgres_that_is_not_there_is_named() -> None:
    with socket.socket() as closed:
        closed.bind((HERE, 0))
        nobody = Address.parse(f"postgresql://me:{quote(SECRET, safe='')}@{HERE}:{closed.getsockname()[1]}/d#t")
        with pytest.raises(UnreadableLog, match=r"\(Connection refused\); check its host and port") as caught:
            open_database(nobody).__enter__()
    assert SECRET not in str(caught.value)


def test_without_ibis_there_is_a_way_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "ibis.common.exceptions", None)
    there = open_database(Address.parse(f"duckdb://{tmp_path}/f.duckdb#t"))
    with pytest.raises(SettingsError, match=r"pip install -e '\.\[warehouse\]'"), there:
        pass

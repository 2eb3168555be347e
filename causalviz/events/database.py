"""Databases as sources: an address names one table, which is read and never written.

    postgresql://user:password@host:port/database#schema.table
    duckdb:///folder/file.duckdb#table

SQLAlchemy's spelling (``postgresql+psycopg://``) is understood too. The session is read-only, a DuckDB file may not
reach for other files or the network, and names are quoted by Ibis, never put into a query by hand. A password is used
to connect and shown nowhere; it may as well stay in ``PGPASSWORD`` or the user's ``.pgpass``.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from causalviz.errors import SettingsError, UnreadableLog
from causalviz.events.columnar import ORIGIN
from causalviz.events.folders import brief_folder, is_full
from causalviz.events.limits import too_many

if TYPE_CHECKING:
    import ibis.expr.datatypes as dt
    import ibis.expr.types as ir
    from ibis.backends.sql import SQLBackend

SCHEMES: Final = {"postgres": "PostgreSQL", "postgresql": "PostgreSQL", "duckdb": "DuckDB"}
POSTGRES_PORT: Final = 5432
QUERY: Final = ("sslmode", "sslrootcert")  # what an address may say behind its question mark
SESSION: Final = (  # of PostgreSQL, which takes steps named in a query for small ones and loops over them
    "-c default_transaction_read_only=on -c enable_nestloop=off -c work_mem=64MB -c jit=off -c lock_timeout=10s"
)
PATIENCE_S: Final = 10  # until a host must have answered
WAYS_OUT: Final = {  # by a word of what went wrong
    "password": "check its user and its password, which PGPASSWORD may hold",
    "resolve host": "check the name of its host",
    "refused": "check its host and port, and that the database is running",
    "timeout expired": "check its host and port, and that the database is running",
    "lock timeout": "somebody else holds it, so try again later",
    "no table": "check the name, with the schema and a dot before it, and its rights",
    "terminat": "wait until the database is back, and try again",
    "": "check the address and its rights",
}
BATCH_ROWS: Final = 100_000  # of a table on its way to Parquet
_AROUND: Final = re.compile(r"connection failed: connection to server at .*? failed: |FATAL:\s+|\[Errno -?\d+\] ")
EXAMPLES: Final = "postgresql://user@host/database#table or duckdb:///folder/file.duckdb#table"


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where a table is.

    Attributes:
        kind: Of the database, in words.
        database: Its name, or the path of its file.
        table: With its schema and a dot before it, if any.
        host: Where it listens; None for the usual one, or a file.
        port: There.
        user: Who asks; None for the user of this process.
        password: Shown nowhere.
        options: Of the connection.
    """

    kind: str
    database: str
    table: str
    host: str | None = None
    port: int = POSTGRES_PORT
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    options: tuple[tuple[str, str], ...] = ()

    @classmethod
    def parse(cls, text: str) -> Address:
        """Reads an address.

        Raises:
            SettingsError: If it is none; what it says is not repeated, as there may be a password in it.
        """
        scheme = text.partition(":")[0].partition("+")[0].lower()
        if scheme not in SCHEMES:
            known = ", ".join(sorted(SCHEMES))
            raise SettingsError(f"The address of the database begins with none of {known}; write {EXAMPLES}.")
        is_file = scheme == "duckdb"
        try:
            parts = urlsplit(text)
            port = parts.port
            is_torn = not is_file and "@" in parts.path + parts.query + parts.fragment  # by a mark in its password
        except ValueError:
            is_torn = True
        if is_torn:
            raise SettingsError(
                "The address of the database does not tell its host and port; write /, #, ? and @ in a password as "
                "%2F, %23, %3F and %40, or leave the password in PGPASSWORD."
            )
        query = tuple(parse_qsl(parts.query))
        strange = next((name for name, _ in query if name not in QUERY), None)
        if strange is not None:
            raise SettingsError(f"The address of a database takes {' and '.join(QUERY)} only (got {strange!r}).")
        database = unquote(parts.netloc + parts.path if is_file else parts.path.lstrip("/"))
        table = unquote(parts.fragment)
        if not table or not database:
            raise SettingsError(f"The address names no {'table' if database else 'database'}; write {EXAMPLES}.")
        if is_file:
            return cls(kind=SCHEMES[scheme], database=database, table=table)
        return cls(
            kind=SCHEMES[scheme],
            database=database,
            table=table,
            host=parts.hostname,
            port=port or POSTGRES_PORT,
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            options=query,
        )

    def __str__(self) -> str:
        """The address without its password."""
        if self.kind == "DuckDB":
            return f"duckdb://{self.database}#{self.table}"
        who = f"{self.user}@" if self.user else ""
        options = "?" + urlencode(self.options) if self.options else ""
        return f"postgresql://{who}{self.host or ''}:{self.port}/{self.database}{options}#{self.table}"

    @property
    def name(self) -> str:
        """Of the table."""
        return self.table


def source_of(text: str) -> Path | Address:
    """The address or the path that a text names.

    Raises:
        SettingsError: If it is an address that cannot be used.
    """
    return Address.parse(text) if "://" in text else Path(text)


@contextmanager
def open_database(address: Address) -> Iterator[ir.Table]:
    """The table as an Ibis expression, while its connection is open.

    Raises:
        SettingsError: If Ibis is missing.
        UnreadableLog: If the database cannot be reached, has no such table, or refuses a question.
    """
    try:
        import psycopg
        from ibis.common.exceptions import IbisError
    except ImportError:
        raise SettingsError("A database as a source needs Ibis; run pip install -e '.[warehouse]'.") from None
    try:
        with brief_folder() as spill:
            connection = _connected(address, str(spill))
            try:
                yield _table_of(connection, address.table)
            finally:
                connection.disconnect()
    except (IbisError, psycopg.Error, duckdb.Error, OSError, pa.ArrowException) as error:
        if is_full(error):
            raise UnreadableLog(
                f"The disk is full, so {address} cannot be fetched; free some space in {tempfile.gettempdir()!r}."
            ) from None
        reason = _reason(error, address)
        way_out = next(way for word, way in WAYS_OUT.items() if word in reason)
        raise UnreadableLog(f"{address} cannot be read ({reason}); {way_out}.") from None


@contextmanager
def local_copy(source: Path | Address) -> Iterator[Path]:
    """The file itself, or a table as a Parquet file that is there as long as it is needed.

    Raises:
        SettingsError: If Ibis is missing.
        UnreadableLog: If the table cannot be read.
    """
    if isinstance(source, Path):
        yield source
        return
    with brief_folder() as folder:
        path = folder / source.table.replace("/", "_")
        copy_table(source, path)
        yield path


def copy_table(address: Address, path: Path, most_rows: int | None = None) -> None:
    """Writes a table as Parquet, batch by batch.

    Args:
        address: Of the table.
        path: Of the file.
        most_rows: Rows that its reader holds; None for any number.

    Raises:
        SettingsError: If Ibis is missing.
        OversizedLog: If there are more rows; it ends with the first batch that has some of them.
        UnreadableLog: If the table cannot be read, or the disk does not take it; nothing is left of it then.
    """
    try:
        with open_database(address) as table:
            plain = table.select(**{name: told for name in table.columns if (told := _told(table[name])) is not None})
            rows = _batches(plain, address)
            schema = rows.schema.with_metadata({ORIGIN: f"a table of {address.kind}"})
            with pq.ParquetWriter(path, schema, compression="zstd") as writer:
                done = 0
                for batch in rows:
                    done += batch.num_rows
                    if most_rows is not None and done > most_rows:
                        raise too_many(str(address), f"more than {most_rows:,}", most_rows)
                    writer.write_batch(batch)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _connected(address: Address, spill: str) -> SQLBackend:
    """A read-only session; what does not fit into memory goes to the folder ``spill`` and not beside a DuckDB file."""
    import ibis

    if address.kind == "DuckDB":
        if not Path(address.database).is_file():
            raise FileNotFoundError("there is no such file")
        config = {"enable_external_access": False, "autoload_known_extensions": False, "temp_directory": spill}
        connection: SQLBackend = ibis.duckdb.connect(address.database, read_only=True, **config)
        return connection
    return ibis.postgres.connect(
        host=address.host, port=address.port, user=address.user, password=address.password, database=address.database,
        options=SESSION, connect_timeout=PATIENCE_S, **dict(address.options),
    )  # fmt: skip


def _table_of(connection: SQLBackend, name: str) -> ir.Table:
    """A table by its name, or by its schema's and its own with a dot between."""
    from ibis.common.exceptions import TableNotFound

    schema, dot, own = name.partition(".")
    try:
        return connection.table(name)
    except TableNotFound:
        if not dot:
            raise FileNotFoundError(f"there is no table {name!r}") from None
    try:
        return connection.table(own, database=schema)
    except TableNotFound:
        raise FileNotFoundError(f"there is no table {name!r}") from None


def _batches(table: ir.Table, address: Address) -> pa.RecordBatchReader:
    if address.kind != "DuckDB":
        return table.to_pyarrow_batches(chunk_size=BATCH_ROWS)
    connection = table.get_backend()  # ibis 12 asks DuckDB for batches by a name that DuckDB 2 no longer has
    return connection.con.sql(connection.compile(table)).to_arrow_reader(BATCH_ROWS)


def _told(column: ir.Column) -> ir.Column | None:
    """A column as a file would hold it; None where no text tells it, as of lists and binary values."""
    kind: dt.DataType = column.type()
    if kind.is_numeric() and not kind.is_decimal():
        return column
    if kind.is_string() or kind.is_timestamp() or kind.is_date() or kind.is_boolean():
        return column
    return column.cast("string") if kind.is_decimal() or kind.is_uuid() or kind.is_time() else None


def _reason(error: Exception, address: Address) -> str:
    """The first line of what went wrong, without the password."""
    said = _AROUND.sub("", (str(error).strip() or type(error).__name__).partition("\n")[0]).rstrip(".")
    return said.replace(address.password, "…") if address.password else said

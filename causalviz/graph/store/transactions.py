"""What every part of the store stands on: one database, one folder, and transactions that explain themselves.

A write takes its turn: on SQLite it holds the only writer's place from its first look on, so that what it read is
still true when it writes; elsewhere keys and revisions find out who came second.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from causalviz.errors import StoreError, UnknownRecord
from causalviz.graph.store.database import open_database
from causalviz.graph.store.records import Json


class Clash(StoreError):
    """A write breaks a key or a rule of the tables."""


class Transactions:
    """Reading and writing one database beside one folder.

    Args:
        home: The folder.
        url: Of the database.

    Raises:
        StoreError: If the database cannot be used.
    """

    def __init__(self, home: Path, url: str) -> None:
        self.home = home
        self._engine = open_database(url)
        address = self._engine.url
        in_a_file = self._engine.dialect.name == "sqlite" and address.database
        self._place = str(address.database) if in_a_file else address.render_as_string()

    def close(self) -> None:
        """Lets go of the database."""
        self._engine.dispose()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._explained(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """A transaction: all that is done within it counts, or nothing."""
        with self._explained(), self._engine.begin() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turns what the driver says, and what damaged rows lead to, into a sentence."""
        try:
            yield
        except IntegrityError as error:
            raise Clash(self._sentence(error.orig or error)) from error
        except StatementError as error:
            raise StoreError(self._sentence(error.orig or error)) from error
        except PoolTimeout as error:
            raise StoreError(self._sentence(error)) from error
        except UnicodeEncodeError as error:
            raise StoreError(
                f"The store at {self._place} cannot hold a text with a broken character; type the text anew."
            ) from error
        except (ValueError, TypeError, AttributeError, LookupError, OverflowError) as error:
            raise StoreError(self._sentence(f"a row is damaged: {error}")) from error

    def _sentence(self, words: object) -> str:
        first = next(iter(str(words).splitlines()), "no reason given")
        return (
            f"The store at {self._place} cannot do this ({first}); try again, free some space, restore a copy of it, "
            "or set CAUSALVIZ_HOME to another folder."
        )

    @property
    def _logs(self) -> Path:
        return self.home / "logs"

    @property
    def _models(self) -> Path:
        return self.home / "models"


def existing(folder: Path) -> Path:
    """The folder, if it is there.

    Raises:
        UnknownRecord: If it is not.
    """
    if not folder.is_dir():
        raise UnknownRecord(f"The folder {folder} is missing from the store; restore it or open the file again.")
    return folder


def json_object(value: object) -> Json:
    """What a column of JSON holds, if that is an object.

    Raises:
        TypeError: If it is not.
    """
    if not isinstance(value, dict):
        raise TypeError("settings and cards are objects of JSON")
    return value


def new_id() -> str:
    """A name for a record that no other one has."""
    return secrets.token_hex(8)

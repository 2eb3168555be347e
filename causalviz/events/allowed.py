"""What a visitor of the dashboard may read of the machine it runs on: nothing, unless its operator says so.

    CAUSALVIZ_DATA      folders, separated as in PATH; files and folders inside may be read, links resolved
    CAUSALVIZ_TABLES    addresses of tables (see ``database``), separated by spaces; ``#*`` allows each table of one

A visitor chooses among these and never names a host or a file of their own, so that a page cannot be made to fetch
what its server alone can reach.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from causalviz.errors import SettingsError, UnreadableLog
from causalviz.events.database import Address
from causalviz.events.packing import LOG_SUFFIXES

FOLDERS: Final = "CAUSALVIZ_DATA"
TABLES: Final = "CAUSALVIZ_TABLES"
ANY_TABLE: Final = "*"
MOST_LISTED: Final = 500  # logs that are offered; the path of another one can be typed
PARQUET: Final = ".parquet"


def allowed_folders(environment: Mapping[str, str] = os.environ) -> tuple[Path, ...]:
    """The folders that may be read, as they are without links; those that do not exist are passed over."""
    told = [Path(name).expanduser() for name in environment.get(FOLDERS, "").split(os.pathsep) if name.strip()]
    return tuple(dict.fromkeys(path.resolve() for path in told if path.is_dir()))


def logs_in(folders: Sequence[Path]) -> tuple[str, ...]:
    """Paths of the logs there, at most ``MOST_LISTED``: files by their ending, and folders that hold Parquet files."""
    found: dict[str, None] = {}
    for folder in folders:
        for path in _files(folder):
            if len(found) >= MOST_LISTED:
                return tuple(found)
            parent = path.parent
            is_part = path.suffix.lower() == PARQUET and parent != folder
            found[str(parent if is_part else path)] = None
    return tuple(found)


def allowed_path(text: str, folders: Sequence[Path]) -> Path:
    """The file or folder that a text names, if it lies in an allowed folder together with all that is in it.

    Args:
        text: A path, of whoever sits in front of the page.
        folders: As ``allowed_folders`` gives them.

    Returns:
        The path without links.

    Raises:
        UnreadableLog: If it does not lie there; whether there is such a file elsewhere is not told.
    """
    path = _end(Path(text), folders)
    if path is None:
        raise UnreadableLog(f"{text!r} is nothing in a folder that may be read here; choose one of the list.")
    for part in path.rglob("*") if path.is_dir() else ():
        if part.is_symlink() and _end(part, folders) is None:
            raise UnreadableLog(
                f"{part.name!r} in {text!r} leads nowhere, or out of the folders that may be read here; remove it."
            )
    return path


def allowed_tables(environment: Mapping[str, str] = os.environ) -> tuple[Address, ...]:
    """The tables that may be read; one called ``ANY_TABLE`` stands for all of its database.

    Raises:
        SettingsError: If one is no address; tells which by its place, as there may be a password in it.
    """
    addresses = []
    for place, text in enumerate(environment.get(TABLES, "").split(), 1):
        try:
            addresses.append(Address.parse(text))
        except SettingsError as error:
            raise SettingsError(f"Address {place} of {TABLES}: {error}") from None
    return tuple(addresses)


def with_table(address: Address, table: str) -> Address:
    """An address that stands for all tables, with one of them."""
    return replace(address, table=table) if address.table == ANY_TABLE else address


def _end(path: Path, folders: Sequence[Path]) -> Path | None:
    """Where a path ends, all links followed; None if that is nowhere, as in a circle, or in none of the folders."""
    try:
        end = path.resolve(strict=True)
    except (OSError, ValueError, RuntimeError):
        return None
    return end if any(end.is_relative_to(folder) for folder in folders) else None


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in LOG_SUFFIXES and path.is_file() and not path.name.startswith("."):
            yield path

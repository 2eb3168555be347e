"""Folders that are there whole or not at all.

A folder is written under a passing name, every file in it is forced to the disk, and only then is it renamed to its
own name. A process that dies in between leaves a passing folder behind. It bears the machine and the process that
writes it, so that the next sweep knows it for dead; where that cannot be told, it is swept out a day later.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import platformdirs

from causalviz.errors import StoreError

STAGING = ".staging"
KEEP_S = 86_400
READING = "causalviz-reading"
LEAST_DOTS = 3  # in the name of a passing folder: between name, machine, process and a random word
FULL = (errno.ENOSPC, errno.EDQUOT)
_SAFE_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,127}")


def default_home() -> Path:
    """Where everything lies: the folder that ``CAUSALVIZ_HOME`` names, or else the user's data folder."""
    told = os.environ.get("CAUSALVIZ_HOME")
    return Path(told) if told else Path(platformdirs.user_data_dir("causalviz", appauthor=False))


def write_folder(root: Path, name: str, write: Callable[[Path], object]) -> Path:
    """Writes a folder once; if it is there already, nothing is written.

    Args:
        root: Where it belongs.
        name: Its name: letters, digits, ``-`` and ``_``.
        write: Fills the folder that it is given.

    Returns:
        The folder.

    Raises:
        StoreError: If the name is none, or the disk refuses.
    """
    if not _SAFE_NAME.fullmatch(name):
        raise StoreError(f"“{name}” cannot name a folder of the store; use letters and digits.")
    target, staging = root / name, root / STAGING
    if target.is_dir():
        return target
    passing = staging / f"{name[:32]}.{socket.gethostname()}.{os.getpid()}.{secrets.token_hex(6)}"
    try:
        passing.mkdir(parents=True)
        write(passing)
        _sync(passing)
        _rename(passing, target)
    except OSError as error:
        why = error.strerror or error
        raise StoreError(f"The store cannot write {target} ({why}); free some space or rights.") from error
    finally:
        shutil.rmtree(passing, ignore_errors=True)
    return target


def is_full(error: BaseException) -> bool:
    """Whether an error, of Python or of an engine that only says so, is that the disk or a share of it is full."""
    return (isinstance(error, OSError) and error.errno in FULL) or "No space left" in str(error)


def place_of(passing: Path) -> Path:
    """The folder that stays when a passing folder, or one inside it, is gone."""
    return next((folder.parent for folder in passing.parents if folder.name == STAGING), passing)


def sweep(root: Path) -> None:
    """Removes passing folders that a dead process left behind."""
    staging = root / STAGING
    if staging.is_dir():
        _sweep(staging.iterdir())


@contextmanager
def brief_folder() -> Iterator[Path]:
    """A folder in the system's temporary one, gone at the end; those of processes that were killed go first."""
    _sweep(Path(tempfile.gettempdir()).glob(f"{READING}.*"))
    prefix = f"{READING}.{socket.gethostname()}.{os.getpid()}."
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as name:
        yield Path(name)


def _sweep(folders: Iterable[Path]) -> None:
    for folder in folders:
        with suppress(FileNotFoundError):  # finished, or swept by another process
            if _is_dead(folder.name) or time.time() - folder.stat().st_mtime > KEEP_S:
                shutil.rmtree(folder, ignore_errors=True)


def _is_dead(passing: str) -> bool:
    """Whether the process that writes a passing folder ran on this machine and has ended."""
    if os.name == "nt" or passing.count(".") < LEAST_DOTS:
        return False  # Windows has no harmless way to ask
    owner, process, _ = passing.rsplit(".", 2)
    if owner.partition(".")[2] != socket.gethostname() or not process.isdecimal():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False


def _rename(passing: Path, target: Path) -> None:
    try:
        passing.rename(target)
    except OSError:
        if not target.is_dir():  # else another thread wrote the same content first
            raise
    _sync_one(target.parent)


def _sync(folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        _sync_one(path)
    _sync_one(folder)


def _sync_one(path: Path) -> None:
    if path.is_dir() and os.name == "nt":
        return  # Windows has no handle to force for folders
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

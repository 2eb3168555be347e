"""Results of long work on disk, found again by what they are about: a restart of the server forgets none of them.

A result is packed into arrays and stored without pickle, aside first and then under its name. What cannot be read any
more, because it is damaged or older than its reader, is thrown away and has to be made again.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from causalviz.errors import CausalVizError

Result = TypeVar("Result")
Arrays = Mapping[str, NDArray[Any]]

DAMAGED = (OSError, EOFError, KeyError, TypeError, ValueError, CausalVizError, zipfile.BadZipFile, zlib.error)
MOST = 60  # results of one kind, as a rule


class Shelf(Generic[Result]):
    """The results of one kind.

    Args:
        folder: Where they lie, asked anew each time.
        pack: From a result to arrays of numbers or text.
        unpack: Back; raises KeyError, TypeError or ValueError where the arrays are not what it expects.
        most: Results that are kept; beyond it those that were looked at longest ago go.
    """

    def __init__(
        self,
        folder: Callable[[], Path],
        pack: Callable[[Result], Arrays],
        unpack: Callable[[Arrays], Result],
        most: int = MOST,
    ) -> None:
        self._folder, self._pack, self._unpack, self._most = folder, pack, unpack, most

    def place(self, key: str) -> Path:
        """Where the result of a key lies or would lie."""
        return self._folder() / f"{hashlib.blake2b(key.encode(), digest_size=16).hexdigest()}.npz"

    def find(self, key: str) -> Result | None:
        """The result of a key, or None."""
        place = self.place(key)
        try:
            with place.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                found = self._unpack({name: arrays[name] for name in arrays})
            os.utime(place)
        except FileNotFoundError:
            return None
        except DAMAGED:
            with suppress(OSError):
                place.unlink()
            return None
        return found

    def keep(self, place: Path, result: Result) -> None:
        """Stores a result; where there is no room, it lives as long as the server does.

        Args:
            place: From ``place``.
            result: What was found.
        """
        part = place.with_suffix(".part")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                np.savez_compressed(file, **self._pack(result))  # type: ignore[arg-type]
            part.replace(place)
            latest = sorted(place.parent.glob("*.npz"), key=lambda path: path.stat().st_mtime, reverse=True)
            for old in latest[self._most :]:
                old.unlink()
        except OSError:
            with suppress(OSError):
                part.unlink()

"""Packed files: gzip and ZIP archives, unpacked into a folder of our own with an eye on what they grow to.

A file of a few megabytes can unpack to the whole disk (a *bomb*: gigabytes of zeros, or of one line). So what comes out
is looked at from its first bytes on, may hold no ``CHUNK`` of zeros if it is text, may not grow to more than
``MOST_TIMES`` the size of what it came from, which no log does, and ends where it has more rows than its reader holds.
It may take a ``SHARE`` of the free disk, as the engine puts its own copy beside it, and leaves ``SPARE_BYTES`` free. A
ZIP archive that holds a workbook is an Excel file and stays packed; else it must hold just one log.
"""

from __future__ import annotations

import gzip
import lzma
import shutil
import zipfile
import zlib
from collections.abc import Iterable
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Final, NamedTuple

from causalviz.errors import UnreadableLog
from causalviz.events.encoding import CHUNK, GZIP, PARQUET, check_text
from causalviz.events.folders import place_of
from causalviz.events.limits import within

ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")  # the second begins an empty archive
BOOK: Final = "xl/workbook.xml"
LOG_SUFFIXES: Final = (
    ".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".parquet", ".xes", ".gz", ".zip", ".xlsx",
)  # fmt: skip
SPARE_BYTES: Final = 1 << 29  # of the disk stay free while unpacking
SHARE: Final = 0.5  # of what else is free
GB: Final = 1e9
MOST_TIMES: Final = 400  # logs shrink to a tenth or a hundredth; gzip can shrink one line over and over to a thousandth
HARMLESS_BYTES: Final = 1 << 28  # up to here, growth is not looked at

_BROKEN: Final = (
    gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, lzma.LZMAError, UnicodeDecodeError  # the last of a name
)  # fmt: skip


class Unpacked(NamedTuple):
    """A file of plain bytes.

    Attributes:
        path: Of it.
        packing: In words, as a part of a format: ", gzip" or ", ZIP"; empty where the file was not packed.
        is_book: Whether it is an Excel workbook.
    """

    path: Path
    packing: str = ""
    is_book: bool = False


def link(path: Path, folder: Path, name: str) -> Path:
    """Gives a file a name of our own in ``folder``: the engine reads ``*``, ``?`` and ``[`` in names as patterns."""
    ours = folder / name
    try:
        ours.symlink_to(path.resolve())
    except OSError:  # some systems reserve links for administrators
        shutil.copyfile(path, ours)
    return ours


def unpack(path: Path, folder: Path, title: str, most_rows: int | None = None) -> Unpacked:
    """Unpacks gzip and ZIP into ``folder``.

    Args:
        path: The file.
        folder: For what was unpacked.
        title: The file's name in messages.
        most_rows: Rows that its reader holds; None for any number.

    Raises:
        OversizedLog: If it is a text that surely has more rows than that.
        UnreadableLog: If the archive is cut off, damaged, locked or a bomb, holds not just one log, or its content
            does not fit on the disk.
    """
    with path.open("rb") as packed:
        head = packed.read(len(ZIP[0]))
    try:
        if head.startswith(GZIP):
            with gzip.open(path) as source:
                return Unpacked(_copied(source, path, folder, title, most_rows), ", gzip")
        if head in ZIP:
            return _unzipped(path, folder, title, most_rows)
    except EOFError:
        kind = "gzip" if head.startswith(GZIP) else "ZIP"
        raise UnreadableLog(
            f"{title} is cut off: its {kind} data end before their end mark; copy or download it again."
        ) from None
    except NotImplementedError:  # of a method or of a version of the format
        raise UnreadableLog(
            f"{title} is a ZIP file packed by a method that is not known here; pack it the usual way."
        ) from None
    except _BROKEN as error:
        kind = "damaged gzip" if head.startswith(GZIP) else "a ZIP or Excel file that is damaged or cut off"
        raise UnreadableLog(f"{title} is {kind} ({error}); copy or download it again.") from None
    return Unpacked(link(path, folder, "plain"))


def _unzipped(path: Path, folder: Path, title: str, most_rows: int | None) -> Unpacked:
    with zipfile.ZipFile(path) as archive:
        names = [info.filename for info in archive.infolist() if info.filename and not info.is_dir()]
        if BOOK in names:
            grown = sum(info.file_size for info in archive.infolist())
            if grown > max(HARMLESS_BYTES, MOST_TIMES * path.stat().st_size):
                raise UnreadableLog(_bomb(title))
            return Unpacked(link(path, folder, "book.xlsx"), is_book=True)
        seen = [name for name in names if not _is_hidden(PurePosixPath(name))]
        logs = [name for name in seen if name.lower().endswith(LOG_SUFFIXES)] if len(seen) > 1 else seen
        if len(logs) != 1:
            found = ", ".join(logs[:5] or seen[:5]) or "none"
            raise UnreadableLog(f"{title} is a ZIP file with not just one log in it (found {found}); pack only one.")
        if archive.getinfo(logs[0]).flag_bits & 1:
            raise UnreadableLog(f"{title} is a ZIP file locked with a password; unpack it first.")
        if (room := _room(folder)) < (grown := archive.getinfo(logs[0]).file_size) and most_rows is None:
            raise UnreadableLog(_too_large(path, title, f"{grown / GB:,.1f} GB", room, folder))
        with archive.open(logs[0]) as source:
            return Unpacked(_copied(source, path, folder, title, most_rows), ", ZIP")


def _is_hidden(path: PurePosixPath) -> bool:
    """Notes that some systems put beside the files."""
    return path.name.startswith(".") or path.parts[0] == "__MACOSX"


def _copied(source: gzip.GzipFile | IO[bytes], path: Path, folder: Path, title: str, most_rows: int | None) -> Path:
    plain = folder / "unpacked"
    room = _room(folder)
    most = max(HARMLESS_BYTES, MOST_TIMES * path.stat().st_size)
    done, is_text, zeros = 0, True, bytes(CHUNK)
    chunks: Iterable[bytes] = iter(partial(source.read, CHUNK), b"")
    with plain.open("wb") as target:
        for chunk in chunks if most_rows is None else within(chunks, title, most_rows):
            if done == 0:
                is_text = not chunk.startswith(PARQUET)
                if is_text:
                    check_text(chunk, title)
            if is_text and chunk == zeros:
                raise UnreadableLog(
                    f"{title} holds nothing but NUL bytes from byte {done} on, as a crash or a trap leaves them; "
                    "unpack it yourself and keep the lines before them."
                )
            done += len(chunk)
            if done > most:
                raise UnreadableLog(_bomb(title))
            if done > room:
                raise UnreadableLog(_too_large(path, title, f"more than {done / GB:,.1f} GB", room, folder))
            target.write(chunk)
    return plain


def _room(folder: Path) -> int:
    """Bytes that an unpacked file may take."""
    return int(SHARE * max(0, shutil.disk_usage(folder).free - SPARE_BYTES))


def _too_large(path: Path, title: str, grown: str, room: int, folder: Path) -> str:
    stays = place_of(folder)
    place = folder.parent if stays == folder else stays
    return (
        f"{title} ({path.stat().st_size / GB:,.2f} GB) unpacks to {grown}, and {room / GB:,.1f} GB may be taken for it "
        f"of the disk of {str(place)!r}; free some space there, take a part of the log, or save it as Parquet, which "
        "is not unpacked."
    )


def _bomb(title: str) -> str:
    return (
        f"{title} unpacks to more than {MOST_TIMES} times its size, which no log does; unpack it yourself if you know "
        "what it holds."
    )

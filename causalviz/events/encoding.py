"""From plain bytes to UTF-8: finding how a text was encoded.

Logs come as UTF-8 with or without a byte order mark, as UTF-16 (spreadsheets' "Unicode text"), and as GB18030 (most
Chinese tools; GBK and GB2312 are parts of it). The whole file is tried, not only its beginning. UTF-8 with a few
damaged bytes stays UTF-8, its damage marked, because the same bytes often spell nonsense in GB18030. As UTF-8 often
reads as nonsense in GB18030 without any damage, a file in both is refused; and so is Western text whose accented
letters, each with the plain letter behind it, pass for a rare character each.
"""

from __future__ import annotations

import codecs
import re
import shutil
from pathlib import Path
from typing import BinaryIO, Final

from causalviz.errors import UnreadableLog

GZIP: Final = b"\x1f\x8b"
PARQUET: Final = b"PAR1"
FOREIGN: Final = {
    b"PK\x03\x04": "a ZIP or Excel file; unpack it, or save the table as CSV",
    GZIP: "packed with gzip; unpack it first",
    b"\xd0\xcf\x11\xe0": "an old Excel file; save the table as CSV",
    b"BZh": "packed with bzip2; unpack it first",
    b"\xfd7zXZ": "packed with xz; unpack it first",
    b"\x28\xb5\x2f\xfd": "packed with zstd; unpack it first",
    b"%PDF": "a PDF; export the table as CSV",
    b"SQLite format 3": "a SQLite database; export the table as CSV",
}
BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
TITLES: Final = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "utf-8-damaged": "UTF-8 with damaged characters",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "gb18030": "GB18030",
    "iso8859-1": "Latin-1",  # these two only where the file itself says so: any bytes would pass for them
    "cp1252": "Windows-1252",
}
CHUNK: Final = 1 << 20
WINDOW: Final = 1 << 15  # bytes around a damaged one that decide whether the text is UTF-8 all the same
FEW: Final = 0.05  # damaged characters per character beyond ASCII that UTF-8 may have
ENOUGH: Final = 20  # characters beyond ASCII that such a judgement needs
SHOWN: Final = 20  # characters of a word in a message
LONGEST_WORD: Final = 256  # bytes of a word that two chunks may part
MOSTLY: Final = 0.5  # of the runs beyond ASCII
HOLES: Final = 0.05  # zeros per byte that torn text may have

# a Chinese word that is UTF-8 from end to end, with a byte that no common character of GB18030 has
_WORD_IN_UTF8: Final = re.compile(
    rb"(?<![\x80-\xff])(?=[\xa1-\xff]*[\x80-\xa0])(?:[\xe4-\xe9][\x80-\xbf]{2}){2,}(?![\x80-\xff])"
)
_ACCENTED: Final = re.compile(rb"(?<![\x80-\xff])[\xc0-\xff][a-zA-Z]")  # in Western text; in GB18030 one character
_BEYOND: Final = re.compile(rb"[\x80-\xff]+")  # runs of what is not ASCII
_PLAIN: Final = bytes(range(9, 14)) + bytes(range(32, 256))  # what text is made of


def find_encoding(path: Path, title: str) -> str:
    """Finds the encoding of a text file.

    Args:
        path: Plain bytes.
        title: The file's name in messages.

    Returns:
        A key of ``TITLES``.

    Raises:
        UnreadableLog: If the file is empty, no text, or in no encoding of ``TITLES``.
    """
    with path.open("rb") as file:
        encoding = check_text(file.read(CHUNK), title)
        if not encoding.startswith("utf-16"):
            _refuse_zeros(file, title)
        if encoding:
            _decode(file, encoding, title)
            return encoding
        damaged = _first_damage(file, "utf-8")
        if damaged is None:
            return "utf-8"
        file.seek(max(0, damaged - WINDOW))
        window = file.read(2 * WINDOW)
        if _is_nearly_utf8(window):
            return "utf-8-damaged"
        _refuse_both(file, damaged, title)
        torn = _first_damage(file, "gb18030")
        if torn is None and not _is_western(window):
            return "gb18030"
        damaged = damaged if torn is None else torn
        line = _line_of(file, damaged)
    raise UnreadableLog(
        f"{title} is text in no encoding known here (neither UTF-8, UTF-16 nor GB18030, see byte {damaged} in line "
        f"{line}); save it as UTF-8."
    )


def check_text(head: bytes, title: str) -> str:
    """Looks at the first bytes of what should be text.

    Args:
        head: The first bytes, as many as there are up to ``CHUNK``.
        title: The file's name in messages.

    Returns:
        The encoding if these bytes say it, else an empty string.

    Raises:
        UnreadableLog: If they are empty, or no text.
    """
    if not head.strip():
        raise UnreadableLog(f"{title} is empty; choose a file with one row per event.")
    for magic, what in FOREIGN.items():
        if head.startswith(magic):
            raise UnreadableLog(f"{title} is {what}.")
    return next((name for bom, name in BOMS if head.startswith(bom)), "") or _without_zeros(head, title)


def as_utf8(path: Path, folder: Path, encoding: str) -> Path:
    """The same text in UTF-8 without byte order mark; the file itself where it is that already."""
    if encoding == "utf-8":
        return path
    codec = "utf-8" if encoding == "utf-8-damaged" else encoding
    errors = "replace" if encoding in ("utf-8-damaged", "cp1252") else "strict"  # five bytes of the latter are nothing
    plain = folder / "utf8"
    with (
        path.open("r", encoding=codec, errors=errors, newline="") as source,
        plain.open("w", encoding="utf-8", newline="") as target,
    ):
        shutil.copyfileobj(source, target, CHUNK)
    return plain


def _without_zeros(head: bytes, title: str) -> str:
    """UTF-16 without its mark shows as zeros at every second place; other zeros are no text."""
    if 0 not in head:
        return ""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) > 0.05 * len(head) and min(even, odd) <= 0.01 * len(head):
        return "utf-16-le" if odd > even else "utf-16-be"
    holes = head.count(0)
    if holes <= HOLES * len(head) and len(head.translate(None, _PLAIN)) == holes:
        return ""  # text with holes, of which the whole file is asked
    raise UnreadableLog(f"{title} is no text but binary data; choose a CSV, TSV, Parquet or JSON file.")


def _refuse_zeros(file: BinaryIO, title: str) -> None:
    """A crash or a full disk leaves runs of zeros in a log; what stood there is lost, and the rows around it torn."""
    file.seek(0)
    read = 0
    while chunk := file.read(CHUNK):
        hole = chunk.find(0)
        if hole >= 0:
            raise UnreadableLog(
                f"{title} has NUL bytes, the first at byte {read + hole} in line {_line_of(file, read + hole)}, as a "
                "crash or a full disk leaves them; remove these lines or export it again."
            )
        read += len(chunk)


def _refuse_both(file: BinaryIO, damaged: int, title: str) -> None:
    """Logs of several sources that were joined may change their encoding in between."""
    file.seek(0)
    read, rest = 0, b""
    while chunk := file.read(CHUNK):
        text = rest + chunk
        word = _WORD_IN_UTF8.search(text)
        if word is not None:
            line, shown = _line_of(file, read - len(rest) + word.start()), word[0].decode(errors="replace")[:SHOWN]
            raise UnreadableLog(
                f"{title} mixes two encodings: {shown!r} in line {line} is UTF-8, but byte {damaged} in line "
                f"{_line_of(file, damaged)} is not; save all of it as UTF-8."
            )
        read += len(chunk)
        rest = text[-LONGEST_WORD:]


def _line_of(file: BinaryIO, place: int) -> int:
    """The line on which a byte lies, counted from 1."""
    file.seek(0)
    line = 1
    while place > 0 and (chunk := file.read(min(CHUNK, place))):
        line += chunk.count(b"\n")
        place -= len(chunk)
    return line


def _decode(file: BinaryIO, encoding: str, title: str) -> None:
    damaged = _first_damage(file, encoding)
    if damaged is not None:
        raise UnreadableLog(f"{title} is broken {TITLES[encoding]} at byte {damaged}; save it as UTF-8.")


def _first_damage(file: BinaryIO, encoding: str) -> int | None:
    """Where, in bytes, a file stops being text in this encoding; None if nowhere."""
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    read = 0
    while True:
        chunk = file.read(CHUNK)
        held = len(decoder.getstate()[0])
        try:
            decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            return max(0, read - held + error.start)
        if not chunk:
            return None
        read += len(chunk)


def _is_western(window: bytes) -> bool:
    """Whether most characters beyond ASCII are an accented letter's byte with a plain letter: few Chinese ones are."""
    return len(_ACCENTED.findall(window)) > MOSTLY * len(_BEYOND.findall(window))


def _is_nearly_utf8(window: bytes) -> bool:
    text = window.decode("utf-8", errors="replace")
    beyond = sum(character > "\x7f" for character in text)
    cut = 2  # characters that the window's own ends may have cut
    return beyond >= ENOUGH and text.count("\ufffd") - cut <= FEW * beyond

"""A small file that somebody brought, a graph or a table of rules, as text."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from causalviz.errors import LogError, UnreadableGraph
from causalviz.events.encoding import as_utf8, find_encoding
from causalviz.events.xes import declared_encoding


def decoded(data: bytes, title: str) -> str:
    """The text in some bytes: UTF-8, UTF-16, GB18030, or Latin-1 where XML declares it; without a byte order mark.

    Args:
        data: Not empty.
        title: The file's name, for messages.

    Raises:
        UnreadableGraph: If they are no text, or of another encoding.
    """
    with TemporaryDirectory() as folder:
        file = Path(folder) / "brought"
        file.write_bytes(data)
        try:
            plain = as_utf8(file, Path(folder), declared_encoding(file) or find_encoding(file, title))
        except LogError as error:
            raise UnreadableGraph(str(error)) from error
        text = plain.read_bytes().decode("utf-8", errors="replace")  # line ends within cells stay as they are
    return text.removeprefix("\ufeff")

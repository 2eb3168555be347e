"""XES to rows: the standard format of event logs (IEEE 1849), one row per event.

A log holds traces, a trace holds events, and each carries attributes such as ``<string key="concept:name"
value="pay"/>``. An event's attributes become columns under their keys, its trace's under ``case:`` and their keys, as
the tables of process mining write them: ``case:concept:name`` (who), ``concept:name`` (what), ``time:timestamp``
(when). The case stands for the user because it is whose history the trace tells; ``org:resource``, the clerk who did
one step in many cases, is a column like any other, as is the rest. A trace without a name is known by its place
("trace 3"); an event outside any trace has no case. Attributes inside attributes are notes on them, and are not read.

The parser runs over the file once and keeps no tree, so memory does not grow with the log. A document type is refused
where it begins: no event log needs one, and without it no entity can be declared that grows or reaches out.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.parsers import expat

from causalviz.errors import UnreadableLog
from causalviz.events.nested import Row, save_rows

CASE: Final = "case:"
NAME: Final = "concept:name"
CHUNK: Final = 1 << 18
LONGEST: Final = 1 << 24  # bytes of one tag
BELIEVED: Final = ("iso8859-1", "cp1252")  # encodings that no bytes tell, where the file itself names them

_DECLARED: Final = re.compile(rb"""<\?xml\s[^>]{0,80}?encoding\s*=\s*["']([\w.:-]{1,40})["']""")


def write_events(path: Path, folder: Path, title: str) -> tuple[list[Path], tuple[str, ...]]:
    """Turns an XES file into Parquet files of text columns.

    Args:
        path: UTF-8 text, whatever encoding its declaration names.
        folder: Where the Parquet files go.
        title: The file's name in messages.

    Returns:
        The Parquet files (see ``save_rows``), and the columns in order of appearance.

    Raises:
        UnreadableLog: If it is no XES or damaged XML, has a document type, no events or too many columns.
    """
    parts, names = save_rows(_rows(path, title), folder, title)
    if not names:
        raise UnreadableLog(f"{title} holds no events; an XES log needs traces with events inside.")
    return parts, names


def declared_encoding(path: Path) -> str | None:
    """Latin-1 or Windows-1252 where an XML declaration names it; None where the bytes tell the encoding."""
    with path.open("rb") as file:
        declared = _DECLARED.match(file.read(256).lstrip())
    if declared is None:
        return None
    try:
        name = codecs.lookup(declared[1].decode("ascii")).name
    except (LookupError, UnicodeDecodeError):
        return None
    return name if name in BELIEVED else None


def _rows(path: Path, title: str) -> Iterator[tuple[int, Row]]:
    """(line of the event's tag, its row), read a chunk at a time."""
    parser = expat.ParserCreate("UTF-8")
    seen = _Seen(parser, title)
    fed = 0
    with path.open("rb") as file:
        while True:
            chunk = file.read(CHUNK)
            fed += len(chunk)
            try:
                parser.Parse(chunk, not chunk)
            except expat.ExpatError as error:
                if not seen.is_log:
                    raise UnreadableLog(_no_xes(title)) from None
                raise UnreadableLog(
                    f"{title} is damaged XML at line {error.lineno} ({expat.ErrorString(error.code)}); "
                    "copy or export it again."
                ) from None
            if fed - parser.CurrentByteIndex > LONGEST:
                raise UnreadableLog(
                    f"{title} has a tag of more than {LONGEST >> 20} MB at line {parser.CurrentLineNumber}; "
                    "export the log without attached data."
                )
            yield from seen.finished
            seen.finished.clear()
            if not chunk:
                return


def _no_xes(title: str) -> str:
    return f"{title} is XML or a web page but no XES log; export the log as XES, CSV, Parquet or JSON lines."


class _Seen:
    """Where the parser stands: the open trace and event, and the rows that are finished.

    Depth 1 is the log, 2 its traces, 3 the events and attributes of a trace.
    """

    def __init__(self, parser: expat.XMLParserType, title: str) -> None:
        self.finished: list[tuple[int, Row]] = []
        self.is_log = False
        self._parser = parser
        self._title = title
        self._depth = 0
        self._traces = 0
        self._trace: Row | None = None
        self._has_events = False  # of the open trace
        self._event: Row | None = None
        self._event_depth = 0
        self._event_line = 0
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end

    def _refuse(self, name: str, _system: str | None, _public: str | None, _has_subset: bool) -> None:
        if name.lower() == "html":
            raise UnreadableLog(_no_xes(self._title))
        raise UnreadableLog(
            f"{self._title} has a DOCTYPE at line {self._parser.CurrentLineNumber}, which no event log needs and "
            "which can hide traps; remove it, or export the log again."
        )

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._event is not None:
            if self._depth == self._event_depth + 1 and "key" in attributes:
                self._event[attributes["key"]] = attributes.get("value")
            return
        if self._depth > 3:
            return
        tag = tag.rpartition(":")[2]
        if self._depth == 1:
            if tag != "log":
                raise UnreadableLog(_no_xes(self._title))
            self.is_log = True
        elif tag == "event" and (self._depth == 2 or self._trace is not None):
            self._event, self._event_depth = dict(self._trace or {}), self._depth
            self._event_line, self._has_events = self._parser.CurrentLineNumber, True
        elif self._depth == 2 and tag == "trace":
            self._traces += 1
            self._trace, self._has_events = {CASE + NAME: f"trace {self._traces}"}, False
        elif self._depth == 3 and self._trace is not None and "key" in attributes:
            if self._has_events:
                raise UnreadableLog(
                    f"{self._title} has an attribute of a trace behind the trace's events, at line "
                    f"{self._parser.CurrentLineNumber}; XES puts it before them, so export the log again."
                )
            value = attributes.get("value")
            if value or attributes["key"] != NAME:
                self._trace[CASE + attributes["key"]] = value

    def _end(self, _tag: str) -> None:
        if self._event is not None and self._depth == self._event_depth:
            self.finished.append((self._event_line, self._event))
            self._event = None
        elif self._depth == 2:
            self._trace = None
        self._depth -= 1

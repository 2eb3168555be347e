r"""The language that DOT and DAGitty share: statements in braces, arrows between names, attributes in brackets.

    graph      : [strict] (graph | digraph | dag | pdag | mag | ...) [name] { statements }
    statement  : name [attributes] | ends arrow ends ... [attributes] | name = value | subgraph
    arrow      : ->  <-  <->  --   and DAGitty's  @->  <-@  @-@  @--  --@
    attributes : [name = value, flag, ...]

Names are words, numbers, quoted strings (``\"`` is a quote in them) and, in DOT, HTML between ``<`` and ``>``. Defaults
(``node [...]``) are passed over: they are about looks. Nothing of the text is ever executed.
"""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from causalviz.errors import UnreadableGraph

MAX_DEPTH = 40
MAX_STATEMENTS = 200_000
NAMES = frozenset({"word", "quoted"})
DEFAULTS = frozenset({"node", "edge", "graph"})
ARROWS = ("<->", "<-@", "@->", "@-@", "@--", "--@", "->", "<-", "--")
_ANGLE = re.compile("[<>]")
_MARKUP = re.compile(r"<[^<>]*>")
_TOKEN = re.compile(
    r"""
    (?P<blank>\s+|//[^\n]*|/\*.*?\*/|^\#[^\n]*)
    | (?P<arrow><->|<-@|@->|@-@|@--|--@|->|<-|--)
    | (?P<quoted>"(?:[^"\\]|\\.)*")
    | (?P<number>-?(?:\.\d+|\d+(?:\.\d*)?)(?![\w.]))
    | (?P<word>[\w.\u0080-\U0010ffff]+)
    | (?P<sign>[{}\[\];,=:+])
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)


class Token(NamedTuple):
    """A piece of the text: what it is (word, quoted, arrow, sign, end), its value, and its line."""

    kind: str
    value: str
    line: int


class Arrow(NamedTuple):
    """One arrow between two names."""

    source: str
    kind: str
    target: str
    attributes: Mapping[str, str]
    line: int


@dataclass(slots=True)
class Statements:
    """What a text says: its kind of graph, attributes of the graph, names with theirs, and arrows, in order."""

    kind: str
    graph: dict[str, str] = field(default_factory=dict)
    nodes: dict[str, dict[str, str]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    arrows: list[Arrow] = field(default_factory=list)


def read_statements(text: str, title: str, language: str) -> Statements:
    """Reads a text.

    Args:
        text: The file.
        title: Its name, for messages.
        language: "DOT" or "DAGitty", for messages.

    Raises:
        UnreadableGraph: If it breaks the grammar; names the line and what stands there.
    """
    return _Reader(text, title, language).graph()


class _Reader:
    """Reads with one token of foresight."""

    def __init__(self, text: str, title: str, language: str) -> None:
        self._title, self._language = title, language
        self._tokens = self._pieces(text)
        self._next = next(self._tokens)
        self._found = Statements("")
        self._read = 0

    def graph(self) -> Statements:
        """The whole text."""
        word = self._take().value.lower()
        self._found.kind = self._take().value.lower() if word == "strict" else word
        if self._next.kind in NAMES:
            self._take()
        self._expect("{")
        self._block(0)
        if self._next.kind != "end":
            raise self._broken("the end of the file")
        return self._found

    def _block(self, depth: int) -> list[str]:
        """Statements up to the closing brace; returns the names in them, for arrows from and to groups."""
        if depth > MAX_DEPTH:
            raise self._broken("fewer braces inside braces")
        names: dict[str, None] = {}
        while not self._at("}"):
            self._read += 1
            if self._read > MAX_STATEMENTS:
                raise UnreadableGraph(
                    f"{self._title} has more than {MAX_STATEMENTS:,} statements; choose a part of it."
                )
            if self._at(";") or self._at(","):
                self._take()
            else:
                names |= dict.fromkeys(self._statement(depth))
        self._take()
        return list(names)

    def _statement(self, depth: int) -> list[str]:
        if self._next.kind == "word" and self._next.value.lower() in DEFAULTS:
            word = self._take().value.lower()
            told = self._attributes()
            self._found.graph |= told if word == "graph" else {}
            return []
        line = self._next.line
        groups, arrows = [self._group(depth)], []
        if len(groups[0]) == 1 and self._at("="):
            self._take()
            self._found.graph[groups[0][0]] = self._name()
            return []
        while self._next.kind == "arrow":
            arrows.append(self._take())
            groups.append(self._group(depth))
        known = self._attributes() if self._at("[") else {}
        for name in (name for group in groups for name in group):
            self._found.nodes.setdefault(name, {})
            self._found.lines.setdefault(name, line)
        for arrow, (sources, targets) in zip(arrows, itertools.pairwise(groups), strict=True):
            self._found.arrows += [Arrow(a, arrow.value, b, known, arrow.line) for a in sources for b in targets]
            if len(self._found.arrows) > MAX_STATEMENTS:
                raise UnreadableGraph(f"{self._title} has more than {MAX_STATEMENTS:,} arrows; choose a part of it.")
        if not arrows and len(groups[0]) == 1:
            self._found.nodes[groups[0][0]] |= known
        return [name for group in groups for name in group]

    def _group(self, depth: int) -> list[str]:
        """One name, or the names of a group in braces."""
        if self._next.kind == "word" and self._next.value.lower() == "subgraph":
            self._take()
            if self._next.kind in NAMES:
                self._take()
        if self._at("{"):
            self._take()
            return self._block(depth + 1)
        name = self._name()
        while self._at(":"):  # a port: where on the box the arrow ends
            self._take()
            self._name()
        return [name]

    def _attributes(self) -> dict[str, str]:
        found: dict[str, str] = {}
        self._expect("[")
        while True:
            while not self._at("]"):
                if self._at(",") or self._at(";"):
                    self._take()
                    continue
                key = self._name()
                if self._at("="):
                    self._take()
                    found[key] = self._name()
                else:
                    found[key] = ""
            self._take()
            if not self._at("["):
                return found
            self._take()

    def _name(self) -> str:
        if self._next.kind not in NAMES:
            raise self._broken("a name")
        name = self._take()
        text = name.value
        while name.kind == "quoted" and self._at("+"):
            self._take()
            text += self._name()
        return text

    def _at(self, sign: str) -> bool:
        return self._next.kind == "sign" and self._next.value == sign

    def _expect(self, sign: str) -> None:
        if not self._at(sign):
            raise self._broken(f"“{sign}”")
        self._take()

    def _take(self) -> Token:
        token, self._next = self._next, next(self._tokens, Token("end", "", self._next.line))
        return token

    def _broken(self, wanted: str) -> UnreadableGraph:
        found = f"“{self._next.value:.40}”" if self._next.kind != "end" else "the end of the file"
        return UnreadableGraph(
            f"{self._title} breaks the grammar of {self._language} at line {self._next.line}: {wanted} should stand "
            f"where {found} is; correct it there."
        )

    def _pieces(self, text: str) -> Iterator[Token]:
        at, line = 0, 1
        while at < len(text):
            if text[at] == "<" and not text.startswith(ARROWS, at):
                end = self._end_of_html(text, at, line)
                yield Token("quoted", " ".join(html.unescape(_MARKUP.sub(" ", text[at + 1 : end - 1])).split()), line)
            else:
                piece = _TOKEN.match(text, at)
                if piece is None or piece.lastgroup is None:
                    raise UnreadableGraph(
                        f"{self._title} breaks the grammar of {self._language} at line {line}: “{text[at]}” means "
                        "nothing there; put names with such signs into quotes."
                    )
                end = piece.end()
                if piece.lastgroup == "quoted":
                    yield Token("quoted", _unquoted(piece[0]), line)
                elif piece.lastgroup != "blank":
                    yield Token("word" if piece.lastgroup == "number" else piece.lastgroup, piece[0], line)
            line += text.count("\n", at, end)
            at = end
        yield Token("end", "", line)

    def _end_of_html(self, text: str, start: int, line: int) -> int:
        depth = 0
        for angle in _ANGLE.finditer(text, start):
            depth += 1 if angle[0] == "<" else -1
            if depth == 0:
                return angle.end()
        raise UnreadableGraph(f"{self._title} opens “<” at line {line} and never closes it; put the name into quotes.")


def _unquoted(written: str) -> str:
    """Only the quote is escaped; a backslash before a line break joins the lines; all else is left to the attribute."""
    return re.sub(r"\\(\\|\"|\n)", lambda found: {'"': '"', "\n": ""}.get(found[1], found[0]), written[1:-1])

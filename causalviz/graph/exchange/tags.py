"""XML from strangers as a tree of tags: no document types, no entities, no namespaces, bounded depth and number.

A document type is refused where it begins: no graph needs one, and without it no entity can be declared that grows or
reaches out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from causalviz.errors import UnreadableGraph

MAX_DEPTH = 60
MAX_TAGS = 600_000


@dataclass(slots=True)
class Tag:
    """An element: its name without namespace, its attributes likewise, and what stands in it."""

    name: str
    attributes: dict[str, str]
    line: int
    children: list[Tag] = field(default_factory=list)
    text: str = ""

    @property
    def where(self) -> str:
        """Its place in the file."""
        return f"line {self.line}"

    def all(self, name: str) -> Iterator[Tag]:
        """Its children of that name."""
        return (child for child in self.children if child.name == name)

    def deep(self, name: str) -> Iterator[Tag]:
        """All of that name below it, at any depth, in the file's order."""
        for child in self.children:
            if child.name == name:
                yield child
            yield from child.deep(name)


def read_tags(text: str, title: str) -> Tag:
    """The root of a document.

    Args:
        text: The document; what its declaration says about encoding no longer counts.
        title: The file's name, for messages.

    Raises:
        UnreadableGraph: If it is damaged, has a document type, or is too deep or too large.
    """
    builder = _Builder(title)
    try:
        builder.parser.Parse(text.encode("utf-8", errors="replace"), True)
    except expat.ExpatError as error:
        raise UnreadableGraph(
            f"{title} is damaged XML at line {error.lineno} ({expat.ErrorString(error.code)}); export it again."
        ) from None
    return builder.open[0].children[0]


def graph_in(root: Tag, name: str, title: str) -> Tag:
    """The one graph of a document whose root is called ``name``.

    Raises:
        UnreadableGraph: If there is none.
    """
    graph = next(root.all("graph"), None) if root.name == name else None
    if graph is None:
        raise UnreadableGraph(f"{title} is XML but holds no graph; export it as GraphML or GEXF.")
    return graph


class _Builder:
    """The tags that are open, from the document down."""

    def __init__(self, title: str) -> None:
        self.parser = expat.ParserCreate("UTF-8")
        self.parser.buffer_text, self.parser.buffer_size = True, 1 << 20
        self.open = [Tag("", {}, 0)]
        self._title = title
        self._tags = 0
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._words

    def _refuse(self, *_: object) -> None:
        raise UnreadableGraph(
            f"{self._title} has a DOCTYPE at line {self.parser.CurrentLineNumber}, which no graph needs and which can "
            "hide traps; remove it, or export the graph again."
        )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._tags += 1
        if len(self.open) > MAX_DEPTH or self._tags > MAX_TAGS:
            raise UnreadableGraph(
                f"{self._title} is nested too deeply or too long at line {self.parser.CurrentLineNumber}; export the "
                "graph without its decoration."
            )
        plain = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        tag = Tag(name.rpartition(":")[2], plain, self.parser.CurrentLineNumber)
        self.open[-1].children.append(tag)
        self.open.append(tag)

    def _end(self, _name: str) -> None:
        self.open.pop()

    def _words(self, text: str) -> None:
        self.open[-1].text += text

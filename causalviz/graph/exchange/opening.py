"""A file of any format as a graph: bytes to text, and which format it is, by its content and not by its name."""

from __future__ import annotations

import re

from causalviz.errors import UnreadableGraph
from causalviz.graph.exchange.dagitty import read_dagitty
from causalviz.graph.exchange.dot import read_dot
from causalviz.graph.exchange.edge_lists import read_csv
from causalviz.graph.exchange.gexf import read_gexf
from causalviz.graph.exchange.graphml import read_graphml
from causalviz.graph.exchange.imported import ImportedGraph
from causalviz.graph.exchange.node_link import read_node_link
from causalviz.graph.exchange.own_json import FORMAT, import_json, parsed
from causalviz.graph.small_file import decoded

MAX_BYTES = 20 * 2**20
_COMMENTS = r"(?:\s+|//[^\n]*\n|/\*.*?\*/|\#[^\n]*\n)*+"  # possessive: a stranger's blanks are tried in one way only
_NAME = r"\s*+(?:\"[^\"]*\"|[\w.]+)?\s*+\{"
_DOT = re.compile(_COMMENTS + r"(?:strict\s+)?(?:di)?graph\b" + _NAME, re.DOTALL | re.IGNORECASE)
_DAGITTY = re.compile(_COMMENTS + r"(?:dag|pdag|mag|pag)\b" + _NAME, re.DOTALL | re.IGNORECASE)


def read_graph(data: bytes | str, title: str) -> ImportedGraph:
    """Reads a graph that somebody brought: GraphML, GEXF, DOT, DAGitty, node-link JSON, our own JSON, a CSV of edges.

    Args:
        data: The file's bytes (UTF-8, UTF-16, GB18030, or Latin-1 where XML declares it) or its text.
        title: The file's name, for messages.

    Raises:
        UnreadableGraph: If it is too large, of no known format or encoding, damaged, unsafe, or no graph.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableGraph(
            f"{title} is larger than {MAX_BYTES >> 20} MB; choose the part of the graph that matters."
        )
    if isinstance(data, bytes):
        data = decoded(data, title) if data.strip() else ""
    text = data.removeprefix("\ufeff")
    beginning = text.lstrip()
    if not beginning:
        raise UnreadableGraph(f"{title} is empty; choose a file with a graph.")
    if beginning.startswith("<"):
        return read_gexf(text, title) if re.search(r"<(?:\w+:)?gexf\b", text) else read_graphml(text, title)
    if beginning.startswith(("{", "[")):
        written = parsed(text)
        own = isinstance(written, dict) and written.get("format") == FORMAT
        return import_json(written, title) if own else read_node_link(written, title)
    if _DAGITTY.match(text):
        return read_dagitty(text, title)
    return read_dot(text, title) if _DOT.match(text) else read_csv(text, title)

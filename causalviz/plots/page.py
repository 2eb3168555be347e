"""The graph as one HTML file that needs nothing else: to send, to archive, to open without a network.

The file holds the same document, vis-network and drawing code as the live editor. A content security policy in it
allows the scripts and styles it was written with, by their hashes, and nothing else: no host is ever asked, and what
a name might smuggle in could not run. Names appear as escaped text and as escaped JSON.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import math
from collections.abc import Iterable
from pathlib import Path

from causalviz.graph.causal_graph import Edge
from causalviz.plots.network import CLAIM, NetworkData, chance_text, document, duration_text, ratio_text, visible_text

PARTS = Path(__file__).with_name("vis")
_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_HEADS = (
    ("Cause", ""), ("Effect", ""), ("Probability", "number"), ("Rate ×", "number"), ("90 % interval", "number"),
    ("Typical delay", "number"), ("Verdict", ""), ("Note", ""),
)  # fmt: skip


def graph_page(data: NetworkData, edges: Iterable[Edge], title: str) -> str:
    """Writes the page.

    Args:
        data: The drawing's marks.
        edges: The edges that they show, in the same order.
        title: Over it.

    Returns:
        HTML, to be stored as UTF-8.

    Raises:
        ValueError: If the marks and the edges do not belong together.
    """
    listed = tuple(edges)
    if len(listed) != len(data.edges):
        raise ValueError(f"marks and edges differ (got {len(data.edges)} and {len(listed)})")
    library = _part("vis-network.min.js")
    module = "\n".join(_part(name) for name in ("drawing.js", "glide.js", "page.js"))
    style = _part("drawing.css") + _part("page.css")
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src {_hash(library)} {_hash(module)}",
            f"style-src {_hash(style)}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    name = html.escape(visible_text(title))
    rows = "\n".join(_row(mark.id, edge) for mark, edge in zip(data.edges, listed, strict=True))
    heads = "".join(f'<th scope="col" class="{kind}">{head}</th>' for head, kind in _HEADS)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{name}</title>
<style>{style}</style>
</head>
<body>
<h1>{name}</h1>
<p>{html.escape(CLAIM)}</p>
<figure aria-label="Causal graph; the table below holds the same edges">
<div id="canvas"></div>
<div id="chosen" role="status"></div>
<div id="legend"></div>
</figure>
<h2>Edges shown: {len(listed):,} of {data.total:,}</h2>
<div class="table"><table>
<thead><tr>{heads}</tr></thead>
<tbody>
{rows}
</tbody>
</table></div>
<script type="application/json" id="document">{_json(document(data))}</script>
<script>{library}</script>
<script type="module">{module}</script>
</body>
</html>
"""


def _part(name: str) -> str:
    """One of our own files, in a form that may stand inside its element."""
    text = (PARTS / name).read_text(encoding="utf-8")
    if "</script" in text.lower() or "</style" in text.lower():
        raise ValueError(f"{name} would end its own element")
    return text


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _json(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=dict)
    return "".join(_ESCAPES.get(sign, sign) for sign in text)


def _row(edge_id: str, edge: Edge) -> str:
    known = {
        "probability": "" if math.isnan(edge.probability) else chance_text(edge.probability),
        "size": _ratio(edge.effect_size),
        "interval": " to ".join(filter(None, (_ratio(edge.low), _ratio(edge.high)))),
        "delay": "" if math.isnan(edge.delay_s) else duration_text(edge.delay_s),
    }
    cells = [(visible_text(edge.cause), ""), (visible_text(edge.effect), "")]
    cells += [(text, "number") for text in known.values()]
    cells += [("" if edge.ruling.value == "none" else edge.ruling.value, ""), (visible_text(edge.note), "")]
    listed = "".join(f'<td class="{kind}">{html.escape(text)}</td>' for text, kind in cells)
    return f'<tr data-edge="{edge_id}" tabindex="0"{" class=denied" if edge.denied else ""}>{listed}</tr>'


def _ratio(value: float) -> str:
    return "" if math.isnan(value) else ratio_text(value)

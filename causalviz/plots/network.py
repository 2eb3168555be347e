"""The causal graph as a drawing: boxes, arrows, labels and tones, ready for vis-network.

``network_data`` turns a graph into plain marks; ``network`` hands the marks to one ``pyvis.network.Network``;
``document`` reads that network back as the JSON which both the live editor and the exported page draw. Marks
carry a *tone* and no colour, so that one document serves the light and the dark palette.

Vocabulary of the picture: an arrow's colour deepens with the probability, its width grows with the effect
|log2 rate ratio|, a bar instead of a tip says that the cause inhibits, dashes say that an expert rejected it. Thin grey
dots are another layer: they say that one behaviour often comes right after another one, which is no cause. A dashed
box is a behaviour that an expert assumes and no log has.
"""

from __future__ import annotations

import math
import unicodedata
from bisect import bisect
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from causalviz.graph.causal_graph import FORBIDDEN, REQUIRED, CausalGraph, Edge
from causalviz.graph.layout import LINE_PX, LINE_UNITS, MARGIN_PX, MIN_WIDTH_PX, UNIT_PX, text_units
from causalviz.graph.verdicts import Ruling
from causalviz.plots.routing import MAX_LABELLED, MAX_ROUTED, Route, route

if TYPE_CHECKING:
    from pyvis.network import Network

CLAIM = (
    "A direct, Granger-type influence among the recorded behaviours; calibrated on simulated worlds until "
    "your verdicts recalibrate it; no proof against hidden causes."
)
PROBABILITY_STEPS = (0.5, 0.6, 0.7, 0.8, 0.9)  # six tones: below the first, between, above the last
WIDTHS_PX = (1.4, 6.0)  # an arrow without effect, and one of a factor MAX_DOUBLINGS doublings or more
MAX_DOUBLINGS = 4.0
MAX_KINDS = 8  # more colours than this are not told apart
MAX_LINES = 2
KEPT_NAMES, KEPT_MARKS = 4_096, 16_384  # from one drawing to the next, most of whose arrows are the same
FONT_PX = 15
LABEL_MARGIN_PX, LABEL_UNIT_PX = 12.0, 6.5  # of an edge's label: both sides together, and a half-width character
REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # would lie about the text
BADGES = {
    Ruling.NONE: "",
    Ruling.ACCEPTED: "✓",
    Ruling.ADDED: "＋",
    Ruling.REJECTED: "✕",
    Ruling.REVERSED: "⇄",
}
RULE_BADGES = {REQUIRED: "⚑", FORBIDDEN: "⊘"}


def _ramp(name: str, colours: str) -> dict[str, str]:
    return {f"{name}{step}": colour for step, colour in enumerate(colours.split())}


MEANINGS: Mapping[str, Mapping[str, str]] = {  # tones that a reading or a comparison gives to single arrows
    "light": {
        "causal": "#1b7f3b",
        "biasing": "#7b3fa0",
        "added": "#1b7f3b",
        "removed": "#7b3fa0",
        "changed": "#b38600",
    },
    "dark": {"causal": "#6bd98a", "biasing": "#c9a6ff", "added": "#6bd98a", "removed": "#c9a6ff", "changed": "#dcbb4e"},
}
PALETTES: Mapping[str, Mapping[str, str]] = {  # blue against orange survives every common colour blindness
    "light": {
        **_ramp("excite", "#b4cbe0 #86b4d9 #5c9bcd #3580bc #1a639f #0a4070"),
        **_ramp("inhibit", "#e6c7a8 #e0a874 #d2894b #bb6a28 #974d12 #6b3306"),
        **_ramp("kind", "#4477aa #aa3377 #228833 #b38600 #66508f #2b8c8c #aa5533 #667788"),
        **_ramp("fill", "#eaf1f8 #f8eaf2 #e9f4eb #f9f2dc #efecf6 #e5f3f3 #f8ede8 #eef1f4"),
        "rejected": "#a3abb3",
        "ink": "#1f2933",
        "quiet": "#66707b",
        "follows": "#98a0a8",
        **MEANINGS["light"],
        "paper": "#ffffff",
        "selected": "#c2185b",
    },
    "dark": {
        **_ramp("excite", "#33506d #3f6c97 #508cc0 #6cabdd #98c9ee #cde7ff"),
        **_ramp("inhibit", "#5d4530 #865a33 #b0753a #d39150 #eeb277 #ffdcb0"),
        **_ramp("kind", "#7fb0e6 #e58cc0 #7fca8d #dcbb4e #b3a1e0 #6ecaca #e2987c #a9b7c6"),
        **_ramp("fill", "#1b2836 #2f1f2a #1c2b20 #2d2817 #262235 #18292b #30231d #222830"),
        "rejected": "#6f7781",
        "ink": "#e8edf2",
        "quiet": "#9aa5b1",
        "follows": "#69727c",
        **MEANINGS["dark"],
        "paper": "#0e1117",
        "selected": "#ff6fa5",
    },
}


class NodeMark(NamedTuple):
    """One box: ``name`` is the behaviour's own, ``label`` its wrapped and shortened text; x, y in px."""

    id: str
    name: str
    label: str
    title: str
    tone: int
    x: float
    y: float
    assumed: bool = False


class EdgeMark(NamedTuple):
    """One arrow; ``layer`` is empty for the causal graph itself, "follows" for what merely comes next."""

    id: str
    cause: str
    effect: str
    label: str
    title: str
    tone: str
    width: float
    inhibits: bool
    dashed: bool
    route: Route
    layer: str = ""


class Follow(NamedTuple):
    """How often one behaviour comes right after another one."""

    before: str
    after: str
    times: int

    @property
    def pair(self) -> tuple[str, str]:
        """(before, after)."""
        return self.before, self.after


class Dress(NamedTuple):
    """What is told of a graph beside its edges.

    Attributes:
        kinds: Event type of each behaviour; boxes are coloured by it where a type has several behaviours.
        counts: Events of each behaviour, for the tooltips.
        notes: Words on behaviours.
        assumed: Behaviours that no log has.
        follows: What comes right after what; pairs that are edges of the graph are passed over.
        tones: Meaning of single edges, a name of ``MEANINGS``; where there are any, the other edges fade.
    """

    kinds: Mapping[str, str] = {}
    counts: Mapping[str, int] = {}
    notes: Mapping[str, str] = {}
    assumed: Collection[str] = ()
    follows: tuple[Follow, ...] = ()
    tones: Mapping[tuple[str, str], str] = {}


BARE = Dress()


class NetworkData(NamedTuple):
    """The whole picture in plain values; ``emphasis`` lists the ids of what stays bright, empty for all."""

    nodes: tuple[NodeMark, ...]
    edges: tuple[EdgeMark, ...]
    kinds: tuple[str, ...]
    selected: tuple[str, ...]
    total: int
    emphasis: tuple[str, ...] = ()


def network_data(
    graph: CausalGraph,
    positions: Mapping[str, tuple[float, float]],
    selected: tuple[str, ...] = (),
    dress: Dress = BARE,
) -> NetworkData:
    """Turns a graph into marks.

    Args:
        graph: What is shown.
        positions: Centre of every behaviour's box, px, y downwards.
        selected: (cause, effect) of the selected edge, (name,) of the selected behaviour, or empty.
        dress: What is told beside the edges.

    Returns:
        Marks in the graph's own order; ids are ``n<index>``, ``e<cause>-<effect>`` and ``f<before>-<after>``, never
        names.

    Raises:
        KeyError: If a behaviour has no position.
    """
    index = {name: row for row, name in enumerate(graph.behaviours)}
    shown_kinds = _telling_kinds(graph.behaviours, dress.kinds)
    nodes = tuple(
        NodeMark(
            id=f"n{row}",
            name=name,
            label=wrap_name(name),
            title=_node_title(name, dress),
            tone=shown_kinds.index(dress.kinds[name]) if shown_kinds else 0,
            x=round(float(positions[name][0]), 1),
            y=round(float(positions[name][1]), 1),
            assumed=name in dress.assumed,
        )
        for name, row in index.items()
    )
    drawn = {edge.pair for edge in graph.edges}
    follows = [f for f in dress.follows if f.pair not in drawn and f.before in index and f.after in index]
    pairs = [(index[edge.cause], index[edge.effect]) for edge in graph.edges]
    beside = [(index[f.before], index[f.after]) for f in follows]
    labelled = graph.edges if len(graph.edges) <= MAX_LABELLED else ()  # of more, none is always there
    widths = [LABEL_MARGIN_PX + LABEL_UNIT_PX * text_units(_label(edge)) for edge in labelled]
    routes = route(np.array([_box(node) for node in nodes]).reshape(-1, 4), [*pairs, *beside], widths)
    edges = tuple(
        _edge_mark(edge, f"e{cause}-{effect}", f"n{cause}", f"n{effect}", way, dress.tones.get(edge.pair, ""))
        for edge, (cause, effect), way in zip(graph.edges, pairs, routes[: len(pairs)], strict=True)
    )
    layer = tuple(
        _follow_mark(follow, f"f{before}-{after}", f"n{before}", f"n{after}", way)
        for follow, (before, after), way in zip(follows, beside, routes[len(pairs) :], strict=True)
    )
    bright = [f"e{index[c]}-{index[e]}" for c, e in dress.tones if (c, e) in drawn]
    chosen = _selected_ids(selected, index)
    return NetworkData(nodes, edges + layer, shown_kinds, chosen, graph.total, tuple(bright))


def network(data: NetworkData) -> Network:
    """The marks as a pyvis network whose nodes, edges and options vis-network draws as they are."""
    from pyvis.network import Network  # pyvis brings half a notebook with it, hence only where it is used

    drawing = Network(directed=True)
    drawing.options = _options(len(data.edges))
    for node in data.nodes:
        drawing.add_node(
            node.id, label=node.label, shape="box", title=node.title, x=node.x, y=node.y,
            color=None, name=node.name, tone=node.tone, assumed=node.assumed or None,
        )  # fmt: skip
    for edge in data.edges:
        drawing.add_edge(
            edge.cause, edge.effect, id=edge.id, title=edge.title, width=edge.width, dashes=edge.dashed,
            arrows={"to": {"type": "bar" if edge.inhibits else "arrow"}}, smooth=_smooth(edge.route.roundness),
            tone=edge.tone, text=edge.label, text_at=edge.route.label_at,
            layer=edge.layer or None,
        )  # fmt: skip
    return drawing


def document(data: NetworkData) -> dict[str, Any]:
    """The JSON that the browser draws, read back from the one pyvis network.

    Returns:
        Keys ``nodes``, ``edges`` and ``options`` in vis-network's own format (with ``name``, ``tone``,
        ``text``, ``text_at`` and ``layer`` beside it), ``palettes``, ``kinds``, ``selected`` and ``emphasis`` (ids),
        ``meanings`` (special tones that occur) and ``labelled`` (whether arrows carry their labels all the time, or
        only under the pointer).
    """
    drawing = network(data)
    return {
        "nodes": [_known(node) for node in drawing.nodes],
        "edges": [_known(edge) for edge in drawing.edges],
        "options": drawing.options,
        "palettes": PALETTES,
        "kinds": list(data.kinds),
        "selected": list(data.selected),
        "emphasis": list(data.emphasis),
        "meanings": sorted({edge.tone for edge in data.edges} & (MEANINGS["light"].keys() | {"follows"})),
        "labelled": len(data.edges) <= MAX_LABELLED,
    }


def _known(item: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if value is not None}


@lru_cache(maxsize=KEPT_NAMES)
def visible_text(name: str) -> str:
    """A name with nothing in it that breaks lines, reorders its neighbours or cannot be written."""
    return "".join(
        "\ufffd" if unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"} or sign in REORDERING else sign
        for sign in name
    )


@lru_cache(maxsize=KEPT_NAMES)
def wrap_name(name: str) -> str:
    """A name in at most two lines of 18 half-width characters, cut with an ellipsis.

    >>> wrap_name("view item A")
    'view item A'
    >>> wrap_name("add to cart from the recommendation list")
    'add to cart from\\nthe recommendatio…'
    """
    lines: list[str] = []
    rest = visible_text(name).strip() or "(empty)"
    while rest and len(lines) < MAX_LINES:
        line = _take(rest, LINE_UNITS)
        if len(line) < len(rest) and len(lines) < MAX_LINES - 1 and " " in line.strip():
            line = line if rest[len(line)] == " " else line[: line.rindex(" ") + 1]
        lines.append(line.strip())
        rest = rest[len(line) :].strip()
    if rest:
        lines[-1] = _take(lines[-1], LINE_UNITS - 1).rstrip() + "…"
    return "\n".join(lines)


def duration_text(seconds: float) -> str:
    """A delay in the unit that people would use: "45 s", "3.5 min", "2 h", "4 d"."""
    if not math.isfinite(seconds):
        return "unknown"
    for size, unit in ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s" if seconds >= 1 else f"{1000 * seconds:.3g} ms"


def ratio_text(ratio: float) -> str:
    """A rate ratio in three figures and never with an exponent: "0.302", "7.48", "2,190", "<0.001"."""
    if 0 < ratio < 0.001:
        return "<0.001"
    return f"{float(f'{ratio:.3g}'):,.0f}" if 1000 <= abs(ratio) < math.inf else f"{ratio:.3g}"


def chance_text(probability: float) -> str:
    """A probability in two decimals that never claims certainty: "0.85", ">0.99", "<0.01"."""
    if probability >= 0.995:
        return ">0.99"
    return f"{probability:.2f}" if probability >= 0.005 else "<0.01"


@lru_cache(maxsize=KEPT_MARKS)
def _edge_mark(edge: Edge, edge_id: str, cause: str, effect: str, way: Route, meaning: str) -> EdgeMark:
    inhibits = math.isfinite(edge.effect_size) and edge.effect_size < 1
    return EdgeMark(
        id=edge_id,
        cause=cause,
        effect=effect,
        label=_label(edge),
        title=_edge_title(edge),
        tone=meaning or ("rejected" if edge.denied else _tone(edge.probability, inhibits)),
        width=_width(edge.effect_size),
        inhibits=inhibits,
        dashed=edge.denied or meaning == "removed",
        route=way,
    )


def _label(edge: Edge) -> str:
    badge = RULE_BADGES.get(edge.by_rule) or BADGES[edge.ruling]
    number = chance_text(edge.probability) if math.isfinite(edge.probability) else ""
    return f"{badge} {number}".strip()


def _follow_mark(follow: Follow, edge_id: str, before: str, after: str, way: Route) -> EdgeMark:
    title = (
        f"{visible_text(follow.before)} is followed by {visible_text(follow.after)}\n"
        f"{follow.times:,} times right after it\nno edge of the causal graph"
    )
    return EdgeMark(edge_id, before, after, "", title, "follows", WIDTHS_PX[0], False, True, way, "follows")


def _tone(probability: float, inhibits: bool) -> str:
    """The colour's name; an edge that no one scored is drawn by an expert and gets the full tone."""
    known = probability if math.isfinite(probability) else 1.0
    return ("inhibit" if inhibits else "excite") + str(bisect(PROBABILITY_STEPS, known))


def _width(effect_size: float) -> float:
    """px; linear in |log2 rate ratio| up to MAX_DOUBLINGS, thin where the effect is unknown."""
    thin, thick = WIDTHS_PX
    if not math.isfinite(effect_size):
        return thin
    doublings = abs(math.log2(effect_size)) if effect_size > 0 else MAX_DOUBLINGS
    return round(thin + (thick - thin) * min(doublings / MAX_DOUBLINGS, 1.0), 2)


def _edge_title(edge: Edge) -> str:
    lines = [f"{visible_text(edge.cause)} → {visible_text(edge.effect)}"]
    if math.isfinite(edge.probability):
        source = ", says the imported file" if edge.imported else ""
        lines.append(f"probability {chance_text(edge.probability)}{source}")
    if math.isfinite(edge.effect_size):
        lines.append(f"rate × {ratio_text(edge.effect_size)} (90 %: {ratio_text(edge.low)} to {ratio_text(edge.high)})")
    if math.isfinite(edge.delay_s):
        lines.append(f"typical delay {duration_text(edge.delay_s)}")
    if edge.ruling is not Ruling.NONE:
        lines.append(f"expert: {edge.ruling.value.lower()}")
    if edge.rule:
        lines.append(visible_text(edge.rule))
    if edge.note:
        lines.append(f"note: {visible_text(edge.note)}")
    return "\n".join(lines)


def _node_title(name: str, dress: Dress) -> str:
    lines = [visible_text(name)]
    if dress.kinds.get(name, name) != name:
        lines.append(f"type {visible_text(dress.kinds[name])}")
    if name in dress.counts:
        lines.append(f"{dress.counts[name]:,} events")
    if name in dress.assumed:
        lines.append("assumed by hand; the log has no such events")
    if dress.notes.get(name):
        lines.append(f"note: {visible_text(dress.notes[name])}")
    return "\n".join(lines)


def _telling_kinds(behaviours: tuple[str, ...], kinds: Mapping[str, str]) -> tuple[str, ...]:
    """The types worth a colour each: none when every behaviour is its own type, or there are too many."""
    if not kinds or any(name not in kinds for name in behaviours):
        return ()
    found = tuple(dict.fromkeys(kinds[name] for name in behaviours))
    return found if 1 < len(found) < len(behaviours) and len(found) <= MAX_KINDS else ()


def _selected_ids(selected: tuple[str, ...], index: Mapping[str, int]) -> tuple[str, ...]:
    if not selected or any(name not in index for name in selected):
        return ()
    rows = [index[name] for name in selected]
    return (f"n{rows[0]}",) if len(rows) == 1 else (f"e{rows[0]}-{rows[1]}",)


def _box(node: NodeMark) -> tuple[float, float, float, float]:
    """Centre and estimated size of a box; the browser measures the text, this must only be near."""
    lines = node.label.split("\n")
    width = max(max(text_units(line) for line in lines) * UNIT_PX + 2 * MARGIN_PX[0], MIN_WIDTH_PX)
    return node.x, node.y, width, len(lines) * LINE_PX + 2 * MARGIN_PX[1]


def _take(text: str, units: int) -> str:
    """The longest beginning of ``text`` that is at most ``units`` wide."""
    for end in range(len(text), 0, -1):
        if text_units(text[:end]) <= units:
            return text[:end]
    return ""


def _smooth(roundness: float) -> dict[str, Any] | bool:
    if roundness == 0:
        return False
    side = "curvedCW" if roundness > 0 else "curvedCCW"
    return {"enabled": True, "type": side, "roundness": abs(roundness)}


def _options(n_edges: int) -> dict[str, Any]:
    """vis-network's options: nothing moves by itself, nothing is edited without us."""
    vertical, horizontal = MARGIN_PX[1], MARGIN_PX[0]
    return {
        "physics": {"enabled": False},
        "layout": {"improvedLayout": False, "randomSeed": 1},
        "interaction": {
            "hover": True, "multiselect": False, "selectConnectedEdges": False, "hoverConnectedEdges": False,
            "tooltipDelay": 200, "zoomSpeed": 0.6, "hideEdgesOnDrag": n_edges > MAX_ROUTED,
        },
        "nodes": {
            "shape": "box", "borderWidth": 1.5, "borderWidthSelected": 2.5, "labelHighlightBold": False,
            "margin": {"top": vertical, "bottom": vertical, "left": horizontal, "right": horizontal},
            "widthConstraint": {"minimum": MIN_WIDTH_PX - 2 * horizontal}, "font": {"size": FONT_PX},
            "shapeProperties": {"borderRadius": 8},
        },
        "edges": {
            "arrows": {"to": {"enabled": True, "scaleFactor": 0.7}}, "arrowStrikethrough": False,
            "selectionWidth": 1, "hoverWidth": 0.6, "smooth": False,
        },
    }  # fmt: skip

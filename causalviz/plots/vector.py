"""The drawn graph as SVG: for papers and slides, written from the same marks as the live drawing.

Boxes, routes, colours, tips, dashes and badges are those of ``network``; below stand the legend and the kind of claim
that the graph makes. It is text alone: no script, no style sheet, nothing that would be fetched, and names appear as
escaped text only. Sizes are px, one to one with the drawing at its natural scale; printing scales them.
"""

from __future__ import annotations

import html
import math
import textwrap
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from causalviz.graph.exchange.attributes import plain
from causalviz.graph.layout import LINE_PX, Place, box_size, text_units
from causalviz.graph.verdicts import Ruling
from causalviz.plots.network import (
    BADGES,
    CLAIM,
    FONT_PX,
    PALETTES,
    RULE_BADGES,
    EdgeMark,
    NetworkData,
    NodeMark,
    visible_text,
)
from causalviz.plots.routing import MAX_LABELLED, along, control_point

FONT = "'Source Sans 3', 'Source Sans Pro', 'Noto Sans', 'Noto Sans CJK SC', 'Microsoft YaHei', Arial, sans-serif"
MARGIN_PX, LEAST_WIDTH_PX = 28.0, 760.0  # around everything; below the least width the legend would be a column
PILL_PX, PILL_FONT_PX = 20.0, 12.5
SMALL_PX, SMALL_LINE_PX, SMALL_UNIT_PX = 12.0, 19.0, 6.2  # legend and claim; width of a half-width character
FADED = 0.22  # opacity of what is not emphasised
SAMPLES = 240  # points of an arrow among which its ends at the boxes are found
SAID = {  # by badge; what is rejected shows by its dashes
    sign: said.value for said, sign in BADGES.items() if said not in {Ruling.NONE, Ruling.REJECTED}
} | {sign: said for said, sign in RULE_BADGES.items()}
MEANINGS = {
    "causal": "causal path", "biasing": "biasing path", "added": "added since", "removed": "removed since",
    "changed": "changed", "follows": "comes next, no cause",
}  # fmt: skip

Floats = NDArray[np.float64]
Colours = Callable[[str], str]


class _Curve(NamedTuple):
    """A quadratic Bézier curve: start, control point, end, each (2,)."""

    start: Floats
    control: Floats
    end: Floats

    def at(self, fractions: Floats) -> Floats:
        """(S, 2) its points at fractions of its way."""
        return along(*self, fractions)

    def part(self, low: float, high: float) -> _Curve:
        """The curve between two fractions of its way."""

        def blossom(s: float, t: float) -> Floats:
            return (1 - s) * (1 - t) * self.start + (s * (1 - t) + t * (1 - s)) * self.control + s * t * self.end

        return _Curve(blossom(low, low), blossom(low, high), blossom(high, high))


def graph_svg(data: NetworkData, title: str, *, dark: bool = False) -> str:
    """Writes the drawing.

    Args:
        data: Its marks.
        title: Over it; empty for none.
        dark: Whether it stands on a dark ground.

    Returns:
        SVG 1.1, to be stored as UTF-8.
    """
    palette = PALETTES["dark" if dark else "light"]
    boxes = {node.id: (np.array([node.x, node.y]), np.array(box_size(node.name)) / 2) for node in data.nodes}
    arrows = [_curve(edge, boxes) for edge in data.edges]
    left, top, right, bottom = _frame(boxes, arrows)
    spare = max(0.0, LEAST_WIDTH_PX - 2 * MARGIN_PX - (right - left)) / 2
    left, right = left - spare, right + spare
    head = 44.0 if title else 0.0
    foot = _foot(data, palette.__getitem__, (left, bottom + MARGIN_PX), right - left)
    x, y = math.floor(left - MARGIN_PX), math.floor(top - MARGIN_PX - head)
    width, height = math.ceil(right + MARGIN_PX - x), math.ceil(bottom + 2 * MARGIN_PX + foot.height - y)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{x} {y} {width} {height}" '
        f'width="{width}" height="{height}" font-family="{FONT}" role="img">',
        f"<title>{_text(title or 'Causal graph')}</title>",
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{palette["paper"]}"/>',
    ]
    if title:
        lines.append(_words(title, (left, y + MARGIN_PX + 14), 20, palette["ink"], weight=600))
    bright = frozenset(data.emphasis)
    faded = [f' opacity="{FADED}"' if bright and edge.id not in bright else "" for edge in data.edges]
    for edge, curve, fade in zip(data.edges, arrows, faded, strict=True):
        lines.append(_arrow(edge, _clipped(curve, boxes[edge.cause], boxes[edge.effect]), palette[edge.tone], fade))
    lines += [_box(node, boxes[node.id], palette.__getitem__) for node in data.nodes]
    if len(data.edges) <= MAX_LABELLED:
        lines += [
            _pill(edge, curve.at(np.array([edge.route.label_at]))[0], palette.__getitem__, fade)
            for edge, curve, fade in zip(data.edges, arrows, faded, strict=True) if edge.label
        ]  # fmt: skip
    return "\n".join([*lines, *foot.lines, "</svg>", ""])


def _curve(edge: EdgeMark, boxes: dict[str, tuple[Floats, Floats]]) -> _Curve:
    start, end = boxes[edge.cause][0], boxes[edge.effect][0]
    return _Curve(start, control_point(start, end, edge.route.roundness), end)


def _frame(boxes: dict[str, tuple[Floats, Floats]], arrows: Sequence[_Curve]) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of all that is drawn."""
    if not boxes:
        return 0.0, 0.0, 0.0, 0.0
    corners = [corner for centre, half in boxes.values() for corner in (centre - half, centre + half)]
    ways = [way.at(np.linspace(0, 1, 9)) for way in arrows]
    points = np.vstack([np.array(corners), *ways])  # (N, 2)
    low, high = points.min(axis=0), points.max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def _clipped(curve: _Curve, cause: tuple[Floats, Floats], effect: tuple[Floats, Floats]) -> _Curve:
    """The part between the two boxes; nothing is cut where they lie over each other."""
    t = np.linspace(0, 1, SAMPLES)
    points = curve.at(t)  # (S, 2)
    outside = [(np.abs(points - centre) > half).any(axis=1) for centre, half in (cause, effect)]
    free = np.flatnonzero(outside[0] & outside[1])
    return curve.part(float(t[free[0]]), float(t[free[-1]])) if len(free) > 1 else curve


def _arrow(edge: EdgeMark, curve: _Curve, colour: str, fade: str) -> str:
    """The line up to its tip, and the tip: vis-network's arrow or bar."""
    length = 10.5 + 3 * edge.width
    span = float(np.hypot(*(curve.end - curve.start)))
    length = min(length, span / 2)
    along = curve.end - curve.control
    along = along / max(float(np.hypot(*along)), 1e-9)
    across = np.array([-along[1], along[0]])
    back = 0.15 if edge.inhibits else 0.9  # how much of the tip the line leaves free
    line = curve.part(0.0, 1 - min(0.9, back * length / max(span, 1e-9)))
    shape = ((0, 0.5), (0, -0.5), (-0.15, -0.5), (-0.15, 0.5)) if edge.inhibits else (
        (0, 0), (-1, 0.3), (-0.9, 0), (-1, -0.3)
    )  # fmt: skip
    tip = " ".join(_point(curve.end + length * (x * along + y * across)) for x, y in shape)
    dashes = ' stroke-dasharray="2 4"' if edge.layer else ' stroke-dasharray="6 5"' if edge.dashed else ""
    return (
        f'<g{fade}><title>{_text(edge.title)}</title><path d="M{_point(line.start)} Q{_point(line.control)} '
        f'{_point(line.end)}" fill="none" stroke="{colour}" stroke-width="{edge.width:.2f}"{dashes}/>'
        f'<polygon points="{tip}" fill="{colour}"/></g>'
    )


def _box(node: NodeMark, box: tuple[Floats, Floats], colour: Colours) -> str:
    (x, y), (half_width, half_height) = box
    dashes = ' stroke-dasharray="5 4"' if node.assumed else ""
    lines = node.label.split("\n")
    first = y - (len(lines) - 1) * LINE_PX / 2
    words = "".join(
        _words(line, (x, first + row * LINE_PX), FONT_PX, colour("ink"), middle=True) for row, line in enumerate(lines)
    )
    return (
        f'<g><title>{_text(node.title)}</title><rect x="{x - half_width:.1f}" y="{y - half_height:.1f}" '
        f'width="{2 * half_width:.1f}" height="{2 * half_height:.1f}" rx="8" fill="{colour(f"fill{node.tone}")}" '
        f'stroke="{colour(f"kind{node.tone}")}" stroke-width="1.5"{dashes}/>{words}</g>'
    )


def _pill(edge: EdgeMark, at: Floats, colour: Colours, fade: str) -> str:
    width = text_units(edge.label) * 7.2 + 14
    ink = colour("quiet" if edge.dashed else "ink")
    return (
        f'<g{fade}><rect x="{at[0] - width / 2:.1f}" y="{at[1] - PILL_PX / 2:.1f}" width="{width:.1f}" '
        f'height="{PILL_PX:.0f}" rx="{PILL_PX / 2:.0f}" fill="{colour("paper")}" stroke="{colour(edge.tone)}"/>'
        f"{_words(edge.label, (float(at[0]), float(at[1])), PILL_FONT_PX, ink, middle=True, weight=600)}</g>"
    )


class _Foot(NamedTuple):
    lines: list[str]
    height: float


class _Entry(NamedTuple):
    """One part of the legend: its sign, drawn from the left end at mid-height, the sign's width, and its words."""

    sign: str
    width: float
    words: str


def _foot(data: NetworkData, colour: Colours, at: Place, width: float) -> _Foot:
    """Legend and claim under the drawing."""
    x, y = 0.0, SMALL_LINE_PX / 2
    lines = [f'<g transform="translate({at[0]:.1f} {at[1]:.1f})">']
    for entry in _entries(data, colour):
        long = entry.width + 6 + SMALL_UNIT_PX * text_units(entry.words)
        if x and x + long > width:
            x, y = 0.0, y + SMALL_LINE_PX
        lines.append(f'<g transform="translate({x:.1f} {y:.1f})">{entry.sign}')
        lines.append(_words(entry.words, (entry.width + 6, 0), SMALL_PX, colour("quiet")) + "</g>")
        x += long + 20
    for line in textwrap.wrap(CLAIM, max(40, int(width / (0.92 * SMALL_UNIT_PX)))):
        y += SMALL_LINE_PX
        lines.append(_words(line, (0, y + 6), SMALL_PX, colour("quiet")))
    return _Foot([*lines, "</g>"], y + SMALL_LINE_PX)


def _entries(data: NetworkData, colour: Colours) -> list[_Entry]:
    def ramp(name: str, steps: Sequence[int], start: float) -> str:
        return "".join(
            f'<rect x="{start + 14 * row}" y="-4" width="14" height="8" fill="{colour(f"{name}{step}")}"/>'
            for row, step in enumerate(steps)
        )

    def stroke(tone: str, dashes: str = "", width: float = 3) -> str:
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        return f'<path d="M0 0H24" stroke="{colour(tone)}" stroke-width="{width}"{dashed}/>'

    def badge(sign: str) -> str:
        return _words(sign, (0, 0), SMALL_PX, colour("quiet"), weight=700)

    quiet = colour("quiet")
    less, one = (_words(text, (x, 0), SMALL_PX, quiet) for text, x in (("<0.5", 0.0), ("1", 118.0)))
    bar = f'<path d="M52 0H64M64 -5V5" stroke="{colour("inhibit3")}" stroke-width="2" fill="none"/>'
    sizes = "".join(
        f'<path d="M{at} 0h16" stroke="{quiet}" stroke-width="{w}"/>' for at, w in ((0, 1.4), (20, 3), (40, 6))
    )
    entries = [_Entry(f"{less}{ramp('excite', range(6), 30)}{one}", 126, "probability")]
    if any(edge.inhibits for edge in data.edges):
        entries.append(_Entry(ramp("inhibit", (2, 3, 4), 0) + bar, 66, "inhibits"))
    entries.append(_Entry(sizes, 56, "effect size"))
    if any(edge.dashed and not edge.layer for edge in data.edges):
        entries.append(_Entry(stroke("rejected", "6 4", 2), 24, "rejected"))
    signs = {sign for edge in data.edges for sign in edge.label[:1]}
    entries += [_Entry(badge(sign), 12, words) for sign, words in SAID.items() if sign in signs]
    tones = {edge.tone for edge in data.edges}
    entries += [
        _Entry(stroke(tone, "2 4" if tone == "follows" else ""), 24, words)
        for tone, words in MEANINGS.items()
        if tone in tones
    ]
    if any(node.assumed for node in data.nodes):
        outline = (
            f'<rect x="0" y="-5" width="14" height="10" rx="3" fill="none" stroke="{quiet}" stroke-dasharray="3 2"/>'
        )
        entries.append(_Entry(outline, 14, "assumed"))
    entries += [
        _Entry(f'<rect x="0" y="-5.5" width="11" height="11" rx="3" fill="{colour(f"kind{tone}")}"/>', 11, kind)
        for tone, kind in enumerate(data.kinds)
    ]
    return entries


def _words(text: str, at: Place, size: float, colour: str, *, middle: bool = False, weight: int = 400) -> str:
    """One line of text, its middle at the height of ``at``."""
    anchor = ' text-anchor="middle"' if middle else ""
    bold = f' font-weight="{weight}"' if weight != 400 else ""
    return (
        f'<text x="{at[0]:.1f}" y="{at[1] + 0.35 * size:.1f}" font-size="{size:g}" fill="{colour}"{anchor}{bold}>'
        f"{_text(text)}</text>"
    )


def _point(at: Floats) -> str:
    return f"{at[0]:.1f} {at[1]:.1f}"


def _text(text: str) -> str:
    return html.escape(plain("\n".join(visible_text(line) for line in text.split("\n"))))

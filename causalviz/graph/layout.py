"""Where the boxes of the graph stand: in layers, causes before their effects.

The method is Sugiyama's (K. Sugiyama, S. Tagawa, M. Toda, 1981, IEEE Trans. SMC 11): cycles are broken, every
behaviour gets a layer behind all its causes, long edges get a bend in each layer they cross, layers are sorted by the
barycentres of their neighbours to lessen crossings, and within its layer every box comes as near to its neighbours as
the order and the boxes' widths allow. Layers run from left to right or from top to bottom. Deep graphs would be drawn
too small to read, so several limits of depth are tried, in which the least sure edges may run backwards; the drawing
with the best product of its scale in a wide window and its share of forward edges, squared, is taken. Large graphs are
read by zooming in: they get one limit and no bends, and a layer too long for the window is folded into several lines.
Behaviours without an edge stand in rows below.

A box that was placed before is never moved; a new one beside placed ones takes a free spot near its neighbours.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import fmean
from typing import NamedTuple

import networkx as nx
import numpy as np
from scipy.optimize import isotonic_regression

Place = tuple[float, float]
Pair = tuple[str, str]

LINE_UNITS, UNIT_PX = 18, 8.0  # a box's text is wrapped after so many half-width characters
LINE_PX, MIN_WIDTH_PX = 19.0, 84.0
MARGIN_PX = (14.0, 10.0)  # around the text: left and right, top and bottom
GAP_PX = (44.0, 28.0)  # between the boxes of one layer: beside each other, below each other
LAYER_PX = (84.0, 56.0)  # between layers from left to right, and from top to bottom: room for arrow and label
WINDOW_PX = (900.0, 520.0)  # the shape that the drawing should fill
SWEEPS = 12
DEPTHS = (4, 5, 6, 7, 8, 10)  # limits that are tried, in layers
MAX_TRIED = 60  # behaviours; larger graphs are laid out once, without bends, in so many layers:
LARGE_DEPTH = 12


class _Bend(NamedTuple):
    """Where a long edge crosses a layer."""

    cause: str
    effect: str
    layer: int


Node = str | _Bend
Layers = list[list[Node]]


def layered_positions(
    behaviours: Sequence[str], edges: Iterable[Pair], placed: Mapping[str, Place]
) -> dict[str, Place]:
    """Finds a place for every behaviour.

    Args:
        behaviours: The names, in the log's order.
        edges: (cause, effect) pairs, the surest first: where they form a cycle, the first ones win.
        placed: Places that are fixed; names that are no behaviours are passed over.

    Returns:
        The centre of each box, px, y downwards; the same input gives the same places.
    """
    known = set(behaviours)
    pairs = [(cause, effect) for cause, effect in edges if cause in known and effect in known and cause != effect]
    fixed = {name: placed[name] for name in behaviours if name in placed}
    if not fixed:
        return _arranged(behaviours, pairs)
    return _fitted_in(behaviours, pairs, fixed)


def text_units(text: str) -> int:
    """Width in half-width characters: Chinese, Japanese, Korean signs and emoji count two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def box_size(name: str) -> tuple[float, float]:
    """Width and height of a behaviour's box, px, an estimate from above."""
    units = text_units(name)
    lines = 1 if units <= LINE_UNITS else 2
    width = max(min(units, LINE_UNITS) * UNIT_PX + 2 * MARGIN_PX[0], MIN_WIDTH_PX)
    return width, lines * LINE_PX + 2 * MARGIN_PX[1]


def _arranged(behaviours: Sequence[str], pairs: Sequence[Pair]) -> dict[str, Place]:
    """All places anew."""
    linked = {name for pair in pairs for name in pair}
    core = [name for name in behaviours if name in linked]
    large = len(core) > MAX_TRIED
    limits = [LARGE_DEPTH] if large else [*(depth for depth in DEPTHS if depth < len(core)), len(core)]
    drawn: dict[str, Place] = {}
    best = -1.0
    for limit in limits:
        forward = _forward_pairs(core, pairs, limit)
        layers = _sorted_layers(_layers(core, forward, bent=not large))
        share = len(forward) / max(len(set(pairs)), 1)
        for across in (True, False):
            places = _drawn(_folded(layers, across) if large else layers, across=across)
            worth = min(_scale(places), 1.0) * share**2
            if worth > best:
                best, drawn = worth, places
    return drawn | _rows_below([name for name in behaviours if name not in linked], drawn)


def _forward_pairs(behaviours: Sequence[str], pairs: Sequence[Pair], limit: int) -> list[Pair]:
    """The pairs in their order, without those that close a cycle or a way through more than ``limit`` behaviours.

    Kept for each behaviour: as a set of bits, what can be reached from it; the longest ways to it and from it.
    """
    bit = {name: 1 << row for row, name in enumerate(behaviours)}
    reached = dict.fromkeys(behaviours, 0)
    before, behind = dict.fromkeys(behaviours, 1), dict.fromkeys(behaviours, 1)
    effects: dict[str, list[str]] = {name: [] for name in behaviours}
    causes: dict[str, list[str]] = {name: [] for name in behaviours}
    kept: list[Pair] = []
    for cause, effect in dict.fromkeys(pairs):
        if reached[effect] & bit[cause] or before[cause] + behind[effect] > limit:
            continue
        kept.append((cause, effect))
        effects[cause].append(effect)
        causes[effect].append(cause)
        gain = reached[effect] | bit[effect]
        for name in behaviours:
            if name == cause or reached[name] & bit[cause]:
                reached[name] |= gain
        _lengthen(before, effects, effect, before[cause] + 1)
        _lengthen(behind, causes, cause, behind[effect] + 1)
    return kept


def _lengthen(longest: dict[str, int], onwards: Mapping[str, Sequence[str]], name: str, length: int) -> None:
    """Passes a longer way on to all that lies beyond."""
    waiting = [(name, length)]
    while waiting:
        at, reach = waiting.pop()
        if longest[at] < reach:
            longest[at] = reach
            waiting.extend((beyond, reach + 1) for beyond in onwards[at])


def _layers(behaviours: Sequence[str], pairs: Sequence[Pair], *, bent: bool) -> tuple[Layers, nx.DiGraph]:
    """Longest-path layers, and the graph whose every edge joins neighbouring layers.

    Long edges get a bend in each layer they cross, or are passed over where not ``bent``.
    """
    order = {name: row for row, name in enumerate(behaviours)}
    graph = nx.DiGraph()
    graph.add_nodes_from(behaviours)
    graph.add_edges_from(pairs)
    generations = list(nx.topological_generations(graph))
    layer = {name: depth for depth, names in enumerate(generations) for name in names}
    for name in reversed([name for names in generations for name in names]):
        if graph.in_degree(name) == 0 and graph.out_degree(name) > 0:
            layer[name] = min(layer[effect] for effect in graph.successors(name)) - 1  # close to its effects
    layers: Layers = [[] for _ in generations]
    for name in sorted(behaviours, key=order.__getitem__):
        layers[layer[name]].append(name)
    joined = nx.DiGraph()
    joined.add_nodes_from(behaviours)
    for cause, effect in pairs:
        if not bent and layer[effect] - layer[cause] > 1:
            continue
        bends = [_Bend(cause, effect, depth) for depth in range(layer[cause] + 1, layer[effect])]
        for bend in bends:
            layers[bend.layer].append(bend)
        nx.add_path(joined, [cause, *bends, effect])
    return layers, joined


def _sorted_layers(layered: tuple[Layers, nx.DiGraph]) -> tuple[Layers, nx.DiGraph]:
    """The layers in the order with the fewest crossings that barycentre sweeps found."""
    layers, graph = layered
    layers = [list(layer) for layer in layers]
    best, fewest = [list(layer) for layer in layers], _crossings(layers, graph)
    for sweep in range(SWEEPS):
        downwards = sweep % 2 == 0
        steps = list(itertools.pairwise(range(len(layers)) if downwards else range(len(layers))[::-1]))
        for settled, moving in steps:
            place = {node: row for row, node in enumerate(layers[settled])}
            neighbours = graph.predecessors if downwards else graph.successors
            centre = {
                node: fmean([place[other] for other in neighbours(node)] or [row])
                for row, node in enumerate(layers[moving])
            }
            layers[moving].sort(key=centre.__getitem__)
        crossings = _crossings(layers, graph)
        if crossings < fewest:
            best, fewest = [list(layer) for layer in layers], crossings
    return best, graph


def _crossings(layers: Layers, graph: nx.DiGraph) -> int:
    """Pairs of edges between neighbouring layers whose ends are in opposite orders."""
    total = 0
    for upper, lower in itertools.pairwise(layers):
        place = {node: row for row, node in enumerate(lower)}
        ends = np.array([end for cause in upper for end in sorted(place[effect] for effect in graph[cause])])
        total += int(np.triu(ends[:, None] > ends[None, :]).sum())
    return total


def _folded(layered: tuple[Layers, nx.DiGraph], across: bool) -> tuple[Layers, nx.DiGraph]:
    """Layers of so few boxes that the drawing comes near the window's shape.

    A longer layer is dealt out to lines beside each other, each in the layer's order, so that every box stays as high,
    or as far to the right, as its neighbours want it.
    """
    layers, graph = layered
    boxes = [_size(node) for layer in layers for node in layer]
    wide, high = (fmean(sides) for sides in zip(*boxes, strict=True))
    wide, high = (wide + LAYER_PX[0], high + GAP_PX[1]) if across else (wide + GAP_PX[0], high + LAYER_PX[1])
    rows = max(1, round((len(boxes) * wide / high * WINDOW_PX[1] / WINDOW_PX[0]) ** 0.5))
    most = rows if across else max(1, round(len(boxes) / rows))
    lines = [(layer, -(-len(layer) // most)) for layer in layers]
    return [layer[first::n] for layer, n in lines for first in range(n)], graph


def _drawn(layered: tuple[Layers, nx.DiGraph], *, across: bool) -> dict[str, Place]:
    """Coordinates of the layers, from left to right (``across``) or from top to bottom."""
    layers, graph = layered
    along = {node: position for layer in layers for node, position in _spread(layer, across).items()}
    for sweep in range(SWEEPS):
        for layer in layers if sweep % 2 == 0 else layers[::-1]:
            wished = [
                fmean([along[other] for other in nx.all_neighbors(graph, node)] or [along[node]]) for node in layer
            ]
            along.update(_spread(layer, across, wished))
    places: dict[str, Place] = {}
    depth = 0.0
    for layer in layers:
        thickness = max((_size(node)[0 if across else 1] for node in layer), default=0.0)
        for node in layer:
            if isinstance(node, str):
                deep = depth + thickness / 2
                places[node] = (deep, along[node]) if across else (along[node], deep)
        depth += thickness + LAYER_PX[0 if across else 1]
    return _centred(places)


def _spread(layer: Sequence[Node], across: bool, wished: Sequence[float] | None = None) -> dict[Node, float]:
    """Centres in one layer, in its order and without overlap, as near as possible to the wished ones.

    With the distances that the order demands taken off, "no overlap" says that the rest must not fall: an isotonic
    regression, whose least-squares answer is exact.
    """
    sizes = np.array([_size(node)[1 if across else 0] for node in layer])
    gaps = (sizes[1:] + sizes[:-1]) / 2 + GAP_PX[1 if across else 0]
    demanded = np.concatenate([[0.0], np.cumsum(gaps)])
    if wished is None:
        return dict(zip(layer, (demanded - demanded[-1] / 2).tolist(), strict=True))
    centres = isotonic_regression(np.array(wished) - demanded).x + demanded
    return dict(zip(layer, centres.tolist(), strict=True))


def _size(node: Node) -> tuple[float, float]:
    return box_size(node) if isinstance(node, str) else (0.0, 0.0)


def _scale(places: Mapping[str, Place]) -> float:
    """The scale at which a drawing fits the window; above 1 it is smaller than that."""
    left, top, right, bottom = _frame(places)
    return min(WINDOW_PX[0] / max(right - left, 1.0), WINDOW_PX[1] / max(bottom - top, 1.0))


def _frame(places: Mapping[str, Place]) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of all boxes."""
    if not places:
        return 0.0, 0.0, 0.0, 0.0
    boxes = np.array([(x, y, *box_size(name)) for name, (x, y) in places.items()])  # (K, 4)
    low, high = boxes[:, :2] - boxes[:, 2:] / 2, boxes[:, :2] + boxes[:, 2:] / 2
    return (*low.min(0).tolist(), *high.max(0).tolist())


def _centred(places: Mapping[str, Place]) -> dict[str, Place]:
    left, top, right, bottom = _frame(places)
    middle = ((left + right) / 2, (top + bottom) / 2)
    return {name: (round(x - middle[0], 1), round(y - middle[1], 1)) for name, (x, y) in places.items()}


def _rows_below(names: Sequence[str], places: Mapping[str, Place]) -> dict[str, Place]:
    """Rows of boxes under what is placed, as wide as that or as the window."""
    left, _, right, bottom = _frame(places)
    middle, width = (left + right) / 2, max(right - left, WINDOW_PX[0])
    rows: list[list[str]] = []
    room = 0.0
    for name in names:
        need = box_size(name)[0] + GAP_PX[0]
        if not rows or room < need:
            rows.append([])
            room = width + GAP_PX[0]
        rows[-1].append(name)
        room -= need
    found: dict[str, Place] = {}
    top = bottom + LAYER_PX[1] if places else 0.0
    for row in rows:
        height = max(box_size(name)[1] for name in row)
        for node, x in _spread(row, across=False).items():
            found[str(node)] = (round(middle + x, 1), round(top + height / 2, 1))
        top += height + GAP_PX[1]
    return found


def _fitted_in(behaviours: Sequence[str], pairs: Sequence[Pair], fixed: Mapping[str, Place]) -> dict[str, Place]:
    """New boxes near their placed neighbours, where nothing stands yet; those without any in rows below."""
    places = dict(fixed)
    waiting = [name for name in behaviours if name not in places]
    while near := [(name, others) for name in waiting if (others := _placed_neighbours(name, pairs, places))]:
        name, others = near[0]
        wished = np.mean([places[other] for other in others], axis=0)
        places[name] = _free_spot(name, (float(wished[0]), float(wished[1])), places)
        waiting.remove(name)
    return places | _rows_below(waiting, places)


def _placed_neighbours(name: str, pairs: Sequence[Pair], places: Mapping[str, Place]) -> list[str]:
    others = [effect if cause == name else cause for cause, effect in pairs if name in (cause, effect)]
    return [other for other in others if other in places]


def _free_spot(name: str, wished: Place, places: Mapping[str, Place]) -> Place:
    """The first point of growing rings around the wished one at which the box overlaps no other."""
    boxes = np.array([(x, y, *box_size(other)) for other, (x, y) in places.items()])  # (K, 4)
    size = np.array(box_size(name))
    need = (boxes[:, 2:] + size + GAP_PX) / 2  # (K, 2)
    spots = (np.array(wished) + np.array(at) * (size + GAP_PX) / 2 for at in _rings())
    spot = next(spot for spot in spots if (np.abs(boxes[:, :2] - spot) >= need).any(axis=1).all())
    return round(float(spot[0]), 1), round(float(spot[1]), 1)


def _rings() -> Iterator[tuple[int, int]]:
    """All points of the integer grid, ring by ring, the nearest of a ring first."""
    for radius in itertools.count():
        reach = range(-radius, radius + 1)
        ring = [(x, y) for x, y in itertools.product(reach, reach) if max(abs(x), abs(y)) == radius]
        yield from sorted(ring, key=lambda at: (at[0] ** 2 + at[1] ** 2, at))

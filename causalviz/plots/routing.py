"""How arrows find their way between the boxes of a drawn graph.

Every arrow is one quadratic Bézier curve from the centre of its cause to the centre of its effect, of the
family that vis-network calls ``curvedCW``: with chord length r, chord angle a and *roundness* k (0 is
straight, the sign is the side), its control point lies at distance r(|k| + 1)/2 from the cause, turned by
k·90° from the chord. An arrow stays straight where that is free, bends around boxes that are not its own,
and two opposite arrows bow to opposite sides. Labels slide along their arrow until they cover neither a box
nor another label.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

ROUNDNESS = (0.0, 0.14, -0.14, 0.26, -0.26, 0.38, -0.38, 0.52, -0.52, 0.68, -0.68)
PAIR_ROUNDNESS = (0.16, 0.26, 0.38, 0.52, 0.68)  # the same side seen from each end, so opposite sides drawn
LABEL_PLACES = (0.5, 0.44, 0.56, 0.38, 0.62, 0.32, 0.68, 0.27, 0.73, 0.22, 0.78)
LABEL_PX = 22.0  # height of a label at zoom 1, with a little room
OVER_BOX = 2  # times as bad as a label over a label
CLEARANCE = 8.0  # px between an arrow and a box that is not its own
SAMPLES = 33
MAX_ROUTED = 1500  # above this many arrows nothing is legible at a glance; they stay straight
MAX_COMPARED = 150_000  # arrows times boxes; more would take over 0.3 s at each moved box
MAX_LABELLED = 80
MOST_PAIRS = 20_000  # of arrows and boxes compared at once: 10 MB

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Route(NamedTuple):
    """One arrow's way: its signed roundness, and the fraction of the way at which its label stands."""

    roundness: float
    label_at: float


def bezier(start: Floats, end: Floats, roundness: float | Floats, fractions: Floats) -> Floats:
    """Points of arrows at some fractions of their way.

    Args:
        start: (..., 2) centre of the cause, px, y downwards.
        end: (..., 2) centre of the effect.
        roundness: Signed, one for all or (...); 0 is the straight chord.
        fractions: (S,) from 0 at the cause to 1 at the effect.

    Returns:
        (..., S, 2) points in px.
    """
    return along(start, control_point(start, end, roundness), end, fractions)


def control_point(start: Floats, end: Floats, roundness: float | Floats) -> Floats:
    """(..., 2) the point that bends an arrow, with the arguments of ``bezier``."""
    dx, dy = end[..., 0] - start[..., 0], start[..., 1] - end[..., 1]  # (...)
    bent = np.asarray(roundness, dtype=np.float64)
    reach = (np.abs(bent) + 1) / 2 * np.hypot(dx, dy)
    angle = np.arctan2(dy, dx) + (bent + 1) * np.pi / 2
    control: Floats = start + reach[..., None] * np.stack([np.sin(angle), np.cos(angle)], axis=-1)
    return control


def along(start: Floats, control: Floats, end: Floats, fractions: Floats) -> Floats:
    """(..., S, 2) points of quadratic curves, each point of (..., 2), at (S,) fractions of the way."""
    t = fractions[:, None]  # (S, 1)
    begin, middle, close = start[..., None, :], control[..., None, :], end[..., None, :]  # (..., 1, 2)
    points: Floats = (1 - t) ** 2 * begin + 2 * t * (1 - t) * middle + t**2 * close  # (..., S, 2)
    return points


def route(boxes: Floats, arrows: Sequence[tuple[int, int]], label_widths: Sequence[float] = ()) -> tuple[Route, ...]:
    """Finds a way for every arrow.

    Args:
        boxes: (K, 4) centre x, centre y, width, height of each node, px.
        arrows: E pairs (cause, effect) of rows of ``boxes``.
        label_widths: Of the labels of the first arrows, px; the others have none.

    Returns:
        E routes, in the order of ``arrows``; the same input gives the same routes.
    """
    if not arrows:
        return ()
    if len(arrows) > MAX_ROUTED or len(arrows) * len(boxes) > MAX_COMPARED:
        return tuple(Route(0.0, 0.5) for _ in arrows)
    labels = tuple(label_widths) if len(label_widths) <= MAX_LABELLED else ()
    return _routes(np.asarray(boxes, dtype=np.float64).tobytes(), tuple(arrows), labels)


@lru_cache(maxsize=16)
def _routes(
    raw_boxes: bytes, arrows: tuple[tuple[int, int], ...], label_widths: tuple[float, ...]
) -> tuple[Route, ...]:
    """Kept, because most edits of a drawing neither move a box nor bring an arrow."""
    boxes = np.frombuffer(raw_boxes).reshape(-1, 4)  # (K, 4)
    bent, curves = _freest(boxes, np.array(arrows))
    places = _label_places(boxes, curves, label_widths)
    return tuple(Route(float(way), place) for way, place in itertools.zip_longest(bent, places, fillvalue=0.5))


def _freest(boxes: Floats, arrows: Ints) -> tuple[Floats, Floats]:
    """(E,) of each arrow the first roundness that meets no foreign box, or else the one that meets them least, and
    (E, S, 2) its curve."""
    known = {(cause, effect) for cause, effect in arrows.tolist()}
    opposed = np.array([(effect, cause) in known for cause, effect in arrows.tolist()])
    fractions = np.linspace(0, 1, SAMPLES)
    bent, curves = np.zeros(len(arrows)), np.zeros((len(arrows), SAMPLES, 2))
    fewest = np.full(len(arrows), np.inf)
    for single, opposing in itertools.zip_longest(ROUNDNESS, PAIR_ROUNDNESS):
        rows = np.flatnonzero((fewest > 0) & (~opposed | (opposing is not None)))
        choice = np.where(opposed[rows], opposing or 0.0, single)
        causes, effects = boxes[arrows[rows, 0], :2], boxes[arrows[rows, 1], :2]  # (R, 2)
        tried = bezier(causes, effects, choice, fractions)  # (R, S, 2)
        hits = _meetings(tried, boxes, arrows[rows])
        better = hits < fewest[rows]
        taken = rows[better]
        bent[taken], curves[taken], fewest[taken] = choice[better], tried[better], hits[better]
    return bent, curves


def _meetings(curves: Floats, boxes: Floats, arrows: Ints) -> Ints:
    """(R,) how many (point, foreign box) pairs have the point in the box widened by the clearance."""
    reach = boxes[:, 2:] / 2 + CLEARANCE  # (K, 2)
    low, high = curves.min(axis=1)[:, None], curves.max(axis=1)[:, None]  # (R, 1, 2)
    near = ((boxes[:, :2] + reach >= low) & (boxes[:, :2] - reach <= high)).all(axis=2)  # (R, K)
    near[np.arange(len(arrows))[:, None], arrows] = False
    rows, met = np.nonzero(near)  # (P,) only these pairs can meet
    hits = np.zeros(len(curves), dtype=np.int64)
    for some in np.array_split(np.arange(len(rows)), len(rows) // MOST_PAIRS + 1):
        offset = np.abs(curves[rows[some]] - boxes[met[some], None, :2])  # (P, S, 2)
        np.add.at(hits, rows[some], (offset < reach[met[some], None]).all(axis=2).sum(axis=1))
    return hits


def _inside(points: Floats, boxes: Floats, margin: float) -> int:
    """How many (point, box) pairs have the point in the box widened by ``margin``."""
    offset = np.abs(points[:, None, :] - boxes[None, :, :2])  # (S, K, 2)
    return int((offset < boxes[None, :, 2:] / 2 + margin).all(axis=2).sum())


def _label_places(boxes: Floats, curves: Floats, widths: Sequence[float]) -> list[float]:
    """For the first of (E, S, 2) curves the place whose label is freest of boxes, then of labels, then of curves."""
    taken = boxes
    weight = np.full(len(boxes), OVER_BOX)
    places: list[float] = []
    for index, width in enumerate(widths):
        strangers = np.delete(curves, index, axis=0).reshape(-1, 2)  # ((E - 1) S, 2)
        spots = [np.array([*curves[index, round(place * (SAMPLES - 1))], width, LABEL_PX]) for place in LABEL_PLACES]
        costs = []
        for spot in spots:
            apart = np.abs(taken[:, :2] - spot[:2]) >= (taken[:, 2:] + spot[2:]) / 2
            blocked = int(weight[~apart.any(axis=1)].sum())
            costs.append(100 * blocked + _inside(strangers, spot[None], 0.0))
        best = int(np.argmin(costs))
        places.append(LABEL_PLACES[best])
        taken = np.concatenate([taken, spots[best][None]])  # (K + labels, 4)
        weight = np.append(weight, 1)
    return places

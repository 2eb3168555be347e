"""How arrows find their way between the boxes of a drawn graph.

Every arrow is one quadratic Bézier curve from the centre of its cause to the centre of its effect, of the
family that vis-network calls ``curvedCW``: with chord length r, chord angle a and *roundness* k (0 is
straight, the sign is the side), its control point lies at distance r(|k| + 1)/2 from the cause, turned by
k·90° from the chord. An arrow stays straight where that is free, bends around boxes that are not its own,
and two opposite arrows bow to opposite sides. Labels slide along their arrow until they cover neither a box
nor another label.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

ROUNDNESS = (0.0, 0.14, -0.14, 0.26, -0.26, 0.38, -0.38, 0.52, -0.52, 0.68, -0.68)
PAIR_ROUNDNESS = (0.16, 0.26, 0.38, 0.52, 0.68)  # the same side seen from each end, so opposite sides drawn
LABEL_PLACES = (0.5, 0.44, 0.56, 0.38, 0.62, 0.32, 0.68, 0.27, 0.73)
LABEL_SIZE = (54.0, 22.0)  # px at zoom 1, wide enough for ">0.99", nearly so with a badge
CLEARANCE = 8.0  # px between an arrow and a box that is not its own
SAMPLES = 33
MAX_ROUTED = 1500  # above this many arrows nothing is legible at a glance; they stay straight
MAX_LABELLED = 80

Floats = NDArray[np.float64]


class Route(NamedTuple):
    """One arrow's way: its signed roundness, and the fraction of the way at which its label stands."""

    roundness: float
    label_at: float


def bezier(start: Floats, end: Floats, roundness: float, fractions: Floats) -> Floats:
    """Points of the arrow at some fractions of its way.

    Args:
        start: (2,) centre of the cause, px, y downwards.
        end: (2,) centre of the effect.
        roundness: Signed; 0 is the straight chord.
        fractions: (S,) from 0 at the cause to 1 at the effect.

    Returns:
        (S, 2) points in px.
    """
    dx, dy = end[0] - start[0], start[1] - end[1]
    reach = (abs(roundness) + 1) / 2
    angle = np.arctan2(dy, dx) + (roundness + 1) * np.pi / 2
    control = start + reach * np.hypot(dx, dy) * np.array([np.sin(angle), np.cos(angle)])
    t = fractions[:, None]  # (S, 1)
    points: Floats = (1 - t) ** 2 * start + 2 * t * (1 - t) * control + t**2 * end  # (S, 2)
    return points


def route(boxes: Floats, arrows: Sequence[tuple[int, int]]) -> tuple[Route, ...]:
    """Finds a way for every arrow.

    Args:
        boxes: (K, 4) centre x, centre y, width, height of each node, px.
        arrows: E pairs (cause, effect) of rows of ``boxes``.

    Returns:
        E routes, in the order of ``arrows``; the same input gives the same routes.
    """
    if len(arrows) > MAX_ROUTED:
        return tuple(Route(0.0, 0.5) for _ in arrows)
    known = set(arrows)
    fractions = np.linspace(0, 1, SAMPLES)
    curves: list[Floats] = []
    roundness: list[float] = []
    for cause, effect in arrows:
        choices = PAIR_ROUNDNESS if (effect, cause) in known else ROUNDNESS
        bent, curve = _freest(boxes, cause, effect, choices, fractions)
        roundness.append(bent)
        curves.append(curve)
    places = _label_places(boxes, curves) if len(arrows) <= MAX_LABELLED else [0.5] * len(arrows)
    return tuple(Route(bent, place) for bent, place in zip(roundness, places, strict=True))


def _freest(
    boxes: Floats, cause: int, effect: int, choices: Sequence[float], fractions: Floats
) -> tuple[float, Floats]:
    """The first choice of roundness that meets no foreign box, or else the one that meets them least."""
    foreign = np.ones(len(boxes), dtype=bool)
    foreign[[cause, effect]] = False
    best, fewest = (choices[0], np.empty((0, 2))), np.inf
    for bent in choices:
        curve = bezier(boxes[cause, :2], boxes[effect, :2], bent, fractions)
        hits = _inside(curve, boxes[foreign], CLEARANCE)
        if hits < fewest:
            best, fewest = (bent, curve), hits
        if hits == 0:
            break
    return best


def _inside(points: Floats, boxes: Floats, margin: float) -> int:
    """How many (point, box) pairs have the point in the box widened by ``margin``."""
    offset = np.abs(points[:, None, :] - boxes[None, :, :2])  # (S, K, 2)
    return int((offset < boxes[None, :, 2:] / 2 + margin).all(axis=2).sum())


def _label_places(boxes: Floats, curves: Sequence[Floats]) -> list[float]:
    """For each curve the first place whose label is free of boxes, labels and other curves."""
    size = np.array(LABEL_SIZE)
    taken = boxes
    places: list[float] = []
    for index, curve in enumerate(curves):
        others = [other for j, other in enumerate(curves) if j != index]
        strangers = np.concatenate(others) if others else np.empty((0, 2))  # ((E - 1) S, 2)
        costs = []
        for place in LABEL_PLACES:
            label = np.concatenate([curve[round(place * (SAMPLES - 1))], size])[None, :]  # (1, 4)
            apart = np.abs(taken[:, :2] - label[0, :2]) >= (taken[:, 2:] + size) / 2
            blocked = int((~apart.any(axis=1)).sum())
            costs.append(100 * blocked + _inside(strangers, label, 0.0))
        place = LABEL_PLACES[int(np.argmin(costs))]
        places.append(place)
        spot = np.concatenate([curve[round(place * (SAMPLES - 1))], size])
        taken = np.concatenate([taken, spot[None, :]])  # (K + labels, 4)
    return places

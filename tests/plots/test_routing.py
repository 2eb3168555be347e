"""Ways of arrows between boxes of 100 x 40 px."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causalviz.plots.routing import CLEARANCE, LABEL_PX, MAX_ROUTED, PAIR_ROUNDNESS, ROUNDNESS, SAMPLES, bezier, route


def boxes(*centres: tuple[float, float]) -> np.ndarray:
    return np.array([(x, y, 100.0, 40.0) for x, y in centres])


def roundness_one_by_one(boxes: np.ndarray, arrows: list[tuple[int, int]]) -> list[float]:
    """The slow twin: each arrow by itself, each choice against all foreign boxes."""
    found = []
    for cause, effect in arrows:
        foreign = np.delete(boxes, [cause, effect], axis=0)
        hits = {}
        for bent in PAIR_ROUNDNESS if (effect, cause) in arrows else ROUNDNESS:
            curve = bezier(boxes[cause, :2], boxes[effect, :2], bent, np.linspace(0, 1, SAMPLES))
            offset = np.abs(curve[:, None] - foreign[None, :, :2])
            hits[bent] = int((offset < foreign[None, :, 2:] / 2 + CLEARANCE).all(axis=2).sum())
        found.append(min(hits, key=hits.__getitem__))
    return found


def test_a_free_way_is_straight() -> None:
    assert route(boxes((0, 0), (0, 200)), [(0, 1)])[0] == (0.0, 0.5)


def test_a_box_in_the_way_is_gone_around() -> None:
    bent = route(boxes((0, 0), (0, 400), (0, 200)), [(0, 1)])[0].roundness
    assert bent != 0
    curve = bezier(np.array([0.0, 0.0]), np.array([0.0, 400.0]), bent, np.linspace(0, 1, 101))
    assert not (np.abs(curve - (0, 200)) < (50, 20)).all(axis=1).any()


def test_opposite_arrows_bow_to_opposite_sides() -> None:
    there, back = route(boxes((0, 0), (0, 200)), [(0, 1), (1, 0)])
    assert there.roundness == back.roundness > 0  # the same side seen from each end
    middle = np.array([0.5])
    one = bezier(np.array([0.0, 0.0]), np.array([0.0, 200.0]), there.roundness, middle)
    two = bezier(np.array([0.0, 200.0]), np.array([0.0, 0.0]), back.roundness, middle)
    assert one[0, 0] * two[0, 0] < 0


def test_labels_of_crossing_arrows_stand_apart() -> None:
    first, second = route(boxes((0, 0), (400, 400), (400, 0), (0, 400)), [(0, 1), (2, 3)], [60.0, 60.0])
    assert first.label_at != second.label_at


def test_a_curve_starts_at_the_cause_and_ends_at_the_effect() -> None:
    start, end = np.array([3.0, 4.0]), np.array([-50.0, 70.0])
    curve = bezier(start, end, 0.38, np.array([0.0, 1.0]))
    np.testing.assert_allclose(curve, [start, end])


def test_straight_is_the_chord() -> None:
    curve = bezier(np.array([0.0, 0.0]), np.array([100.0, 0.0]), 0.0, np.array([0.25, 0.5]))
    np.testing.assert_allclose(curve[:, 1], 0, atol=1e-9)


def test_no_arrows_need_no_ways_and_far_too_many_stay_straight() -> None:
    assert route(boxes((0, 0)), []) == ()
    many = route(boxes((0, 0), (0, 200)), [(0, 1)] * (MAX_ROUTED + 1))
    assert set(many) == {(0.0, 0.5)}


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1), st.integers(2, 12))
def test_all_ways_at_once_are_those_found_one_by_one(seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    drawn = np.column_stack([rng.uniform(0, 90 * size, (size, 2)), np.full((size, 2), (90.0, 40.0))])
    pairs = {(int(a), int(b)) for a, b in rng.integers(0, size, (3 * size, 2)) if a != b}
    arrows = sorted(pairs)
    assert [way.roundness for way in route(drawn, arrows)] == pytest.approx(roundness_one_by_one(drawn, arrows))


def test_labels_of_a_fan_cover_neither_boxes_nor_each_other() -> None:
    drawn = boxes((0, 0), *((140 * column, 160) for column in range(-2, 3)))
    arrows = [(0, effect) for effect in range(1, 6)]
    spots = np.array(
        [
            bezier(drawn[cause, :2], drawn[effect, :2], way.roundness, np.array([way.label_at]))[0]
            for (cause, effect), way in zip(arrows, route(drawn, arrows, [50.0] * 5), strict=True)
        ]
    )
    taken = np.concatenate([drawn, np.column_stack([spots, np.tile([50.0, LABEL_PX], (len(spots), 1))])])
    for row, label in enumerate(taken[len(drawn) :], len(drawn)):
        apart = np.abs(np.delete(taken, row, 0)[:, :2] - label[:2]) >= (np.delete(taken, row, 0)[:, 2:] + label[2:]) / 2
        assert apart.any(axis=1).all()

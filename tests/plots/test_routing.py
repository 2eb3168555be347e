"""Ways of arrows between boxes of 100 x 40 px."""

from __future__ import annotations

import numpy as np

from causalviz.plots.routing import MAX_ROUTED, bezier, route


def boxes(*centres: tuple[float, float]) -> np.ndarray:
    return np.array([(x, y, 100.0, 40.0) for x, y in centres])


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
    first, second = route(boxes((0, 0), (400, 400), (400, 0), (0, 400)), [(0, 1), (2, 3)])
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

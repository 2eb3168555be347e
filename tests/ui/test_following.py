"""The pace of a job tells when it will be over."""

from __future__ import annotations

from causalviz.ui.following import Pace


def test_what_is_left_goes_on_at_the_pace_so_far() -> None:
    pace = Pace()
    assert pace.left_s(0, 10, now=100.0) == 0
    assert pace.left_s(2, 10, now=106.0) == 24
    assert pace.left_s(5, 10, now=110.0) == 10
    assert pace.left_s(10, 10, now=120.0) == 0


def test_other_steps_begin_anew() -> None:
    pace = Pace()
    pace.left_s(0, 4, now=0.0)
    assert pace.left_s(1, 4, now=10.0) == 30
    assert pace.left_s(40, 160, now=11.0) == 0
    assert pace.left_s(41, 160, now=12.0) == 119
    assert pace.left_s(1, 160, now=13.0) == 0  # it went back
    assert pace.left_s(2, 160, now=14.0) == 158

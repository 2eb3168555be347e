"""Progress lines appear when something takes long, and not too often."""

from __future__ import annotations

from causalviz.progress import ProgressLines


def test_short_work_says_nothing_and_long_work_says_how_far_it_is_once_a_second() -> None:
    said, clock = list[str](), [0.0]
    lines = ProgressLines(said.append, lambda: clock[0])
    for clock[0], what, done, total in (
        (0.5, "rows read", 10, 1000),
        (2.0, "rows read", 400, 1000),
        (2.2, "rows read", 450, 1000),
        (3.5, "rows read", 750, 1000),
        (3.6, "judge edges", 0, 0),
        (500.0, "events counted", 0, 4000),
        (600.0, "events counted", 1000, 4000),
    ):
        lines(what, done, total)
    assert said == [
        "rows read: 400 of 1,000, 2 s left",
        "rows read: 750 of 1,000, 1 s left",
        "judge edges ...",
        "events counted: 0 of 4,000",
        "events counted: 1,000 of 4,000, 5 min left",
    ]

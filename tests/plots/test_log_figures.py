"""Figures of the log itself: timeline, counts, what follows what."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest

from causalviz.events.log import Behaviour, EventLog
from causalviz.plots.behaviours import BehavioursData, behaviours_data, behaviours_figure
from causalviz.plots.sankey import SankeyData, sankey_data, sankey_figure
from causalviz.plots.timeline import TimelineData, timeline_data, timeline_figure

MARCH_S = 1_772_409_600  # 2026-03-02 00:00 UTC


def log_of(*rows: tuple[int, float, str]) -> EventLog:
    """A log from (user, seconds, behaviour)."""
    names = sorted({name for _, _, name in rows})
    return EventLog.from_columns(
        np.array([user for user, _, _ in rows], dtype=np.int32),
        np.array([1000 * s for _, s, _ in rows], dtype=np.int64),
        np.array([names.index(name) for _, _, name in rows], dtype=np.int32),
        [Behaviour(name, name) for name in names],
    )


def test_the_timeline_counts_in_round_intervals() -> None:
    data = timeline_data(log_of((0, 3, "a"), (0, 64, "b"), (1, 64.5, "a"), (1, 902, "b")))
    assert data.width_s == 15.0
    assert not data.dated
    assert data.events.sum() == 4
    assert (data.events[0], data.events[4], len(data.events)) == (1, 2, 61)
    assert data.start_s[1] == 15.0


def test_dates_stay_dates() -> None:
    data = timeline_data(log_of((0, MARCH_S, "a"), (0, MARCH_S + 60, "b")))
    assert data.dated
    assert data.start_s[0] == MARCH_S
    figure = timeline_figure(data)
    assert figure.layout.xaxis.title.text == "time (UTC)"


def test_a_log_of_one_moment_has_one_interval() -> None:
    data = timeline_data(log_of((0, 5, "a"), (1, 5, "b")))
    assert data.events.tolist() == [2]
    assert isinstance(timeline_figure(data), go.Figure)


def test_an_empty_timeline_says_so() -> None:
    nothing = TimelineData(np.zeros(0), np.zeros(0, dtype=np.int64), 60.0, False)
    assert "No events" in timeline_figure(nothing).layout.annotations[0].text


def test_behaviours_are_counted_with_their_users() -> None:
    data = behaviours_data(log_of((0, 1, "buy"), (0, 2, "view"), (0, 3, "view"), (1, 1, "view")))
    assert data == BehavioursData(("view", "buy"), (3, 1), (2, 1), 0)
    assert behaviours_data(log_of((0, 1, "buy"), (0, 2, "view"), (0, 3, "view")), rows=1).left_out == 1


@pytest.mark.parametrize("names", [("11", "5"), ("2024-05", "2024-06")])
def test_names_that_look_like_numbers_or_dates_are_names(names: tuple[str, str]) -> None:
    figure = behaviours_figure(behaviours_data(log_of((0, 1, names[0]), (0, 2, names[1]), (0, 3, names[1]))))
    assert (figure.layout.yaxis.type, figure.layout.xaxis.type) == ("category", None)
    assert figure.data[0].y == names[::-1]


def test_names_are_escaped_in_figures() -> None:
    figure = behaviours_figure(behaviours_data(log_of((0, 1, "<b>x</b>"), (0, 2, "a & b"))))
    assert set(figure.data[0].y) == {"&lt;b&gt;x&lt;/b&gt;", "a &amp; b"}
    assert behaviours_figure(BehavioursData((), (), (), 0)).layout.annotations[0].text.startswith("No behaviours")


def test_follows_are_consecutive_events_of_one_user_at_different_times() -> None:
    log = log_of((0, 1, "a"), (0, 2, "b"), (0, 3, "b"), (1, 4, "a"), (1, 4, "b"), (1, 5, "a"))
    data = sankey_data(log)
    assert data.names == ("a", "b")
    assert dict(zip(zip(data.first, data.then, strict=True), data.times, strict=True)) == {
        (0, 1): 1,
        (1, 1): 1,
        (1, 0): 1,
    }
    assert data.share == 1.0


def test_the_sankey_keeps_the_largest_flows_and_says_how_much_they_are() -> None:
    log = log_of(*[(0, k, "ab"[k % 2]) for k in range(10)], (0, 11, "c"))
    data = sankey_data(log, flows=1)
    assert data.times == (5,)
    assert data.share == 0.5
    figure = sankey_figure(data)
    assert figure.data[0].link.target == (3 + data.then[0],)
    assert sankey_figure(SankeyData(("a",), (), (), (), 0.0)).layout.annotations[0].text.startswith("No event")

"""What the peers are given; and, where they are installed, that they see a plain cause."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from benchmarks.answers import Answer
from benchmarks.free import free_line
from benchmarks.peers import MOST_BINS, TAU_MAX, adm4, binned, pcmci, ttpm
from causalviz.events.log import EventLog


def cause_and_effect(users: int = 60) -> EventLog:
    """a happens at random; b follows half of them 5 to 15 s later; c happens at random."""
    rng = np.random.default_rng(1)
    parts = []
    for user in range(users):
        a, c = np.sort(rng.integers(0, 4_000_000, 40)), rng.integers(0, 4_000_000, 40)
        b = a[rng.random(40) < 0.5]
        b = b + rng.integers(5_000, 15_000, len(b))
        for mark, times in enumerate((a, b, c)):
            parts += [(user, time, mark) for time in times]
    user, time, mark = (np.array(column) for column in zip(*parts, strict=True))
    return EventLog.from_columns(user.astype(np.int32), time, mark.astype(np.int32), ["a", "b", "c"])


def test_bins_hold_the_events_of_whole_histories() -> None:
    log = cause_and_effect()
    series = binned(log)
    assert sum(len(counts) for counts in series.values()) <= MOST_BINS
    assert all(counts.shape[1] == 3 and len(counts) > 2 * TAU_MAX + 2 for counts in series.values())
    sizes = {int(size) for size in np.diff(log.offsets)}
    assert {int(counts.sum()) for counts in series.values()} <= sizes


def test_one_long_history_is_binned_too() -> None:
    time = np.cumsum(np.random.default_rng(2).integers(1, 10**9, 500))
    log = EventLog.from_columns(np.zeros(500, np.int32), time, np.arange(500, dtype=np.int32) % 2, ["a", "b"])
    series = binned(log)
    assert list(series) == [0]
    assert series[0].sum() == 500
    assert len(series[0]) <= MOST_BINS


@pytest.mark.parametrize("name", ["lift", "directly follows", "count sort", "first occurrence", "all edges"])
def test_free_lines_answer_every_pair(name: str) -> None:
    answer = free_line(name, cause_and_effect())
    assert answer.score.shape == (3, 3)
    assert not answer.probable
    assert np.array_equal(answer.drawn, answer.score >= 0.5)


@pytest.mark.filterwarnings("ignore")  # the peers' own
@pytest.mark.parametrize(("peer", "module"), [(adm4, "tick"), (pcmci, "tigramite"), (ttpm, "castle")])
def test_a_peer_sees_a_plain_cause(peer: Callable[[EventLog], Answer], module: str) -> None:
    pytest.importorskip(module, reason="of the extra 'benchmark'")
    answer = peer(cause_and_effect(20))
    assert answer.drawn[0, 1]
    assert answer.score[0, 1] == answer.score[~np.eye(3, dtype=bool)].max()

"""The evidence behind one pair, on logs that can be counted by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import event_logs

from causalviz.errors import SettingsError
from causalviz.events.log import EventLog
from causalviz.explain.evidence import (
    MAX_EVENTS,
    Example,
    find_histories,
    lag_curve,
    pair_counts,
    window_of,
)
from causalviz.lags import LagGrid, count_lags

VIEW, CART, OTHER = 0, 1, 2
GRID = LagGrid((0, 10_000, 100_000))


def log_of(*histories: list[tuple[float, int]]) -> EventLog:
    """One user per history of (seconds, behaviour)."""
    rows = [(user, round(1000 * at), mark) for user, history in enumerate(histories) for at, mark in history]
    user, time, mark = (np.array(column) for column in zip(*rows, strict=True))
    names = ["view", "cart", "other"]
    users = [f"u{n}" for n in range(len(histories))]
    return EventLog.from_columns(user.astype(np.int32), time, mark.astype(np.int32), names, users)


FOLLOWS = [(0.0, VIEW), (5.0, CART), (90.0, OTHER)]
FOLLOWS_NOT = [(0.0, VIEW), (5.0, OTHER), (90.0, OTHER)]
ENDS_EARLY = [(0.0, OTHER), (5.0, VIEW)]
SHOP = log_of(FOLLOWS, FOLLOWS_NOT, ENDS_EARLY)


def test_the_counts_of_a_pair() -> None:
    counts = pair_counts(SHOP, count_lags(SHOP, GRID), VIEW, CART)
    # 1 of the 3 pairs of the first user within 100 s is (view, cart); shuffled, 3 x 1 x 1 / (3 x 2) of them are
    assert counts._replace(expected=0.0) == (3, 1, 1, 1, 0.0, 0, 1, 0, 1)
    assert counts.expected == pytest.approx(0.5, abs=1e-3)


def test_ties_are_counted_apart() -> None:
    log = log_of([(0.0, VIEW), (0.0, CART), (5.0, OTHER)])
    counts = pair_counts(log, count_lags(log, GRID), VIEW, CART)
    assert (counts.pairs, counts.ties, counts.follows) == (0, 1, 0)


def test_the_lag_curve_puts_pairs_into_bins() -> None:
    curve = lag_curve(count_lags(SHOP, GRID), VIEW, CART)
    assert curve.low_s.tolist() == [0.0, 10.0]
    assert curve.high_s.tolist() == [10.0, 100.0]
    assert curve.observed.tolist() == [1.0, 0.0]
    assert curve.expected == pytest.approx([1 / 6, 2 / 6], abs=1e-3)


def test_the_band_of_chance_is_poisson_where_groups_agree() -> None:
    same = [(float(10 * n), n % 2) for n in range(30)]
    log = log_of(*[same] * 64)
    counts = count_lags(log, LagGrid((0, 25_000)), groups=1)
    curve = lag_curve(counts, VIEW, CART)
    spread = 1.96 * math.sqrt(curve.expected[0])
    assert curve.band_low[0] == pytest.approx(curve.expected[0] - spread, abs=2)
    assert curve.band_high[0] == pytest.approx(curve.expected[0] + spread, abs=2)


def test_users_who_differ_widen_the_band() -> None:
    forth = [(60.0 * n + at, mark) for n in range(20) for at, mark in ((0.0, VIEW), (0.5, CART))]
    back = [(60.0 * n + at, mark) for n in range(20) for at, mark in ((0.0, CART), (0.5, VIEW))]
    grid = LagGrid((0, 1000))
    alike = lag_curve(count_lags(log_of(*[forth] * 16), grid, groups=16), VIEW, CART)
    mixed = lag_curve(count_lags(log_of(*[forth, forth, forth, back] * 4), grid, groups=16), VIEW, CART)
    assert alike.band_high[0] - alike.expected[0] < 2.5 * math.sqrt(alike.expected[0])
    assert mixed.band_high[0] - mixed.expected[0] > 2.5 * math.sqrt(mixed.expected[0])


@given(event_logs(max_behaviours=3), st.integers(2, 3))
def test_the_band_holds_chance_and_no_curve_is_negative(log: EventLog, L: int) -> None:
    if log.n_behaviours < 2:
        return
    curve = lag_curve(count_lags(log, LagGrid((0, 5, 20, 60)[: L + 1])), 0, 1)
    assert np.all(curve.observed >= 0)
    assert np.all(curve.band_low <= np.ceil(curve.expected))
    assert np.all(curve.band_high >= np.floor(curve.expected))


def test_a_window_is_a_few_delays_within_the_grid() -> None:
    counts = count_lags(SHOP, GRID)
    assert window_of(5.0, counts) == 20.0
    assert window_of(0.1, counts) == 10.0
    assert window_of(1e6, counts) == 100.0
    assert window_of(math.nan, counts) == 100.0


def test_histories_speak_for_and_against() -> None:
    found = find_histories(SHOP, VIEW, CART, 60.0)
    assert (found.watched, found.followed) == (2, 1)  # the third user was not seen for long enough
    assert found.examples == (
        Example("u0", (("view", 0.0), ("cart", 5.0)), True),
        Example("u1", (("view", 0.0), ("other", 5.0)), False),
    )


def test_for_an_inhibition_absence_speaks_for_it() -> None:
    found = find_histories(SHOP, VIEW, CART, 60.0, lowers=True)
    assert [(example.user, example.speaks_for) for example in found.examples] == [("u1", True), ("u0", False)]


def test_an_effect_at_the_same_moment_or_of_another_user_does_not_follow() -> None:
    log = log_of([(0.0, VIEW), (0.0, CART), (90.0, OTHER)], [(1.0, CART)])
    assert find_histories(log, VIEW, CART, 60.0).followed == 0


def test_a_crowded_window_keeps_the_cause_and_the_effect() -> None:
    crowd = [(float(n), OTHER) for n in range(1, 40)]
    log = log_of([(0.0, VIEW), *crowd, (50.0, CART)])
    (example,) = find_histories(log, VIEW, CART, 60.0).examples
    assert len(example.events) == MAX_EVENTS
    assert example.events[0] == ("view", 0.0)
    assert example.events[-1] == ("cart", 50.0)


def test_examples_are_spread_over_the_users() -> None:
    log = log_of(*[FOLLOWS] * 9)
    users = [example.user for example in find_histories(log, VIEW, CART, 60.0, each=3).examples]
    assert users == ["u0", "u4", "u8"]


@given(event_logs(max_behaviours=3), st.integers(1, 60))
def test_followed_events_agree_with_looking_at_each(log: EventLog, window: int) -> None:
    if log.n_behaviours < 2:
        return
    found = find_histories(log, 0, 1, window / 1000)
    events = list(zip(log.user.tolist(), log.time.tolist(), log.behaviour.tolist(), strict=True))
    causes = [(user, at) for user, at, mark in events if mark == 0]
    hits = [any(u == user and mark == 1 and 0 < t - at <= window for u, t, mark in events) for user, at in causes]
    last = {user: at for user, at, _ in events}
    assert found.followed == sum(hits)
    assert found.watched == sum(hit or last[user] - at >= window for hit, (user, at) in zip(hits, causes, strict=True))


@pytest.mark.parametrize(("cause", "effect"), [(0, 0), (0, 3), (-1, 1)])
def test_a_pair_needs_two_behaviours(cause: int, effect: int) -> None:
    with pytest.raises(SettingsError, match="two different codes from 0 to 2"):
        lag_curve(count_lags(SHOP, GRID), cause, effect)


def test_a_window_needs_a_length() -> None:
    with pytest.raises(SettingsError, match="at least a millisecond"):
        find_histories(SHOP, VIEW, CART, 0.0)
